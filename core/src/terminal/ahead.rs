//! The pages after the one that is being taken in are asked for meanwhile, and after a push what it did. The push after
//! it is sent meanwhile too. If something else is asked for then, it counts for nothing, like any answer that nobody waits
//! for.

use super::ended::Ended;
use super::line::Line;
use crate::sync::Answer;
use crate::sync::wire::{PullRequest, PushRequest, RangeRequest};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// A page that may be one of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Range(RangeRequest),
    Pull(PullRequest),
}

impl Page {
    /// The page after this one, as its answer names it.
    fn after(&self, ended: &Ended) -> Option<Page> {
        match (self, ended) {
            (Page::Range(request), Ended::Range(Ok(answer))) => {
                let token = Some(answer.next.clone()?);
                Some(Page::Range(RangeRequest { token, ..request.clone() }))
            }
            (Page::Pull(request), Ended::Pull(Ok(answer))) => {
                let token = Some(answer.next.clone()?);
                Some(Page::Pull(PullRequest { token, ..request.clone() }))
            }
            (Page::Range(_) | Page::Pull(_), _) => None,
        }
    }

    async fn ask(self, line: Line) -> Ended {
        match self {
            Page::Range(request) => Ended::Range(line.call("sync_range", &request).await),
            Page::Pull(request) => Ended::Pull(line.call("sync_pull", &request).await),
        }
    }

    fn unanswered(&self) -> Ended {
        match self {
            Page::Range(_) => Ended::Range(Err(Answer::NoAnswer)),
            Page::Pull(_) => Ended::Pull(Err(Answer::NoAnswer)),
        }
    }
}

/// What is asked for ahead of what is being taken in. Dropping it gives that up.
#[derive(Default)]
pub(super) struct Ahead {
    pages: Option<Pages>,
    // The push after the one that is on its way, before it is sent and after.
    prepared: Option<PushRequest>,
    push: Option<(PushRequest, JoinSet<Ended>)>,
}

impl Ahead {
    /// Asks for a page, or waits for it where it was asked for already.
    pub(super) fn ask(&mut self, page: Page, line: Line) -> impl Future<Output = Ended> + Send + use<> {
        let pages = self.pages.take().filter(|pages| pages.next.as_ref() == Some(&page));
        let pages = pages.unwrap_or_else(|| Pages::beginning_with(page.clone(), line));
        let fetched = Arc::clone(&pages.fetched);
        self.pages = Some(pages);
        async move { fetched.lock().await.recv().await.unwrap_or_else(|| page.unanswered()) }
    }

    /// What is sure to be asked for next is asked for while something else is taken in.
    pub(super) fn expect(&mut self, page: Page, line: &Line) {
        self.pages = Some(Pages::beginning_with(page, line.clone()));
    }

    /// A page came, and says which one comes next.
    pub(super) fn go_on(&mut self, ended: &Ended) {
        if let Some(pages) = &mut self.pages {
            pages.next = pages.next.take().and_then(|page| page.after(ended));
        }
    }

    /// Sends a push, or waits for its answer where it was sent already.
    pub(super) fn send(
        &mut self,
        push: PushRequest,
        line: Line,
    ) -> impl Future<Output = Ended> + Send + use<> {
        self.prepared = None;
        let sent = self.push.take().filter(|(sent, _)| sent.is_same(&push));
        let asking = sent.map_or_else(|| leave(push, line), |(_, asking)| asking);
        async move { answer(asking).await.unwrap_or(Ended::Push(Err(Answer::NoAnswer))) }
    }

    /// What goes after the push that is on its way.
    pub(super) fn prepare(&mut self, push: Option<PushRequest>) {
        self.prepared = push;
    }

    /// A push was taken: the one after it is sent while its receipts are taken in.
    pub(super) fn send_prepared(&mut self, line: &Line) {
        let Some(push) = self.prepared.take() else { return };
        let asking = leave(push.clone(), line.clone());
        self.push = Some((push, asking));
    }
}

/// Pages that are fetched one after the other: while one is taken in, the next one lies ready and the one after it is on
/// its way.
struct Pages {
    next: Option<Page>,
    fetched: Arc<Mutex<mpsc::Receiver<Ended>>>,
    _fetching: JoinSet<()>,
}

impl Pages {
    fn beginning_with(first: Page, line: Line) -> Pages {
        let (ready, fetched) = mpsc::channel(1);
        let (mut fetching, next) = (JoinSet::new(), Some(first.clone()));
        fetching.spawn(async move {
            let mut page = Some(first);
            while let Some(asked) = page {
                let ended = asked.clone().ask(line.clone()).await;
                page = asked.after(&ended);
                if ready.send(ended).await.is_err() {
                    return;
                }
            }
        });
        Pages { next, fetched: Arc::new(Mutex::new(fetched)), _fetching: fetching }
    }
}

/// On a task of its own, so that it leaves whatever else is done.
fn leave(push: PushRequest, line: Line) -> JoinSet<Ended> {
    let mut asking = JoinSet::new();
    asking.spawn(async move { Ended::Push(line.call("sync_push", &push).await) });
    asking
}

async fn answer(mut asking: JoinSet<Ended>) -> Option<Ended> {
    asking.join_next().await?.ok()
}

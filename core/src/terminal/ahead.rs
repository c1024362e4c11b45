//! The page after the one that is being taken in is asked for meanwhile, and after a push what it did. The push after it
//! is sent meanwhile too. If something else is asked for then, it counts for nothing, like any answer that nobody waits
//! for.

use super::driver::Ended;
use super::line::Line;
use crate::sync::Answer;
use crate::sync::wire::{PullRequest, PushRequest, RangeRequest};
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

/// What was asked for last, and what is asked for ahead of it. Dropping it gives that up.
#[derive(Default)]
pub(super) struct Ahead {
    last: Option<Page>,
    next: Option<(Page, JoinSet<Ended>)>,
    // The push after the one that is on its way, before it is sent and after.
    prepared: Option<PushRequest>,
    push: Option<(PushRequest, JoinSet<Ended>)>,
}

impl Ahead {
    /// Asks for a page, or waits for it where it was asked for already.
    pub(super) fn ask(&mut self, page: Page, line: Line) -> impl Future<Output = Ended> + Send + use<> {
        self.last = Some(page.clone());
        let ready = self.next.take().filter(|(asked, _)| *asked == page);
        async move {
            match ready {
                Some((_, asking)) => answer(asking).await.unwrap_or_else(|| page.unanswered()),
                None => page.ask(line).await,
            }
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

    /// What is sure to be asked for next is asked for while something else is taken in.
    pub(super) fn expect(&mut self, page: Page, line: &Line) {
        let mut asking = JoinSet::new();
        asking.spawn(page.clone().ask(line.clone()));
        self.next = Some((page, asking));
    }

    /// A page came: the one after it is asked for while it is being taken in.
    pub(super) fn go_on(&mut self, ended: &Ended, line: &Line) {
        let Some(page) = self.last.take().and_then(|last| last.after(ended)) else { return };
        self.expect(page, line);
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

//! The hands of a shop's engine: makes the calls that it asks for, one task per open shop. What to do, and when, is the
//! engine's business; here nothing is decided.

use super::ahead::{Ahead, Page};
use super::closed;
use super::ended::Ended;
use super::line::Line;
use crate::env::Env;
use crate::error::{Error, Fault, NotNow, Result};
use crate::net::{Heard, Listener, Present, Showing, Subscription, listen};
use crate::shop::Shop;
use crate::sync::wire::{Cursor, OfShop, ShopKey};
use crate::sync::{Answer, Call, Event, SyncState};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

/// What the shell tells the driver.
enum Command {
    /// Something happened. Answered once the engine has taken it in.
    Tell(Event, oneshot::Sender<()>),
    /// A full sync: answered when it is done, or when it cannot be done now.
    Sync(oneshot::Sender<Result<()>>),
    /// Answered once nothing is queued or on its way.
    Idle(oneshot::Sender<()>),
    /// What the person looks at now.
    Show(Showing),
    /// An inspector starts over. Answered once that has begun.
    #[cfg(feature = "inspector")]
    StartOver(fn(&Shop) -> Result<Vec<Call>>, oneshot::Sender<Result<()>>),
}

/// A driver at work. Dropping it ends it: what is on its way is given up, and frozen.
pub(super) struct Driver {
    commands: mpsc::UnboundedSender<Command>,
    state: watch::Receiver<Sight>,
    present: watch::Receiver<Vec<Present>>,
}

/// What can be seen of the sync from outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sight {
    /// What a person sees.
    pub state: SyncState,
    /// Whether nothing is queued, on its way, or known to be missing.
    pub done: bool,
}

/// Something that the engine was told.
#[must_use]
pub(super) struct Told(Option<oneshot::Receiver<()>>);

impl Told {
    /// It knows.
    pub(super) fn already() -> Told {
        Told(None)
    }
}

impl Future for Told {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        match &mut self.0 {
            Some(wait) => Pin::new(wait).poll(context).map_err(|_| closed()),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Driver")
    }
}

impl Driver {
    /// Puts a shop on a line. It does nothing until the shell says that there is a network.
    pub(super) fn start(runtime: &tokio::runtime::Handle, shop: Shop, line: Line) -> Result<Driver> {
        let (commands, heard) = mpsc::unbounded_channel();
        let (state, seen) = watch::channel(sight(&shop)?);
        let (present, there) = watch::channel(Vec::new());
        let work = Work {
            env: shop.env().clone(),
            shop,
            line,
            commands: heard,
            calls: VecDeque::new(),
            asking: None,
            sent: false,
            ahead: Ahead::default(),
            listening: None,
            joining: None,
            fetching: None,
            wake: None,
            showing: Showing::default(),
            syncing: Vec::new(),
            idling: Vec::new(),
            awake: true,
            untidy: true,
            state,
            present,
        };
        runtime.spawn(work.run());
        Ok(Driver { commands, state: seen, present: there })
    }

    /// Tells the engine what happened, in the order of calls. Waiting for what comes back is waiting until it knows.
    pub(super) fn tell(&self, event: Event) -> Result<Told> {
        let (known, wait) = oneshot::channel();
        self.commands.send(Command::Tell(event, known)).map_err(|_| closed())?;
        Ok(Told(Some(wait)))
    }

    /// One full sync.
    pub(super) async fn sync(&self) -> Result<()> {
        let (done, wait) = oneshot::channel();
        self.commands.send(Command::Sync(done)).map_err(|_| closed())?;
        wait.await.map_err(|_| closed())?
    }

    /// Waits until nothing is queued or on its way.
    pub(super) async fn idle(&self) -> Result<()> {
        let (idle, wait) = oneshot::channel();
        self.commands.send(Command::Idle(idle)).map_err(|_| closed())?;
        wait.await.map_err(|_| closed())
    }

    /// Everything is fetched anew, as `begin` begins it.
    #[cfg(feature = "inspector")]
    pub(super) async fn start_over(&self, begin: fn(&Shop) -> Result<Vec<Call>>) -> Result<()> {
        let (begun, wait) = oneshot::channel();
        self.commands.send(Command::StartOver(begin, begun)).map_err(|_| closed())?;
        wait.await.map_err(|_| closed())?
    }

    /// Shows the others what the person looks at.
    pub(super) fn show(&self, showing: Showing) -> Result<()> {
        self.commands.send(Command::Show(showing)).map_err(|_| closed())
    }

    /// The state of the sync, as it changes.
    pub(super) fn sights(&self) -> watch::Receiver<Sight> {
        self.state.clone()
    }

    /// Who is there, as it changes.
    pub(super) fn present(&self) -> watch::Receiver<Vec<Present>> {
        self.present.clone()
    }
}

fn sight(shop: &Shop) -> Result<Sight> {
    let state = shop.state()?;
    let done = state.pending == 0 && !state.syncing && shop.is_caught_up();
    Ok(Sight { state, done })
}

/// What came of some work at the desk, whatever it is.
type Done = Box<dyn Any + Send>;

/// Without the work's type and the type of what comes of it: the library has the way there and back once, and not for each
/// kind of work.
async fn at_a_desk(work: Box<dyn FnOnce() -> Done + Send>) -> Result<Done> {
    let panicked = |_| Error::defect("the sync's work panicked");
    tokio::task::spawn_blocking(work).await.map_err(panicked)
}

type Asking = Pin<Box<dyn Future<Output = Ended> + Send>>;
type Joining = Pin<Box<dyn Future<Output = Result<String>> + Send>>;
type Fetching = Pin<Box<dyn Future<Output = Result<ShopKey, Answer>> + Send>>;
type Listening = (Listener, Pin<Box<dyn Future<Output = ()> + Send>>);

struct Work {
    shop: Shop,
    env: Env,
    line: Line,
    commands: mpsc::UnboundedReceiver<Command>,
    calls: VecDeque<Call>,
    // One request at a time, as the engine has it.
    asking: Option<Asking>,
    // Whether that is a push that has just left.
    sent: bool,
    // And the page after the one that it takes in.
    ahead: Ahead,
    listening: Option<Listening>,
    // The token for the channel, while it is being asked for.
    joining: Option<Joining>,
    // The shop's key, while it is being asked for.
    fetching: Option<Fetching>,
    wake: Option<Instant>,
    showing: Showing,
    syncing: Vec<oneshot::Sender<Result<()>>>,
    idling: Vec<oneshot::Sender<()>>,
    awake: bool,
    // Whether something may be left to do that can wait until nothing else is.
    untidy: bool,
    state: watch::Sender<Sight>,
    present: watch::Sender<Vec<Present>>,
}

/// What woke the driver.
#[allow(clippy::large_enum_variant, reason = "one lives at a time")]
enum Woken {
    Command(Option<Command>),
    Ended(Box<Ended>),
    Heard(Option<Heard>),
    Joining(Result<String>),
    Fetched(Result<ShopKey, Answer>),
    Wrote,
    Tick,
    Sent,
    Idle,
}

impl Work {
    async fn run(mut self) {
        loop {
            while let Some(call) = self.calls.pop_front() {
                self.start(call);
            }
            self.publish();
            let calls = match self.woken().await {
                Woken::Command(None) => return,
                Woken::Command(Some(command)) => self.obey(command).await,
                Woken::Ended(ended) => self.take(*ended).await,
                Woken::Heard(heard) => self.hear(heard).await,
                Woken::Joining(token) => self.join(token).await,
                Woken::Fetched(key) => self.keep_key(key).await,
                Woken::Wrote => {
                    self.untidy = true;
                    self.step(Event::Wrote).await
                }
                Woken::Sent => self.prepare().await,
                Woken::Idle => self.tidy_up().await,
                Woken::Tick => {
                    self.wake = None;
                    self.step(Event::Tick).await
                }
            };
            match calls {
                Ok(calls) => self.calls.extend(calls),
                // A shop that was closed under the driver needs it no more.
                Err(error) if error.is(&Fault::NotNow(NotNow::Closed)) => return,
                Err(error) => log::error!("the sync could not go on: {}", error.code()),
            }
        }
    }

    async fn woken(&mut self) -> Woken {
        let may_tidy = self.awake && self.untidy && self.asking.is_none();
        let Work { shop, commands, asking, sent, listening, joining, fetching, wake, .. } = self;
        let asked = async {
            match asking {
                Some(asking) => asking.await,
                None => std::future::pending().await,
            }
        };
        let heard = async {
            match listening {
                Some((listener, running)) => tokio::select! {
                    biased;
                    heard = listener.next() => heard,
                    () = running => listener.next().await,
                },
                None => std::future::pending().await,
            }
        };
        let joined = async {
            match joining {
                Some(joining) => joining.await,
                None => std::future::pending().await,
            }
        };
        let fetched = async {
            match fetching {
                Some(fetching) => fetching.await,
                None => std::future::pending().await,
            }
        };
        let tick = async {
            match wake {
                // Nothing happens until then, unless something else does.
                Some(at) => drop(timeout_at(*at, std::future::pending::<()>()).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            command = commands.recv() => Woken::Command(command),
            ended = asked => Woken::Ended(Box::new(ended)),
            heard = heard => Woken::Heard(heard),
            token = joined => Woken::Joining(token),
            key = fetched => Woken::Fetched(key),
            () = shop.wait_for_work() => Woken::Wrote,
            () = tick => Woken::Tick,
            () = std::future::ready(()), if *sent => Woken::Sent,
            () = std::future::ready(()), if may_tidy => Woken::Idle,
        }
    }

    /// While the server has a push, the one after it is made ready.
    async fn prepare(&mut self) -> Result<Vec<Call>> {
        self.sent = false;
        let push = self.at_the_desk(Shop::push_after).await?;
        self.ahead.prepare(push);
        Ok(Vec::new())
    }

    async fn tidy_up(&mut self) -> Result<Vec<Call>> {
        // What cannot be done now is tried again when something else has happened.
        self.untidy = false;
        self.untidy = self.at_the_desk(Shop::tidy_up).await?;
        Ok(Vec::new())
    }

    /// Does what touches the database on a thread that may wait for the disk.
    async fn at_the_desk<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Shop) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shop = self.shop.clone();
        let work = at_a_desk(Box::new(move || Box::new(work(&shop)) as Done));
        match work.await?.downcast() {
            Ok(done) => *done,
            Err(_) => Err(Error::defect("the sync's work came to something else")),
        }
    }

    async fn step(&mut self, event: Event) -> Result<Vec<Call>> {
        self.at_the_desk(move |shop| shop.step(event)).await
    }

    async fn obey(&mut self, command: Command) -> Result<Vec<Call>> {
        match command {
            Command::Tell(event, known) => {
                if matches!(event, Event::Network { up: false } | Event::Suspended | Event::Resumed) {
                    // Frozen and unanswered: the engine does not wait for it any more either.
                    self.asking = None;
                    self.ahead = Ahead::default();
                }
                if matches!(event, Event::Suspended | Event::Resumed) {
                    (self.awake, self.untidy) = (matches!(event, Event::Resumed), true);
                }
                if event == Event::Resumed
                    && let Err(error) = self.line.http.drop_connections()
                {
                    // Those there are may still do, and a call that finds them dead is made again.
                    log::warn!("the connections from before stay: {}", error.code());
                }
                let calls = self.step(event).await;
                // Whoever asked may have stopped waiting.
                known.send(()).ok();
                calls
            }
            Command::Sync(done) => {
                self.syncing.push(done);
                self.step(Event::Asked).await
            }
            Command::Idle(idle) => {
                self.idling.push(idle);
                // What was written just now may not have been heard of.
                self.step(Event::Wrote).await
            }
            #[cfg(feature = "inspector")]
            Command::StartOver(begin, begun) => {
                let (calls, begins) = match self.at_the_desk(begin).await {
                    Ok(calls) => (calls, Ok(())),
                    Err(error) => (Vec::new(), Err(error)),
                };
                // Whoever asked may have stopped waiting.
                begun.send(begins).ok();
                Ok(calls)
            }
            Command::Show(showing) => {
                self.showing = showing.clone();
                if let Some((listener, _)) = &self.listening {
                    listener.show(showing);
                }
                Ok(Vec::new())
            }
        }
    }

    async fn take(&mut self, ended: Ended) -> Result<Vec<Call>> {
        (self.asking, self.untidy) = (None, true);
        self.ahead.go_on(&ended);
        self.shop.note_calls(self.line.http.take_ended());
        match ended {
            Ended::Open(answer) => {
                if answer.is_ok() && !self.at_the_desk(|shop| shop.has_shop_key()).await? {
                    self.fetch_key();
                }
                self.at_the_desk(|shop| shop.opened(answer)).await
            }
            Ended::Push(answer) => {
                if answer.is_ok() {
                    self.ahead.send_prepared(&self.line);
                    let pull = self.at_the_desk(Shop::next_pull).await?;
                    self.ahead.expect(Page::Pull(pull), &self.line);
                }
                self.at_the_desk(|shop| shop.pushed(answer)).await
            }
            Ended::Pull(answer) => self.at_the_desk(|shop| shop.pulled(answer)).await,
            Ended::Range(answer) => self.at_the_desk(|shop| shop.ranged(answer)).await,
            Ended::Snapshot(landed) => self.at_the_desk(|shop| shop.landed(landed)).await,
            Ended::Token(event, token) => {
                if let (Some(token), Some((listener, _))) = (token, &self.listening) {
                    listener.renew(token);
                }
                self.step(event).await
            }
        }
    }

    /// Asks for the shop's key, beside everything else. Whoever may not have it is told so, and does without.
    fn fetch_key(&mut self) {
        let (line, request) = (self.line.clone(), OfShop { shop: self.shop.id().to_owned() });
        self.fetching = Some(Box::pin(async move { line.call("shop_key", &request).await }));
    }

    async fn keep_key(&mut self, key: Result<ShopKey, Answer>) -> Result<Vec<Call>> {
        self.fetching = None;
        let Ok(key) = key else { return Ok(Vec::new()) };
        let bytes = STANDARD.decode(&key.key).map(Zeroizing::new);
        if let Some(key) = bytes.ok().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()) {
            let key = Zeroizing::new(key);
            self.at_the_desk(move |shop| shop.set_shop_key(1, &key)).await?;
        }
        Ok(Vec::new())
    }

    async fn hear(&mut self, heard: Option<Heard>) -> Result<Vec<Call>> {
        match heard {
            Some(Heard::Joined) => self.step(Event::Joined).await,
            Some(Heard::Poked(head)) => self.poked(head).await,
            Some(Heard::Presence(present)) => {
                self.present.send_replace(present);
                Ok(Vec::new())
            }
            Some(Heard::Lost(_)) | None => {
                self.listening = None;
                self.present.send_replace(Vec::new());
                self.step(Event::Left).await
            }
        }
    }

    async fn poked(&mut self, head: Cursor) -> Result<Vec<Call>> {
        self.at_the_desk(move |shop| shop.poked(&head)).await
    }

    fn start(&mut self, call: Call) {
        let line = self.line.clone();
        match call {
            Call::Open(request) => {
                self.ask(async move { Ended::Open(line.call("device_open", &request).await) });
            }
            Call::Push(request) => {
                let sending = self.ahead.send(request, line);
                self.ask(sending);
                self.sent = true;
            }
            Call::Pull(request) => self.ask_page(Page::Pull(request)),
            Call::Range(request) => self.ask_page(Page::Range(request)),
            Call::Snapshot(request) => {
                let to = self.shop.landing();
                self.ask(async move { Ended::Snapshot(line.fetch(&request, to).await) });
            }
            Call::RefreshToken => self.ask(async move { line.refresh().await }),
            Call::Join => self.joining = Some(Box::pin(async move { line.session.token().await })),
            Call::Leave => {
                (self.listening, self.joining) = (None, None);
                self.present.send_replace(Vec::new());
            }
            Call::WakeAt(at) => {
                let wait = at.saturating_sub(self.env.clock.awake_and_asleep());
                let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
                self.wake = Instant::now().checked_add(wait);
            }
            // The shop has done that itself.
            Call::TakeNewIdentity | Call::LeaveShop => {}
        }
    }

    fn ask_page(&mut self, page: Page) {
        let asking = self.ahead.ask(page, self.line.clone());
        self.ask(asking);
    }

    fn ask(&mut self, asking: impl Future<Output = Ended> + Send + 'static) {
        self.asking = Some(Box::pin(asking));
    }

    async fn join(&mut self, token: Result<String>) -> Result<Vec<Call>> {
        self.joining = None;
        let Ok(token) = token else { return self.step(Event::Left).await };
        let device = self.at_the_desk(Shop::device).await?;
        let subscription =
            Subscription { shop: self.shop.id().to_owned(), device, token, showing: self.showing.clone() };
        let (listener, running) = listen(&self.line.http, subscription);
        let fresh = listener.keep_fresh(Arc::clone(&self.line.session));
        let running = async move {
            tokio::select! {
                () = running => {}
                () = fresh => {}
            }
        };
        self.listening = Some((listener, Box::pin(running)));
        Ok(Vec::new())
    }

    /// Tells everybody who watches, and whoever waits for a sync to end.
    fn publish(&mut self) {
        let Ok(sight) = sight(&self.shop) else { return };
        let state = &sight.state;
        let stuck = match state.last_error.as_deref() {
            Some("signed_out") => Some(Error::signed_out("the session has ended")),
            Some("no_shop") => Some(Error::denied("shop", "no_member")),
            _ if !state.online => Some(Error::needs_server("offline")),
            _ if !state.reachable => Some(Error::needs_server("the server cannot be reached")),
            _ => None,
        };
        let waiting = std::mem::take(&mut self.syncing);
        for done in waiting {
            if sight.done || stuck.is_some() {
                // Whoever asked may have stopped waiting.
                done.send(stuck.clone().map_or(Ok(()), Err)).ok();
            } else {
                self.syncing.push(done);
            }
        }
        if sight.done {
            for idle in self.idling.drain(..) {
                // Whoever asked may have stopped waiting.
                idle.send(()).ok();
            }
        }
        self.state.send_if_modified(|known| {
            let changed = *known != sight;
            *known = sight;
            changed
        });
    }
}

//! The page: on loopback, in one document, live. What it shows is what the devices and the hub say of themselves.

mod buttons;
mod document;
mod feed;
mod guard;
mod names;
mod view;

use super::opening::Stock;
use super::{Failure, Premises};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use buttons::{Button, press};
use feed::Feed;
use futures_util::stream::{self, Stream};
use guard::Guard;
use names::Names;
use serde_json::json;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use view::{DeviceView, HubView, View};

/// The page is drawn anew at most that often.
const FRAME: Duration = Duration::from_millis(60);
/// The hub is asked how it stands that often.
const LOOK: Duration = Duration::from_millis(700);
/// The largest request of a button.
const LARGEST: usize = 64 * 1024;
/// The latest lines of the day that are shown.
const LINES: usize = 400;

/// The page, served until it is dropped.
#[derive(Debug)]
pub struct Page {
    _runtime: Runtime,
    shared: Arc<Shared>,
    /// Where it is.
    pub address: String,
}

struct Shared {
    premises: Arc<Premises>,
    guard: Guard,
    feeds: Vec<(&'static str, Feed)>,
    hub: Mutex<HubView>,
    // There once the day is over: from then on the buttons work.
    stock: Mutex<Option<Stock>>,
    frames: watch::Sender<Arc<str>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shared")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Page {
    /// Serves the page on a port of its own.
    pub fn serve(premises: Arc<Premises>) -> Result<Page, Failure> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let guard = Guard::new(listener.local_addr()?.port())?;
        let address = guard.address();
        let shown = [&premises.desk, &premises.bench];
        let feeds = shown.map(|device| (device.post.key, Feed::of(device, premises.bell.clone())));
        let (frames, _) = watch::channel(Arc::from("{}"));
        let hub = HubView { url: premises.hub.url.clone(), ..HubView::default() };
        let shared = Arc::new(Shared {
            premises: Arc::clone(&premises),
            guard,
            feeds: feeds.into(),
            hub: Mutex::new(hub),
            stock: Mutex::default(),
            frames,
        });
        for device in premises.devices() {
            let (mut states, bell) = (device.terminal.states()?, premises.bell.clone());
            runtime.spawn(async move {
                while states.changed().await.is_ok() {
                    bell.ring();
                }
            });
        }
        runtime.spawn(draw(Arc::clone(&shared)));
        runtime.spawn(look(Arc::clone(&shared)));
        let router = router(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Page { _runtime: runtime, shared, address })
    }

    /// The day is over: the buttons work from now on.
    pub fn open(&self, stock: Stock) {
        *lock(&self.shared.stock) = Some(stock);
        self.shared.premises.bell.ring();
    }
}

impl Shared {
    /// One frame. Reads the devices' files; not for a task.
    fn frame(&self) -> Result<Arc<str>, Failure> {
        let names = Names::read(&self.premises.office.shop)?;
        let mut devices = Vec::new();
        for (key, feed) in &self.feeds {
            feed.read_up()?;
            let device = self.premises.device(key).ok_or("no such device")?;
            devices.push(DeviceView::of(device, feed, &names)?);
        }
        let (percent, mut lines) = self.premises.timeline.since(0);
        lines.drain(..lines.len().saturating_sub(LINES));
        let (hub, open) = (lock(&self.hub).clone(), lock(&self.stock).is_some());
        Ok(serde_json::to_string(&View { open, percent, lines, hub, devices })?.into())
    }
}

/// Draws a frame whenever something may look different.
async fn draw(shared: Arc<Shared>) {
    let mut bell = shared.premises.bell.listen();
    bell.mark_changed();
    let mut pace = interval(FRAME);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while bell.changed().await.is_ok() {
        pace.tick().await;
        let drawing = Arc::clone(&shared);
        match tokio::task::spawn_blocking(move || drawing.frame()).await {
            Ok(Ok(frame)) => drop(shared.frames.send_replace(frame)),
            Ok(Err(failure)) => eprintln!("demo: the page could not be drawn: {failure}"),
            Err(_) => return,
        }
    }
}

/// Asks the hub how it stands, again and again: it tells nobody when it is gone.
async fn look(shared: Arc<Shared>) {
    let mut pace = interval(LOOK);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let looking = Arc::clone(&shared);
        let looked = tokio::task::spawn_blocking(move || {
            let before = lock(&looking.hub).clone();
            *lock(&looking.hub) = view::hub(&looking.premises, before);
            looking.premises.bell.ring();
        });
        if looked.await.is_err() {
            return;
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{token}/", get(document))
        .route("/{token}/events", get(events))
        .route("/{token}/press", post(pressed))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(shared)
}

type Shares = State<Arc<Shared>>;

fn refused() -> Response {
    (StatusCode::NOT_FOUND, "Open the address that the demo printed.").into_response()
}

async fn document(State(shared): Shares, Path(token): Path<String>, headers: HeaderMap) -> Response {
    if !shared.guard.admits(&Method::GET, &token, &headers) {
        return refused();
    }
    let Ok(nonce) = guard::random() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let policy = document::policy(&nonce);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Html(document::page(&nonce))).into_response()
}

async fn events(State(shared): Shares, Path(token): Path<String>, headers: HeaderMap) -> Response {
    if !shared.guard.admits(&Method::GET, &token, &headers) {
        return refused();
    }
    Sse::new(frames(&shared)).keep_alive(KeepAlive::default()).into_response()
}

/// Every frame, and at once the one that there is. Whoever reads slowly misses some, never the last.
fn frames(shared: &Shared) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let mut frames = shared.frames.subscribe();
    frames.mark_changed();
    stream::unfold(frames, async |mut frames| {
        frames.changed().await.ok()?;
        let frame = Arc::clone(&frames.borrow_and_update());
        Some((Ok(Event::default().data(frame)), frames))
    })
}

async fn pressed(
    State(shared): Shares,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !shared.guard.admits(&Method::POST, &token, &headers) {
        return refused();
    }
    let Ok(button) = serde_json::from_slice::<Button>(&body) else {
        return says(StatusCode::BAD_REQUEST, "There is no such button.");
    };
    let done = tokio::task::spawn_blocking(move || {
        let mut stock = lock(&shared.stock);
        let Some(stock) = stock.as_mut() else { return Err("The day is not over yet.".into()) };
        let done = press(&shared.premises, stock, &button);
        shared.premises.bell.ring();
        done
    });
    match done.await {
        Ok(Ok(())) => (StatusCode::OK, Json(json!({}))).into_response(),
        Ok(Err(failure)) => says(StatusCode::CONFLICT, &failure.to_string()),
        Err(_) => says(StatusCode::INTERNAL_SERVER_ERROR, "That went wrong."),
    }
}

fn says(status: StatusCode, what: &str) -> Response {
    (status, Json(json!({ "message": what }))).into_response()
}

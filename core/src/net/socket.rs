//! The socket under a shop's channels: connected with the one TLS configuration, kept alive, and given up as soon as
//! the server falls silent. It never reconnects by itself.

use super::auth::Session;
use super::channel::{Heard, Line, Lost};
use super::classify::NoAnswer;
use super::frame::{decode_binary, decode_text};
use super::http::Http;
use super::presence::Showing;
use super::tls::TlsFault;
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use rustls::pki_types::ServerName;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::mem::discriminant;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, timeout};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How often the server is asked whether it is still there. It has until the next time to answer.
const BEAT: Duration = Duration::from_secs(25);
/// How long the server may take over a join. It delays a refusal by five seconds.
const JOIN: Duration = Duration::from_secs(10);
/// How long a frame may take to leave.
const SEND: Duration = Duration::from_secs(10);
/// Realtime closes a channel after five presence calls in 30 s.
const PACE: Duration = Duration::from_secs(8);
/// The largest frame that is read: everybody who is there, in the largest shop.
const LARGEST: usize = 1024 * 1024;

/// What to hear, and as whom.
#[derive(Clone)]
pub struct Subscription {
    /// The shop.
    pub shop: String,
    /// The device, as the others see it.
    pub device: String,
    /// The access token.
    pub token: String,
    /// What the person shows of themselves.
    pub showing: Showing,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Subscription").field("shop", &self.shop).finish_non_exhaustive()
    }
}

/// Hears a shop's channels. Dropping it closes their socket.
#[derive(Debug)]
pub struct Listener {
    heard: mpsc::Receiver<Heard>,
    token: watch::Sender<String>,
    showing: watch::Sender<Showing>,
}

impl Listener {
    /// What was heard next: [`Heard::Lost`] comes last, then nothing. What is late is left out, never the latest.
    pub async fn next(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }

    /// Tells the channels a new token, before the old one ends.
    pub fn renew(&self, token: String) {
        self.token.send_replace(token);
    }

    /// Keeps the channels' token fresh for as long as the session can be renewed, and then for ever does nothing.
    pub fn keep_fresh(&self, session: Arc<Session>) -> impl Future<Output = ()> + Send + use<> {
        let token = self.token.clone();
        async move {
            while let Ok(next) = session.next_token().await {
                token.send_replace(next);
            }
            std::future::pending().await
        }
    }

    /// Shows the others what the person looks at now.
    pub fn show(&self, showing: Showing) {
        self.showing.send_replace(showing);
    }
}

/// Joins a shop's channels. They are heard while the future runs; it ends when they are lost, or when the listener is
/// dropped.
pub fn listen(
    http: &Http,
    subscription: Subscription,
) -> (Listener, impl Future<Output = ()> + Send + use<>) {
    let Subscription { shop, device, token, showing } = subscription;
    let line = Line::new(&shop, &device, token.clone(), showing.clone());
    let (wishes, listener, heard) = wishes(token, showing);
    let http = http.clone();
    let running = async move {
        let talking = async {
            let lost = tokio::select! {
                biased;
                () = cut(&http) => NoAnswer::BrokenOff.into(),
                lost = talk(&http, line, wishes, &heard) => lost,
            };
            // A listener that is gone by now does not need to know.
            heard.send(Heard::Lost(lost)).await.ok();
        };
        tokio::select! {
            () = talking => {}
            () = heard.closed() => {}
        }
    };
    (listener, running)
}

async fn talk(http: &Http, line: Line, wishes: Wishes, heard: &mpsc::Sender<Heard>) -> Lost {
    match http.over_the_network(async { Ok(connect(http).await) }).await {
        Ok(Ok(socket)) => converse(http, socket, line, wishes, heard).await,
        Ok(Err(lost)) => lost,
        Err(failure) => failure.into(),
    }
}

/// Ends when somebody who simulates a bad network cuts the connection.
#[cfg(feature = "inspector")]
async fn cut(http: &Http) {
    http.simulator.cut().await;
}

/// Nobody cuts a connection on purpose.
#[cfg(not(feature = "inspector"))]
async fn cut(_: &Http) {
    std::future::pending().await
}

/// Whether a poke is heard. The other news are not what an inspector's network loses.
#[cfg(feature = "inspector")]
async fn hears(http: &Http, new: &Heard) -> bool {
    !matches!(new, Heard::Poked(_)) || http.simulator.hears().await.unwrap_or(false)
}

/// Whether a poke is heard.
#[cfg(not(feature = "inspector"))]
async fn hears(_: &Http, _: &Heard) -> bool {
    true
}

/// What the listener wants, as it changes.
struct Wishes {
    token: watch::Receiver<String>,
    showing: watch::Receiver<Showing>,
}

fn wishes(token: String, showing: Showing) -> (Wishes, Listener, mpsc::Sender<Heard>) {
    let (heard_sender, heard) = mpsc::channel(1);
    let (token_sender, token) = watch::channel(token);
    let (showing_sender, showing) = watch::channel(showing);
    let listener = Listener { heard, token: token_sender, showing: showing_sender };
    (Wishes { token, showing }, listener, heard_sender)
}

/// Speaks and hears until the channel is lost.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    http: &Http,
    mut socket: WebSocketStream<S>,
    mut line: Line,
    mut wishes: Wishes,
    heard: &mpsc::Sender<Heard>,
) -> Lost {
    let mut beat = interval_at(Instant::now() + BEAT, BEAT);
    let mut join = interval_at(Instant::now() + JOIN, JOIN);
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut news: VecDeque<Heard> = VecDeque::new();
    let mut frames = line.joins();
    loop {
        if let Err(lost) = send(&mut socket, std::mem::take(&mut frames)).await {
            return lost;
        }
        tokio::select! {
            message = socket.next() => match read(message, &mut line) {
                Ok(Some(Heard::Lost(lost))) | Err(lost) => return lost,
                Ok(Some(new)) if hears(http, &new).await => {
                    // Whoever listens slowly hears the latest of each kind.
                    news.retain(|old| discriminant(old) != discriminant(&new));
                    news.push_back(new);
                }
                Ok(_) => {}
            },
            Ok(place) = heard.reserve(), if !news.is_empty() => {
                if let Some(new) = news.pop_front() {
                    place.send(new);
                }
            }
            Ok(()) = wishes.token.changed() => line.renew(wishes.token.borrow_and_update().clone()),
            Ok(()) = wishes.showing.changed() => line.show(wishes.showing.borrow_and_update().clone()),
            _ = pace.tick(), if line.has_to_show() => frames.extend(line.track()),
            _ = join.tick(), if !line.is_joined() => return Lost::Silent,
            _ = beat.tick() => match line.beat() {
                Some(frame) => frames.push(frame),
                None => return Lost::Silent,
            },
        }
        frames.extend(line.renewals());
    }
}

async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    frames: Vec<String>,
) -> Result<(), Lost> {
    for frame in frames {
        match timeout(SEND, socket.send(Message::text(frame))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(broken(&error)),
            Err(_) => return Err(Lost::Silent),
        }
    }
    Ok(())
}

/// What a message says. One that is no frame is passed over: it says nothing about the channel.
fn read(message: Option<Result<Message, WsError>>, line: &mut Line) -> Result<Option<Heard>, Lost> {
    let frame = match message {
        Some(Ok(Message::Text(text))) => decode_text(&text),
        Some(Ok(Message::Binary(bytes))) => decode_binary(&bytes),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => None,
        Some(Ok(Message::Close(_))) => return Err(Lost::Closed),
        Some(Err(error)) => return Err(broken(&error)),
        None => return Err(NoAnswer::BrokenOff.into()),
    };
    Ok(frame.and_then(|frame| line.hear(frame)))
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the enum is tungstenite's, and grows")]
fn broken(error: &WsError) -> Lost {
    let reason = match error {
        WsError::Http(response) if response.status().as_u16() == 429 => return Lost::Limited,
        WsError::Http(response) => NoAnswer::Stranger { status: response.status().as_u16() },
        WsError::Capacity(_) | WsError::AttackAttempt => NoAnswer::TooLarge,
        WsError::ConnectionClosed | WsError::AlreadyClosed => return Lost::Closed,
        other => TlsFault::behind(other).map_or(NoAnswer::BrokenOff, NoAnswer::Tls),
    };
    Lost::Network(reason)
}

/// What a socket runs over: TLS, or on this very machine plain TCP.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn connect(http: &Http) -> Result<WebSocketStream<Box<dyn Stream>>, Lost> {
    let mut url = http.server.channels();
    let stream = timeout(http.limits.connect, secure(http, &url));
    let stream = stream.await.map_err(|_| NoAnswer::TimedOut)??;
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme).map_err(|()| NoAnswer::Unreachable)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(4 * 1024)
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    let shaking_hands = client_async_with_config(url.as_str(), stream, Some(config));
    match timeout(http.limits.request, shaking_hands).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(broken(&error)),
        Err(_) => Err(NoAnswer::TimedOut.into()),
    }
}

async fn secure(http: &Http, url: &Url) -> Result<Box<dyn Stream>, NoAnswer> {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or_default();
    let stream = dial(host, port, http.limits.connect).await.map_err(|_| NoAnswer::Unreachable)?;
    if url.scheme() != "https" {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| NoAnswer::Unreachable)?;
    let connector = TlsConnector::from(http.tls.clone());
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(TlsFault::behind(&error).map_or(NoAnswer::BrokenOff, NoAnswer::Tls)),
    }
}

/// Tries a host's addresses in turn. Each has its share of the time, so that a dead one does not use up the others'.
async fn dial(host: &str, port: u16, time: Duration) -> io::Result<TcpStream> {
    let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
    let share = time / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests;

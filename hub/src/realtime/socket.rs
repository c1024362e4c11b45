//! One WebSocket: reads frames, writes what its mailbox holds, and ends when it is idle, too slow, or the hub stops.

use super::frame::{decode_binary, decode_text};
use super::mailbox::{Mailbox, Waiting};
use super::session::Session;
use super::{Version, frame::BadFrame, frame::Inbound};
use crate::caller::Caller;
use crate::hub::Hub;
use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;

/// A socket that sends nothing for this long is closed: clients send a heartbeat every 25 s.
const IDLE: Duration = Duration::from_secs(60);
/// A socket that joins nothing for this long is closed.
const UNUSED: Duration = Duration::from_secs(600);
/// How long the other side may take to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(2);

const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const PROTOCOL: u16 = 1002;
const TOO_LARGE: u16 = 1009;

/// Serves a socket until it ends.
pub(super) async fn serve(hub: Arc<Hub>, socket: WebSocket, version: Version, connection: Caller) {
    let (mailbox, waiting) = Mailbox::new(hub.limits.socket_queue, hub.metrics.clone());
    let (sink, mut stream) = socket.split();
    hub.metrics.sockets.inc();
    let gone = mailbox.gone().clone();
    let mut writer = tokio::spawn(async move {
        tokio::select! {
            () = write(sink, waiting) => {}
            () = gone.cancelled() => {}
        }
    });
    let mut session = Session::new(hub.clone(), version, connection, mailbox.clone());
    let said_goodbye = converse(&hub, &mut stream, version, &mut session, &mailbox).await;
    session.end();
    if let Goodbye::Ours(code, reason) = said_goodbye {
        mailbox.close(code, reason);
        let late = hub.clock.reached(hub.clock.elapsed() + FAREWELL);
        tokio::select! {
            // What the other side still sends is read, so that the close frame is not lost with the connection.
            _ = futures_util::future::join(&mut writer, drain(&mut stream)) => {}
            () = late => {}
        }
    }
    // Ends a writer that still waits for a client that does not read.
    mailbox.gone().cancel();
    hub.metrics.sockets.dec();
}

enum Goodbye {
    /// The hub closes.
    Ours(u16, &'static str),
    /// The other side closed, broke off, or does not read.
    Theirs,
}

async fn converse(
    hub: &Hub,
    stream: &mut SplitStream<WebSocket>,
    version: Version,
    session: &mut Session,
    mailbox: &Mailbox,
) -> Goodbye {
    let mut heard_at = hub.clock.elapsed();
    let mut used_at = heard_at;
    loop {
        if !session.is_idle() {
            used_at = hub.clock.elapsed();
        }
        let (idle_at, unused_at) = (heard_at + IDLE, used_at + UNUSED);
        let next = session.next_check().unwrap_or(unused_at).min(idle_at);
        tokio::select! {
            () = mailbox.gone().cancelled() => return Goodbye::Theirs,
            () = hub.realtime.stopping.cancelled() => return Goodbye::Ours(GOING_AWAY, "the hub is stopping"),
            () = hub.clock.reached(next) => {
                let now = hub.clock.elapsed();
                session.check().await;
                if now >= idle_at {
                    return Goodbye::Ours(NORMAL, "idle");
                }
                if session.is_idle() && now >= unused_at {
                    return Goodbye::Ours(NORMAL, "nothing joined");
                }
            }
            received = stream.next() => {
                heard_at = hub.clock.elapsed();
                match received.map(|message| message.map(|message| decode(version, message))) {
                    None => return Goodbye::Theirs,
                    Some(Err(error)) => return broken(&error),
                    Some(Ok(Ok(Some(frame)))) => session.handle(frame).await,
                    Some(Ok(Ok(None))) => {}
                    Some(Ok(Err(BadFrame))) => return Goodbye::Ours(PROTOCOL, "not a frame"),
                }
            }
        }
    }
}

fn decode(version: Version, message: Message) -> Result<Option<Inbound>, BadFrame> {
    match message {
        Message::Text(text) => decode_text(version, text.as_str()).map(Some),
        Message::Binary(bytes) => decode_binary(version, &bytes).map(Some),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(None),
    }
}

fn broken(error: &axum::Error) -> Goodbye {
    // The library hides its error's type behind its text.
    if error.to_string().contains("too long") || error.to_string().contains("too large") {
        Goodbye::Ours(TOO_LARGE, "frame too large")
    } else {
        Goodbye::Theirs
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut waiting: Waiting) {
    while let Some(message) = waiting.next().await {
        let last = matches!(message, Message::Close(_));
        if sink.send(message).await.is_err() || last {
            return;
        }
    }
}

async fn drain(stream: &mut SplitStream<WebSocket>) {
    while let Some(Ok(_)) = stream.next().await {}
}

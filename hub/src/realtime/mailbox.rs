//! What waits to be written to one socket: bounded in bytes. A socket that does not read is dropped, never waited for.

use crate::metrics::Metrics;
use axum::extract::ws::{CloseFrame, Message};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a waiting message costs beside its own bytes.
const OVERHEAD: usize = 64;

/// The sending end; clones share one queue.
#[derive(Clone)]
pub(super) struct Mailbox {
    sender: mpsc::UnboundedSender<Message>,
    waiting: Arc<AtomicUsize>,
    limit: usize,
    gone: CancellationToken,
    metrics: Arc<Metrics>,
}

/// The end that the socket's writer empties.
pub(super) struct Waiting {
    receiver: mpsc::UnboundedReceiver<Message>,
    waiting: Arc<AtomicUsize>,
}

impl Mailbox {
    /// A mailbox that holds at most `limit` bytes.
    pub(super) fn new(limit: usize, metrics: Arc<Metrics>) -> (Mailbox, Waiting) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let gone = CancellationToken::new();
        (Mailbox { sender, waiting: waiting.clone(), limit, gone, metrics }, Waiting { receiver, waiting })
    }

    /// Hands a message over; a full mailbox drops its socket instead.
    pub(super) fn push(&self, message: Message) {
        let size = size(&message);
        if self.waiting.fetch_add(size, Ordering::Relaxed) + size > self.limit {
            if !self.gone.is_cancelled() {
                self.metrics.dropped_sockets.inc();
            }
            self.gone.cancel();
        } else if self.sender.send(message).is_ok() {
            self.metrics.deliveries.inc();
        }
    }

    /// Closes the socket after what waits already.
    pub(super) fn close(&self, code: u16, reason: &'static str) {
        self.push(Message::Close(Some(CloseFrame { code, reason: reason.into() })));
    }

    /// Set when the socket is to be dropped at once.
    pub(super) fn gone(&self) -> &CancellationToken {
        &self.gone
    }
}

impl Waiting {
    /// The next message; nothing when no one can send any more.
    pub(super) async fn next(&mut self) -> Option<Message> {
        let message = self.receiver.recv().await?;
        self.waiting.fetch_sub(size(&message), Ordering::Relaxed);
        Some(message)
    }
}

fn size(message: &Message) -> usize {
    let content = match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    };
    content + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_does_not_read_is_dropped_and_its_queue_stays_bounded() {
        let metrics = Arc::new(Metrics::default());
        let (mailbox, mut waiting) = Mailbox::new(1_000, metrics.clone());
        mailbox.push(Message::text("x".repeat(500)));
        assert!(!mailbox.gone().is_cancelled());
        mailbox.push(Message::text("x".repeat(500)));
        mailbox.push(Message::text("x".repeat(500)));
        assert!(mailbox.gone().is_cancelled());
        assert_eq!((1, 1), (metrics.dropped_sockets.get(), metrics.deliveries.get()));
        drop(mailbox);
        assert!(waiting.next().await.is_some());
        assert!(waiting.next().await.is_none());
    }

    #[tokio::test]
    async fn a_socket_that_reads_is_never_dropped() {
        let (mailbox, mut waiting) = Mailbox::new(1_000, Arc::default());
        for _ in 0..100 {
            mailbox.push(Message::text("x".repeat(500)));
            waiting.next().await.unwrap();
        }
        assert!(!mailbox.gone().is_cancelled());
    }
}

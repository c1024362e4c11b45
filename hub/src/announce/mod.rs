//! The hub makes itself known on the LAN (multicast DNS, service `_counterpart._tcp`), if it is told to: a device that
//! looks for a hub finds its address, its port and the fingerprint of its root without anybody typing them.
//!
//! [`Responder`] knows what is said and when, and touches no socket; a [`Link`] is one of the machine's networks.
//! Before a name is used it is asked for three times: what another machine has gets a number after it. Answers go to
//! the network's multicast group and to nobody else, each at most once a second, so that nobody can have them sent to a
//! third. Whoever asks from beyond the network is not heard. When the hub stops, everybody is told that it is gone.

mod card;
mod link;
mod responder;
#[cfg(test)]
mod tests;

pub use card::{BadName, Card};

use crate::clock::Clock;
use card::NotBuilt;
use futures_util::future::select_all;
use link::{Link, Place};
use responder::Responder;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the machine's networks are looked at: one may come up after the hub, or change its address.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Tells a LAN about the hub, until it stops.
pub struct Announcer {
    card: Card,
    listen: SocketAddr,
    clock: Arc<dyn Clock>,
}

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
enum AnnounceError {
    #[error("a packet could not be built")]
    Packet(#[from] NotBuilt),
    #[error("a network cannot be heard: {0}")]
    Socket(#[from] std::io::Error),
}

/// What ended a round.
enum Woken {
    Stop,
    Heard(usize, std::io::Result<Vec<u8>>),
    Due,
    Look,
}

impl Announcer {
    /// Of a hub that listens there.
    pub fn new(card: Card, listen: SocketAddr, clock: Arc<dyn Clock>) -> Announcer {
        Announcer { card, listen, clock }
    }

    /// Tells every network of this machine, also those that come and go, until `stop`.
    pub async fn run(self, stop: &CancellationToken) {
        let mut card = self.card.clone();
        let mut complained = false;
        while !stop.is_cancelled() {
            let places = link::places(self.listen);
            let links: Vec<Link> = places.iter().filter_map(opened).collect();
            if links.is_empty() && !complained {
                tracing::warn!("there is no network to announce the hub on yet");
            }
            complained = links.is_empty();
            let same = || link::places(self.listen) == places;
            match tell(&mut card, &links, &self.clock, stop, same).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(%error, "the hub is not announced for a while");
                    let again = self.clock.reached(self.clock.elapsed() + LOOK_EVERY);
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = again => {}
                    }
                }
            }
        }
    }
}

fn opened(place: &Place) -> Option<Link> {
    Link::open(place)
        .inspect_err(|error| tracing::warn!(%error, "the hub is not announced on one of the networks"))
        .ok()
}

/// Tells these networks, until `stop` or until they are not what they were. The card comes back with the name that was
/// free.
async fn tell(
    card: &mut Card,
    links: &[Link],
    clock: &Arc<dyn Clock>,
    stop: &CancellationToken,
    same: impl Fn() -> bool,
) -> Result<(), AnnounceError> {
    let addresses = links.iter().map(|link| link.addresses().to_vec()).collect();
    let mut responder = Responder::new(card.clone(), addresses, clock.elapsed());
    let mut look = clock.elapsed() + LOOK_EVERY;
    loop {
        for (at, packet) in responder.due(clock.elapsed())? {
            send(links, at, &packet).await;
        }
        match woken(links, &responder, look, clock, stop).await {
            Woken::Stop => {
                for (at, packet) in responder.goodbye()? {
                    send(links, at, &packet).await;
                }
                return Ok(());
            }
            Woken::Heard(at, packet) => {
                let name = responder.name().to_owned();
                if let Some(packet) = responder.hear(at, &packet?, clock.elapsed())? {
                    send(links, at, &packet).await;
                }
                if responder.name() != name {
                    tracing::info!(name = responder.name(), "another machine has the name: announced as");
                    *card = responder.card().clone();
                }
            }
            Woken::Due => {}
            Woken::Look => {
                if !same() {
                    return Ok(());
                }
                look = clock.elapsed() + LOOK_EVERY;
            }
        }
    }
}

async fn woken(
    links: &[Link],
    responder: &Responder,
    look: Duration,
    clock: &Arc<dyn Clock>,
    stop: &CancellationToken,
) -> Woken {
    let heard = async {
        if links.is_empty() {
            return std::future::pending().await;
        }
        let (packet, at, _) = select_all(links.iter().map(|link| Box::pin(link.hear()))).await;
        (at, packet)
    };
    let due = async {
        match responder.next() {
            Some(moment) => clock.reached(moment).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => Woken::Stop,
        () = due => Woken::Due,
        () = clock.reached(look) => Woken::Look,
        (at, packet) = heard => Woken::Heard(at, packet),
    }
}

/// A network that takes nothing is no reason to leave the others without.
async fn send(links: &[Link], at: usize, packet: &[u8]) {
    if let Some(link) = links.get(at)
        && let Err(error) = link.send(packet).await
    {
        tracing::debug!(%error, "a network took no packet");
    }
}

//! Carries out what [`transition`] decides: chooses and freezes batches, takes in receipts, says which calls to make.

use super::state::{Answer, Effect, Event, Link, RetryPolicy, Session};
use super::transition;
use super::wire::{PushAnswer, PushRequest};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::outbox::{self, Batch, BatchLimits, Outcome};
use crate::schema::time_from_ms;
use crate::store::Store;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// Something for the driver to do.
#[derive(Debug)]
pub enum Call {
    /// Send this, and come back with [`Engine::pushed`].
    Push(PushRequest),
    /// Get a new token, and come back with [`Event::TokenRefreshed`].
    RefreshToken,
    /// Come back with [`Event::Tick`] at this moment of the clock that counts sleep.
    WakeAt(i64),
}

/// What a person sees of the sync.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncState {
    /// Whether the shell says that there is a network.
    pub online: bool,
    /// Whether the server answers, as far as is known.
    pub reachable: bool,
    /// Whether something is on its way right now.
    pub syncing: bool,
    /// How much of the queue that was there when it began to drain is done, 0 to 1.
    pub progress: f64,
    /// Operations without an answer.
    pub pending: u64,
    /// Operations that wait for a person, or, while the server cannot be reached, all of them.
    pub failed: u64,
    /// Conflicts that wait for a person.
    pub conflicts: u64,
    /// When the queue was last empty with the server's word for it.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// What went wrong last, by its stable code, until something went right.
    pub last_error: Option<String>,
}

/// The sync of one shop, without a network of its own.
pub struct Engine {
    shop: String,
    store: Store,
    env: Env,
    policy: RetryPolicy,
    link: Link,
    in_flight: HashSet<String>,
    // Whose attempts the link counts while one stands alone.
    alone: Option<String>,
    // How many operations waited when the queue began to drain.
    drain: u64,
    last_error: Option<&'static str>,
}

impl Engine {
    /// An engine over a shop's store.
    pub(crate) fn new(shop: &str, store: Store, env: Env, policy: RetryPolicy) -> Engine {
        let link = Link::new(policy);
        let shop = shop.to_owned();
        Engine {
            shop,
            store,
            env,
            policy,
            link,
            in_flight: HashSet::new(),
            alone: None,
            drain: 0,
            last_error: None,
        }
    }

    /// The link's state.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Whether an operation is on its way right now.
    pub(crate) fn is_in_flight(&self, operation: &str) -> bool {
        self.in_flight.contains(operation)
    }

    /// Takes in an event, and says what to do about it.
    pub fn step(&mut self, event: Event) -> Result<Vec<Call>> {
        let ended = match &event {
            Event::Network { up: false } | Event::Suspended => true,
            Event::Network { up: true }
            | Event::Resumed
            | Event::Wrote
            | Event::Asked
            | Event::Tick
            | Event::NothingToSend
            | Event::Sent { .. }
            | Event::Answered(_)
            | Event::TokenRefreshed
            | Event::SignedIn => false,
        };
        if ended {
            self.in_flight.clear();
        }
        let mut calls = Vec::new();
        for effect in self.turn(event) {
            self.carry_out(effect, &mut calls)?;
        }
        Ok(calls)
    }

    fn turn(&mut self, event: Event) -> Vec<Effect> {
        let now = self.env.clock.awake_and_asleep();
        let (link, effects) = transition(&self.policy, self.link.clone(), event, now);
        self.link = link;
        effects
    }

    fn carry_out(&mut self, effect: Effect, calls: &mut Vec<Call>) -> Result<()> {
        match effect {
            Effect::Send { operations } => self.send(operations, calls)?,
            Effect::ParkAlone => self.park_in_flight()?,
            Effect::RefreshToken => calls.push(Call::RefreshToken),
            Effect::WakeAt { at } => calls.push(Call::WakeAt(at)),
        }
        Ok(())
    }

    fn send(&mut self, operations: usize, calls: &mut Vec<Call>) -> Result<()> {
        let limits = BatchLimits { operations, ..BatchLimits::default() };
        let batch = self.store.write(|tx| {
            let batch = outbox::next_batch(tx, limits)?;
            outbox::freeze(tx, &batch)?;
            Ok(batch)
        })?;
        let (pending, _) = self.store.queue_length();
        if batch.operations.is_empty() {
            self.drain = 0;
            self.turn(Event::NothingToSend);
            return Ok(());
        }
        self.drain = self.drain.max(pending);
        self.in_flight = batch.operations.iter().map(|operation| operation.id.clone()).collect();
        let alone = batch.is_alone();
        let first = batch.operations.first().map(|operation| operation.id.clone()).filter(|_| alone);
        if first != self.alone {
            self.link.alone = 0;
        }
        self.alone = first;
        self.turn(Event::Sent { operations: batch.operations.len(), alone });
        calls.push(Call::Push(self.request(batch, pending)?));
        Ok(())
    }

    fn request(&self, batch: Batch, unsent: u64) -> Result<PushRequest> {
        let raw = |body: String| RawValue::from_string(body).map_err(|_| Error::DAMAGED);
        let ops = batch.operations.into_iter().map(|operation| raw(operation.body)).collect::<Result<_>>()?;
        self.store.read(|reader| {
            Ok(PushRequest {
                shop: self.shop.clone(),
                device: reader.fact("install")?.unwrap_or_default(),
                generation: reader.fact("generation")?.and_then(|text| text.parse().ok()).unwrap_or(0),
                epoch: reader.fact("epoch")?.unwrap_or_default(),
                unsent,
                acked: reader.fact("cursor")?.and_then(|text| text.parse().ok()).unwrap_or(0),
                ops,
            })
        })
    }

    /// A push came back: with receipts, or with what the transport made of the failure.
    pub fn pushed(&mut self, answer: Result<PushAnswer, Answer>) -> Result<Vec<Call>> {
        if !self.link.is_sending() {
            // Late news of a push that was given up still settles what it names.
            if let Ok(answer) = &answer {
                self.take_receipts(answer)?;
            }
            return Ok(Vec::new());
        }
        let ended = match &answer {
            Ok(answer) => {
                self.take_receipts(answer)?;
                Answer::Receipts
            }
            Err(failure) => *failure,
        };
        self.last_error = match ended {
            Answer::Receipts | Answer::Busy { .. } | Answer::TooLong | Answer::Limited { .. } => None,
            Answer::Unauthorised => Some("signed_out"),
            Answer::NotTaken => Some("unprocessable"),
            Answer::NoAnswer => Some("unreachable"),
        };
        let calls = self.step(Event::Answered(ended))?;
        if !self.link.is_sending() {
            self.in_flight.clear();
        }
        Ok(calls)
    }

    fn take_receipts(&mut self, answer: &PushAnswer) -> Result<()> {
        let now = self.env.now();
        let mut unanswered = self.in_flight.clone();
        self.store.write(|tx| {
            for receipt in &answer.receipts {
                outbox::settle(tx, receipt)?;
                if receipt.outcome != Outcome::Held {
                    unanswered.remove(&receipt.id);
                }
            }
            for id in &unanswered {
                outbox::count_unanswered(tx, id, self.policy.retries)?;
            }
            let cursor = tx.fact("cursor")?.and_then(|text| text.parse().ok()).unwrap_or(0);
            outbox::cover(tx, cursor)?;
            if let Some(epoch) = tx.fact("epoch")? {
                outbox::forget_safe(tx, &epoch, answer.safe_through)?;
            }
            tx.set_fact("answered_at", &now.to_string())
        })?;
        if self.store.queue_length().0 == 0 {
            self.store.write(|tx| tx.set_fact("last_synced_at", &now.to_string()))?;
        }
        Ok(())
    }

    /// The operation that stands alone cannot be taken: it waits for a person or a new version.
    fn park_in_flight(&mut self) -> Result<()> {
        let in_flight = std::mem::take(&mut self.in_flight);
        self.store.write(|tx| in_flight.iter().try_for_each(|id| outbox::park_unprocessable(tx, id)))
    }

    /// What a person sees.
    pub fn state(&self) -> Result<SyncState> {
        let (pending, parked) = self.store.queue_length();
        let sql = "SELECT count(*) FROM conflicts WHERE open";
        let (conflicts, synced) = self.store.read(|reader| {
            Ok((
                reader.one(sql, [], |row| row.get::<_, i64>(0))?.unwrap_or(0),
                reader.fact("last_synced_at")?,
            ))
        })?;
        let reachable = self.link.is_reachable();
        let signed_out = (self.link.session == Session::Refused).then_some("signed_out");
        #[allow(clippy::cast_precision_loss, reason = "a bar on a screen")]
        let progress =
            if self.drain == 0 { 1.0 } else { 1.0 - (pending.min(self.drain) as f64 / self.drain as f64) };
        Ok(SyncState {
            online: self.link.online,
            reachable,
            syncing: self.link.is_sending(),
            progress,
            pending,
            failed: if reachable { parked } else { parked + pending },
            conflicts: u64::try_from(conflicts).unwrap_or(0),
            last_synced_at: synced.and_then(|text| text.parse().ok()).map(time_from_ms),
            last_error: signed_out.or(self.last_error).map(str::to_owned),
        })
    }
}

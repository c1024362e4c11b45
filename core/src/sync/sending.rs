//! Sending: which operations go next and how they are frozen, and what becomes of them once the server answered.

use super::catch_up::{self, Reception};
use super::engine::{Call, Engine};
use super::parked::tell_parked;
use super::place;
use super::state::{Answer, Event};
use super::wire::{PushAnswer, PushRequest};
use crate::error::{Error, Result};
use crate::flags;
use crate::journal::{SyncEvent, SyncKind};
use crate::news;
use crate::outbox::{self, Batch, BatchLimits, Outcome, Receipt};
use serde_json::value::RawValue;
use std::collections::HashSet;

impl Engine {
    pub(super) fn send(&mut self, operations: usize, calls: &mut Vec<Call>) -> Result<()> {
        let limits = BatchLimits { operations, ..BatchLimits::default() };
        let (seal, prepared) = (self.seal.clone(), self.prepared.take());
        let batch = self.write(|tx, _| {
            if let Some(key) = &seal {
                let batch = outbox::next_sealed(tx, key, limits)?;
                if !batch.operations.is_empty() {
                    return Ok(batch);
                }
            }
            if outbox::is_resending(tx)? {
                let batch = outbox::next_resend(tx, limits)?;
                if !batch.operations.is_empty() {
                    return Ok(batch);
                }
                outbox::end_resend(tx)?;
            }
            if let Some(batch) = prepared.filter(|batch| batch.operations.len() <= operations)
                && outbox::is_frozen(tx, &batch)?
            {
                return Ok(batch);
            }
            let batch = outbox::next_batch(tx, limits)?;
            outbox::freeze(tx, &batch)?;
            Ok(batch)
        })?;
        let (pending, _) = self.store.queue_length();
        if batch.operations.is_empty() {
            self.drain = 0;
            return self.follow(Event::NothingToSend, calls);
        }
        self.drain = self.drain.max(pending);
        self.in_flight = batch.ids();
        let alone = batch.is_alone();
        let first = batch.operations.first().map(|operation| operation.id.clone()).filter(|_| alone);
        if first != self.alone {
            self.link.alone = 0;
        }
        self.alone = first;
        self.follow(Event::Sent { operations: batch.operations.len(), alone }, calls)?;
        let left = pending.saturating_sub(batch.operations.len() as u64);
        calls.push(Call::Push(self.request(batch, left)?));
        Ok(())
    }

    /// The push after the one that is on its way, if there is one that does not hang on that one's receipts. A driver
    /// may send it as soon as those are there, and take them in while the server has it: it is what comes next.
    pub(crate) fn push_after(&mut self) -> Result<Option<PushRequest>> {
        let (pending, _) = self.store.queue_length();
        let sent = self.in_flight.len();
        let left = pending.saturating_sub(sent as u64);
        let well = self.link.is_sending() && self.link.is_reachable() && self.link.failures == 0;
        if !well || left == 0 || self.seal.is_some() {
            return Ok(None);
        }
        let limits = BatchLimits { operations: self.link.batch, ..BatchLimits::default() };
        let in_flight = self.in_flight.clone();
        let batch = self.write(|tx, _| {
            if outbox::is_resending(tx)? {
                return Ok(Batch::default());
            }
            let batch = outbox::batch_after(tx, limits, &in_flight)?;
            outbox::freeze(tx, &batch)?;
            Ok(batch)
        })?;
        if batch.operations.is_empty() {
            return Ok(None);
        }
        self.prepared = Some(batch.clone());
        let left = left.saturating_sub(batch.operations.len() as u64);
        self.request(batch, left).map(Some)
    }

    fn request(&self, batch: Batch, unsent: u64) -> Result<PushRequest> {
        let raw = |body: String| RawValue::from_string(body).map_err(|_| Error::damaged());
        let ops = batch.operations.into_iter().map(|operation| raw(operation.body)).collect::<Result<_>>()?;
        self.store.read(|reader| {
            Ok(PushRequest {
                shop: self.shop.clone(),
                device: place::device(reader)?,
                generation: u64::try_from(reader.number("generation")?).unwrap_or(0),
                epoch: place::epoch(reader)?,
                unsent,
                acked: reader.number("cursor")?,
                ops,
            })
        })
    }

    /// A push came back: with receipts, or with what the transport made of the failure.
    pub(crate) fn pushed(&mut self, answer: Result<PushAnswer, Answer>) -> Result<Vec<Call>> {
        if let Ok(answer) = &answer {
            let current = self.store.read(place::epoch)?;
            if !answer.epoch.is_empty() && answer.epoch != current {
                // Those commits are of another history: what they held may be lost there.
                return Ok(Vec::new());
            }
            let mine = |receipt: &Receipt| self.in_flight.contains(&receipt.id);
            let others = !answer.receipts.is_empty() && !answer.receipts.iter().any(mine);
            if !self.link.is_sending() || others {
                // Late news of a push that was given up still settles what it names.
                self.take_receipts(answer, HashSet::new())?;
                return Ok(Vec::new());
            }
        } else if !self.link.is_sending() {
            return Ok(Vec::new());
        }
        let ended = match &answer {
            Ok(answer) => {
                self.take_receipts(answer, self.in_flight.clone())?;
                Answer::Receipts
            }
            Err(failure) => {
                // What went before it goes again first.
                self.prepared = None;
                *failure
            }
        };
        let calls = self.answered(ended)?;
        if !self.link.is_sending() {
            self.in_flight.clear();
        }
        Ok(calls)
    }

    fn take_receipts(&mut self, answer: &PushAnswer, mut unanswered: HashSet<String>) -> Result<()> {
        let (now, took, notices) = (self.env.now(), self.took(), self.flags.is_on(flags::NOTICES));
        let retries = self.policy.retries;
        self.write_again(|tx, journal| {
            let parked = news::parked(tx)?;
            let mut pushed = SyncEvent::new(now, SyncKind::Pushed).took(took);
            let mut reception = Reception { now, me: None, notices, journal: &mut *journal };
            let mut taken_back = false;
            for receipt in &answer.receipts {
                pushed = pushed.count(receipt.outcome.word(), 1);
                if !catch_up::settle(tx, receipt, &mut reception)? && !outbox::take_sealed(tx, receipt, now)?
                {
                    taken_back |= outbox::take_again(tx, receipt)?;
                }
                if receipt.outcome != Outcome::Held {
                    unanswered.remove(&receipt.id);
                }
            }
            for id in &unanswered {
                outbox::count_unanswered(tx, id, retries)?;
            }
            journal.note(pushed);
            if taken_back && !catch_up::is_loading(tx)? {
                outbox::bring_back(tx)?;
            }
            tell_parked(tx, journal, &parked, now, notices)?;
            outbox::cover(tx, tx.number("cursor")?)?;
            outbox::forget_safe(tx, &place::epoch(tx)?, answer.safe_through)
        })?;
        self.note_synced()
    }

    /// The operation that stands alone cannot be taken: it waits for a person or a new version.
    pub(super) fn park_in_flight(&mut self) -> Result<()> {
        let in_flight = std::mem::take(&mut self.in_flight);
        let (now, notices) = (self.env.now(), self.flags.is_on(flags::NOTICES));
        self.write(|tx, journal| {
            let parked = news::parked(tx)?;
            for id in &in_flight {
                if !outbox::erase_sealed(tx, id, "unprocessable", None, now)? {
                    outbox::park_unprocessable(tx, id)?;
                }
            }
            tell_parked(tx, journal, &parked, now, notices)
        })
    }
}

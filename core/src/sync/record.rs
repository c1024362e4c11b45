//! What the engine writes down about itself: its journal goes with the transactions that it makes anyway.

use super::engine::Engine;
use super::state::{Answer, Effect, Event, Live};
use crate::error::Result;
use crate::flags::{self, Flags};
use crate::journal::{Journal, NetworkCall, SyncEvent, SyncKind};
use crate::store::{Reader, Store, Tx, nothing_done};

/// What a transaction notes that comes to nothing has not happened either: the journal is a copy until the commit.
fn noted<T>(
    tx: &Tx<'_>,
    journal: &mut Journal,
    work: impl FnOnce(&Tx<'_>, &mut Journal) -> Result<T>,
) -> Result<T> {
    let done = work(tx, journal)?;
    journal.write(tx)?;
    Ok(done)
}

/// What is done in a transaction.
type Work<'a> = &'a mut dyn FnMut(&Tx<'_>, &mut Journal) -> Result<()>;
/// How the store makes it.
type Write = fn(&Store, &mut dyn FnMut(&Tx<'_>) -> Result<()>) -> Result<()>;

impl Engine {
    /// One transaction of the engine's. What the journal gathered goes with it.
    pub(super) fn write<T>(&mut self, work: impl FnOnce(&Tx<'_>, &mut Journal) -> Result<T>) -> Result<T> {
        self.write_with(|store, all| store.write(all), work)
    }

    /// The same for what the server said and would say again: it does not wait for the disk.
    pub(super) fn write_again<T>(
        &mut self,
        work: impl FnOnce(&Tx<'_>, &mut Journal) -> Result<T>,
    ) -> Result<T> {
        self.write_with(|store, all| store.write_again(all), work)
    }

    fn write_with<T>(
        &mut self,
        write: Write,
        work: impl FnOnce(&Tx<'_>, &mut Journal) -> Result<T>,
    ) -> Result<T> {
        let (mut work, mut done) = (Some(work), None);
        self.write_noted(write, &mut |tx, journal| {
            if let Some(work) = work.take() {
                done = Some(work(tx, journal)?);
            }
            Ok(())
        })?;
        done.ok_or_else(nothing_done)
    }

    // Behind a pointer, as the store has it.
    fn write_noted(&mut self, write: Write, work: Work<'_>) -> Result<()> {
        let mut journal = self.journal.clone();
        write(&self.store, &mut |tx| noted(tx, &mut journal, &mut *work))?;
        self.journal.clear();
        Ok(())
    }

    /// The same in a ready file that moves into the place of the database, if it may.
    pub(super) fn exchange<T>(
        &mut self,
        may: impl FnOnce(&Reader<'_>) -> Result<bool>,
        work: impl FnOnce(&Tx<'_>, &mut Journal) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut journal = self.journal.clone();
        let done = self.store.move_in(may, |tx| noted(tx, &mut journal, work))?;
        if done.is_some() {
            self.journal.clear();
        }
        Ok(done)
    }

    /// Writes what was gathered, if anything was: where it is about to be read, or the app may end.
    pub(crate) fn write_journal(&mut self) -> Result<()> {
        if self.journal.is_empty() {
            return Ok(());
        }
        self.write(|_, _| Ok(()))
    }

    /// Calls to the server have ended.
    pub(crate) fn note_calls(&mut self, calls: Vec<NetworkCall>) {
        calls.into_iter().for_each(|call| self.journal.note_call(call));
    }

    /// The shop's flags may be others now.
    pub(super) fn read_flags(&mut self, me: Option<&str>) -> Result<()> {
        self.flags = self.store.read(|reader| Flags::of(reader, me))?;
        self.link.realtime = self.flags.is_on(flags::REALTIME);
        self.policy = self.own_policy;
        // A policy that never polls stays one: whoever chose it is told when there is news.
        if let Some(ms) = self.flags.poll_ms() {
            self.policy.poll_alone_ms = self.policy.poll_alone_ms.and(Some(ms));
            self.policy.poll_ms = self.policy.poll_ms.and(Some(ms.max(self.policy.poll_ms.unwrap_or(ms))));
        }
        Ok(())
    }

    /// Notes what was told from outside.
    pub(super) fn note_event(&mut self, event: &Event) {
        let clock = self.env.clock.awake_and_asleep();
        let kind = match event {
            Event::Network { up } => {
                let changed = self.link.online != *up || (!up && self.offline_since.is_none());
                match up {
                    true => self.count_offline(clock),
                    false => self.offline_since = self.offline_since.or(Some(clock)),
                }
                match (changed, up) {
                    (false, _) => return,
                    (true, true) => SyncKind::NetworkUp,
                    (true, false) => SyncKind::NetworkDown,
                }
            }
            Event::Suspended => {
                self.count_offline(clock);
                SyncKind::Suspended
            }
            Event::Resumed => {
                if !self.link.online {
                    self.offline_since = Some(clock);
                }
                SyncKind::Resumed
            }
            Event::Joined => SyncKind::Joined,
            Event::Left => match self.link.live {
                Live::Joining { .. } | Live::Joined => SyncKind::Left,
                Live::Off | Live::Waiting { .. } => return,
            },
            Event::Wrote
            | Event::Asked
            | Event::Tick
            | Event::NothingToSend
            | Event::Sent { .. }
            | Event::Answered(_)
            | Event::TokenRefreshed
            | Event::TokenRefused
            | Event::SignedIn
            | Event::Renamed
            | Event::RangeWanted { .. }
            | Event::Poked => return,
        };
        self.journal.note(SyncEvent::new(self.env.now(), kind));
    }

    fn count_offline(&mut self, clock: i64) {
        if let Some(since) = self.offline_since.take() {
            self.journal.note_offline(self.env.now(), clock.saturating_sub(since));
        }
    }

    /// Something is asked of the server from now on, or nothing is.
    pub(super) fn note_asking(&mut self, effect: Effect) {
        match effect {
            Effect::Open | Effect::Send { .. } | Effect::Pull | Effect::FetchRange => {
                self.asked_at = Some(self.env.clock.awake_and_asleep());
                if self.link.failures > 0 {
                    let tries = usize::try_from(self.link.failures).unwrap_or(usize::MAX);
                    let event = SyncEvent::new(self.env.now(), SyncKind::Retried);
                    self.journal.note(event.count("failures", tries));
                }
            }
            Effect::NewIdentity
            | Effect::LeaveShop
            | Effect::ParkAlone
            | Effect::RefreshToken
            | Effect::Join
            | Effect::Leave
            | Effect::WakeAt { .. } => {}
        }
    }

    /// How long the request took that was just answered.
    pub(super) fn took(&self) -> Option<i64> {
        self.asked_at.map(|asked| self.env.clock.awake_and_asleep().saturating_sub(asked))
    }

    /// Notes an answer that is none.
    pub(super) fn note_failure(&mut self, answer: Answer) {
        let code = match answer {
            Answer::Opened | Answer::Receipts | Answer::Page { .. } | Answer::Reset => return,
            Answer::Busy { .. } => "busy",
            Answer::TooLong => "too_long",
            Answer::Limited { .. } => "limited",
            Answer::Unauthorised => "unauthorised",
            Answer::NoSession => "no_session",
            Answer::OtherEpoch => "other_epoch",
            Answer::NoShop => "no_shop",
            Answer::NotTaken => "unprocessable",
            Answer::NoAnswer => "unreachable",
        };
        let event = SyncEvent::new(self.env.now(), SyncKind::Failed).code(code).took(self.took());
        self.journal.note(event);
    }
}

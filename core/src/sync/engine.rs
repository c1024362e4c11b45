//! Carries out what [`transition`] decides: chooses and freezes batches, takes in receipts and pages, says which calls
//! to make.

use super::catch_up::{self, Reception, Taken};
use super::parked::tell_parked;
use super::place;
use super::state::{Answer, Effect, Event, Link, Phase, RetryPolicy, Session};
use super::stretches;
use super::transition;
use super::wire::{
    Cursor, OpenAnswer, OpenRequest, PullAnswer, PullRequest, PushRequest, RangeAnswer, RangeRequest,
    SnapshotRequest, Standing, Wanted,
};
use crate::env::Env;
use crate::error::Result;
use crate::flags::{self, Flags};
use crate::journal::{Journal, SyncEvent, SyncKind};
use crate::news;
use crate::outbox::{self, Batch};
use crate::schema::time_from_ms;
use crate::seal::Key;
use crate::store::Store;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashSet;

/// Something for the driver to do.
#[derive(Debug)]
pub enum Call {
    /// Begin the device's session, and come back with [`Shop::opened`](crate::Shop::opened).
    Open(OpenRequest),
    /// The account is no member of the shop any more: what it may not hold goes. The shop does it itself.
    LeaveShop,
    /// Take a new identity, and come back with [`Event::Renamed`]. The shop does it itself; no driver sees it.
    TakeNewIdentity,
    /// Send this, and come back with [`Shop::pushed`](crate::Shop::pushed).
    Push(PushRequest),
    /// Ask what changed, and come back with [`Shop::pulled`](crate::Shop::pulled).
    Pull(PullRequest),
    /// Ask for rows that this device may newly hold, and come back with [`Shop::ranged`](crate::Shop::ranged).
    Range(RangeRequest),
    /// Ask for a snapshot, fetch it to [`Shop::landing`](crate::Shop::landing), and come back with
    /// [`Shop::landed`](crate::Shop::landed).
    Snapshot(SnapshotRequest),
    /// Get a new token, and come back with [`Event::TokenRefreshed`], [`Event::TokenRefused`], or, where nobody
    /// answered, [`Event::Answered`].
    RefreshToken,
    /// Join the shop's channel. Come back with [`Event::Joined`], [`Event::Left`] and [`Shop::poked`](crate::Shop::poked).
    Join,
    /// Leave it.
    Leave,
    /// Come back with [`Event::Tick`] at this moment of the clock that counts sleep, and at no earlier one.
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
    /// How much is done, 0 to 1: of a first load, else of the queue that was there when it began to drain.
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
    pub(super) shop: String,
    pub(super) store: Store,
    pub(super) env: Env,
    pub(super) policy: RetryPolicy,
    pub(super) link: Link,
    pub(super) in_flight: HashSet<String>,
    // What goes after those, frozen already.
    pub(super) prepared: Option<Batch>,
    // What opens the sealed operations, while there are any.
    pub(super) seal: Option<Key>,
    // Whose attempts the link counts while one stands alone.
    pub(super) alone: Option<String>,
    // How many operations waited when the queue began to drain.
    pub(super) drain: u64,
    last_error: Option<&'static str>,
    pub(super) journal: Journal,
    // How often to poll unless the shop says otherwise.
    pub(super) own_policy: RetryPolicy,
    pub(super) flags: Flags,
    // When the request that is on its way left, by the clock that counts sleep.
    pub(super) asked_at: Option<i64>,
    // Since when there is no network, by the same clock.
    pub(super) offline_since: Option<i64>,
}

impl Engine {
    /// An engine over a shop's store.
    pub(crate) fn new(shop: &str, store: Store, env: Env, policy: RetryPolicy, journal: Journal) -> Engine {
        let link = Link::new(policy);
        let shop = shop.to_owned();
        Engine {
            shop,
            store,
            env,
            policy,
            link,
            in_flight: HashSet::new(),
            prepared: None,
            seal: None,
            alone: None,
            drain: 0,
            last_error: None,
            journal,
            own_policy: policy,
            flags: Flags::default(),
            asked_at: None,
            offline_since: None,
        }
    }

    /// The link's state.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// There are sealed operations to send, and this opens them.
    pub(crate) fn set_seal(&mut self, key: Key) {
        self.seal = Some(key);
        self.link.work = true;
    }

    /// Whether an operation is on its way right now.
    pub(crate) fn is_in_flight(&self, operation: &str) -> bool {
        self.in_flight.contains(operation)
    }

    /// Takes in an event, and says what to do about it.
    pub fn step(&mut self, event: Event) -> Result<Vec<Call>> {
        if matches!(event, Event::Network { up: false } | Event::Suspended) {
            self.in_flight.clear();
        }
        if matches!(event, Event::Network { up: false } | Event::Suspended | Event::Resumed) {
            // What went before it may have to go again, and goes first.
            self.prepared = None;
        }
        self.note_event(&event);
        let suspended = event == Event::Suspended;
        let mut calls = Vec::new();
        self.follow(event, &mut calls)?;
        if suspended && let Err(error) = self.write_journal() {
            // The app may be ended in the background; nobody is kept waiting for a log.
            log::warn!("the journal could not be written: {}", error.code());
        }
        Ok(calls)
    }

    pub(super) fn follow(&mut self, event: Event, calls: &mut Vec<Call>) -> Result<()> {
        let now = self.env.clock.awake_and_asleep();
        let (link, effects) = transition(&self.policy, self.link.clone(), event, now);
        self.link = link;
        effects.into_iter().try_for_each(|effect| self.carry_out(effect, calls))
    }

    fn carry_out(&mut self, effect: Effect, calls: &mut Vec<Call>) -> Result<()> {
        self.note_asking(effect);
        match effect {
            Effect::Open => calls.push(Call::Open(self.open_request()?)),
            Effect::LeaveShop => calls.push(Call::LeaveShop),
            Effect::NewIdentity => calls.push(Call::TakeNewIdentity),
            Effect::Send { operations } => self.send(operations, calls)?,
            Effect::Pull => calls.push(Call::Pull(self.pull_request()?)),
            Effect::FetchRange => {
                if let Some(request) = self.snapshot_request()? {
                    calls.push(Call::Snapshot(request));
                    return Ok(());
                }
                let limit = self.policy.page;
                match self.store.read(|reader| catch_up::range_request(reader, &self.shop, limit))? {
                    Some(request) => calls.push(Call::Range(request)),
                    None => self.follow(Event::Answered(Answer::Page { more: false }), calls)?,
                }
            }
            Effect::ParkAlone => self.park_in_flight()?,
            Effect::RefreshToken => calls.push(Call::RefreshToken),
            Effect::Join => calls.push(Call::Join),
            Effect::Leave => calls.push(Call::Leave),
            Effect::WakeAt { at } => calls.push(Call::WakeAt(at)),
        }
        Ok(())
    }

    /// What this device asks next about what changed.
    pub(crate) fn pull_request(&self) -> Result<PullRequest> {
        self.store.read(|reader| catch_up::pull_request(reader, &self.shop, self.policy.page))
    }

    /// A first load begins with a snapshot, unless it could not be fetched twice: ranges go on where they broke off.
    fn snapshot_request(&self) -> Result<Option<SnapshotRequest>> {
        if !self.policy.snapshots || self.link.failures > 1 {
            return Ok(None);
        }
        self.store.read(|reader| catch_up::snapshot_request(reader, &self.shop))
    }

    /// The shop that this is the sync of.
    pub(super) fn shop(&self) -> &str {
        &self.shop
    }

    /// What this device says to begin a session. Every try of one session says the same.
    fn open_request(&mut self) -> Result<OpenRequest> {
        let (shop, env) = (self.shop.clone(), self.env.clone());
        self.write(|tx, _| {
            let attempt = match tx.fact("attempt")? {
                Some(attempt) => attempt,
                None => {
                    let attempt = env.new_id();
                    tx.set_fact("attempt", &attempt)?;
                    attempt
                }
            };
            let left = "SELECT coalesce(sum(last - next + 1), 0) FROM leases WHERE next <= last";
            Ok(OpenRequest {
                shop,
                device: place::device(tx)?,
                generation: u64::try_from(tx.number("generation")?).unwrap_or(0),
                attempt,
                numbers_left: tx.one(left, [], |row| row.get(0))?.unwrap_or(0),
            })
        })
    }

    /// Whether an answer is the one that is waited for: of the attempt to begin a session that is on its way.
    pub(crate) fn is_awaited(&self, answer: &OpenAnswer) -> Result<bool> {
        let attempt = self.store.read(|reader| reader.fact("attempt"))?;
        let named = answer.attempt.is_empty() || attempt.as_ref() == Some(&answer.attempt);
        Ok(named && self.link.phase == Phase::Opening)
    }

    /// The device's session has begun, or not. What it brought for the device itself has been taken in before.
    pub(crate) fn opened(
        &mut self,
        answer: Result<&OpenAnswer, Answer>,
        me: Option<&str>,
    ) -> Result<Vec<Call>> {
        let answer = match answer {
            Err(failure) => return self.failed(failure),
            Ok(answer) => answer,
        };
        let now = self.env.now();
        let ahead = answer.now - now;
        let took = self.took();
        let gaps = self.write(|tx, journal| {
            journal.note(SyncEvent::new(now, SyncKind::SessionBegun).took(took));
            tx.drop_fact("attempt")?;
            tx.set_fact("server_ahead_ms", &ahead.to_string())?;
            let known = place::epoch(tx)?;
            tx.set_fact("epoch", &answer.epoch)?;
            if !known.is_empty() && known != answer.epoch {
                journal.note(SyncEvent::new(now, SyncKind::Reset).code("other_epoch"));
                // A restored server: first it gets back what it may have lost, then everything is fetched anew.
                outbox::begin_resend(tx, &answer.epoch)?;
                catch_up::begin_load(tx, true)?;
            }
            let gaps = catch_up::gaps(tx)?;
            if gaps.filling {
                journal.note(SyncEvent::new(now, SyncKind::LoadBegun));
            }
            Ok(gaps)
        })?;
        self.read_flags(me)?;
        (self.link.ranges, self.link.filling) = (gaps.ranges, gaps.filling);
        self.link.work = true;
        self.answered(Answer::Opened)
    }

    /// A request ended in a way that is the connection's or the server's.
    pub(super) fn failed(&mut self, failure: Answer) -> Result<Vec<Call>> {
        if self.link.is_asking() { self.answered(failure) } else { Ok(Vec::new()) }
    }

    pub(super) fn answered(&mut self, answer: Answer) -> Result<Vec<Call>> {
        self.last_error = match answer {
            Answer::Opened
            | Answer::Receipts
            | Answer::Page { .. }
            | Answer::Reset
            | Answer::Busy { .. }
            | Answer::TooLong
            | Answer::Limited { .. }
            | Answer::NoSession
            | Answer::OtherEpoch => None,
            Answer::Unauthorised => Some("signed_out"),
            Answer::NoShop => Some("no_shop"),
            Answer::NotTaken => Some("unprocessable"),
            Answer::NoAnswer => Some("unreachable"),
        };
        self.note_failure(answer);
        self.step(Event::Answered(answer))
    }

    /// A page of what changed came, or did not. Gives back what the account is in the shop, if the answer counts: one
    /// that nobody waited for any more may tell of an earlier role.
    pub(crate) fn pulled(
        &mut self,
        answer: Result<PullAnswer, Answer>,
        me: Option<String>,
    ) -> Result<(Vec<Call>, Option<Standing>)> {
        let answer = match answer {
            Err(failure) => return Ok((self.failed(failure)?, None)),
            Ok(answer) => answer,
        };
        let (now, took, notices) = (self.env.now(), self.took(), self.flags.is_on(flags::NOTICES));
        let person = me.clone();
        let (taken, follows) = self.write_again(|tx, journal| {
            let parked = news::parked(tx)?;
            let taken = catch_up::take_pull(tx, &answer, Reception { now, me, notices, journal })?;
            let event = |kind| SyncEvent::new(now, kind).took(took);
            match taken {
                Taken::Page { .. } => {
                    let rows = answer.rows.iter().map(|rows| rows.rows.len()).sum();
                    let pulled = event(SyncKind::Pulled).count("rows", rows);
                    journal.note(pulled.count("receipts", answer.receipts.len()));
                }
                Taken::Reset => journal.note(event(SyncKind::Reset)),
                Taken::Late => journal.note(event(SyncKind::Failed).code("late")),
            }
            tell_parked(tx, journal, &parked, now, notices)?;
            let whole = taken == (Taken::Page { more: false });
            Ok((taken, whole && stretches::follow(tx, now)?))
        })?;
        self.link.ranges |= follows;
        if taken == (Taken::Page { more: false }) {
            self.note_synced()?;
            self.read_flags(person.as_deref())?;
        }
        let standing = (taken != Taken::Late).then_some(answer.standing);
        Ok((self.paged(taken, Phase::Pulling)?, standing))
    }

    /// A page of a range came, or did not.
    pub(crate) fn ranged(&mut self, answer: Result<RangeAnswer, Answer>) -> Result<Vec<Call>> {
        match answer {
            Err(failure) => self.failed(failure),
            Ok(answer) => {
                let (now, took) = (self.env.now(), self.took());
                let taken = self.write_again(|tx, journal| {
                    let rows = answer.rows.iter().map(|rows| rows.rows.len()).sum();
                    journal.note(SyncEvent::new(now, SyncKind::Ranged).count("rows", rows).took(took));
                    catch_up::take_range(tx, &answer)
                })?;
                self.paged(taken, Phase::Ranging)
            }
        }
    }

    pub(super) fn paged(&mut self, taken: Taken, phase: Phase) -> Result<Vec<Call>> {
        if self.link.phase != phase {
            if taken == Taken::Reset {
                // Nobody waited for this answer any more, and yet everything is to be fetched anew.
                (self.link.ranges, self.link.filling, self.link.stale) = (true, false, true);
            }
            return Ok(Vec::new());
        }
        self.answered(match taken {
            Taken::Page { more } => Answer::Page { more },
            Taken::Reset => Answer::Reset,
            Taken::Late => Answer::NoAnswer,
        })
    }

    /// The server says that there is a commit. One that this device has seen already, mostly its own, is no news.
    pub(crate) fn poked(&mut self, head: &Cursor) -> Result<Vec<Call>> {
        let seen = self.store.read(place::Place::of)?.cursor;
        if seen.epoch == head.epoch && seen.n >= head.n { Ok(Vec::new()) } else { self.step(Event::Poked) }
    }

    /// Rows are wanted that this device may newly hold. They are asked for with the next thing that happens.
    pub(crate) fn note_wanted(&mut self, what: &Wanted) -> Result<()> {
        self.store.write(|tx| stretches::want(tx, what))?;
        self.link.ranges = true;
        Ok(())
    }

    /// Rows are wanted that this device may newly hold.
    pub(crate) fn want(&mut self, what: &Wanted) -> Result<Vec<Call>> {
        self.store.write(|tx| stretches::want(tx, what))?;
        self.step(Event::RangeWanted { filling: self.link.filling })
    }

    /// The server has everything that is here, and said so.
    pub(super) fn note_synced(&mut self) -> Result<()> {
        if self.store.queue_length().0 > 0 {
            return Ok(());
        }
        let now = self.env.now().to_string();
        self.write_again(|tx, _| tx.set_fact("last_synced_at", &now))
    }

    /// What a person sees.
    pub fn state(&self) -> Result<SyncState> {
        let (pending, parked) = self.store.queue_length();
        let sql = "SELECT count(*) FROM conflicts WHERE open";
        let (conflicts, synced, load, begins) = self.store.read(|reader| {
            let load = catch_up::load(reader)?;
            // A first load is what is being begun.
            let begins = load.is_none() && self.link.is_asking() && !catch_up::was_loaded(reader)?;
            Ok((
                reader.one(sql, [], |row| row.get::<_, i64>(0))?.unwrap_or(0),
                reader.fact("last_synced_at")?,
                load,
                begins,
            ))
        })?;
        let reachable = self.link.is_reachable();
        let standing = match self.link.session {
            Session::Refused => Some("signed_out"),
            Session::Outside => Some("no_shop"),
            Session::Good | Session::Refreshing | Session::Renewed => None,
        };
        #[allow(clippy::cast_precision_loss, reason = "a bar on a screen")]
        let part = |done: u64, of: u64| if of == 0 { 1.0 } else { done.min(of) as f64 / of as f64 };
        let progress = match load {
            Some(load) => load.of.map_or(0.0, |of| part(load.rows, of)),
            None if begins => 0.0,
            None => part(self.drain.saturating_sub(pending), self.drain),
        };
        Ok(SyncState {
            online: self.link.online,
            reachable,
            syncing: self.link.is_asking(),
            progress,
            pending,
            failed: if reachable { parked } else { parked + pending },
            conflicts: u64::try_from(conflicts).unwrap_or(0),
            last_synced_at: synced.and_then(|text| text.parse().ok()).map(time_from_ms),
            last_error: standing.or(self.last_error).map(str::to_owned),
        })
    }
}

//! What this device asks of a server and what it makes of the answers: sessions, pulls, checksums.

use super::numbers::Lease;
use super::{Shop, lock};
use crate::error::{Error, NotNow, Result};
use crate::outbox::content_hash;
use crate::schema::{Readers, Table};
use crate::sync::wire::{Cursor, OpenAnswer, PullAnswer, PullRequest, PushRequest, RangeAnswer, Wanted};
use crate::sync::{Answer, Call, Event, Landed, Place, PushAnswer, outside_windows, stretches};
use serde::Serialize;
use std::path::PathBuf;

/// One hash over what every member sees, at a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Checksum {
    /// The hash.
    pub hash: String,
    /// The commit that it is of.
    pub cursor: i64,
}

impl Shop {
    /// Tells the engine what happened, and gives back what is to be done about it.
    pub fn step(&self, event: Event) -> Result<Vec<Call>> {
        let calls = lock(&self.inner.engine).step(event)?;
        self.own_calls(calls)
    }

    /// The device's session has begun, or not.
    pub fn opened(&self, answer: Result<OpenAnswer, Answer>) -> Result<Vec<Call>> {
        let calls = match answer {
            Err(failure) => lock(&self.inner.engine).opened(Err(failure), None)?,
            Ok(answer) if !lock(&self.inner.engine).is_awaited(&answer)? => Vec::new(),
            Ok(answer) => {
                self.begin_session(answer.generation, &answer.code)?;
                let me = self.who().actor;
                let calls = lock(&self.inner.engine).opened(Ok(&answer), me.as_deref())?;
                if let Some((first, last)) = answer.lease {
                    self.add_lease(Lease { first, last })?;
                }
                self.take_standing(&answer.standing)?;
                calls
            }
        };
        self.own_calls(calls)
    }

    /// A push was answered, or was not.
    pub fn pushed(&self, answer: Result<PushAnswer, Answer>) -> Result<Vec<Call>> {
        let calls = lock(&self.inner.engine).pushed(answer)?;
        self.own_calls(calls)
    }

    /// The push after the one that is on its way, if there is one that does not hang on that one's receipts. A driver may
    /// send it as soon as those are there, and take them in meanwhile: it is the next [`Call::Push`].
    pub fn push_after(&self) -> Result<Option<PushRequest>> {
        lock(&self.inner.engine).push_after()
    }

    /// What would be asked now about what changed: after a push, a driver may ask it while the receipts are taken in.
    pub(crate) fn next_pull(&self) -> Result<PullRequest> {
        lock(&self.inner.engine).pull_request()
    }

    /// A page of what changed came, or did not.
    pub fn pulled(&self, answer: Result<PullAnswer, Answer>) -> Result<Vec<Call>> {
        let me = self.who().actor;
        let (calls, standing) = lock(&self.inner.engine).pulled(answer, me)?;
        standing.map_or(Ok(()), |standing| self.take_standing(&standing))?;
        self.own_calls(calls)
    }

    /// A page of a range came, or did not.
    pub fn ranged(&self, answer: Result<RangeAnswer, Answer>) -> Result<Vec<Call>> {
        let calls = lock(&self.inner.engine).ranged(answer)?;
        self.own_calls(calls)
    }

    /// Where a snapshot is put that was fetched.
    pub fn landing(&self) -> PathBuf {
        self.store().landing()
    }

    /// A snapshot came and lies at [`landing`](Shop::landing), or it did not come.
    pub fn landed(&self, landed: Result<Landed, Answer>) -> Result<Vec<Call>> {
        let calls = lock(&self.inner.engine).landed(landed)?;
        self.own_calls(calls)
    }

    /// The server says that there is a commit.
    pub fn poked(&self, head: &Cursor) -> Result<Vec<Call>> {
        lock(&self.inner.engine).poked(head)
    }

    /// Asks for rows that are not here: a closed ticket, a table that a new role may see.
    pub fn want(&self, what: &Wanted) -> Result<Vec<Call>> {
        lock(&self.inner.engine).want(what)
    }

    /// Whether there is nothing to send and nothing to fetch, as far as this device knows.
    pub fn is_caught_up(&self) -> bool {
        lock(&self.inner.engine).link().is_done()
    }

    /// What the engine asks of the shop itself. No driver sees it.
    fn own_calls(&self, calls: Vec<Call>) -> Result<Vec<Call>> {
        let mut rest = Vec::with_capacity(calls.len());
        for call in calls {
            if matches!(call, Call::TakeNewIdentity) {
                self.take_new_identity()?;
                rest.extend(lock(&self.inner.engine).step(Event::Renamed)?);
            } else if matches!(call, Call::LeaveShop) {
                self.leave()?;
            } else {
                rest.push(call);
            }
        }
        Ok(rest)
    }

    /// Notes what [`want`](Shop::want) would ask for, to be asked with the next thing that happens.
    pub fn note_wanted(&self, what: &Wanted) -> Result<()> {
        lock(&self.inner.engine).note_wanted(what)
    }

    /// Whether everything of a table that came to its end between two moments is on this device, because it lies within
    /// the window or was fetched. What has no window is here.
    pub fn has_between(&self, table: &str, from: i64, until: i64) -> Result<bool> {
        let (table, now) = (self.table(table)?, self.env().now());
        self.read(|reader| stretches::is_here(reader, table, (from, until), now))
    }

    /// The id of this installation's file, as the server and the other devices know it.
    pub fn device(&self) -> Result<String> {
        Ok(self.read(|reader| reader.fact("install"))?.unwrap_or_default())
    }

    /// How far this device has seen the shop.
    pub fn cursor(&self) -> Result<Cursor> {
        Ok(self.read(Place::of)?.cursor)
    }

    /// One hash over the rows that every member sees, within the schema's own windows: equal on equal replicas at one
    /// cursor. An error while operations are unsettled.
    pub fn checksum(&self) -> Result<Checksum> {
        self.read(|reader| {
            if reader
                .one("SELECT 1 FROM outbox UNION ALL SELECT 1 FROM sealed LIMIT 1", [], |_| Ok(()))?
                .is_some()
            {
                return Err(Error::not_now(NotNow::Unanswered));
            }
            let mut hashes = String::new();
            let public = |table: &&'static Table| table.readers == Readers::Members;
            for table in reader.schema().all_tables().filter(public) {
                let inside = format!(
                    "WHERE deleted_at IS NULL AND ({}) IS NOT TRUE ORDER BY id",
                    outside_windows(reader, table, self.env().now())?
                );
                reader.each_row(table, &inside, [], |row| {
                    hashes += &content_hash(&row.to_canonical_text());
                    Ok(true)
                })?;
            }
            Ok(Checksum { hash: content_hash(&hashes), cursor: Place::of(reader)?.cursor.n })
        })
    }
}

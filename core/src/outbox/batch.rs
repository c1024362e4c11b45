//! Choosing what goes next, and freezing it before its first byte leaves.

use super::operation::{Kind, State};
use super::{ENTRY, Entry, group_of};
use crate::error::Result;
use crate::store::{Reader, Tx};
use std::collections::HashSet;

/// How much goes in one push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// At most that many operations; a group larger than that still goes whole.
    pub operations: usize,
    /// At most that many bytes of bodies.
    pub bytes: usize,
}

impl Default for BatchLimits {
    fn default() -> Self {
        BatchLimits { operations: 500, bytes: 512 * 1024 }
    }
}

/// One operation, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sendable {
    /// Its id.
    pub id: String,
    /// The group it goes with.
    pub group: Option<String>,
    /// What is sent, to the byte.
    pub body: String,
}

/// Operations that go in one push, in order, groups whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The operations.
    pub operations: Vec<Sendable>,
}

impl Batch {
    /// The ids of its operations.
    pub(crate) fn ids(&self) -> HashSet<String> {
        self.operations.iter().map(|operation| operation.id.clone()).collect()
    }

    /// Whether it is one operation, or one group, and so cannot be made smaller.
    pub fn is_alone(&self) -> bool {
        match self.operations.as_slice() {
            [] | [_] => true,
            [first, rest @ ..] => first.group.is_some() && rest.iter().all(|next| next.group == first.group),
        }
    }
}

/// What has been chosen so far, and what must not be chosen.
#[derive(Default)]
struct Choice<'a> {
    // On their way with the push before.
    sent: Option<&'a HashSet<String>>,
    lanes: bool,
    taken: Vec<Entry>,
    bytes: usize,
    taken_ids: HashSet<String>,
    held_ids: HashSet<String>,
    held_rows: HashSet<String>,
}

/// The next operations to send: people's before imports, each row's in order, none before what it needs, and
/// nothing that stands behind a parked one.
pub(crate) fn next_batch(reader: &Reader<'_>, limits: BatchLimits) -> Result<Batch> {
    choose(reader, limits, None)
}

/// The operations to send after those that are on their way: none of the same rows, and none that needs one of them.
pub(crate) fn batch_after(reader: &Reader<'_>, limits: BatchLimits, sent: &HashSet<String>) -> Result<Batch> {
    choose(reader, limits, Some(sent))
}

fn choose(reader: &Reader<'_>, limits: BatchLimits, sent: Option<&HashSet<String>>) -> Result<Batch> {
    let imports = "SELECT 1 FROM outbox WHERE lane > 0 AND state <> 'accepted' LIMIT 1";
    let lanes = reader.one(imports, [], |_| Ok(()))?.is_some();
    let mut choice = Choice { sent, lanes, ..Choice::default() };
    for lane in [0, 1] {
        let sql = format!("SELECT {ENTRY} FROM outbox WHERE lane = ?1 AND state <> 'accepted' ORDER BY seq");
        let mut statement = reader.prepare(&sql)?;
        let mut rows = statement.query([lane])?;
        while let Some(row) = rows.next()? {
            let entry = Entry::read(row)?;
            if choice.is_full(limits, 0) {
                break;
            }
            choice.consider(reader, entry, limits)?;
        }
    }
    let operations = choice
        .taken
        .into_iter()
        .map(|entry| Sendable { id: entry.id, group: entry.group, body: entry.body })
        .collect();
    Ok(Batch { operations })
}

impl Choice<'_> {
    fn is_full(&self, limits: BatchLimits, more: usize) -> bool {
        self.taken.len() >= limits.operations || (!self.taken.is_empty() && self.bytes + more > limits.bytes)
    }

    fn has(&self, id: &str) -> bool {
        self.taken_ids.contains(id)
    }

    fn is_sent(&self, group: &[Entry]) -> bool {
        self.sent.is_some_and(|sent| group.iter().any(|entry| sent.contains(&entry.id)))
    }

    fn consider(&mut self, reader: &Reader<'_>, entry: Entry, limits: BatchLimits) -> Result<()> {
        if self.has(&entry.id) || self.held_ids.contains(&entry.id) {
            return Ok(());
        }
        let group = group_of(reader, &entry)?;
        if self.is_sent(&group) || self.is_held(reader, &group, limits)? {
            self.hold(&group);
            return Ok(());
        }
        let bytes: usize = group.iter().map(|entry| entry.body.len()).sum();
        let too_many = !self.taken.is_empty() && self.taken.len() + group.len() > limits.operations;
        if too_many || self.is_full(limits, bytes) {
            // It goes with the next push, and so does what comes after it on its rows.
            self.hold(&group);
            return Ok(());
        }
        self.bytes += bytes;
        self.taken_ids.extend(group.iter().map(|entry| entry.id.clone()));
        self.taken.extend(group.into_iter().filter(|entry| entry.state != State::Accepted));
        Ok(())
    }

    fn hold(&mut self, group: &[Entry]) {
        self.held_ids.extend(group.iter().map(|entry| entry.id.clone()));
        // A void does not stand in the way of its row, and neither does what it voids: it is not sent any more.
        let blocks = |entry: &&Entry| entry.kind != Kind::Void && entry.state != State::Voiding;
        self.held_rows.extend(group.iter().filter(blocks).map(|entry| entry.row.clone()));
    }

    /// Whether a group has to wait: one of it is parked or being voided, or something before it waits.
    fn is_held(&mut self, reader: &Reader<'_>, group: &[Entry], limits: BatchLimits) -> Result<bool> {
        if group.iter().any(|entry| matches!(entry.state, State::Parked | State::Voiding)) {
            return Ok(true);
        }
        let voids = group.iter().all(|entry| entry.kind == Kind::Void);
        if !voids && group.iter().any(|entry| self.held_rows.contains(&entry.row)) {
            return Ok(true);
        }
        for entry in group {
            // Earlier operations of the row and needed ones may stand in the other lane: they come along first.
            let mut before = if self.lanes { earlier_in_other_lane(reader, entry)? } else { Vec::new() };
            for needed in entry.needs()? {
                before.extend(super::park::standing(reader, &needed)?);
            }
            for needed in before {
                let in_group = group.iter().any(|member| member.id == needed.id);
                if in_group || needed.state == State::Accepted {
                    continue;
                }
                if needed.seq < entry.seq || needed.lane != entry.lane {
                    self.consider(reader, needed.clone(), limits)?;
                }
                if !self.has(&needed.id) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn earlier_in_other_lane(reader: &Reader<'_>, entry: &Entry) -> Result<Vec<Entry>> {
    if entry.lane != 0 {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {ENTRY} FROM outbox WHERE row_id = ?1 AND seq < ?2 AND lane > 0 AND state <> 'accepted' ORDER BY seq"
    );
    reader.all(&sql, (&entry.row, entry.seq), Entry::read)
}

/// Fixes id and content of what is about to leave. Commit this before the first byte.
pub(crate) fn freeze(tx: &Tx<'_>, batch: &Batch) -> Result<()> {
    for operation in &batch.operations {
        tx.execute("UPDATE outbox SET state = 'frozen' WHERE id = ?1 AND state = 'queued'", [&operation.id])?;
    }
    Ok(())
}

/// Whether all of it is still as it was frozen: nothing of it has an outcome, or is to be taken back.
pub(crate) fn is_frozen(reader: &Reader<'_>, batch: &Batch) -> Result<bool> {
    for operation in &batch.operations {
        let sql = "SELECT 1 FROM outbox WHERE id = ?1 AND state = 'frozen'";
        if reader.one(sql, [&operation.id], |_| Ok(()))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

//! News: what others did to this shop's rows, and what became of one's own work, as it arrives with a catch-up.
//!
//! Only what changed since the last catch-up is news: never what a first load brings, a range, or a load that replaces.
//! What this device did itself comes back to it like anybody's, and is told apart by its commits.

mod notices;
mod unread;

#[cfg(test)]
mod tests;

pub use notices::{Deed, Notice, NoticeKind, Part};
pub(crate) use notices::{Noticed, is_calm_at, mark_seen, newest, record, unseen};
pub(crate) use unread::{forget, is_unread, marks, view};

use crate::error::{Error, Result};
use crate::few;
use crate::outbox::{Outcome, Receipt};
use crate::schema::{Conflict, Entity, Policy, Row, Table};
use crate::store::Tx;
use std::collections::HashMap;

/// How many rows a notice names.
const NAMED: usize = 5;

/// What a catch-up brings, gathered while its rows are taken in and told once their receipts are.
pub(crate) struct News {
    /// When it arrives, by this device's wall clock.
    now: i64,
    /// The person at work here.
    me: Option<String>,
    /// Whether notices are wanted.
    notices: bool,
    arrivals: Vec<Arrival>,
    attention: Vec<(Option<String>, Part)>,
}

/// A row that somebody changed.
struct Arrival {
    table: &'static Table,
    id: String,
    stamp: i64,
    deed: Deed,
    author: Option<String>,
    parent: Option<(&'static Table, String)>,
}

impl News {
    pub(crate) fn new(now: i64, me: Option<String>, notices: bool) -> News {
        News { now, me, notices, arrivals: Vec::new(), attention: Vec::new() }
    }

    fn is_me(&self, person: Option<&str>) -> bool {
        person.is_some() && person == self.me.as_deref()
    }

    /// A row was taken in. `before` is what was shown of it, `row` what the server has.
    pub(crate) fn arrived(&mut self, tx: &Tx<'_>, before: Option<&Row>, row: &Row) -> Result<()> {
        if row.table.name == Conflict::TABLE.name {
            return self.conflict(tx, before, row);
        }
        if row.table.secret {
            return Ok(());
        }
        self.brought_back(tx, before, row)?;
        if self.moves_nothing(tx, row)? {
            return Ok(());
        }
        let alive = before.filter(|before| !before.is_deleted());
        // What an appended row moved is told by that row: nobody wrote this one.
        let signature = |row: &Row| (row.meta.updated_at, row.meta.updated_by.clone());
        if alive.is_some_and(|alive| !row.is_deleted() && signature(alive) == signature(row)) {
            return Ok(());
        }
        let deed = match (alive, row.is_deleted()) {
            (None, true) => return Ok(()),
            (Some(_), true) => Deed::Deleted,
            (_, false) if row.table.onto.is_some() => Deed::Moved,
            (_, false) if row.table.append_only && row.table.parent.is_some() => Deed::Commented,
            (None, false) if before.is_some() || row.meta.created_by == row.meta.updated_by => Deed::Added,
            (_, false) => Deed::Changed,
        };
        self.arrivals.push(Arrival {
            table: row.table,
            id: row.id.clone(),
            stamp: row.meta.stamp,
            deed,
            author: row.meta.updated_by.clone(),
            parent: parent_of(tx, row),
        });
        Ok(())
    }

    /// A conflict that this person is part of.
    fn conflict(&mut self, tx: &Tx<'_>, before: Option<&Row>, row: &Row) -> Result<()> {
        let open = |row: &Row| !row.is_deleted() && row.int("open") == Some(1);
        if !open(row) || before.is_some_and(open) {
            return Ok(());
        }
        let (mine, theirs) = (row.get("mine_by").text(), row.get("theirs_by").text());
        let other = if self.is_me(mine) || is_own_commit(tx, row.meta.stamp)? {
            theirs
        } else if self.is_me(theirs) {
            mine
        } else {
            return Ok(());
        };
        let part =
            Part::one(Deed::Conflict, row.text("tbl"), row.text("row_id")).coded(row.get("field").text());
        self.attention.push((other.map(str::to_owned), part));
        Ok(())
    }

    /// Whether the server judged an event and let it move nothing: it came too late, and is history. Whoever made it
    /// hears of it.
    fn moves_nothing(&mut self, tx: &Tx<'_>, row: &Row) -> Result<bool> {
        let judged = row.table.fields.iter().any(|field| field.policy == Policy::Event);
        let Some(onto) = row.table.onto.as_ref().filter(|_| judged) else { return Ok(false) };
        let Some(parents) = tx.schema().table(onto.table) else { return Ok(false) };
        let still = Row::empty(parents, row.text(onto.key));
        let mut moved = still.clone();
        (onto.apply)(row, &mut moved);
        if moved.values != still.values {
            return Ok(false);
        }
        if self.is_me(row.meta.created_by.as_deref()) || is_own_commit(tx, row.meta.stamp)? {
            self.attention.push((None, Part::one(Deed::KeptAsHistory, parents.name, &still.id)));
        }
        Ok(true)
    }

    /// A deletion met an edit: the edit brings the row back, and who deleted it and who edited it both hear of it.
    fn brought_back(&mut self, tx: &Tx<'_>, before: Option<&Row>, row: &Row) -> Result<()> {
        let Some(before) = before.filter(|before| before.is_deleted() != row.is_deleted()) else {
            return Ok(());
        };
        if self.is_me(row.meta.updated_by.as_deref()) {
            return Ok(());
        }
        let unsent = |kinds: &str| {
            let sql = format!(
                "SELECT 1 FROM outbox WHERE row_id = ?1 AND state <> 'accepted' AND kind IN ({kinds})"
            );
            Ok::<_, Error>(tx.one(&sql, [&row.id], |_| Ok(()))?.is_some())
        };
        let told = if row.is_deleted() {
            unsent("'insert', 'patch'")?
        } else {
            self.is_me(before.meta.updated_by.as_deref()) && !unsent("'delete'")?
        };
        if told {
            let part = Part::one(Deed::BroughtBack, row.table.name, &row.id);
            self.attention.push((row.meta.updated_by.clone(), part));
        }
        Ok(())
    }

    /// Marks what is unread and tells what is to be told, in the transaction that makes it visible.
    pub(crate) fn tell(self, tx: &Tx<'_>) -> Result<()> {
        let mut own_commits: HashMap<i64, bool> = HashMap::new();
        let mut work: Vec<(_, Vec<Part>)> = Vec::new();
        for arrival in &self.arrivals {
            let own = match own_commits.get(&arrival.stamp) {
                Some(own) => *own,
                None => {
                    let own = is_own_commit(tx, arrival.stamp)?;
                    own_commits.insert(arrival.stamp, own);
                    own
                }
            };
            let me = self.is_me(arrival.author.as_deref());
            if arrival.deed == Deed::Deleted {
                unread::forget(tx, arrival.table, &arrival.id)?;
            }
            if own {
                continue;
            }
            if !me {
                unread::mark(tx, arrival.table, &arrival.id, arrival.parent.as_ref(), arrival.deed)?;
            }
            notices::add_part(few::of(&mut work, (arrival.author.clone(), me)), arrival.part());
        }
        if !self.notices {
            return Ok(());
        }
        for ((author, you), parts) in work {
            let noticed = Noticed { kind: NoticeKind::Work, author, you, at: self.now };
            notices::record(tx, noticed, parts)?;
        }
        for (author, part) in self.attention {
            let noticed = Noticed { kind: NoticeKind::Attention, author, you: false, at: self.now };
            notices::record(tx, noticed, vec![part])?;
        }
        Ok(())
    }
}

impl Arrival {
    /// What a notice says of it: of what belongs to another row and moves or comments on it, that other one.
    fn part(&self) -> Part {
        match (&self.parent, self.deed) {
            (Some((table, id)), Deed::Moved | Deed::Commented) => Part::one(self.deed, table.name, id),
            _ => Part::one(self.deed, self.table.name, &self.id),
        }
    }
}

/// The row that another one belongs to.
fn parent_of(tx: &Tx<'_>, row: &Row) -> Option<(&'static Table, String)> {
    let field = row.table.onto.as_ref().map(|onto| onto.key).or(row.table.parent)?;
    let parents = row.table.field(field).and_then(|field| field.refers)?;
    Some((tx.schema().table(parents)?, row.get(field).text()?.to_owned()))
}

/// Whether a commit is one of this device's own pushes.
fn is_own_commit(tx: &Tx<'_>, n: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM outbox WHERE commit_n = ?1 UNION ALL SELECT 1 FROM settled WHERE commit_n = ?1 LIMIT 1";
    Ok(tx.one(sql, [n], |_| Ok(()))?.is_some())
}

/// The operations that wait for a person, before something is done that may add to them.
pub(crate) fn parked(tx: &Tx<'_>) -> Result<Vec<i64>> {
    tx.all("SELECT seq FROM outbox WHERE state = 'parked' ORDER BY seq", [], |row| row.get(0))
}

/// Tells about what was parked since. Gives back how many.
pub(crate) fn tell_parked(tx: &Tx<'_>, before: &[i64], now: i64, notices: bool) -> Result<usize> {
    let sql = "SELECT seq, tbl, row_id, code FROM outbox WHERE state = 'parked' ORDER BY seq";
    let after: Vec<(i64, String, String, Option<String>)> =
        tx.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let mut parts = Vec::new();
    let mut count = 0;
    for (_, table, id, code) in after.iter().filter(|(seq, ..)| before.binary_search(seq).is_err()) {
        count += 1;
        notices::add_part(&mut parts, Part::one(Deed::Parked, table, id).coded(code.as_deref()));
    }
    if count > 0 && notices {
        record(tx, Noticed { kind: NoticeKind::Attention, author: None, you: false, at: now }, parts)?;
    }
    Ok(count)
}

/// The code of a receipt whose edit brought a deleted row back.
const BROUGHT_BACK: &str = "brought_back";

/// Tells whoever edited a row that had been deleted meanwhile: the receipt says so. Before it is settled.
pub(crate) fn tell_brought_back(tx: &Tx<'_>, receipt: &Receipt, now: i64, notices: bool) -> Result<()> {
    let took = matches!(receipt.outcome, Outcome::Applied | Outcome::Merged | Outcome::Conflict);
    if !(notices && took && receipt.code.as_deref() == Some(BROUGHT_BACK)) {
        return Ok(());
    }
    let sql = "SELECT tbl, row_id FROM outbox WHERE id = ?1 AND state <> 'accepted'";
    let found = tx.one(sql, [&receipt.id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let Some((table, id)) = found else { return Ok(()) };
    // Whoever had the deletion under their edit was told when it came.
    let known =
        "SELECT 1 FROM base_rows WHERE row_id = ?1 AND tbl = ?2 AND body ->> '$.deleted_at' IS NOT NULL";
    if tx.one(known, (&id, &table), |_| Ok(()))?.is_some() {
        return Ok(());
    }
    let part = Part::one(Deed::BroughtBack, &table, &id);
    record(tx, Noticed { kind: NoticeKind::Attention, author: None, you: false, at: now }, vec![part])
}

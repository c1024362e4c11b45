//! Catching up: pages of what changed, and ranges that this device may newly hold.
//!
//! Pages are put aside as they come and become visible in one transaction, when one reaches the head of its own
//! snapshot. A first load into an empty database goes straight in. A load that replaces, after a reset, drops what the
//! server does not have any more in that same transaction; the queue stays.

use super::kept::{from_json, to_json};
use super::place::{self, Place};
use super::reading::{self, each_row};
use super::stretches;
use super::wire::{
    Cursor, PageToken, PullAnswer, PullRequest, RangeAnswer, RangeRequest, RangeToken, SnapshotAnswer,
    SnapshotRequest, TableRows, Wanted,
};
use crate::error::{Error, Result};
use crate::journal::Journal;
use crate::news::{self, News};
use crate::outbox::{self, Receipt, Uncovered, absorb_over, absorb_row};
use crate::schema::{Row, Table};
use crate::store::{Reader, Tx, layout};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The fact that holds a [`Load`] under way.
const LOAD: &str = "load";
/// The fact that says that a load was finished once.
const LOADED: &str = "loaded";
/// The fact that says that the catch-up after a snapshot is still to come: it belongs to the load.
const BEHIND: &str = "behind_snapshot";
/// Operations that a request for a snapshot names, at most. Any other is answered when it is sent again.
const UNSETTLED: i64 = 1_000;

/// A load of everything: the first one, or one that replaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Load {
    /// Where pulling begins afterwards: the head of the first page.
    since: Option<Cursor>,
    /// Whether rows that it does not bring go.
    replace: bool,
    /// Whether it goes straight into the tables, which are empty.
    straight: bool,
    /// Whether it goes by ranges, because there is no snapshot to begin with.
    #[serde(default)]
    by_ranges: bool,
    /// Rows that came.
    pub(super) rows: u64,
    /// Rows that there are, where the server said so.
    pub(super) of: Option<u64>,
}

/// A load of more rows than that gets its indexes last.
const MANY: u64 = 1_000;

/// What became of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It counted, and another one follows or not.
    Page { more: bool },
    /// The cursor is of another history: everything is fetched anew.
    Reset,
    /// It answers what is not asked any more, and counts for nothing.
    Late,
}

/// What is to be fetched besides what changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    /// Whether there is a range to fetch.
    pub(super) ranges: bool,
    /// Whether it fills an empty database.
    pub(super) filling: bool,
}

pub(super) fn load(reader: &Reader<'_>) -> Result<Option<Load>> {
    reader.fact(LOAD)?.map(|text| from_json(&text)).transpose()
}

/// Whether this file was ever loaded whole.
pub(super) fn was_loaded(reader: &Reader<'_>) -> Result<bool> {
    Ok(reader.fact(LOADED)?.is_some())
}

/// Whether a load is under way.
pub(crate) fn is_loading(reader: &Reader<'_>) -> Result<bool> {
    Ok(reader.fact(LOAD)?.is_some())
}

fn set_load(tx: &Tx<'_>, load: &Load) -> Result<()> {
    tx.set_fact(LOAD, &to_json(load)?)
}

/// A session has begun: a file that was never loaded is loaded now. Says what is to be fetched.
pub(super) fn gaps(tx: &Tx<'_>) -> Result<Gaps> {
    if !was_loaded(tx)? && load(tx)?.is_none() {
        begin_load(tx, false)?;
    }
    let ranges = tx.one("SELECT 1 FROM ranges WHERE NOT whole LIMIT 1", [], |_| Ok(()))?.is_some();
    let filling = ranges && load(tx)?.is_some_and(|load| load.straight);
    Ok(Gaps { ranges, filling })
}

/// Everything is fetched. What was put aside of an earlier catch-up is of no use any more.
pub(super) fn begin_load(tx: &Tx<'_>, replace: bool) -> Result<()> {
    let straight = !replace && is_empty(tx)?;
    tx.build_indexes()?;
    tx.execute("DELETE FROM staged", [])?;
    tx.execute("DELETE FROM ranges", [])?;
    stretches::forget(tx)?;
    stretches::want(tx, &Wanted::Windows(BTreeMap::new()))?;
    tx.drop_fact(LOADED)?;
    set_load(tx, &Load { replace, straight, ..Load::default() })
}

/// Nothing of the server's or of this device's own is here.
pub(super) fn is_empty(reader: &Reader<'_>) -> Result<bool> {
    if reader.one("SELECT 1 FROM outbox LIMIT 1", [], |_| Ok(()))?.is_some() {
        return Ok(false);
    }
    for table in reader.schema().all_tables() {
        if reader.one(&format!("SELECT 1 FROM {} LIMIT 1", table.name), [], |_| Ok(()))?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The next page of the oldest range that is not whole.
pub(super) fn range_request(reader: &Reader<'_>, shop: &str, limit: usize) -> Result<Option<RangeRequest>> {
    let sql = "SELECT what, token FROM ranges WHERE NOT whole ORDER BY seq LIMIT 1";
    let found: Option<(String, Option<String>)> =
        reader.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((what, token)) = found else { return Ok(None) };
    Ok(Some(RangeRequest {
        shop: shop.to_owned(),
        device: place::device(reader)?,
        epoch: place::epoch(reader)?,
        what: from_json(&what)?,
        token: token.map(|token| from_json(&token)).transpose()?,
        limit,
    }))
}

/// Whether a first load has just begun, and may begin with a snapshot.
pub(super) fn waits_for_snapshot(reader: &Reader<'_>) -> Result<bool> {
    Ok(load(reader)?.is_some_and(|load| !load.replace && !load.by_ranges && load.since.is_none()))
}

/// What this device asks a server for that has snapshots.
pub(super) fn snapshot_request(reader: &Reader<'_>, shop: &str) -> Result<Option<SnapshotRequest>> {
    if !waits_for_snapshot(reader)? {
        return Ok(None);
    }
    let sql = "SELECT id FROM outbox WHERE state IN ('frozen', 'voiding') ORDER BY seq LIMIT ?1";
    Ok(Some(SnapshotRequest {
        shop: shop.to_owned(),
        device: place::device(reader)?,
        epoch: place::epoch(reader)?,
        layout: layout(reader.schema())?,
        unsettled: reader.all(sql, [UNSETTLED], |row| row.get(0))?,
    }))
}

/// There is no snapshot, or none that can be used: everything comes as ranges.
pub(super) fn do_without_snapshot(tx: &Tx<'_>) -> Result<()> {
    match load(tx)? {
        Some(load) => set_load(tx, &Load { by_ranges: true, ..load }),
        None => Ok(()),
    }
}

/// The rows of a snapshot are here: what changed since its commit is pulled, what is not in it comes as a range. Says
/// whether there is something to fetch in that way.
pub(super) fn finish_snapshot(tx: &Tx<'_>, answer: &SnapshotAnswer) -> Result<bool> {
    tx.execute("DELETE FROM ranges WHERE what = ?1", [to_json(&Wanted::Windows(BTreeMap::new()))?])?;
    if !answer.apart.is_empty() {
        stretches::want(tx, &Wanted::Tables(answer.apart.clone()))?;
    }
    tx.drop_fact(LOAD)?;
    tx.set_fact(LOADED, "1")?;
    tx.set_fact(BEHIND, "1")?;
    outbox::cover(tx, answer.head.n)?;
    Place { cursor: answer.head.clone() }.set(tx)?;
    gaps_left(tx)
}

/// Takes in a page of a range.
pub(super) fn take_range(tx: &Tx<'_>, answer: &RangeAnswer) -> Result<Taken> {
    let sql = "SELECT seq, token FROM ranges WHERE what = ?1 AND NOT whole";
    let found: Option<(i64, Option<String>)> =
        tx.one(sql, [to_json(&answer.what)?], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((seq, token)) = found else { return Ok(Taken::Late) };
    let expected: Option<RangeToken> = token.map(|token| from_json(&token)).transpose()?;
    // What was deleted since a page was read may have left no trace here: only a page as new as the cursor counts.
    let old = answer.head.epoch != place::epoch(tx)? || answer.head.n < Place::of(tx)?.cursor.n;
    if old || expected != answer.after {
        return Ok(Taken::Late);
    }
    let mut load = load(tx)?;
    if load.as_ref().is_some_and(|load| load.straight && load.since.is_none()) && answer.total > Some(MANY) {
        tx.lift_indexes()?;
    }
    if let Some(load) = &mut load {
        load.since.get_or_insert_with(|| answer.head.clone());
        load.rows += answer.rows.iter().map(|rows| rows.rows.len() as u64).sum::<u64>();
        load.of = answer.total.or(load.of);
        set_load(tx, load)?;
    }
    let straight = load.as_ref().is_some_and(|load| load.straight);
    if straight {
        tx.make_room()?;
        // Somebody may have begun to work meanwhile; a copy of this very file may even have sent the same row.
        let at_work = tx.one("SELECT 1 FROM outbox LIMIT 1", [], |_| Ok(()))?.is_some();
        for rows in &answer.rows {
            // A table that this version does not know was made by a newer one, and comes with the next version.
            let Some(table) = tx.schema().table(&rows.table) else { continue };
            if at_work {
                each_row(table, rows, &mut |row| absorb_row(tx, row).map(drop))?;
            } else {
                let mut rows_in = tx.putting(table)?;
                each_row(table, rows, &mut |row| rows_in.put(row, crate::store::What::Created))?;
            }
        }
    } else {
        let sql = "INSERT INTO staged (kind, body) VALUES ('range', ?1)";
        tx.execute(sql, [to_json(answer)?])?;
    }
    let next = answer.next.as_ref().map(to_json).transpose()?;
    tx.execute("UPDATE ranges SET token = ?2, whole = ?3 WHERE seq = ?1", (seq, &next, next.is_none()))?;
    if next.is_none() && straight {
        finish_load(tx, load.and_then(|load| load.since).unwrap_or_default())?;
    }
    Ok(Taken::Page { more: gaps_left(tx)? })
}

pub(super) fn gaps_left(tx: &Tx<'_>) -> Result<bool> {
    Ok(tx.one("SELECT 1 FROM ranges WHERE NOT whole LIMIT 1", [], |_| Ok(()))?.is_some())
}

/// All of a load is here: from now on, what changed since its first page.
fn finish_load(tx: &Tx<'_>, since: Cursor) -> Result<()> {
    tx.leave_all_to_search()?;
    tx.execute("DELETE FROM ranges WHERE whole", [])?;
    tx.drop_fact(LOAD)?;
    tx.set_fact(LOADED, "1")?;
    Place { cursor: since }.set(tx)
}

/// Since when this device asks, and after which page of this catch-up.
fn position(reader: &Reader<'_>) -> Result<(Cursor, Option<PageToken>)> {
    let cursor = match load(reader)?.and_then(|load| load.since) {
        Some(since) => since,
        None => Place::of(reader)?.cursor,
    };
    let sql = "SELECT next FROM staged WHERE kind = 'pull' ORDER BY seq DESC LIMIT 1";
    let next: Option<String> = reader.one(sql, [], |row| row.get(0))?;
    Ok((cursor, next.map(|next| from_json(&next)).transpose()?))
}

/// What this device asks next about what changed.
pub(super) fn pull_request(reader: &Reader<'_>, shop: &str, limit: usize) -> Result<PullRequest> {
    let (cursor, token) = position(reader)?;
    Ok(PullRequest { shop: shop.to_owned(), device: place::device(reader)?, cursor, token, limit })
}

/// Who receives a catch-up, and what is wanted of it besides its rows.
pub(super) struct Reception<'a> {
    /// This device's wall clock.
    pub(super) now: i64,
    /// The person at work here.
    pub(super) me: Option<String>,
    /// Whether notices are wanted.
    pub(super) notices: bool,
    /// Where receipts are counted.
    pub(super) journal: &'a mut Journal,
}

/// Takes in a page of what changed. The one that reaches the head of its own snapshot makes the catch-up visible.
pub(super) fn take_pull(tx: &Tx<'_>, answer: &PullAnswer, reception: Reception<'_>) -> Result<Taken> {
    let (cursor, token) = position(tx)?;
    if answer.since != cursor || answer.after != token {
        return Ok(Taken::Late);
    }
    if answer.reset {
        begin_load(tx, true)?;
        return Ok(Taken::Reset);
    }
    if answer.head.epoch != place::epoch(tx)? || answer.head.n < cursor.n || is_overtaken(tx, answer)? {
        return Ok(Taken::Late);
    }
    if let Some(next) = &answer.next {
        let sql = "INSERT INTO staged (kind, next, body) VALUES ('pull', ?1, ?2)";
        tx.execute(sql, (to_json(next)?, to_json(answer)?))?;
        return Ok(Taken::Page { more: true });
    }
    make_visible(tx, answer, reception)?;
    Ok(Taken::Page { more: false })
}

/// Whether a page was read before a range that is put aside, or would end a load that is not whole: either would show
/// a part of what belongs together.
fn is_overtaken(tx: &Tx<'_>, answer: &PullAnswer) -> Result<bool> {
    let sql = "SELECT 1 FROM staged WHERE kind = 'range' AND body ->> '$.head.n' > ?1 LIMIT 1";
    let newer = tx.one(sql, [answer.head.n], |_| Ok(()))?.is_some();
    Ok(newer || (load(tx)?.is_some() && gaps_left(tx)?))
}

/// What was put aside, and this last page: in one transaction, parents before what belongs to them.
fn make_visible(tx: &Tx<'_>, last: &PullAnswer, mut reception: Reception<'_>) -> Result<()> {
    let load = load(tx)?;
    let now = reception.now;
    let mut uncovered = outbox::lift(tx, last.head.n)?;
    // What a load brings was there before: only what changed since is news.
    let after_load = load.is_none() && tx.fact(BEHIND)?.is_none();
    let mut news = after_load.then(|| News::new(now, reception.me.take(), reception.notices));
    let staged: Vec<(i64, bool)> =
        tx.all("SELECT seq, kind = 'range' FROM staged ORDER BY seq", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut kept = load.as_ref().filter(|load| load.replace).map(|_| HashMap::new());
    for children in [false, true] {
        for (seq, range) in &staged {
            let body: String = tx
                .one("SELECT body FROM staged WHERE seq = ?1", [seq], |row| row.get(0))?
                .ok_or_else(Error::damaged)?;
            let rows = from_json::<Staged>(&body)?.rows;
            let uncovered = &mut uncovered;
            let mut taken = Taking { range: *range, kept: &mut kept, news: &mut news, uncovered, now };
            absorb(tx, &rows, children, &mut taken)?;
        }
        let uncovered = &mut uncovered;
        let mut taken = Taking { range: false, kept: &mut kept, news: &mut news, uncovered, now };
        absorb(tx, &last.rows, children, &mut taken)?;
    }
    if let Some(kept) = kept {
        drop_others(tx, &kept)?;
    }
    for receipt in &last.receipts {
        settle(tx, receipt, &mut reception)?;
    }
    outbox::cover(tx, last.head.n)?;
    uncovered.show(tx)?;
    outbox::bring_back(tx)?;
    news.map_or(Ok(()), |news| news.tell(tx))?;
    tx.execute("DELETE FROM staged", [])?;
    let whole: Vec<String> = tx.all("SELECT what FROM ranges WHERE whole", [], |row| row.get(0))?;
    stretches::note(tx, whole.iter().map(|what| from_json(what)).collect::<Result<_>>()?)?;
    tx.execute("DELETE FROM ranges WHERE whole", [])?;
    tx.drop_fact(BEHIND)?;
    if load.is_some() {
        tx.drop_fact(LOAD)?;
        tx.set_fact(LOADED, "1")?;
    }
    Place { cursor: last.head.clone() }.set(tx)?;
    outbox::forget_safe(tx, &last.head.epoch, last.safe_through)
}

/// Takes in a receipt, and counts what it says if it was not known before.
pub(super) fn settle(tx: &Tx<'_>, receipt: &Receipt, reception: &mut Reception<'_>) -> Result<bool> {
    let now = reception.now;
    news::tell_brought_back(tx, receipt, now, reception.notices)?;
    let taken = outbox::settle(tx, receipt)?;
    if taken {
        reception.journal.note_receipt(now, &receipt.id, receipt.outcome);
    }
    Ok(taken)
}

/// Of what was put aside, only the rows that are to be kept stay.
pub(crate) fn sift_staged(tx: &Tx<'_>, keep: impl Fn(&Row) -> bool) -> Result<()> {
    for seq in tx.all("SELECT seq FROM staged ORDER BY seq", [], |row| row.get::<_, i64>(0))? {
        let sql = "SELECT body ->> '$.rows' FROM staged WHERE seq = ?1";
        let rows: String = tx.one(sql, [seq], |row| row.get(0))?.ok_or_else(Error::damaged)?;
        let mut pages: Vec<TableRows> = from_json(&rows)?;
        let mut less = false;
        for page in &mut pages {
            let (before, all) = (page.rows.len(), std::mem::take(&mut page.rows));
            for raw in all {
                // Of a table that this version does not know it cannot be told.
                let known =
                    tx.schema().table(&page.table).map(|table| reading::read(table, &raw)).transpose()?;
                if known.is_none_or(|row| keep(&row)) {
                    page.rows.push(raw);
                }
            }
            less |= page.rows.len() < before;
        }
        if less {
            let sql = "UPDATE staged SET body = json_set(body, '$.rows', json(?2)) WHERE seq = ?1";
            tx.execute(sql, (seq, to_json(&pages)?))?;
        }
    }
    Ok(())
}

type Kept = Option<HashMap<&'static str, HashSet<String>>>;

/// A page that was put aside, of either kind: all that is wanted of it.
#[derive(Deserialize)]
struct Staged {
    #[serde(default)]
    rows: Vec<TableRows>,
}

/// How rows are taken in.
struct Taking<'a> {
    /// Whether they are of a range.
    range: bool,
    /// What a load that replaces has brought.
    kept: &'a mut Kept,
    /// Who hears of them.
    news: &'a mut Option<News>,
    /// Rows that this device's own work was lifted off.
    uncovered: &'a mut Uncovered,
    now: i64,
}

/// Takes in the rows of one half of the tables: of those that belong to no other, or of those that do.
fn absorb(tx: &Tx<'_>, pages: &[TableRows], children: bool, taking: &mut Taking<'_>) -> Result<()> {
    for rows in pages {
        let Some(table) = tx.schema().table(&rows.table).filter(|table| table.parent.is_some() == children)
        else {
            continue;
        };
        each_row(table, rows, &mut |row| {
            let kept = taking.kept.as_mut();
            let first = kept.is_some_and(|kept| kept.entry(table.name).or_default().insert(row.id.clone()));
            // In a load that replaces, a newer version is of the history that is gone.
            if first && tx.row(table, &row.id)?.is_some_and(|held| held.meta.stamp > row.meta.stamp) {
                outbox::drop_row(tx, table, &row.id)?;
            }
            // A range is what this device may newly hold; of what changed it takes what it holds or may hold.
            if taking.range {
                return absorb_row(tx, row).map(drop);
            }
            let before = tx.row(table, &row.id)?;
            let is_news = absorb_over(tx, before.as_ref(), row, taking.uncovered)?;
            if before.is_none() && is_outside(tx, table, row, taking.now)? {
                return outbox::drop_row(tx, table, &row.id);
            }
            match &mut *taking.news {
                Some(news) if is_news => news.arrived(tx, before.as_ref(), row),
                Some(_) | None => Ok(()),
            }
        })?;
    }
    Ok(())
}

/// Whether a row that was not here lies outside every window and every stretch that was fetched, itself or with the row
/// that it belongs to.
fn is_outside(tx: &Tx<'_>, table: &'static Table, row: &Row, now: i64) -> Result<bool> {
    if let Some(window) = &table.window {
        let outside = place::outside_windows(tx, table, now)?;
        let fetched = stretches::fetched(tx, table, window)?;
        let sql =
            format!("SELECT 1 FROM {} WHERE id = ?1 AND ({outside}) AND ({fetched}) IS NOT TRUE", table.name);
        return Ok(tx.one(&sql, [&row.id], |_| Ok(()))?.is_some());
    }
    // Whose parent is not here was left on the server with it, if that can be: without a window nothing is.
    match tx.schema().parent_of(table).filter(|(_, parents)| tx.schema().is_windowed(parents)) {
        Some((field, parents)) => Ok(tx.row(parents, row.text(field.name))?.is_none()),
        None => Ok(false),
    }
}

/// A load that replaces: what it did not bring is not there any more.
fn drop_others(tx: &Tx<'_>, kept: &HashMap<&'static str, HashSet<String>>) -> Result<()> {
    for table in tx.schema().all_tables() {
        let mine = kept.get(table.name);
        let sql = format!(
            "SELECT id FROM {0} WHERE stamp > 0 UNION SELECT row_id FROM base_rows WHERE tbl = '{0}'",
            table.name
        );
        for id in tx.all(&sql, [], |row| row.get::<_, String>(0))? {
            if mine.is_none_or(|mine| !mine.contains(&id)) {
                outbox::drop_row(tx, table, &id)?;
            }
        }
    }
    Ok(())
}

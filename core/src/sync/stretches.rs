//! What of a windowed table is here besides the window as it was at the load: stretches that somebody asked for, earlier
//! months of a calendar or tickets that were closed long ago, which are read here from then on and kept up to date; and
//! what a window that has an end comes to show as days go by.

use super::kept::{from_json, to_json};
use super::place;
use super::wire::Wanted;
use crate::env::DAY_MS;
use crate::error::Result;
use crate::schema::{Table, Window};
use crate::store::{Reader, Tx};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fact that holds what is [`Held`].
pub(super) const STRETCHES: &str = "stretches";
/// A first load shows a window as it was so many days ago, at most: a snapshot is a little old, and a load takes its time.
const OLDEST_LOAD_DAYS: i64 = 2;

/// From a moment on, and until another, in milliseconds.
type Stretch = (i64, i64);

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Held {
    /// What was fetched, table by table, in order and apart from each other.
    fetched: BTreeMap<String, Vec<Stretch>>,
    /// Where windows began when all of them was first here: what they have left behind since is here still.
    began: BTreeMap<String, i64>,
    /// Where windows that have an end began when they were last followed.
    followed: BTreeMap<String, i64>,
}

fn held(reader: &Reader<'_>) -> Result<Held> {
    Ok(reader.fact(STRETCHES)?.map(|text| from_json(&text)).transpose()?.unwrap_or_default())
}

/// Everything that was asked for of these ranges is here.
pub(super) fn note(tx: &Tx<'_>, whole: Vec<Wanted>) -> Result<()> {
    let mut held = held(tx)?;
    let mut more = false;
    for wanted in whole {
        match wanted {
            Wanted::Between { table, from, until } if from < until => {
                let Some(known) = tx.schema().table(&table) else { continue };
                let until = until.min(end(known.window.as_ref(), from));
                let stretches = held.fetched.entry(table).or_default();
                *stretches = joined(stretches, (from, until));
                more = true;
            }
            Wanted::Between { .. } | Wanted::Windows(_) | Wanted::Tables(_) | Wanted::Row { .. } => {}
        }
    }
    if more { tx.set_fact(STRETCHES, &to_json(&held)?) } else { Ok(()) }
}

/// Where a window ends that begins at a moment.
fn end(window: Option<&Window>, from: i64) -> i64 {
    let length = window.and_then(|window| window.length);
    length.map_or(i64::MAX, |days| from.saturating_add(days * DAY_MS))
}

/// Rows beyond the windows leave, and with them what is known of them.
pub(crate) fn forget(tx: &Tx<'_>) -> Result<()> {
    tx.drop_fact(STRETCHES)
}

/// Notes that a range is wanted, once.
pub(super) fn want(tx: &Tx<'_>, what: &Wanted) -> Result<()> {
    // Of a table that was not this device's until now, nothing is here.
    if matches!(what, Wanted::Tables(_)) {
        forget(tx)?;
    }
    tx.execute("INSERT OR IGNORE INTO ranges (what) VALUES (?1)", [to_json(what)?])?;
    Ok(())
}

/// Whether everything of a table that came to its end in a stretch of time is here: within the window, or fetched.
pub(crate) fn is_here(reader: &Reader<'_>, table: &Table, (from, until): Stretch, now: i64) -> Result<bool> {
    let Some(window) = &table.window else { return Ok(true) };
    let (begin, mut held) = (place::edge(reader, table, now)?, held(reader)?);
    // It is followed a day at a time.
    let ends = end(Some(window), begin).saturating_sub(window.length.map_or(0, |_| DAY_MS));
    let began = held.began.get(table.name).map_or(begin, |began| begin.min(*began));
    let fetched = held.fetched.remove(table.name).unwrap_or_default();
    Ok(from >= until || joined(&fetched, (began, ends)).iter().any(|held| held.0 <= from && until <= held.1))
}

/// All that the windows hold now is here. Those that have an end are followed: what they have come to show since is
/// wanted. Says whether there is any.
pub(super) fn follow(tx: &Tx<'_>, now: i64) -> Result<bool> {
    let (mut held, mut wanted, mut news) = (held(tx)?, false, false);
    for table in tx.schema().all_tables() {
        let Some(window) = &table.window else { continue };
        let begin = place::edge(tx, table, now)?;
        if !held.began.contains_key(table.name) {
            held.began.insert(table.name.to_owned(), begin);
            news = true;
        }
        let before = held.followed.get(table.name).copied();
        let until = before.unwrap_or(begin - OLDEST_LOAD_DAYS * DAY_MS);
        if window.length.is_some() && begin - until >= DAY_MS {
            // What the window holds now and did not hold then.
            want(tx, &Wanted::Between { table: table.name.to_owned(), from: begin, until })?;
            held.followed.insert(table.name.to_owned(), begin);
            (wanted, news) = (true, true);
        }
    }
    if news {
        tx.set_fact(STRETCHES, &to_json(&held)?)?;
    }
    Ok(wanted)
}

/// The condition that a row lies in a stretch that was fetched.
pub(super) fn fetched(reader: &Reader<'_>, table: &Table, window: &Window) -> Result<String> {
    let outside = |edge: i64| window.outside.replace(":edge", &edge.to_string());
    let stretches = held(reader)?.fetched.remove(table.name).unwrap_or_default();
    let inside = stretches
        .into_iter()
        .map(|(from, until)| format!("(({}) IS NOT TRUE AND ({}))", outside(from), outside(until)));
    Ok(std::iter::once("0".to_owned()).chain(inside).collect::<Vec<_>>().join(" OR "))
}

/// One stretch more: those that meet become one.
fn joined(stretches: &[Stretch], (mut from, mut until): Stretch) -> Vec<Stretch> {
    let mut apart = Vec::with_capacity(stretches.len() + 1);
    for stretch in stretches {
        if stretch.1 < from || until < stretch.0 {
            apart.push(*stretch);
        } else {
            (from, until) = (from.min(stretch.0), until.max(stretch.1));
        }
    }
    let at = apart.partition_point(|(begin, _)| *begin < from);
    apart.insert(at, (from, until));
    apart
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn stretches_that_meet_become_one() {
        let mut held = Vec::new();
        for stretch in [(10, 20), (40, 50), (60, 70), (20, 30), (45, 61)] {
            held = joined(&held, stretch);
        }
        assert_eq!(held, [(10, 30), (40, 70)]);
    }
}

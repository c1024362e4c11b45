//! What lies beyond a window and is here all the same, because somebody asked for it: earlier months of a calendar,
//! tickets that were closed long ago. Once fetched a stretch is read here and kept up to date.

use super::catch_up::{from_json, to_json};
use super::place;
use super::wire::Wanted;
use crate::error::Result;
use crate::schema::{Table, Window};
use crate::store::{Reader, Tx};
use std::collections::BTreeMap;

/// The fact that holds the stretches, table by table, in order and apart from each other.
pub(super) const STRETCHES: &str = "stretches";

/// From a moment on, and until another, in milliseconds.
type Stretch = (i64, i64);

fn held(reader: &Reader<'_>) -> Result<BTreeMap<String, Vec<Stretch>>> {
    Ok(reader.fact(STRETCHES)?.map(|text| from_json(&text)).transpose()?.unwrap_or_default())
}

/// Everything that was asked for of these ranges is here.
pub(super) fn note(tx: &Tx<'_>, whole: Vec<Wanted>) -> Result<()> {
    let mut held = held(tx)?;
    let mut more = false;
    for wanted in whole {
        match wanted {
            Wanted::Between { table, from, until } if from < until => {
                let stretches = held.entry(table).or_default();
                *stretches = joined(stretches, (from, until));
                more = true;
            }
            Wanted::Between { .. } | Wanted::Windows(_) | Wanted::Tables(_) | Wanted::Row { .. } => {}
        }
    }
    if more { tx.set_fact(STRETCHES, &to_json(&held)?) } else { Ok(()) }
}

/// Rows beyond the windows leave, and with them what is known of them.
pub(crate) fn forget(tx: &Tx<'_>) -> Result<()> {
    tx.drop_fact(STRETCHES)
}

/// Whether everything of a table that a stretch of time is about is here: within the window, or fetched.
pub(crate) fn is_here(reader: &Reader<'_>, table: &Table, (from, until): Stretch, now: i64) -> Result<bool> {
    if table.window.is_none() || from >= until {
        return Ok(true);
    }
    let window = (place::edge(reader, table, now)?, i64::MAX);
    let fetched = held(reader)?.remove(table.name).unwrap_or_default();
    Ok(joined(&fetched, window).iter().any(|stretch| stretch.0 <= from && until <= stretch.1))
}

/// The condition that a row lies in a stretch that was fetched.
pub(super) fn fetched(reader: &Reader<'_>, table: &Table, window: &Window) -> Result<String> {
    let outside = |edge: i64| window.outside.replace(":edge", &edge.to_string());
    let stretches = held(reader)?.remove(table.name).unwrap_or_default();
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
    apart.push((from, until));
    apart.sort_unstable();
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

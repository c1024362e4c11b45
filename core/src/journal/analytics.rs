//! Sums by day, and how long work takes to be safe, in a few classes: thirty days of them.

use crate::error::Result;
use crate::few;
use crate::outbox::Outcome;
use crate::store::{Reader, Tx};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

const DAY_MS: i64 = 86_400_000;

/// How many days are kept, today included.
const KEPT: i64 = 30;

/// The classes of [`Day::latency`]: up to so many milliseconds, and in a last one whatever took longer.
pub const LATENCY_MS: [i64; 8] = [100, 250, 1_000, 5_000, 15_000, 60_000, 600_000, 3_600_000];

const LATENCY: [&str; 9] = [
    "latency_0",
    "latency_1",
    "latency_2",
    "latency_3",
    "latency_4",
    "latency_5",
    "latency_6",
    "latency_7",
    "latency_8",
];

/// One day of one device.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Day {
    /// The day, counted from 1970, in UTC.
    pub day: i64,
    /// Operations that got their outcome.
    pub operations: u64,
    /// Of those: took effect whole.
    pub applied: u64,
    /// Took effect but for fields that others had set later.
    pub merged: u64,
    /// Took effect but for fields that a person has to choose.
    pub conflicts: u64,
    /// Refused.
    pub rejected: u64,
    /// Taken back before they took effect.
    pub voided: u64,
    /// From write to receipt: how many took at most 100 ms, 250 ms, 1 s, 5 s, 15 s, 1 min, 10 min, 1 h, and last those
    /// that took longer.
    pub latency: Vec<u64>,
    /// Calls to the server.
    pub calls: u64,
    /// Of those: without the answer that was asked for.
    pub calls_failed: u64,
    /// For how long the device was in use without a network, in milliseconds.
    pub offline_ms: u64,
    /// Calls that were answered, of all: 0 to 1; nothing without a call.
    pub success_rate: Option<f64>,
    /// Operations that ended in a conflict, of all: 0 to 1; nothing without one.
    pub conflict_rate: Option<f64>,
}

/// Sums that are not written yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums(Vec<((i64, &'static str), i64)>);

impl Sums {
    pub(super) fn add(&mut self, at: i64, name: &'static str, by: i64) {
        if by != 0 {
            *few::of(&mut self.0, (at.div_euclid(DAY_MS), name)) += by;
        }
    }

    pub(super) fn receipt(&mut self, now: i64, operation: &str, outcome: Outcome) {
        let name = match outcome {
            Outcome::Applied => "applied",
            Outcome::Merged => "merged",
            Outcome::Conflict => "conflicts",
            Outcome::Rejected => "rejected",
            Outcome::Voided => "voided",
            Outcome::Held => return,
        };
        self.add(now, name, 1);
        self.add(now, "operations", 1);
        if let Some(made) = made_at(operation) {
            let took = now.saturating_sub(made);
            let class = LATENCY_MS.iter().position(|most| took <= *most).unwrap_or(LATENCY_MS.len());
            if let Some(name) = LATENCY.get(class) {
                self.add(now, name, 1);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn write(&self, tx: &Tx<'_>) -> Result<()> {
        for ((day, name), value) in &self.0 {
            let sql = "INSERT INTO analytics (day, name, value) VALUES (?1, ?2, ?3)
                       ON CONFLICT (day, name) DO UPDATE SET value = value + excluded.value";
            tx.execute(sql, (day, name, value))?;
        }
        if !self.is_empty() {
            // By count, not by date: a clock that is wrong for a day must not throw the others away.
            let sql = "DELETE FROM analytics WHERE day NOT IN
                       (SELECT DISTINCT day FROM analytics ORDER BY day DESC LIMIT ?1)";
            tx.execute(sql, [KEPT])?;
        }
        Ok(())
    }
}

/// The moment that an id of version 7 holds.
fn made_at(id: &str) -> Option<i64> {
    let (seconds, nanos) = Uuid::try_parse(id).ok()?.get_timestamp()?.to_unix();
    i64::try_from(seconds).ok()?.checked_mul(1_000)?.checked_add(i64::from(nanos / 1_000_000))
}

/// Every day that something was counted on, the newest first.
pub(crate) fn days(reader: &Reader<'_>) -> Result<Vec<Day>> {
    let rows: Vec<(i64, String, i64)> =
        reader.all("SELECT day, name, value FROM analytics ORDER BY day", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let mut days: Vec<(i64, BTreeMap<String, i64>)> = Vec::new();
    for (day, name, value) in rows {
        few::of(&mut days, day).insert(name, value);
    }
    Ok(days.into_iter().rev().map(|(day, sums)| of(day, &sums)).collect())
}

fn of(day: i64, sums: &BTreeMap<String, i64>) -> Day {
    let sum = |name: &str| sums.get(name).map_or(0, |value| u64::try_from(*value).unwrap_or(0));
    #[allow(clippy::cast_precision_loss, reason = "a share for people to read")]
    let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
    let (operations, calls, failed) = (sum("operations"), sum("calls"), sum("calls_failed"));
    Day {
        day,
        operations,
        applied: sum("applied"),
        merged: sum("merged"),
        conflicts: sum("conflicts"),
        rejected: sum("rejected"),
        voided: sum("voided"),
        latency: LATENCY.iter().map(|name| sum(name)).collect(),
        calls,
        calls_failed: failed,
        offline_ms: sum("offline_ms"),
        success_rate: share(calls.saturating_sub(failed), calls),
        conflict_rate: share(sum("conflicts"), operations),
    }
}

//! The evening's question: are all replicas equal?

use super::{Failure, Post, Premises};
use counterpart_core::schema::{Conflict, Entity};
use serde::Serialize;

/// What came of the day: the last line, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Operations that the hub has a receipt for.
    pub operations: usize,
    /// Conflicts that came up, and that a person decided.
    pub conflicts: u64,
    /// Devices that worked.
    pub devices: usize,
    /// Whether every device and the hub hold the same at the same commit.
    pub equal: bool,
    /// How long it took.
    pub seconds: f64,
}

/// Everybody sends and fetches; then every device's hash is held against the hub's.
pub fn compare(premises: &Premises) -> Result<Outcome, Failure> {
    let timeline = &premises.timeline;
    timeline.chapter(94, "Evening. Every copy of the shop is held against the hub's.");
    for device in premises.devices() {
        device.network(true)?;
    }
    premises.settle()?;
    let hub = premises.overseer.look()?.checksum;
    timeline.says("hub", &format!("{} at commit {}", short(&hub.hash), hub.cursor.n));
    let mut equal = true;
    for device in premises.devices() {
        let Post { name, .. } = device.post;
        let checksum = device.checksum()?;
        equal &= checksum.hash == hub.hash && checksum.cursor == hub.cursor.n;
        timeline.says(name, &format!("{} at commit {}", short(&checksum.hash), checksum.cursor));
    }
    let state = premises.office.shop.state()?;
    timeline.holds("no conflict waits for anybody", state.conflicts == 0)?;
    timeline.holds("every device and the hub hold the same", equal)?;
    let operations = premises.hub.receipts()?;
    let conflicts = premises.office.shop.read(|reader| Ok(reader.rows(Conflict::TABLE, "", [])?.len()))?;
    let devices = premises.devices().len();
    timeline.chapter(
        100,
        &format!(
            "{operations} operations, conflicts decided: {conflicts}, {devices} devices and the hub equal."
        ),
    );
    let seconds = (timeline.seconds() * 100.0).round() / 100.0;
    Ok(Outcome { operations, conflicts: u64::try_from(conflicts)?, devices, equal, seconds })
}

/// Enough of a hash for a person to compare.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

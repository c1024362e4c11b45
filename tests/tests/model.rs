//! Random histories against the oracle: what is shown is always the confirmed rows under this device's own work.
//! A failure prints the schema, the seed and the shortest history that still fails.

use counterpart_tests::history::{Tally, run};
use counterpart_tests::worlds::{BENCH, SHOP};

/// `COUNTERPART_SEED=17` plays one history again.
fn seeds(standard: std::ops::Range<u64>) -> std::ops::Range<u64> {
    match std::env::var("COUNTERPART_SEED").ok().and_then(|text| text.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => standard,
    }
}

/// A history in which something never happens proves nothing about it.
fn everything_happened(tally: &Tally) {
    let rare: Vec<_> = tally.iter().filter(|(_, times)| **times < 15).collect();
    assert!(std::env::var("COUNTERPART_SEED").is_ok() || (tally.len() == 27 && rare.is_empty()), "{tally:?}");
}

#[test]
fn any_history_of_the_workbench_shows_base_and_overlay() {
    everything_happened(&run(BENCH, seeds(0..1_000), 45));
}

#[test]
fn any_history_of_the_repair_shop_shows_base_and_overlay() {
    everything_happened(&run(SHOP, seeds(10_000..10_600), 45));
}

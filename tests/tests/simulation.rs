//! Seeded runs of several devices, a real ledger and a bad network. A failing seed prints the command that repeats it.

use counterpart_tests::simulation::{REPAIR, failures, run};

#[test]
fn devices_on_a_bad_network_end_up_equal() {
    let seeds = std::env::var("SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let failed = failures(&REPAIR, 0..seeds);
    assert!(failed.is_empty(), "{} of {seeds} seeds failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let twice = [run(&REPAIR, 7), run(&REPAIR, 7)];
    let [one, other] = twice.map(|outcome| outcome.map(|outcome| (outcome.steps, outcome.faults)));
    assert_eq!(one, other);
}

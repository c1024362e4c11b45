//! Seeded runs of several devices, a real ledger and a bad network. A failing seed prints the command that repeats it.

use counterpart_tests::simulation::run;

#[test]
fn devices_on_a_bad_network_end_up_equal() {
    let failed: Vec<String> = (0..300)
        .filter_map(|seed| {
            run(seed).err().map(|error| format!("cargo xtask simulate --seeds 1 --start {seed}\n  {error}"))
        })
        .collect();
    assert!(failed.is_empty(), "{} of 300 seeds failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let twice = [run(7), run(7)].map(|outcome| outcome.map(|outcome| (outcome.steps, outcome.faults)));
    assert_eq!(twice[0], twice[1]);
}

//! The scenario catalogue against the hub on SQLite.

use counterpart_tests::scenarios::hub_sqlite::Template;
use counterpart_tests::scenarios::{End, Programs, Stage, catalogue, play};
use std::collections::BTreeSet;
use std::path::Path;

/// What the hub does not do yet.
const WAITING: [&str; 0] = [];

#[test]
fn every_scenario_passes_on_the_hub() {
    let programs =
        Programs { device: env!("CARGO_BIN_EXE_device").into(), hub: env!("CARGO_BIN_EXE_hub").into() };
    let template = Template::make(Path::new(&programs.hub));
    let stage = || Stage::new(Box::new(template.open()), &programs);
    let (mut failed, mut waiting) = (Vec::new(), Vec::new());
    for scenario in catalogue() {
        match play(scenario, stage()) {
            End::Passed => {}
            End::Failed => failed.push(scenario.name),
            End::Waiting => waiting.push(scenario.name),
        }
    }
    let again = "cargo xtask scenarios --backend hub-sqlite --name";
    assert!(failed.is_empty(), "failed: {failed:?}; to repeat one: {again} {}", failed[0]);
    // What the hub does not do yet is known, and known of each.
    assert_eq!(waiting, WAITING);
}

#[test]
fn every_scenario_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = catalogue().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), catalogue().count());
}

//! The scenario catalogue against PostgREST and PostgreSQL, with the hub beside them for who is who, channels and PINs.

use counterpart_tests::scenarios::hub_sqlite::Template;
use counterpart_tests::scenarios::postgrest::OnPostgrest;
use counterpart_tests::scenarios::{End, Programs, Stage, catalogue, play};
use std::path::Path;

/// What no server does yet.
const WAITING: [&str; 0] = [];

#[test]
fn every_scenario_passes_on_postgrest() {
    let programs =
        Programs { device: env!("CARGO_BIN_EXE_device").into(), hub: env!("CARGO_BIN_EXE_hub").into() };
    let template = Template::make(Path::new(&programs.hub));
    let (mut failed, mut waiting) = (Vec::new(), Vec::new());
    for scenario in catalogue() {
        match play(scenario, Stage::new(Box::new(OnPostgrest::open(&template)), &programs)) {
            End::Passed => {}
            End::Failed => failed.push(scenario.name),
            End::Waiting => waiting.push(scenario.name),
        }
    }
    let again = "cargo xtask scenarios --backend postgrest --name";
    assert!(failed.is_empty(), "failed: {failed:?}; to repeat one: {again} {}", failed[0]);
    assert_eq!(waiting, WAITING);
}

//! The scenario catalogue against PostgreSQL: behind two hubs side by side, and behind PostgREST with the hub beside it
//! for who is who, channels and PINs.

use counterpart_tests::postgres::Cluster;
use counterpart_tests::scenarios::hub_postgres::Template;
use counterpart_tests::scenarios::postgrest::OnPostgrest;
use counterpart_tests::scenarios::{Backend, End, Programs, Stage, catalogue, play};
use std::path::Path;

/// What cannot be played: a backup, where no pg_dump is as new as the server.
fn waiting() -> &'static [&'static str] {
    if Cluster::shared().is_installed() { &[] } else { &["restored_server"] }
}

fn programs() -> Programs {
    Programs { device: env!("CARGO_BIN_EXE_device").into(), hub: env!("CARGO_BIN_EXE_hub").into() }
}

fn every_scenario_passes(backend: &str, open: impl Fn() -> Box<dyn Backend>) {
    let (mut failed, mut waited) = (Vec::new(), Vec::new());
    for scenario in catalogue() {
        match play(scenario, Stage::new(open(), &programs())) {
            End::Passed => {}
            End::Failed => failed.push(scenario.name),
            End::Waiting => waited.push(scenario.name),
        }
    }
    let again = format!("cargo xtask scenarios --backend {backend} --name");
    assert!(failed.is_empty(), "failed: {failed:?}; to repeat one: {again} {}", failed[0]);
    assert_eq!(waited, waiting());
}

#[test]
fn every_scenario_passes_on_postgrest() {
    let template = Template::make(Path::new(&programs().hub));
    every_scenario_passes("postgrest", || Box::new(OnPostgrest::open(&template)));
}

#[test]
fn every_scenario_passes_on_two_hubs_over_one_database() {
    let template = Template::make(Path::new(&programs().hub));
    every_scenario_passes("hub-postgres", || Box::new(template.open()));
}

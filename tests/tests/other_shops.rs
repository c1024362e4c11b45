//! The four other shops through the same engine, ledger and simulation. A failing seed prints the command that repeats
//! it.

use counterpart_tests::shops::{assessments, band, calendar, weekly};
use counterpart_tests::simulation::{Scene, failures};

const SEEDS: u64 = 60;

fn ends_up_equal(scene: &'static Scene) {
    let failed = failures(scene, 0..SEEDS);
    assert!(failed.is_empty(), "{} of {SEEDS} seeds failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_weekly_program_ends_up_equal() {
    ends_up_equal(&weekly::SCENE);
}

#[test]
fn the_assessments_end_up_equal() {
    ends_up_equal(&assessments::SCENE);
}

#[test]
fn the_calendar_ends_up_equal() {
    ends_up_equal(&calendar::SCENE);
}

#[test]
fn the_band_ends_up_equal() {
    ends_up_equal(&band::SCENE);
}

#[test]
fn between_them_they_use_every_merge_policy() {
    use counterpart_core::schema::Policy;
    let all = [
        Policy::Latest,
        Policy::Set,
        Policy::Counter,
        Policy::TrueWins,
        Policy::Server,
        Policy::Client,
        Policy::Manual,
        Policy::Order,
        Policy::Event,
        Policy::Fixed,
    ];
    let scenes = [&weekly::SCENE, &assessments::SCENE, &calendar::SCENE, &band::SCENE];
    let fields = || scenes.iter().flat_map(|scene| scene.schema.tables.iter()).flat_map(|table| table.fields);
    for policy in all {
        assert!(fields().any(|field| field.policy == policy), "{policy:?}");
    }
}

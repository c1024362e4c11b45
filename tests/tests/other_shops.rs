//! The four other shops through the same engine, ledger and simulation. A failing seed prints the command that repeats
//! it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::env::DAY_MS;
use counterpart_core::sync::wire::Wanted;
use counterpart_tests::desk::{desk, server_of};
use counterpart_tests::device::BEGINNING;
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

#[test]
fn a_window_that_has_an_end_moves_on_with_the_days() {
    let server = server_of(&calendar::CALENDAR);
    let mut ada = desk(&server, 1, "ada");
    let event = |day: i64| {
        let starts = BEGINNING + day * DAY_MS;
        ada.shop.create(&calendar::Event { title: "Rehearsal".into(), starts, ..calendar::Event::default() })
    };
    let events = [-100, -50, 50, 70, 100].map(|day| event(day).unwrap());
    ada.sync();

    let mut bo = desk(&server, 2, "bo");
    let here = |bo: &counterpart_tests::desk::Desk| {
        events.each_ref().map(|id| bo.shop.get::<calendar::Event>(id).unwrap().is_some())
    };
    assert_eq!(here(&bo), [false, true, true, false, false]);
    for clock in [&server.clock, &bo.device.clock] {
        clock.advance(15 * DAY_MS);
    }
    bo.sync();
    assert_eq!(
        here(&bo),
        [false, true, true, true, false],
        "what lies ahead comes into the window by itself"
    );

    let behind = (BEGINNING - 55 * DAY_MS, BEGINNING - 45 * DAY_MS);
    assert!(bo.shop.has_between("events", behind.0, behind.1).unwrap(), "what it leaves behind stays");
    let stretch = (BEGINNING - 110 * DAY_MS, BEGINNING - 80 * DAY_MS);
    let has =
        |bo: &counterpart_tests::desk::Desk| bo.shop.has_between("events", stretch.0, stretch.1).unwrap();
    assert!(!has(&bo));
    let wanted = Wanted::Between { table: "events".into(), from: stretch.0, until: stretch.1 };
    let calls = bo.shop.want(&wanted).unwrap();
    bo.make(calls);
    assert_eq!(here(&bo), [true, true, true, true, false]);
    assert!(has(&bo));
}

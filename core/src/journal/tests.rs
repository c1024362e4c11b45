//! What is kept of what the sync did, and how much.

use super::*;
use crate::schema::{Denied, Schema};
use crate::store::{Store, StoreOptions};

static EMPTY: Schema = Schema {
    name: "empty",
    tables: &[],
    migrations: &[],
    permit: |_, _| Ok::<(), Denied>(()),
    wipes: &[],
    actors: None,
    numbered: None,
    auditors: &[],
};

const DAY_MS: i64 = 86_400_000;

fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::new(folder.path().join("shop.db"), &EMPTY)).unwrap().store;
    (store, folder)
}

fn written(store: &Store, fill: impl FnOnce(&mut Journal)) {
    let mut journal = Journal::new(true);
    fill(&mut journal);
    store.write(|tx| journal.write(tx)).unwrap();
}

fn call(at: i64, status: &str) -> NetworkCall {
    NetworkCall { at, call: "sync_pull".into(), status: status.into(), up: 10, down: 20, ms: 3 }
}

/// An id of version 7 that was made at this moment.
fn made(at: i64) -> String {
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at).unwrap(), &[7; 10]).into_uuid().to_string()
}

#[test]
fn the_newest_thousand_events_and_five_hundred_calls_are_kept() {
    let (store, _folder) = store();
    for round in 0..12 {
        written(&store, |journal| {
            for at in 0..100 {
                journal.note(SyncEvent::new(round * 100 + at, SyncKind::Pulled));
                journal.note_call(call(round * 100 + at, "200"));
            }
        });
    }
    let all = store.read(|reader| events(reader, &SyncLogFilter::default())).unwrap();
    assert_eq!((all.len(), all[0].at, all[999].at), (1_000, 1_199, 200));
    let all = store.read(|reader| calls(reader, 10_000)).unwrap();
    assert_eq!((all.len(), all[0].at, all[499].at), (500, 1_199, 700));
}

#[test]
fn events_are_found_by_kind_and_time_with_all_that_was_noted() {
    let (store, _folder) = store();
    let failed = SyncEvent::new(20, SyncKind::Failed).code("unreachable").took(Some(7));
    let pushed =
        SyncEvent::new(30, SyncKind::Pushed).count("applied", 2).count("applied", 1).count("held", 1);
    written(&store, |journal| {
        journal.note(SyncEvent::new(10, SyncKind::Pulled));
        journal.note(failed.clone());
        journal.note(pushed.clone());
    });
    let find = |filter| store.read(|reader| events(reader, &filter)).unwrap();
    assert_eq!(
        find(SyncLogFilter { kinds: vec![SyncKind::Failed], ..SyncLogFilter::default() }),
        std::slice::from_ref(&failed)
    );
    let late = SyncLogFilter { since: Some(20), ..SyncLogFilter::default() };
    assert_eq!(find(late.clone()), [pushed.clone(), failed.clone()]);
    assert_eq!(find(SyncLogFilter { until: Some(30), ..late.clone() }), [failed]);
    assert_eq!(find(SyncLogFilter { limit: Some(1), ..late }), std::slice::from_ref(&pushed));
    assert_eq!(pushed.counts.get("applied"), Some(&3));
}

#[test]
fn every_kind_has_a_word_of_its_own() {
    for kind in SyncKind::ALL {
        assert_eq!(SyncKind::from_word(kind.word()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
    }
}

#[test]
fn a_journal_that_is_not_written_stays_small_and_one_that_is_off_stays_empty() {
    let fill = |journal: &mut Journal| {
        for at in 0..10_000 {
            journal.note(SyncEvent::new(at, SyncKind::Retried));
            journal.note_call(call(at, "unreachable"));
            journal.note_receipt(at, &made(at), Outcome::Applied);
            journal.note_offline(at, 1);
        }
    };
    let mut journal = Journal::new(true);
    fill(&mut journal);
    assert_eq!((journal.events.len(), journal.calls.len()), (GATHERED, GATHERED));
    assert_eq!(journal.events[0].at, 10_000 - GATHERED as i64, "the oldest made room");
    let mut off = Journal::new(false);
    fill(&mut off);
    assert!(off.is_empty());
    off.clear();
    fill(&mut off);
    assert!(off.is_empty(), "it stays off");
}

#[test]
fn a_day_knows_how_work_ended_how_long_it_took_and_how_calls_went() {
    let (store, _folder) = store();
    let now = 100 * DAY_MS;
    for round in 0..2 {
        written(&store, |journal| {
            journal.note_receipt(now, &made(now - 90), Outcome::Applied);
            journal.note_receipt(now, &made(now - 7_200_000), Outcome::Conflict);
            journal.note_receipt(now, &made(now - 200), Outcome::Held);
            // Sent again under a derived id: nobody knows when it was made.
            journal.note_receipt(now, "0a6d1f0e-7f0e-5b1c-8c55-0d6f6f0b2a10", Outcome::Rejected);
            journal.note_call(call(now, "200"));
            journal.note_call(call(now, if round == 0 { "timed_out" } else { "200" }));
            journal.note_offline(now, 60_000);
        });
    }
    let days = store.read(days).unwrap();
    let [day] = days.as_slice() else { panic!("{days:?}") };
    assert_eq!((day.day, day.operations, day.applied, day.conflicts, day.rejected), (100, 6, 2, 2, 2));
    assert_eq!(day.latency, [2, 0, 0, 0, 0, 0, 0, 0, 2]);
    assert_eq!((day.calls, day.calls_failed, day.offline_ms), (4, 1, 120_000));
    assert_eq!(day.success_rate, Some(0.75));
    assert!((day.conflict_rate.unwrap() - 1.0 / 3.0).abs() < 1e-9);
}

#[test]
fn thirty_days_are_kept_also_when_a_clock_was_ahead() {
    let (store, _folder) = store();
    written(&store, |journal| journal.note_offline(9_999 * DAY_MS, 5));
    for day in 0..40 {
        written(&store, |journal| journal.note_offline(day * DAY_MS, 5));
    }
    let days: Vec<i64> = store.read(days).unwrap().iter().map(|day| day.day).collect();
    assert_eq!((days.len(), days[0], days[1], days[29]), (30, 9_999, 39, 11));
}

//! Observing: one batch a commit, in the order of the commits, and no listener can harm anybody.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::store::{ChangeBatch, What};
use counterpart_core::{Error, Shop};
use counterpart_tests::device::Device;
use counterpart_tests::workbench::WORKBENCH;
use serde_json::{Map, Value as Json, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

fn piece(title: &str) -> Map<String, Json> {
    json!({ "title": title }).as_object().cloned().unwrap()
}

fn heard(shop: &Shop) -> (Arc<Mutex<Vec<ChangeBatch>>>, counterpart_core::store::Subscription) {
    let batches: Arc<Mutex<Vec<ChangeBatch>>> = Arc::default();
    let into = Arc::clone(&batches);
    let subscription = shop.observe(move |batch| into.lock().unwrap().push(batch.clone()));
    (batches, subscription)
}

#[test]
fn a_commit_is_one_batch_with_each_row_once() {
    let device = Device::new(&WORKBENCH, 1);
    let shop = device.open().unwrap();
    let table = WORKBENCH.table("pieces").unwrap();
    let (batches, _subscription) = heard(&shop);
    let title =
        |text: &str| [(table.field("title").unwrap(), counterpart_core::schema::Value::Text(text.into()))];
    shop.together(|edits| {
        edits.insert(table, Some("a"), &title("a"))?;
        edits.change(table, "a", &title("b"))?;
        edits.insert(table, Some("c"), &title("c"))?;
        edits.delete(table, "c")
    })
    .unwrap();
    shop.together(|edits| edits.delete(table, "nobody")).unwrap_err();
    shop.save_draft("intake", "{}").unwrap();
    let batches = batches.lock().unwrap();
    assert_eq!(batches.len(), 1, "nothing is told of what was undone, nor of drafts");
    let changes: Vec<(String, What)> = batches[0].changes().map(|change| (change.id, change.what)).collect();
    assert_eq!(changes, [("a".to_owned(), What::Created), ("c".to_owned(), What::Deleted)]);
    assert!(batches[0].queue && batches[0].touches("pieces") && !batches[0].touches("jobs"));
}

#[test]
fn batches_come_in_the_order_of_the_commits_whoever_writes() {
    let device = Device::new(&WORKBENCH, 2);
    let shop = device.open().unwrap();
    let (batches, _subscription) = heard(&shop);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let shop = shop.clone();
            scope.spawn(move || {
                for number in 0..25 {
                    shop.save("pieces", &piece(&format!("{thread} {number}"))).unwrap();
                }
            });
        }
    });
    let told: Vec<String> = batches
        .lock()
        .unwrap()
        .iter()
        .flat_map(|batch| batch.changes().map(|change| change.id).collect::<Vec<_>>())
        .collect();
    let sql = "SELECT row_id FROM outbox ORDER BY seq";
    let committed: Vec<String> = shop.read(|reader| reader.all(sql, [], |row| row.get(0))).unwrap();
    assert_eq!(told, committed);
}

#[test]
fn a_listener_may_read_and_write_and_its_batch_waits_its_turn() {
    let device = Device::new(&WORKBENCH, 3);
    let shop = device.open().unwrap();
    let (batches, _first) = heard(&shop);
    let (writer, writes) = (shop.clone(), AtomicUsize::new(0));
    let _second = shop.observe(move |_| {
        assert!(writer.records("pieces", "", 10).is_ok());
        if writes.fetch_add(1, Ordering::SeqCst) < 2 {
            writer.save("pieces", &piece("more")).unwrap();
        }
    });
    shop.save("pieces", &piece("one")).unwrap();
    assert_eq!(batches.lock().unwrap().len(), 3);
}

#[test]
fn nobody_is_called_after_unsubscribing() {
    let device = Device::new(&WORKBENCH, 4);
    let shop = device.open().unwrap();
    let (batches, subscription) = heard(&shop);
    shop.save("pieces", &piece("one")).unwrap();
    drop(subscription);
    shop.save("pieces", &piece("two")).unwrap();
    assert_eq!(batches.lock().unwrap().len(), 1);

    // Also by another listener, in the middle of one batch.
    let later: Arc<Mutex<Option<counterpart_core::store::Subscription>>> = Arc::default();
    let victim = Arc::clone(&later);
    let _first = shop.observe(move |_| drop(victim.lock().unwrap().take()));
    let (batches, second) = heard(&shop);
    *later.lock().unwrap() = Some(second);
    shop.save("pieces", &piece("three")).unwrap();
    assert_eq!(batches.lock().unwrap().len(), 0);
}

#[test]
fn a_listener_that_panics_harms_nobody() {
    let device = Device::new(&WORKBENCH, 5);
    let shop = device.open().unwrap();
    let _bad = shop.observe(|_| panic!("on purpose"));
    let (batches, _good) = heard(&shop);
    shop.save("pieces", &piece("one")).unwrap();
    shop.save("pieces", &piece("two")).unwrap();
    assert_eq!(batches.lock().unwrap().len(), 2);
}

#[test]
fn a_live_query_runs_again_only_when_its_tables_changed() {
    let device = Device::new(&WORKBENCH, 6);
    let shop = device.open().unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let live = shop.live(&["jobs"], move |reader| {
        counted.fetch_add(1, Ordering::SeqCst);
        reader.one("SELECT count(*) FROM jobs", [], |row| row.get::<_, i64>(0))
    });
    assert_eq!(live.poll(), Some(Ok(Some(0))));
    assert_eq!(live.poll(), None);
    let id = shop.save("pieces", &piece("one")).unwrap();
    assert_eq!(live.poll(), None, "another table is none of its business");
    let job = json!({ "piece_id": id, "what": "sand" });
    shop.save("jobs", job.as_object().unwrap()).unwrap();
    assert_eq!(live.poll(), Some(Ok(Some(1))));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[test]
fn a_live_query_that_failed_is_asked_again() {
    let device = Device::new(&WORKBENCH, 7);
    let shop = device.open().unwrap();
    let first = AtomicUsize::new(0);
    let live = shop.live(&["jobs"], move |_| match first.fetch_add(1, Ordering::SeqCst) {
        0 => Err(Error::not_now(counterpart_core::NotNow::Busy)),
        again => Ok(again),
    });
    assert!(matches!(live.poll(), Some(Err(_))));
    assert_eq!(live.poll(), Some(Ok(1)));
    assert_eq!(live.poll(), None);
}

#[test]
fn a_read_inside_a_write_sees_what_was_before_and_waits_for_nobody() {
    let device = Device::new(&WORKBENCH, 8);
    let shop = device.open().unwrap();
    let table = WORKBENCH.table("pieces").unwrap();
    let title = [(table.field("title").unwrap(), counterpart_core::schema::Value::Text("a".into()))];
    shop.alone(|edits| {
        edits.insert(table, Some("a"), &title)?;
        // More readers than are kept idle.
        shop.read(|_| {
            shop.read(|_| {
                shop.read(|_| {
                    shop.read(|reader| {
                        assert!(reader.row(table, "a")?.is_none());
                        Ok(())
                    })
                })
            })
        })
    })
    .unwrap();
    assert!(shop.record("pieces", "a").unwrap().is_some());
}

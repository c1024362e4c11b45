//! Backups while the hub serves, and what a shop is after one was put back.

use crate::desk::{Desk, NOW, answer};
use crate::device::{Device, call, refused};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_core::sync::wire::{LeaseAnswer, OpenAnswer};
use counterpart_hub::backup::daily::{Keeper, Plan, newest};
use counterpart_hub::backup::restore::restore;
use counterpart_hub::backup::{BackupError, back_up};
use counterpart_hub::clock::Clock;
use counterpart_hub::ledger::Ledger;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn make(desk: &Desk, name: &str) -> PathBuf {
    let to = desk.data().join(name);
    let ledger = Ledger::open(&desk.books(), &REPAIR_SHOP, Env::system()).unwrap();
    back_up(desk.data(), &ledger, &to, NOW).unwrap();
    to
}

async fn put_back(desk: &mut Desk, from: &Path) {
    desk.stop().await;
    let done = restore(desk.data(), from, true, Env::system()).unwrap();
    assert!(done.counted_on && done.aside.unwrap().join("ledger.db").is_file());
    desk.begin().await;
}

async fn reopen(desk: &Desk, device: &mut Device, numbers_left: i64) -> (u16, Value) {
    let asks = json!({"shop": device.shop, "device": device.id, "generation": device.session.generation,
        "attempt": format!("after-{}", device.session.generation), "numbers_left": numbers_left});
    let (status, body) = call(desk, &device.access, "device_open", &asks).await;
    if status == 200 {
        device.session = serde_json::from_value::<OpenAnswer>(body.clone()).unwrap();
    }
    (status, body)
}

async fn lease(desk: &Desk, device: &Device) -> (i64, i64) {
    let asks = json!({"shop": device.shop, "device": device.id, "generation": device.session.generation});
    device.ask::<LeaseAnswer>(desk, "lease_numbers", &asks).await.lease
}

#[tokio::test]
async fn what_a_backup_holds_is_safe_and_no_more() {
    let desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let (first, second) = (ada.customer("c1", "Curie"), ada.customer("c2", "Noether"));
    ada.push(&desk, &[first]).await;
    let head = ada.pull(&desk).await.head.n;
    assert!(ada.pull(&desk).await.safe_through < head);
    make(&desk, "one.backup");
    ada.push(&desk, &[second]).await;
    let after = ada.pull(&desk).await;
    assert_eq!((head, head + 1), (after.safe_through, after.head.n));
}

#[tokio::test]
async fn after_a_restore_devices_come_back_and_no_number_or_code_is_given_twice() {
    let mut desk = Desk::open().await;
    let (mut ada, mut bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let (kept, lost) = (ada.customer("c1", "Curie"), ada.customer("c2", "Noether"));
    ada.push(&desk, std::slice::from_ref(&kept)).await;
    let before = lease(&desk, &bo).await;
    let backup = make(&desk, "one.backup");

    let receipts = ada.push(&desk, std::slice::from_ref(&lost)).await.receipts;
    let head = ada.pull(&desk).await.head;
    assert_eq!(200, reopen(&desk, &mut ada, 50).await.0);
    assert_eq!(200, reopen(&desk, &mut ada, 50).await.0);
    let since = lease(&desk, &bo).await;
    assert!(since.0 > before.1);
    let mut late = Device::open(&desk, "bo@example.org", desk.bo, "new").await;
    put_back(&mut desk, &backup).await;

    let mut stale = ada.pulls();
    stale["cursor"] = json!(head);
    let answer: counterpart_core::sync::wire::PullAnswer = ada.ask(&desk, "sync_pull", &stale).await;
    assert!(answer.reset && answer.head.n > head.n && answer.head.epoch != head.epoch);
    // Neither knows of the new history until it begins a session.
    assert_eq!((409, "no_session".into()), refused(&desk, &ada.access, "sync_push", &ada.pushes(&[])).await);
    assert_eq!((409, "other_epoch".into()), refused(&desk, &bo.access, "sync_push", &bo.pushes(&[])).await);
    let generation = ada.session.generation;
    assert_eq!(200, reopen(&desk, &mut ada, 0).await.0);
    assert_eq!(generation + 1, ada.session.generation);
    assert_eq!(200, reopen(&desk, &mut bo, 50).await.0);
    assert_eq!(answer.head.epoch, ada.session.epoch);
    // Believed once: a copy of the file from before is no session.
    let copy = json!({"shop": ada.shop, "device": ada.id, "generation": generation, "attempt": "copy",
        "numbers_left": 50});
    assert_eq!(409, call(&desk, &ada.access, "device_open", &copy).await.0);

    let numbers = [ada.session.lease.unwrap(), lease(&desk, &bo).await];
    assert!(numbers.iter().all(|lease| lease.0 > since.1));
    assert!(numbers[0].1 < numbers[1].0);
    let code = late.session.code.clone();
    assert_eq!(200, reopen(&desk, &mut late, 50).await.0);
    assert!(![&code, &ada.session.code, &bo.session.code].contains(&&late.session.code));

    // What was acknowledged and is gone comes back; what the backup holds is answered from it.
    let again = ada.push(&desk, &[kept, lost]).await.receipts;
    assert_eq!(2, ada.rows(&desk, "customers").await.len());
    assert_eq!((&receipts[0].id, &receipts[0].hash), (&again[1].id, &again[1].hash));
    assert!(again[0].n.unwrap() < head.n && again[1].n.unwrap() > answer.head.n);
    let next = ada.customer("c3", "Germain");
    assert_eq!(["applied"], *ada.outcomes(&desk, &[next]).await);
}

#[tokio::test]
async fn the_same_backup_put_back_twice_gives_no_number_twice() {
    let mut desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let backup = make(&desk, "one.backup");
    let mut last = lease(&desk, &ada).await;
    let mut epochs = vec![ada.session.epoch.clone()];
    for _ in 0..2 {
        put_back(&mut desk, &backup).await;
        assert_eq!(200, reopen(&desk, &mut ada, 50).await.0);
        let next = lease(&desk, &ada).await;
        assert!(next.0 > last.1);
        last = next;
        assert!(!epochs.contains(&ada.session.epoch));
        epochs.push(ada.session.epoch.clone());
    }
}

#[tokio::test]
async fn a_session_that_went_on_since_the_backup_signs_in_again_and_the_others_go_on() {
    let mut desk = Desk::open().await;
    let (ada, bo) = (desk.sign_in("ada@example.org").await, desk.sign_in("bo@example.org").await);
    let backup = make(&desk, "one.backup");
    let mut token = ada.refresh.clone();
    for _ in 0..2 {
        token = crate::desk::signed_in(desk.refresh(&token).await).await.refresh;
    }
    put_back(&mut desk, &backup).await;
    let code = async |token: &str| answer(desk.refresh(token).await).await.1["code"].clone();
    assert_eq!("validation_failed", code(&token).await);
    assert_eq!("refresh_token_not_found", code(&token).await);
    crate::desk::signed_in(desk.refresh(&bo.refresh).await).await;
    desk.sign_in("ada@example.org").await;
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_changes_nothing() {
    let mut desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let operation = ada.customer("c1", "Curie");
    ada.push(&desk, &[operation]).await;
    let backup = make(&desk, "one.backup");
    let content = std::fs::read(&backup).unwrap();
    desk.stop().await;
    let bad = desk.data().join("bad.backup");
    std::fs::write(&bad, &content).unwrap();
    let tampered = rusqlite::Connection::open(&bad).unwrap();
    tampered
        .execute_batch("UPDATE pieces SET content = zeroblob(length(content)) WHERE part = 'hub.db'")
        .unwrap();
    drop(tampered);
    let refused = |from: &Path| restore(desk.data(), from, true, Env::system()).unwrap_err();
    assert!(matches!(refused(&bad), BackupError::Damaged(_)));
    for bad_content in [&content[..content.len() / 2], b"", b"not a database at all", &content[4_096..]] {
        std::fs::write(&bad, bad_content).unwrap();
        assert!(matches!(refused(&bad), BackupError::NoBackup | BackupError::Damaged(_)));
    }
    std::fs::copy(desk.books(), &bad).unwrap();
    assert!(matches!(refused(&bad), BackupError::NoBackup));
    assert!(matches!(restore(desk.data(), &backup, false, Env::system()), Err(BackupError::Occupied)));
    desk.begin().await;
    assert_eq!(1, ada.rows(&desk, "customers").await.len());
}

#[tokio::test]
async fn a_backup_is_made_each_day_and_one_at_the_end_if_there_is_anything_to_save() {
    let desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let folder = desk.data().join("backups");
    let plan = Plan { folder: folder.clone(), every: Duration::from_secs(86_400), days: 7 };
    let keeper = Keeper::open(desk.data(), plan, desk.clock.clone()).unwrap();
    let made = async |at: i64| {
        while newest(&folder).unwrap() < Some(at) {
            tokio::task::yield_now().await;
        }
    };
    let running = {
        let keeper = keeper.clone();
        tokio::spawn(async move { keeper.run().await })
    };
    tokio::time::timeout(crate::desk::PATIENCE, made(NOW)).await.unwrap();
    desk.clock.advance(Duration::from_secs(86_400));
    tokio::time::timeout(crate::desk::PATIENCE, made(desk.clock.now_ms())).await.unwrap();
    running.abort();
    let count = || std::fs::read_dir(&folder).unwrap().count();
    keeper.finish().await;
    let before = count();
    keeper.finish().await;
    assert_eq!(before, count());
    ada.access = desk.sign_in("ada@example.org").await.access;
    let operation = ada.customer("c1", "Curie");
    ada.push(&desk, &[operation]).await;
    keeper.finish().await;
    // The last of this day stays.
    assert!(before == count() && newest(&folder).unwrap() > Some(desk.clock.now_ms()));
    let pulled = ada.pull(&desk).await;
    assert_eq!(pulled.head.n, pulled.safe_through);
}

//! Ready files: who is given which, what is in them, and when there is another.

use crate::desk::{Desk, NOW, answer};
use crate::device::{Device, refused};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::store::layout;
use counterpart_core::sync::wire::SnapshotAnswer;
use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

const DAY: i64 = 86_400_000;
const HOUR: Duration = Duration::from_secs(3_601);

fn asks(device: &Device) -> Value {
    let layout = layout(&REPAIR_SHOP).unwrap();
    json!({"shop": device.shop, "device": device.id, "epoch": device.session.epoch, "layout": layout})
}

/// A shop with costs, PINs, and a ticket that ended a hundred days ago.
async fn shop(desk: &Desk, bo: &mut Device) {
    let to = |value: &str| json!({"to": value});
    let mut ops = vec![bo.customer("c1", "Curie"), bo.customer("c2", "Noether")];
    let mut add = |table: &str, row: &str, kind: &str, at: i64, fields: Value| {
        ops.push(bo.operation(json!({"table": table, "row": row, "kind": kind, "at": at, "fields": fields})));
    };
    for ticket in ["open", "old"] {
        let fields = json!({"customer_id": to("c1"), "subject": to("screen")});
        add("tickets", ticket, "insert", NOW - 200 * DAY, fields);
    }
    let end = json!({"ticket_id": to("old"), "from": to("received"), "to": to("cancelled")});
    add("ticket_events", "end", "append", NOW - 100 * DAY, end);
    add("inventory_items", "i1", "insert", NOW, json!({"name": to("glass"), "sku": to("G1")}));
    add("item_costs", "cost", "insert", NOW, json!({"item_id": to("i1"), "cost_cents": {"to": 900}}));
    ops.push(bo.operation(json!({"table": "customers", "row": "c2", "kind": "delete", "on": 100})));
    let outcomes = bo.outcomes(desk, &ops).await;
    assert!(outcomes.iter().all(|outcome| outcome == "applied"), "{outcomes:?}");
}

/// The file of a device, opened, and what was said about it.
async fn file(desk: &Desk, device: &Device) -> (Connection, SnapshotAnswer, tempfile::TempDir) {
    let said: SnapshotAnswer = device.ask(desk, "sync_snapshot", &asks(device)).await;
    let request = desk.request(Method::GET, &said.path).bearer_auth(&device.access);
    let response = request.send().await.unwrap();
    assert_eq!(200, response.status());
    let bytes = response.bytes().await.unwrap();
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((said.bytes, &said.sha256), (bytes.len() as u64, &sha256));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, &bytes).unwrap();
    (Connection::open(path).unwrap(), said, folder)
}

fn ids(file: &Connection, table: &str) -> Vec<String> {
    let mut statement = file.prepare(&format!("SELECT id FROM {table} ORDER BY id")).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_file_holds_what_its_readers_may_read_within_the_windows_and_nothing_else() {
    let desk = Desk::open().await;
    let (mut bo, mut ada) = (Device::bo(&desk).await, Device::ada(&desk).await);
    shop(&desk, &mut bo).await;
    let verifier = json!({"employee_id": {"to": ada.account}, "verifier": {"to": "$argon2id$x"}});
    let pin = json!({"table": "employee_pins", "row": "pin", "kind": "insert", "actor": ada.account, "fields": verifier});
    let pin = ada.operation(pin);
    assert_eq!(["applied"], *ada.outcomes(&desk, &[pin]).await);
    for (device, costs) in [(&bo, &["cost"][..]), (&ada, &[])] {
        let (file, said, _folder) = file(&desk, device).await;
        assert_eq!(costs, ids(&file, "item_costs"), "{}", device.id);
        assert_eq!(["c1"], *ids(&file, "customers"), "what was deleted is not in it");
        assert_eq!(["open"], *ids(&file, "tickets"));
        for secret in ["ticket_secrets", "employee_pins", "outbox", "settled", "base_rows"] {
            assert_eq!(0, ids_or_rows(&file, secret), "{secret}");
        }
        assert_eq!(["employee_pins", "ticket_secrets"], *said.apart);
        let pulled = device.pull(&desk).await;
        assert_eq!(pulled.head, said.head);
    }
}

fn ids_or_rows(file: &Connection, table: &str) -> i64 {
    file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_file_is_given_to_those_whose_class_it_is_of() {
    let desk = Desk::open().await;
    let (mut bo, ada) = (Device::bo(&desk).await, Device::ada(&desk).await);
    shop(&desk, &mut bo).await;
    let (_, said, _folder) = file(&desk, &bo).await;
    let get = async |path: &str, access: &str| {
        let request = desk.request(Method::GET, path).bearer_auth(access);
        answer(request.send().await.unwrap()).await
    };
    assert_eq!(404, get(&said.path, &ada.access).await.0, "a technician is not given a manager's file");
    let eve = desk.sign_in("eve@example.org").await.access;
    assert_eq!(403, get(&said.path, &eve).await.0);
    assert_eq!(401, answer(desk.request(Method::GET, &said.path).send().await.unwrap()).await.0);
    assert_eq!(401, answer(desk.bare(Method::GET, &said.path).send().await.unwrap()).await.0);
    for other in ["ledger.db", "..%2Fledger.db", "none"] {
        let path = format!("/rest/v1/snapshots/{}/{other}", bo.shop);
        assert_eq!(404, get(&path, &bo.access).await.0, "{other}");
    }
    let elsewhere = said.path.replace(&bo.shop, &uuid::Uuid::from_u128(2).to_string());
    assert_eq!(403, get(&elsewhere, &bo.access).await.0);
}

#[tokio::test]
async fn one_file_serves_all_of_a_class_until_it_is_old_and_then_goes() {
    let desk = Desk::open().await;
    let mut bo = Device::bo(&desk).await;
    shop(&desk, &mut bo).await;
    let first: SnapshotAnswer = bo.ask(&desk, "sync_snapshot", &asks(&bo)).await;
    let more = bo.customer("c3", "Hopper");
    bo.push(&desk, &[more]).await;
    let again: SnapshotAnswer = bo.ask(&desk, "sync_snapshot", &asks(&bo)).await;
    assert_eq!(first, again, "a commit later it still does");
    desk.clock.advance(HOUR);
    let later = Device::bo(&desk).await;
    let new: SnapshotAnswer = later.ask(&desk, "sync_snapshot", &asks(&later)).await;
    assert_eq!((new.head.n, new.rows), (first.head.n + 1, first.rows + 1));
    let request = desk.request(Method::GET, &first.path).bearer_auth(&later.access);
    assert_eq!(404, request.send().await.unwrap().status());
    let left = std::fs::read_dir(desk.data().join("snapshots")).unwrap().count();
    assert_eq!(1, left);
}

#[tokio::test]
async fn what_is_of_no_use_to_the_device_is_not_given() {
    let desk = Desk::open().await;
    let mut bo = Device::bo(&desk).await;
    shop(&desk, &mut bo).await;
    let with = |name: &str, value: Value| {
        let mut asks = asks(&bo);
        asks[name] = value;
        asks
    };
    for (name, value, expected) in [
        ("layout", json!("another"), (400, "malformed")),
        ("epoch", json!("another"), (409, "other_epoch")),
        ("device", json!("unheard-of"), (409, "no_session")),
        ("shop", json!(uuid::Uuid::from_u128(2)), (403, "no_shop")),
        ("unsettled", json!(vec!["x"; 1_001]), (400, "malformed")),
        ("unsettled", json!([""]), (400, "malformed")),
    ] {
        let told = refused(&desk, &bo.access, "sync_snapshot", &with(name, value)).await;
        assert_eq!((expected.0, expected.1.to_owned()), told, "{name}");
    }
}

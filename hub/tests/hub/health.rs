//! What the doctor finds in the books, and what it can put right.

use crate::desk::{Desk, NOW};
use crate::device::Device;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_hub::ledger::Ledger;
use serde_json::{Value, json};

/// A shop with a customer and an item of which five lie on the shelf.
async fn stocked(desk: &Desk) -> Device {
    let mut bo = Device::bo(desk).await;
    let customer = bo.customer("c1", "Curie");
    let item = bo.operation(json!({"table": "inventory_items", "row": "i1", "kind": "insert",
        "fields": {"name": {"to": "glass"}}}));
    let movement = bo.operation(json!({"table": "stock_movements", "row": "m1", "kind": "append",
        "fields": {"item_id": {"to": "i1"}, "quantity": {"to": 5}, "kind": {"to": "receive"}}}));
    assert_eq!(["applied"; 3], *bo.outcomes(desk, &[customer, item, movement]).await);
    bo
}

#[tokio::test]
async fn each_kind_of_damage_is_told_of_by_name_and_sound_books_are_sound() {
    let desk = Desk::open().await;
    stocked(&desk).await;
    let damages = [
        ("", None),
        ("DELETE FROM commits WHERE n = (SELECT max(n) FROM commits)", Some("head_is_not_the_last_commit")),
        ("UPDATE ledger_shops SET tag = 'x' WHERE head > 0", Some("head_is_not_the_last_commit")),
        ("UPDATE ledger_shops SET safe_through = head + 1", Some("head_is_not_the_last_commit")),
        ("UPDATE receipts SET n = 77", Some("receipt_without_commit")),
        (
            "UPDATE ledger_rows SET body = json_set(body, '$.quantity', 6) WHERE tbl = 'inventory_items'",
            Some("sum_differs"),
        ),
        ("DELETE FROM ledger_rows WHERE tbl = 'stock_movements'", Some("sum_differs")),
        ("UPDATE ledger_rows SET fields = '{}' WHERE tbl = 'customers'", Some("row_damaged")),
        (
            "UPDATE ledger_rows SET fields = '[[{\"stamp\":1},[\"nose\"]]]' WHERE tbl = 'customers'",
            Some("row_damaged"),
        ),
        (
            "UPDATE ledger_rows SET body = json_set(body, '$.id', 'c2') WHERE tbl = 'customers'",
            Some("row_damaged"),
        ),
        ("UPDATE ledger_rows SET deleted = 1 WHERE tbl = 'customers'", Some("row_damaged")),
        ("UPDATE ledger_rows SET stamp = 99 WHERE tbl = 'customers'", Some("rows_without_stamp")),
        (
            "UPDATE ledger_rows SET body = json_set(body, '$.last_name', 'Sklodowska') WHERE tbl = 'customers'",
            Some("rows_without_stamp"),
        ),
    ];
    for (at, (sql, code)) in damages.into_iter().enumerate() {
        let copy = desk.data().join(format!("copy-{at}.db"));
        let open = || Ledger::open(&copy, &REPAIR_SHOP, Env::system()).unwrap();
        Ledger::open(&desk.books(), &REPAIR_SHOP, Env::system()).unwrap().copy_to(&copy).unwrap();
        rusqlite::Connection::open(&copy).unwrap().execute_batch(sql).unwrap();
        let found: Vec<_> = open().look().unwrap().iter().map(|finding| finding.code).collect();
        assert_eq!(code.is_none(), found.is_empty(), "{sql}: {found:?}");
        assert!(code.is_none_or(|code| found.contains(&code)), "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn a_row_changed_beside_the_hub_reaches_the_devices_once_it_is_restamped() {
    let desk = Desk::open().await;
    let mut bo = stocked(&desk).await;
    let before = bo.pull(&desk).await.head;
    let ledger = Ledger::open(&desk.books(), &REPAIR_SHOP, Env::system()).unwrap();
    assert_eq!(0, ledger.restamp().unwrap());
    let other = rusqlite::Connection::open(desk.books()).unwrap();
    other
        .execute_batch(
            "UPDATE ledger_rows SET body = json_set(body, '$.last_name', 'Sklodowska') WHERE tbl = 'customers'",
        )
        .unwrap();
    let since = json!({"shop": bo.shop, "device": bo.id, "cursor": before, "limit": 10});
    let pulled: Value = bo.ask(&desk, "sync_pull", &since).await;
    assert_eq!(0, pulled["rows"].as_array().unwrap().len());
    assert_eq!(1, ledger.restamp().unwrap());
    let pulled: Value = bo.ask(&desk, "sync_pull", &since).await;
    assert_eq!("Sklodowska", pulled["rows"][0]["rows"][0]["last_name"]);
    assert_eq!((json!(before.n + 1), 0), (pulled["head"]["n"].clone(), ledger.restamp().unwrap()));
    assert!(ledger.look().unwrap().is_empty());
    // What was written in SQL has no base: an edit from before meets it as one of somebody else's.
    let late = bo.operation(json!({"table": "customers", "row": "c1", "kind": "patch", "at": NOW - 1,
        "fields": {"last_name": {"to": "Skłodowska-Curie", "on": before.n, "at": NOW - 1}}}));
    assert_eq!(["merged lost"], *bo.outcomes(&desk, &[late]).await);
}

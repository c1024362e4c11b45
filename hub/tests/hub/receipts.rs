//! What the books remember of operations: chains of tries, rows made twice, details that were read.

use crate::desk::Desk;
use crate::device::Device;
use serde_json::{Value, json};

/// A customer whom nobody may enter: without a name.
fn nameless(device: &mut Device, more: Value) -> Value {
    let mut operation = device.operation(
        json!({"table": "customers", "row": "c1", "kind": "insert", "fields": {"notes": {"to": "tall"}}}),
    );
    operation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    operation
}

#[tokio::test]
async fn what_needs_a_refused_operation_goes_once_a_later_try_of_it_stands() {
    let desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let first = nameless(&mut ada, json!({}));
    let second = nameless(&mut ada, json!({"replaces": first["id"]}));
    let mut third = ada.customer("c1", "Curie");
    third["replaces"] = second["id"].clone();
    let mut waits = ada.operation(json!({"table": "tickets", "row": "t1", "kind": "insert",
        "fields": {"customer_id": {"to": "c1"}, "subject": {"to": "screen"}}}));
    waits["needs"] = json!([first["id"]]);
    for (operation, expected) in [
        (&first, "rejected needs_a_name"),
        (&waits, "held held"),
        (&second, "rejected needs_a_name"),
        (&waits, "held held"),
        (&third, "applied"),
        (&waits, "applied"),
    ] {
        assert_eq!([expected], *ada.outcomes(&desk, std::slice::from_ref(operation)).await);
    }
    // What stands, under whichever id, is not made again.
    let mut fourth = ada.customer("c1", "Noether");
    fourth["replaces"] = first["id"].clone();
    assert_eq!(["rejected replaced_stands"], *ada.outcomes(&desk, &[fourth]).await);
    assert_eq!("Curie", ada.rows(&desk, "customers").await[0]["last_name"]);
}

#[tokio::test]
async fn a_row_made_twice_from_one_cause_is_one_row() {
    let desk = Desk::open().await;
    let (mut ada, mut bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let fields = json!({"name": {"to": "glass"}, "sku": {"to": "G1"}, "price_cents": {"to": 900},
        "compatible_models": {"to": ["b", "a"]}});
    let item = json!({"table": "inventory_items", "row": "i1", "kind": "insert", "fields": fields});
    let (one, other) = (bo.operation(item.clone()), ada.operation(item));
    assert_eq!(["applied"], *bo.outcomes(&desk, &[one]).await);
    let before = bo.rows(&desk, "inventory_items").await;
    assert_eq!(["applied"], *ada.outcomes(&desk, &[other]).await);
    assert_eq!(before, bo.rows(&desk, "inventory_items").await);
}

#[tokio::test]
async fn details_go_once_they_were_read_and_the_outcome_stays() {
    let desk = Desk::open().await;
    let (mut ada, mut bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let (mine, theirs) = (nameless(&mut ada, json!({})), nameless(&mut bo, json!({})));
    let first = ada.push(&desk, std::slice::from_ref(&mine)).await.receipts;
    bo.push(&desk, std::slice::from_ref(&theirs)).await;
    assert!(first[0].message.is_some());
    let mut again = ada.pushes(std::slice::from_ref(&mine));
    // Further than anything that happened: no receipt to come is meant.
    again["acked"] = json!(1_000_000);
    let answer: counterpart_core::sync::PushAnswer = ada.ask(&desk, "sync_push", &again).await;
    let second = &answer.receipts[0];
    assert_eq!((None, None, None), (second.code.as_ref(), second.field.as_ref(), second.message.as_ref()));
    assert_eq!((first[0].outcome, first[0].n, &first[0].hash), (second.outcome, second.n, &second.hash));
    assert_eq!(["rejected needs_a_name"], *bo.outcomes(&desk, &[theirs]).await);
    let next = nameless(&mut ada, json!({}));
    assert_eq!(["rejected needs_a_name"], *ada.outcomes(&desk, &[next]).await);
}

#[tokio::test]
async fn a_late_copy_of_what_was_voided_changes_nothing() {
    let desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let lost = ada.customer("c1", "Curie");
    let void =
        ada.operation(json!({"table": "customers", "row": "c1", "kind": "void", "replaces": lost["id"]}));
    assert_eq!(["applied"], *ada.outcomes(&desk, &[void]).await);
    let head = ada.pull(&desk).await.head;
    let first = ada.push(&desk, std::slice::from_ref(&lost)).await.receipts;
    assert_eq!(first, ada.push(&desk, std::slice::from_ref(&lost)).await.receipts);
    assert_eq!(Some("voided"), first[0].code.as_deref());
    assert_eq!(head, ada.pull(&desk).await.head);
    assert!(ada.rows(&desk, "customers").await.is_empty());
}

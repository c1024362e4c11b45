//! What the ledger makes of concurrent work beyond the merge of a field: choices made late, deletions, values that one
//! row alone should have.

use crate::desk::Desk;
use crate::device::Device;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_hub::ledger::Ledger;
use serde_json::{Value, json};

/// A patch of one field, made on a version.
fn patch(device: &mut Device, (table, row): (&str, &str), field: &str, to: Value, on: i64) -> Value {
    device.operation(json!({"table": table, "row": row, "kind": "patch",
        "fields": {field: {"to": to, "on": on}}}))
}

async fn head(desk: &Desk, device: &Device) -> i64 {
    device.pull(desk).await.head.n
}

async fn conflicts(desk: &Desk, device: &Device) -> Vec<Value> {
    let rows = device.rows(desk, "conflicts").await;
    rows.into_iter().filter(|row| row["open"] == json!(true)).collect()
}

/// A ticket whose internal notes Ada and Bo wrote without knowing of each other; Ada's came second. And the version
/// before.
async fn clashed(desk: &Desk) -> (Device, Device, i64) {
    let (mut ada, mut bo) = (Device::ada(desk).await, Device::bo(desk).await);
    let customer = bo.customer("c1", "Curie");
    let ticket = bo.operation(json!({"table": "tickets", "row": "t1", "kind": "insert",
        "fields": {"customer_id": {"to": "c1"}, "subject": {"to": "screen"}}}));
    assert_eq!(["applied"; 2], *bo.outcomes(desk, &[customer, ticket]).await);
    let on = head(desk, &bo).await;
    let (theirs, mine) = (
        patch(&mut bo, ("tickets", "t1"), FIELD, json!("bo"), on),
        patch(&mut ada, ("tickets", "t1"), FIELD, json!("ada"), on),
    );
    assert_eq!(["applied"], *bo.outcomes(desk, &[theirs]).await);
    assert_eq!(["conflict conflict"], *ada.outcomes(desk, &[mine]).await);
    (ada, bo, on)
}

const FIELD: &str = "problem";

async fn close(desk: &Desk, device: &mut Device, conflict: &Value, on: i64) -> Vec<String> {
    let id = conflict["id"].as_str().unwrap();
    let closes = patch(device, ("conflicts", id), "open", json!(false), on);
    device.outcomes(desk, &[closes]).await
}

#[tokio::test]
async fn the_first_choice_closes_a_conflict_and_a_later_one_opens_it_again() {
    let desk = Desk::open().await;
    let (mut ada, mut bo, _) = clashed(&desk).await;
    let conflict = conflicts(&desk, &bo).await.remove(0);
    let seen = head(&desk, &bo).await;
    assert_eq!(["applied"], *close(&desk, &mut bo, &conflict, seen).await);
    assert!(conflicts(&desk, &bo).await.is_empty());
    assert_eq!(["conflict reopened"], *close(&desk, &mut ada, &conflict, seen).await);
    assert_eq!(1, conflicts(&desk, &bo).await.len());
    let seen = head(&desk, &bo).await;
    assert_eq!(["applied"], *close(&desk, &mut bo, &conflict, seen).await);
    assert!(conflicts(&desk, &bo).await.is_empty());
}

#[tokio::test]
async fn a_choice_on_a_field_that_was_changed_again_leaves_the_conflict_open_with_what_is_there_now() {
    let desk = Desk::open().await;
    let (mut ada, mut bo, _) = clashed(&desk).await;
    let conflict = conflicts(&desk, &bo).await.remove(0);
    let seen = head(&desk, &bo).await;
    let again = patch(&mut ada, ("tickets", "t1"), FIELD, json!("ada again"), seen);
    assert_eq!(["applied"], *ada.outcomes(&desk, &[again]).await);
    assert_eq!(["conflict reopened"], *close(&desk, &mut bo, &conflict, seen).await);
    assert_eq!("ada again", conflicts(&desk, &bo).await[0]["theirs"]);
}

#[tokio::test]
async fn a_second_loss_brings_the_open_conflict_up_to_date_and_an_older_choice_does_not_close_it() {
    let desk = Desk::open().await;
    let (mut ada, mut bo, on) = clashed(&desk).await;
    let first = conflicts(&desk, &bo).await.remove(0);
    let seen = head(&desk, &bo).await;
    let second = patch(&mut ada, ("tickets", "t1"), FIELD, json!("ada's second"), on);
    assert_eq!(["conflict conflict"], *ada.outcomes(&desk, &[second]).await);
    let open = conflicts(&desk, &bo).await;
    assert_eq!(1, open.len());
    let kept = |name: &str| (first[name].clone(), open[0][name].clone());
    for name in ["id", "base", "created_at", "theirs"] {
        let (before, after) = kept(name);
        assert_eq!(before, after, "{name}");
    }
    assert_eq!("ada's second", open[0]["mine"]);
    assert_eq!(["conflict reopened"], *close(&desk, &mut bo, &first, seen).await);
}

#[tokio::test]
async fn a_base_that_is_no_commit_of_these_books_counts_as_concurrent() {
    let desk = Desk::open().await;
    let (mut ada, _, _) = clashed(&desk).await;
    for (on, outcome) in [(1_000, "conflict conflict"), (-1, "conflict conflict"), (0, "conflict conflict")] {
        let edit = patch(&mut ada, ("tickets", "t1"), FIELD, json!(format!("on {on}")), on);
        assert_eq!([outcome], *ada.outcomes(&desk, &[edit]).await, "{on}");
    }
}

#[tokio::test]
async fn an_edit_and_a_deletion_that_meet_tell_both_people() {
    let desk = Desk::open().await;
    let (mut tess, mut bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    for (row, deletes_first) in [("c1", true), ("c2", false), ("c3", false)] {
        let customer = bo.customer(row, "Curie");
        bo.push(&desk, &[customer]).await;
        let on = if row == "c3" { 1_000 } else { head(&desk, &bo).await };
        let seen = head(&desk, &tess).await;
        let edit = patch(&mut tess, ("customers", row), "notes", json!("tall"), seen);
        let delete = bo.operation(json!({"table": "customers", "row": row, "kind": "delete", "on": on}));
        if deletes_first {
            assert_eq!(["applied"], *bo.outcomes(&desk, &[delete]).await);
            assert_eq!(["applied brought_back"], *tess.outcomes(&desk, &[edit]).await);
        } else {
            assert_eq!(["applied"], *tess.outcomes(&desk, &[edit]).await);
            assert_eq!(["merged edited_meanwhile"], *bo.outcomes(&desk, &[delete]).await, "{row}");
        }
    }
    assert!(bo.rows(&desk, "customers").await.iter().all(|row| row["deleted_at"].is_null()));
}

async fn sign_in_again(desk: &Desk) -> (String, String) {
    (desk.sign_in("ada@example.org").await.access, desk.sign_in("bo@example.org").await.access)
}

#[tokio::test]
async fn what_was_deleted_long_ago_is_empty_stays_deleted_and_can_be_made_again() {
    let mut desk = Desk::open().await;
    let (mut tess, mut bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let customer = bo.customer("c1", "Curie");
    bo.push(&desk, &[customer]).await;
    let on = head(&desk, &bo).await;
    let delete = bo.operation(json!({"table": "customers", "row": "c1", "kind": "delete", "on": on}));
    bo.push(&desk, &[delete]).await;
    let before = bo.rows(&desk, "customers").await;
    desk.clock.advance(std::time::Duration::from_secs(179 * 86_400));
    desk.restart().await;
    (tess.access, bo.access) = sign_in_again(&desk).await;
    assert_eq!(before, bo.rows(&desk, "customers").await);
    desk.clock.advance(std::time::Duration::from_secs(2 * 86_400));
    desk.restart().await;
    (tess.access, bo.access) = sign_in_again(&desk).await;
    let row = bo.rows(&desk, "customers").await.remove(0);
    assert_eq!((&Value::Null, &before[0]["deleted_at"]), (&row["last_name"], &row["deleted_at"]));
    let ledger = Ledger::open(&desk.books(), &REPAIR_SHOP, Env::system()).unwrap();
    assert!(ledger.look().unwrap().is_empty());
    let late = patch(&mut tess, ("customers", "c1"), "notes", json!("tall"), on);
    assert_eq!(["rejected deleted"], *tess.outcomes(&desk, &[late]).await);
    let again = tess.customer("c1", "Curie");
    assert_eq!(["applied"], *tess.outcomes(&desk, &[again]).await);
}

#[tokio::test]
async fn two_items_with_one_number_are_a_conflict_until_one_changes_or_goes() {
    let desk = Desk::open().await;
    let mut bo = Device::bo(&desk).await;
    let item = |bo: &mut Device, row: &str| {
        bo.operation(json!({"table": "inventory_items", "row": row, "kind": "insert",
            "fields": {"name": {"to": row}, "sku": {"to": "G1"}}}))
    };
    let one = item(&mut bo, "i1");
    assert_eq!(["applied"], *bo.outcomes(&desk, &[one]).await);
    for ending in ["changed", "deleted", "other_changed"] {
        let other = item(&mut bo, "i2");
        assert_eq!(["conflict not_unique"], *bo.outcomes(&desk, &[other]).await, "{ending}");
        let open = conflicts(&desk, &bo).await;
        assert_eq!(1, open.len());
        let named = (&open[0]["row_id"], &open[0]["base"]["row"], &open[0]["field"]);
        assert_eq!((&json!("i2"), &json!("i1"), &json!("sku")), named);
        // Said to be none while both still have it: it is one.
        let seen = head(&desk, &bo).await;
        assert_eq!(["conflict reopened"], *close(&desk, &mut bo, &open[0], seen).await);
        let seen = head(&desk, &bo).await;
        let mut delete = |row: &str| {
            bo.operation(json!({"table": "inventory_items", "row": row, "kind": "delete", "on": seen}))
        };
        let ends = match ending {
            "deleted" => vec![delete("i2")],
            "changed" => {
                let delete = delete("i2");
                vec![patch(&mut bo, ("inventory_items", "i2"), "sku", json!("G2"), seen), delete]
            }
            _ => vec![patch(&mut bo, ("inventory_items", "i1"), "sku", json!("G3"), seen)],
        };
        assert!(bo.outcomes(&desk, &ends).await.iter().all(|outcome| outcome == "applied"));
        assert!(conflicts(&desk, &bo).await.is_empty(), "{ending}");
    }
}

#[tokio::test]
async fn a_status_that_comes_too_late_is_kept_as_history_and_its_author_hears_of_it() {
    let desk = Desk::open().await;
    let (mut ada, mut bo, _) = clashed(&desk).await;
    let moves = |device: &mut Device, row: &str, from: &str, to: &str| {
        device.operation(json!({"table": "ticket_events", "row": row, "kind": "append",
            "fields": {"ticket_id": {"to": "t1"}, "from": {"to": from}, "to": {"to": to}}}))
    };
    for (device, row, from, to, outcome) in [
        (true, "e1", "received", "diagnosing", "applied"),
        (true, "e2", "diagnosing", "cancelled", "applied"),
        (false, "e3", "received", "diagnosing", "applied history"),
    ] {
        let device = if device { &mut bo } else { &mut ada };
        let event = moves(device, row, from, to);
        assert_eq!([outcome], *device.outcomes(&desk, &[event]).await, "{row}");
    }
}

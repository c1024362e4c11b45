//! Two devices change one thing: what each policy makes of it.

use super::device::Device;
use super::stage::later;
use super::{Stage, Who};
use serde_json::{Value as Json, json};

/// A manager's and a technician's device, offline, which both know a row.
fn two_offline(stage: &mut Stage, table: &str, row: Json) -> (Device, Device, String) {
    let (mut first, mut second) = (stage.device(Who::Manager), stage.device(Who::Tess));
    let mut row = row;
    if table == "tickets" {
        row["customer_id"] = json!(first.customer("Okafor"));
    }
    let id = first.save(table, row);
    first.idle();
    second.sync();
    first.down();
    second.down();
    (first, second, id)
}

/// They come back, one after the other, and agree on the row.
fn meet(stage: &Stage, table: &str, id: &str, first: &mut Device, second: &mut Device) -> Json {
    first.back();
    second.back();
    first.sync();
    stage.equal(&mut [first, second]);
    let (mine, theirs) = (first.get(table, id), second.get(table, id));
    let shown = |row: &Json| {
        let mut row = row.clone();
        for own in ["status", "unread"] {
            row.as_object_mut().unwrap().remove(own);
        }
        row
    };
    assert_eq!(shown(&mine), shown(&theirs));
    mine
}

/// L: whoever wrote later wins, whoever arrives first.
pub(super) fn later_value_wins(stage: &mut Stage) {
    let (mut mo, mut tess, id) = two_offline(stage, "tickets", json!({ "subject": "Screen" }));
    mo.set("tickets", &id, json!({ "subject": "Display", "device_colour": "red" }));
    later();
    tess.set("tickets", &id, json!({ "subject": "Glass" }));
    later();
    mo.set("tickets", &id, json!({ "device_model": "4" }));
    // The later one arrives first.
    let row = meet(stage, "tickets", &id, &mut tess, &mut mo);
    assert_eq!(
        (&row["subject"], &row["device_colour"], &row["device_model"]),
        (&json!("Glass"), &json!("red"), &json!("4"))
    );
    assert_eq!(mo.conflicts().len(), 0);
}

/// S: what each adds comes in, what each takes away goes.
pub(super) fn sets_merge_by_element(stage: &mut Stage) {
    let tags = json!({ "last_name": "Okafor", "tags": ["late", "loud"] });
    let (mut mo, mut tess, id) = two_offline(stage, "customers", tags);
    mo.set("customers", &id, json!({ "tags": ["late", "loud", "vip"] }));
    tess.set("customers", &id, json!({ "tags": ["late", "kind"] }));
    let row = meet(stage, "customers", &id, &mut mo, &mut tess);
    let mut tags: Vec<&str> =
        row["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["kind", "late", "vip"]);
}

/// L by entry: each entry of a map is a field of its own.
pub(super) fn maps_merge_by_entry(stage: &mut Stage) {
    let list = json!({ "subject": "Screen", "intake_checklist": { "wifi": "untested" } });
    let (mut mo, mut tess, id) = two_offline(stage, "tickets", list);
    mo.set("tickets", &id, json!({ "intake_checklist": { "wifi": "pass" } }));
    tess.set("tickets", &id, json!({ "intake_checklist": { "wifi": "untested", "camera": "fail" } }));
    let row = meet(stage, "tickets", &id, &mut mo, &mut tess);
    assert_eq!(row["intake_checklist"], json!({ "camera": "fail", "wifi": "pass" }));
}

/// T: whoever did not know that somebody said yes cannot take it back.
pub(super) fn true_wins(stage: &mut Stage) {
    let (mut mo, mut tess, id) =
        two_offline(stage, "customers", json!({ "last_name": "Okafor", "sms_opt_out": true }));
    mo.set("customers", &id, json!({ "sms_opt_out": false }));
    mo.back();
    mo.set("customers", &id, json!({ "sms_opt_out": true }));
    later();
    tess.set("customers", &id, json!({ "sms_opt_out": false }));
    let row = meet(stage, "customers", &id, &mut mo, &mut tess);
    assert_eq!(row["sms_opt_out"], json!(true));
}

/// Z: what a manager set stands, also against a later value of somebody who had not seen it; others may not at all.
pub(super) fn managers_field_keeps_what_is_there(stage: &mut Stage) {
    let (mut mo, mut tess, id) =
        two_offline(stage, "inventory_items", json!({ "name": "Display", "price_cents": 9_000 }));
    let price = |price: i64| json!({ "table": "inventory_items", "row": { "id": id, "price_cents": price } });
    assert_eq!(tess.code("save", price(1)), "denied");
    let mut owner = stage.device(Who::Owner);
    owner.down();
    mo.ok("save", price(9_500));
    later();
    owner.ok("save", price(8_000));
    let row = meet(stage, "inventory_items", &id, &mut mo, &mut owner);
    assert_eq!(row["price_cents"], json!(9_500));
    assert_eq!((owner.parked().len(), owner.conflicts().len()), (0, 0));
    tess.back();
    stage.equal(&mut [&mut mo, &mut tess]);
}

fn two_texts(stage: &mut Stage) -> (Device, Device, String) {
    let (mut mo, mut tess, id) =
        two_offline(stage, "tickets", json!({ "subject": "Screen", "problem": "broken" }));
    mo.set("tickets", &id, json!({ "problem": "cracked" }));
    tess.set("tickets", &id, json!({ "problem": "black" }));
    let row = meet(stage, "tickets", &id, &mut mo, &mut tess);
    assert_eq!(row["problem"], json!("cracked"), "what was there first is shown until somebody chooses");
    (mo, tess, id)
}

/// M: both texts are kept, and everybody sees that somebody has to choose.
pub(super) fn two_texts_are_a_conflict(stage: &mut Stage) {
    let (mut mo, mut tess, id) = two_texts(stage);
    for device in [&mut mo, &mut tess] {
        let conflicts = device.conflicts();
        assert_eq!(conflicts.len(), 1);
        let conflict = &conflicts[0];
        assert_eq!(
            (&conflict["table"], &conflict["id"], &conflict["field"]),
            (&json!("tickets"), &json!(id), &json!("problem"))
        );
        assert_eq!(
            (&conflict["base"], &conflict["mine"], &conflict["theirs"]),
            (&json!("broken"), &json!("black"), &json!("cracked"))
        );
        assert!(conflict["by"].is_string());
        assert_eq!(device.state()["conflicts"], json!(1));
        assert_eq!(device.get("tickets", &id)["status"], json!("conflict"));
    }
    let conflict = tess.conflicts()[0]["conflict"].clone();
    tess.ok("resolve", json!({ "conflict": conflict, "with": "mine" }));
    let row = meet(stage, "tickets", &id, &mut tess, &mut mo);
    assert_eq!(row["problem"], json!("black"));
    assert_eq!((mo.conflicts().len(), tess.conflicts().len()), (0, 0));
}

/// Whoever did not write either text chooses a third.
pub(super) fn conflict_is_resolved_from_the_other_device(stage: &mut Stage) {
    let (mut mo, mut tess, id) = two_texts(stage);
    let mut owner = stage.device(Who::Owner);
    let conflict = owner.conflicts()[0]["conflict"].clone();
    owner.ok("resolve", json!({ "conflict": conflict, "with": { "value": "cracked and black" } }));
    owner.idle();
    let row = meet(stage, "tickets", &id, &mut mo, &mut tess);
    assert_eq!(row["problem"], json!("cracked and black"));
    assert_eq!((mo.conflicts().len(), tess.conflicts().len()), (0, 0));
    // Resolved is resolved: the same choice again finds nothing.
    assert_eq!(tess.code("resolve", json!({ "conflict": conflict, "with": "mine" })), "not_found");
}

/// A tablet that was late does not take a ticket back.
pub(super) fn late_status_is_history(stage: &mut Stage) {
    let (mut mo, mut tess, id) = two_offline(stage, "tickets", json!({ "subject": "Screen" }));
    for to in ["diagnosing", "in_repair", "ready"] {
        mo.moves(&id, to);
    }
    tess.moves(&id, "diagnosing");
    meet(stage, "tickets", &id, &mut mo, &mut tess);
    for device in [&mut mo, &mut tess] {
        let view = device.ok("ticket", json!({ "id": id }));
        assert_eq!(view["ticket"]["status"], json!("ready"));
        let events = view["events"].as_array().unwrap();
        let mut outcomes: Vec<&str> = events.iter().map(|event| event["outcome"].as_str().unwrap()).collect();
        outcomes.sort_unstable();
        assert_eq!(
            (outcomes.len(), outcomes.iter().filter(|one| **one == "applied").count()),
            (4, 3),
            "{outcomes:?}"
        );
    }
}

//! The queue: what cannot be taken waits for a person, and everything else goes on.

use super::device::Device;
use super::proxy::{Fault, error};
use super::{Stage, Who};
use serde_json::json;

/// What no server can store is refused before it is written down.
pub(super) fn unstorable_text_is_refused_at_once(stage: &mut Stage) {
    let mut owner = stage.device(Who::Owner);
    let poison = json!({ "table": "customers", "row": { "last_name": "Oka\u{0}for" } });
    owner.code("save", poison);
    let half = br#"{"call":"save","table":"customers","row":{"last_name":"Oka\ud800for"}}"#;
    assert_eq!(owner.raw(half)["error"]["code"], json!("bad_request"));
    assert_eq!(owner.state()["pending"], json!(0));
    let customer = owner.customer("Okafor");
    owner.idle();
    assert_eq!(owner.get("customers", &customer)["status"], json!("synced"));
}

/// A server that chokes on one operation among many gets all the others, and the one waits for a person.
pub(super) fn poison_operation_parks_alone(stage: &mut Stage) {
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
    owner.down();
    let before: Vec<String> = (0..6).map(|_| owner.customer("Okafor")).collect();
    let poison = owner.customer("Poison");
    let after: Vec<String> = (0..6).map(|_| owner.customer("Okafor")).collect();
    proxy.next_few(1_000, "sync_push", "Poison", Fault::Instead(error("400 Bad Request", "22P05")));
    owner.back();
    let parked = owner.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!((&parked[0]["table"], &parked[0]["id"]), (&json!("customers"), &json!(poison)));
    assert_eq!(owner.get("customers", &poison)["status"], json!("failed"));
    tess.sync();
    assert!(before.iter().chain(&after).all(|id| tess.get("customers", id)["status"] == json!("synced")));
    assert!(tess.get("customers", &poison).is_null());
    // A person mends it, and it goes: once it is certain that no server has the broken one.
    let mended = json!({ "operation": parked[0]["operation"], "row": { "last_name": "Mended" } });
    assert_eq!(owner.code("edit_parked", mended.clone()), "unanswered");
    owner.idle();
    assert_eq!(owner.parked()[0]["code"], json!("voided"));
    owner.ok("edit_parked", mended);
    owner.idle();
    tess.sync();
    assert_eq!(tess.get("customers", &poison)["last_name"], json!("Mended"));
    stage.equal(&mut [&mut owner, &mut tess]);
}

/// Nobody knows whether the server has it, and the person throws it away: a copy that arrives later never counts.
pub(super) fn void_of_an_unanswered_operation(stage: &mut Stage) {
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
    let broken = error("500 Internal Server Error", "XX000");
    proxy.next_few(1_000, "sync_push", "Unheard", Fault::Instead(broken));
    let id = owner.customer("Unheard");
    owner.idle();
    let parked = owner.parked();
    assert_eq!((parked.len(), &parked[0]["id"]), (1, &json!(id)), "{parked:?}");
    owner.ok("discard", json!({ "operation": parked[0]["operation"] }));
    owner.idle();
    proxy.again("sync_push", "Unheard");
    stage.equal(&mut [&mut owner, &mut tess]);
    assert!(owner.get("customers", &id).is_null() && tess.get("customers", &id).is_null());
    assert_eq!(owner.parked().len(), 0);
}

/// The same, but the server had taken it: it stands, and the device shows so.
pub(super) fn void_of_an_operation_that_stands(stage: &mut Stage) {
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
    proxy.next_few(1, "sync_push", "Taken", Fault::AnswerHeld);
    let id = owner.customer("Taken");
    proxy.struck();
    let operation = proxy.last("sync_push", "Taken")["ops"][0]["id"].clone();
    owner.ok("discard", json!({ "operation": operation }));
    owner.down();
    proxy.let_go();
    owner.back();
    stage.equal(&mut [&mut owner, &mut tess]);
    for device in [&mut owner, &mut tess] {
        let row = device.get("customers", &id);
        assert_eq!((&row["last_name"], &row["status"]), (&json!("Taken"), &json!("synced")));
    }
    assert_eq!(owner.parked().len(), 0);
}

/// A manager's and a technician's device that both know a customer; the second one is offline.
fn two_with_a_customer(stage: &mut Stage) -> (Device, Device, String) {
    let (mut manager, mut tess) = (stage.device(Who::Manager), stage.device(Who::Tess));
    let customer = manager.customer("Okafor");
    manager.idle();
    tess.sync();
    (manager, tess, customer)
}

/// An edit by somebody who did not know of the deletion brings the row back.
pub(super) fn late_write_after_delete(stage: &mut Stage) {
    let (mut manager, mut tess, customer) = two_with_a_customer(stage);
    tess.down();
    tess.set("customers", &customer, json!({ "first_name": "Ngozi" }));
    manager.ok("delete", json!({ "table": "customers", "id": customer }));
    manager.idle();
    assert!(manager.get("customers", &customer).is_null());
    tess.back();
    stage.equal(&mut [&mut manager, &mut tess]);
    for device in [&mut manager, &mut tess] {
        let row = device.get("customers", &customer);
        assert_eq!((&row["last_name"], &row["first_name"]), (&json!("Okafor"), &json!("Ngozi")));
    }
}

/// A deletion by somebody who did not know of an edit takes nothing away.
pub(super) fn late_delete_after_write(stage: &mut Stage) {
    let (mut manager, mut tess, customer) = two_with_a_customer(stage);
    manager.down();
    manager.ok("delete", json!({ "table": "customers", "id": customer }));
    tess.set("customers", &customer, json!({ "first_name": "Ngozi" }));
    tess.idle();
    manager.back();
    stage.equal(&mut [&mut manager, &mut tess]);
    for device in [&mut manager, &mut tess] {
        assert_eq!(device.get("customers", &customer)["first_name"], json!("Ngozi"));
    }
}

/// Whoever has something here for repair is not deleted, also by somebody who had not heard of the ticket.
pub(super) fn deleted_customer_with_open_tickets(stage: &mut Stage) {
    let (mut manager, mut tess, customer) = two_with_a_customer(stage);
    manager.down();
    manager.ok("delete", json!({ "table": "customers", "id": customer }));
    let ticket = tess.ticket(&customer);
    tess.idle();
    manager.back();
    let parked = manager.parked();
    assert_eq!((parked.len(), &parked[0]["code"]), (1, &json!("has_open_tickets")), "{parked:?}");
    manager.ok("discard", json!({ "operation": parked[0]["operation"] }));
    stage.equal(&mut [&mut manager, &mut tess]);
    for device in [&mut manager, &mut tess] {
        assert_eq!(device.get("customers", &customer)["last_name"], json!("Okafor"));
        assert_eq!(device.get("tickets", &ticket)["customer_id"], json!(customer));
    }
}

/// The other way round: a ticket that was taken in offline brings its customer back.
pub(super) fn ticket_of_a_customer_who_was_deleted(stage: &mut Stage) {
    let (mut manager, mut tess, customer) = two_with_a_customer(stage);
    tess.down();
    let ticket = tess.ticket(&customer);
    manager.ok("delete", json!({ "table": "customers", "id": customer }));
    manager.idle();
    tess.back();
    stage.equal(&mut [&mut manager, &mut tess]);
    for device in [&mut manager, &mut tess] {
        assert_eq!(device.get("tickets", &ticket)["customer_id"], json!(customer));
        assert_eq!(device.get("customers", &customer)["last_name"], json!("Okafor"));
    }
}

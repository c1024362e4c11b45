//! The network is bad, or gone.

use super::proxy::{Fault, error, page};
use super::{Stage, Who};
use serde_json::json;

/// A technician works a week without a network, while the shop goes on.
pub(super) fn offline_week(stage: &mut Stage) {
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let item = owner.save("inventory_items", json!({ "name": "Display" }));
    owner.ok("receive", json!({ "item": item, "quantity": 100 }));
    owner.idle();
    tess.sync();
    tess.down();
    let mut tickets = Vec::new();
    for day in 0..6 {
        let theirs = owner.customer(&format!("Online {day}"));
        owner.ticket(&theirs);
        for _ in 0..4 {
            let customer = tess.customer("Okafor");
            let ticket = tess.ticket(&customer);
            tess.save("ticket_notes", json!({ "ticket_id": ticket, "kind": "internal", "body": "dropped" }));
            tess.ok("use_part", json!({ "ticket": ticket, "item": item, "quantity": 1 }));
            tess.moves(&ticket, "diagnosing");
            tess.moves(&ticket, "in_repair");
            tickets.push(ticket);
        }
    }
    assert!(tess.state()["pending"].as_u64().unwrap() >= 24 * 7);
    tess.back();
    owner.sync();
    assert_eq!(owner.get("inventory_items", &item)["quantity"], json!(76));
    for ticket in &tickets {
        assert_eq!(owner.get("tickets", ticket)["status"], json!("synced"));
        assert_eq!(owner.ok("ticket", json!({ "id": ticket }))["ticket"]["status"], json!("in_repair"));
    }
    assert_eq!((tess.parked().len(), tess.conflicts().len()), (0, 0));
    stage.equal(&mut [&mut owner, &mut tess]);
}

/// Goods come in on a device behind a proxy: however often the request travels, they came in once.
fn goods_come_in_once(stage: &mut Stage, fault: Fault) {
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
    let item = owner.save("inventory_items", json!({ "name": "Display" }));
    owner.idle();
    proxy.next_few(1, "sync_push", "receive", fault);
    owner.ok("receive", json!({ "item": item, "quantity": 5 }));
    proxy.struck();
    owner.idle();
    tess.sync();
    for device in [&mut owner, &mut tess] {
        assert_eq!(device.get("inventory_items", &item)["quantity"], json!(5));
        assert_eq!(device.list("stock_movements").len(), 1);
    }
    assert_eq!((owner.state()["failed"].clone(), owner.parked().len()), (json!(0), 0));
    stage.equal(&mut [&mut owner, &mut tess]);
}

/// The server took it, and the device never heard so.
pub(super) fn lost_acknowledgement(stage: &mut Stage) {
    goods_come_in_once(stage, Fault::AnswerLost);
}

/// The network delivers a push twice.
pub(super) fn duplicate_delivery(stage: &mut Stage) {
    goods_come_in_once(stage, Fault::Twice);
}

/// The connection breaks in the middle of the answer.
pub(super) fn cut_off_in_the_middle(stage: &mut Stage) {
    goods_come_in_once(stage, Fault::AnswerCut(40));
}

/// A hotel's page answers in the server's place.
pub(super) fn captive_portal(stage: &mut Stage) {
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
    let html = "<!doctype html><title>Sign in to the Wi-Fi</title>";
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    for portal in
        [page("200 OK", "text/html", html), redirect.into(), page("200 OK", "application/json", "{}")]
    {
        proxy.all(Some(Fault::Instead(portal)));
        let customer = owner.customer("Okafor");
        assert_eq!(owner.code("sync", json!({})), "needs_server");
        let state = owner.state();
        assert_eq!((&state["online"], &state["reachable"]), (&json!(true), &json!(false)), "{state}");
        assert_eq!((owner.parked().len(), owner.conflicts().len()), (0, 0));
        assert!(tess.get("customers", &customer).is_null());
        proxy.all(None);
        owner.up();
        owner.idle();
        tess.sync();
        assert_eq!(tess.get("customers", &customer)["status"], json!("synced"));
    }
    stage.equal(&mut [&mut owner, &mut tess]);
}

/// The token ran out between two pushes: it is renewed, and nobody notices.
pub(super) fn expired_token_mid_push(stage: &mut Stage) {
    let proxy = stage.proxy();
    let mut owner = stage.device_behind(&proxy, Who::Owner);
    let refreshes = proxy.calls("token");
    proxy.next("sync_push", Fault::Instead(error("401 Unauthorized", "PGRST303")));
    let customer = owner.customer("Okafor");
    owner.idle();
    assert_eq!(proxy.calls("token"), refreshes + 1, "one refresh");
    assert_eq!(owner.get("customers", &customer)["status"], json!("synced"));
    let mut tess = stage.device(Who::Tess);
    stage.equal(&mut [&mut owner, &mut tess]);
}

/// The server is gone, the network is not: the device says which, loses nothing, and goes on by itself.
pub(super) fn server_unreachable_is_not_offline(stage: &mut Stage) {
    let mut owner = stage.device(Who::Owner);
    stage.backend.kill();
    let customer = owner.customer("Okafor");
    assert_eq!(owner.code("sync", json!({})), "needs_server");
    let state = owner.state();
    assert_eq!((&state["online"], &state["reachable"]), (&json!(true), &json!(false)), "{state}");
    owner.down();
    assert_eq!(owner.state()["online"], json!(false));
    owner.up();
    stage.backend.start();
    owner.idle();
    assert_eq!(owner.state()["reachable"], json!(true));
    assert_eq!(owner.get("customers", &customer)["status"], json!("synced"));
    let mut tess = stage.device(Who::Tess);
    stage.equal(&mut [&mut owner, &mut tess]);
}

//! Signed in at a hub.

use super::device::Device;
use counterpart_tests::scenarios::backend::{Address, Backend, Login, Who};
use counterpart_tests::scenarios::hub_sqlite::{HubSqlite, Template};
use serde_json::{Value as Json, json};
use std::path::Path;
use tempfile::{TempDir, tempdir};

/// A hub with a shop and its people.
fn hub() -> HubSqlite {
    Template::make(Path::new(env!("CARGO_BIN_EXE_hub"))).open()
}

fn sign_in(hub: &HubSqlite, who: Who) -> Json {
    let (Address { url, anon_key }, Login { email, password }) = (hub.address(), hub.login(who));
    json!({ "call": "sign_in", "url": url, "anon_key": anon_key, "email": email, "password": password })
}

/// A device of somebody's, online.
fn online(hub: &HubSqlite, folder: &TempDir, who: Who) -> Device {
    let mut device = Device::start();
    assert_eq!(device.ok(json!({ "call": "open", "path": folder.path() })), Json::Null);
    let signed_in = device.ok(sign_in(hub, who));
    assert_eq!(signed_in, json!({ "shop": hub.shop(), "must_change_password": true }));
    device.ok(json!({ "call": "network", "up": true }));
    device
}

#[test]
fn two_devices_meet_at_a_hub_and_are_equal() {
    let hub = hub();
    let (adas, bos) = (tempdir().unwrap(), tempdir().unwrap());
    let (mut ada, mut bo) = (online(&hub, &adas, Who::Tess), online(&hub, &bos, Who::Manager));
    let idle = json!({ "call": "idle", "timeout_ms": 60_000 });
    let sync = json!({ "call": "sync" });
    let id = ada.save("customers", json!({ "last_name": "Okafor" }));
    ada.ok(idle.clone());
    assert_eq!(ada.get("customers", &id)["status"], json!("synced"));
    bo.ok(sync.clone());
    assert_eq!(bo.get("customers", &id)["last_name"], json!("Okafor"));
    assert_eq!(bo.ok(json!({ "call": "who" }))["role"], json!("manager"));

    bo.ok(json!({ "call": "network", "up": false }));
    assert_eq!(bo.code(sync.clone()), "needs_server");
    bo.save("customers", json!({ "id": id, "first_name": "Ngozi" }));
    assert_eq!(bo.code(json!({ "call": "idle", "timeout_ms": 1 })), "busy");
    bo.kill();
    let mut bo = Device::start();
    assert_eq!(bo.ok(json!({ "call": "open", "path": bos.path() })), json!({ "shop": hub.shop() }));
    assert_eq!(
        bo.ok(json!({ "call": "state" }))["online"],
        json!(false),
        "a device starts with the network down"
    );
    assert_eq!(bo.get("customers", &id)["status"], json!("pending"));
    bo.ok(json!({ "call": "network", "up": true }));
    bo.ok(idle);
    ada.ok(sync.clone());
    bo.ok(sync.clone());
    assert_eq!(ada.get("customers", &id)["first_name"], json!("Ngozi"));
    assert_eq!(ada.ok(json!({ "call": "checksum" })), bo.ok(json!({ "call": "checksum" })));

    bo.ok(json!({ "call": "watch" }));
    let poked = ada.save("customers", json!({ "last_name": "Poked" }));
    bo.event(|event| event["changed"]["rows"][0]["id"] == json!(poked));
    bo.ok(json!({ "call": "suspend" }));
    bo.ok(json!({ "call": "resume" }));
    bo.ok(sync.clone());
    bo.ok(json!({ "call": "watch", "on": false }));
    bo.ok(json!({ "call": "sign_out" }));
    assert_eq!(bo.code(sync), "signed_out");
    ada.end();
}

#[test]
fn a_sign_in_that_is_refused_opens_nothing() {
    let hub = hub();
    let folder = tempdir().unwrap();
    let mut device = Device::start();
    device.ok(json!({ "call": "open", "path": folder.path() }));
    let right = sign_in(&hub, Who::Tess);
    for (field, value, code) in [
        ("password", "a wrong one", "wrong_credentials"),
        ("anon_key", "sb_publishable_wrong", "needs_server"),
        ("url", "http://hub.example", "https"),
        ("shop", "00000000-0000-0000-0000-000000000002", "denied"),
    ] {
        let mut wrong = right.clone();
        wrong[field] = json!(value);
        assert_eq!(device.code(wrong), code, "{field}");
        assert_eq!(device.code(json!({ "call": "state" })), "signed_out");
    }
    device.ok(right);
    device.end();
}

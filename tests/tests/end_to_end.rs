//! Hub and devices as processes, over real sockets: killed, stopped, cut off in the middle, and lied to. Whatever was
//! acknowledged is there, and everybody ends equal.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_tests::scenarios::hub_sqlite::Template;
use counterpart_tests::scenarios::proxy::{Fault, page};
use counterpart_tests::scenarios::wire::Caller;
use counterpart_tests::scenarios::{Programs, Stage, Who};
use rustix::process::{Signal, kill_process};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;

static PROGRAMS: LazyLock<Programs> = LazyLock::new(|| Programs {
    device: env!("CARGO_BIN_EXE_device").into(),
    hub: env!("CARGO_BIN_EXE_hub").into(),
});
static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::make(Path::new(&PROGRAMS.hub)));

fn stage() -> Stage {
    Stage::new(Box::new(TEMPLATE.open()), &PROGRAMS)
}

#[test]
fn a_device_killed_between_save_and_sync_loses_nothing() {
    let mut stage = stage();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let mut customers = Vec::new();
    for round in 0..4 {
        // With the network up the kill falls wherever the push happens to be; without, certainly before it.
        if round % 2 == 0 {
            tess.down();
        }
        customers.push(tess.customer("Okafor"));
        let folder = tess.kill();
        tess = stage.device_in(&folder);
        assert!(tess.get("customers", &customers[round]).is_object());
        tess.up();
    }
    tess.idle();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert!(customers.iter().all(|id| owner.get("customers", id)["status"] == json!("synced")));
    assert_eq!(owner.list("customers").len(), customers.len());
}

#[test]
fn a_device_killed_while_its_push_is_answered_does_it_once() {
    let mut stage = stage();
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device_behind(&proxy, Who::Manager));
    let item = tess.save("inventory_items", json!({ "name": "Display" }));
    tess.idle();
    proxy.next_few(1, "sync_push", "receive", Fault::AnswerHeld);
    tess.ok("receive", json!({ "item": item, "quantity": 5 }));
    proxy.struck();
    let folder = tess.kill();
    proxy.let_go();
    let mut tess = stage.device_in(&folder);
    tess.back();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(owner.get("inventory_items", &item)["quantity"], json!(5));
}

#[test]
fn a_hub_killed_in_the_middle_of_a_push_goes_on_where_it_was() {
    // Before the request is whole, and after it is done but not answered.
    for fault in [Fault::Hangs(700), Fault::AnswerHeld] {
        let mut stage = stage();
        let proxy = stage.proxy();
        let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
        let item = owner.save("inventory_items", json!({ "name": "Display" }));
        owner.idle();
        let acknowledged = tess.customer("Curie");
        tess.idle();
        proxy.next_few(1, "sync_push", "receive", fault);
        owner.ok("receive", json!({ "item": item, "quantity": 5 }));
        proxy.struck();
        stage.backend.kill();
        proxy.let_go();
        assert_eq!(owner.code("sync", json!({})), "needs_server");
        let offline = tess.customer("Okafor");
        stage.backend.start();
        for device in [&mut owner, &mut tess] {
            device.down();
            device.back();
        }
        stage.equal(&mut [&mut owner, &mut tess]);
        for device in [&mut owner, &mut tess] {
            assert_eq!(device.get("inventory_items", &item)["quantity"], json!(5));
            assert!([&acknowledged, &offline].iter().all(|id| device.get("customers", id).is_object()));
        }
    }
}

#[test]
fn a_hub_that_is_stopped_for_a_while_is_waited_for() {
    let mut stage = stage();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    stage.backend.freeze();
    let customers: Vec<String> = (0..5).map(|_| owner.customer("Okafor")).collect();
    assert_eq!(owner.code("idle", json!({ "timeout_ms": 200 })), "busy");
    let state = owner.state();
    assert_eq!(
        (&state["online"], &state["failed"]),
        (&json!(true), &json!(0)),
        "online, and nothing is wrong yet"
    );
    assert_eq!(owner.get("customers", &customers[0])["status"], json!("syncing"));
    stage.backend.thaw();
    owner.idle();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert!(customers.iter().all(|id| tess.get("customers", id).is_object()));
}

#[test]
fn a_device_that_is_stopped_for_a_while_catches_up() {
    let mut stage = stage();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let before = tess.customer("Curie");
    kill_process(tess.pid(), Signal::STOP).unwrap();
    let meanwhile: Vec<String> = (0..50).map(|_| owner.customer("Okafor")).collect();
    owner.idle();
    kill_process(tess.pid(), Signal::CONT).unwrap();
    tess.idle();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert!(meanwhile.iter().all(|id| tess.get("customers", id).is_object()));
    assert!(owner.get("customers", &before).is_object());
}

#[test]
fn a_first_load_that_is_cut_off_goes_on_where_it_broke_off() {
    let mut stage = stage();
    let mut owner = stage.device(Who::Owner);
    owner.ok("make_up", json!({ "tickets": 10 }));
    owner.idle();
    let proxy = stage.proxy();
    let file = "GET /rest/v1/snapshots/";
    proxy.next_few(1, "", file, Fault::AnswerCut(20_000));
    let mut tess = stage.device_behind(&proxy, Who::Tess);
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!((proxy.requests(file), proxy.requests("range: bytes=")), (2, 1));

    // Somebody on the way who does not know of parts, and sends everything again.
    let proxy = stage.proxy();
    proxy.next_few(1, "", file, Fault::AnswerCut(20_000));
    proxy.next_few(
        1,
        "",
        "range: bytes=",
        Fault::Instead(page("416 Range Not Satisfiable", "text/plain", "")),
    );
    let mut other = stage.device_behind(&proxy, Who::Manager);
    stage.equal(&mut [&mut owner, &mut other]);
    assert_eq!(other.list("tickets").len(), 10);
}

#[test]
fn what_waits_on_a_slow_network_arrives_when_it_is_well() {
    let mut stage = stage();
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
    let before = proxy.calls("sync_push");
    owner.ok("simulate", json!({ "network": { "slow_ms": 3_600_000 } }));
    let customer = owner.customer("Okafor");
    assert_eq!(owner.code("idle", json!({ "timeout_ms": 200 })), "busy");
    assert_eq!(owner.get("customers", &customer)["status"], json!("syncing"));
    assert_eq!(proxy.calls("sync_push"), before, "an hour has not passed");
    owner.ok("simulate", json!({ "network": "well" }));
    owner.idle();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert!(tess.get("customers", &customer).is_object());
}

#[test]
fn a_server_that_an_inspector_makes_unreachable_is_shown_as_that() {
    let mut stage = stage();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    owner.ok("simulate", json!({ "network": "unreachable" }));
    let customer = owner.customer("Okafor");
    assert_eq!(owner.code("sync", json!({})), "needs_server");
    let state = owner.state();
    assert_eq!(
        (&state["online"], &state["reachable"], &state["failed"]),
        (&json!(true), &json!(false), &json!(1))
    );
    owner.ok("simulate", json!({ "network": "well" }));
    owner.ok("retry", json!({}));
    owner.idle();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert!(tess.get("customers", &customer).is_object());
}

#[test]
fn a_long_queue_goes_in_as_many_pushes_as_it_takes() {
    let mut stage = stage();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    tess.down();
    let customers: Vec<String> = (0..1_100).map(|_| tess.customer("Okafor")).collect();
    tess.back();
    stage.equal(&mut [&mut owner, &mut tess]);
    // Each leaves while the receipts of the one before are taken in, and none goes twice for that.
    let log = tess.ok("network_log", json!({ "limit": 1000 }));
    let pushes = log.as_array().unwrap().iter().filter(|call| call["call"] == json!("sync_push"));
    assert_eq!(pushes.count(), 3);
    assert!([0, 499, 500, 1_099].iter().all(|at| owner.get("customers", &customers[*at]).is_object()));
}

#[test]
fn a_network_that_loses_half_of_everything_delivers_everything_once() {
    let mut stage = stage();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let item = owner.save("inventory_items", json!({ "name": "Display" }));
    owner.ok("simulate", json!({ "network": { "lossy_percent": 50, "seed": 7 } }));
    for _ in 0..10 {
        owner.ok("receive", json!({ "item": item, "quantity": 1 }));
        owner.idle();
    }
    let log = owner.ok("network_log", json!({ "limit": 1000 }));
    let ended = |word: &str| log.as_array().unwrap().iter().any(|call| call["status"] == json!(word));
    assert!(ended("timed_out") && ended("broken_off") && ended("200"), "{log}");
    owner.ok("simulate", json!({ "network": "well" }));
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(tess.get("inventory_items", &item)["quantity"], json!(10));
    assert_eq!(owner.parked().len(), 0);
}

#[test]
fn an_inspector_makes_up_work_a_conflict_and_a_new_beginning() {
    let mut stage = stage();
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    owner.ok("make_up", json!({ "tickets": 12, "seed": 3 }));
    assert_eq!(owner.list("tickets").len(), 12);
    owner.idle();
    let customer = owner.list("customers")[0]["id"].as_str().unwrap().to_owned();

    owner.down();
    owner.set("customers", &customer, json!({ "notes": "bring the charger" }));
    let elsewhere = json!({ "table": "customers", "id": customer, "field": "notes", "value": "call first" });
    owner.ok("edit_elsewhere", elsewhere);
    owner.back();
    let conflicts = owner.conflicts();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(
        (&conflicts[0]["mine"], &conflicts[0]["theirs"]),
        (&json!("bring the charger"), &json!("call first"))
    );
    owner.ok("resolve", json!({ "conflict": conflicts[0]["conflict"], "with": "mine" }));
    owner.sync();

    owner.down();
    let unsent = owner.customer("Okafor");
    assert_eq!(owner.code("purge", json!({})), "unsent");
    owner.ok("force_full_sync", json!({}));
    assert!(owner.get("customers", &unsent).is_object());
    owner.back();
    owner.ok("purge", json!({}));
    owner.sync();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(owner.list("tickets").len(), 12);
}

#[test]
fn a_line_that_drops_and_dribbles_delivers_everything_once() {
    let mut stage = stage();
    let proxy = stage.proxy();
    let (mut owner, mut tess) = (stage.device_behind(&proxy, Who::Owner), stage.device(Who::Tess));
    proxy.thin(Some(97));
    let item = owner.save("inventory_items", json!({ "name": "Display" }));
    owner.idle();
    let faults = [
        Fault::Dropped,
        Fault::AnswerLost,
        Fault::AnswerCut(300),
        Fault::Twice,
        Fault::AnswerCut(0),
        Fault::Dropped,
    ];
    for (round, fault) in faults.into_iter().enumerate() {
        owner.down();
        for _ in 0..20 {
            owner.ok("receive", json!({ "item": item, "quantity": 1 }));
        }
        for function in ["sync_push", "sync_pull"] {
            proxy.next(function, fault.clone());
        }
        tess.customer("Okafor");
        owner.back();
        tess.sync();
        assert_eq!(owner.get("inventory_items", &item)["quantity"], json!(20 * (round + 1)));
    }
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(tess.get("inventory_items", &item)["quantity"], json!(120));
    assert_eq!(owner.parked().len(), 0);
}

/// A request to every function, as a device would send it, naming a shop and a device.
fn requests(shop: &str, device: &str, epoch: &str) -> Vec<(&'static str, Json)> {
    let cursor = json!({ "epoch": "", "n": 0, "tag": "" });
    let of = |mut more: Json| {
        (more["shop"], more["device"], more["epoch"]) = (json!(shop), json!(device), json!(epoch));
        more
    };
    vec![
        ("device_open", of(json!({ "generation": 0, "attempt": "a", "numbers_left": 0 }))),
        ("sync_push", of(json!({ "generation": 1, "unsent": 0, "ops": [] }))),
        ("sync_pull", of(json!({ "cursor": cursor, "limit": 10 }))),
        ("sync_range", of(json!({ "what": { "windows": {} }, "limit": 10 }))),
        ("lease_numbers", of(json!({ "generation": 1 }))),
        ("sync_checksums", of(json!({}))),
        ("sync_counts", of(json!({}))),
        ("sync_standing", of(json!({}))),
        ("sync_trail", of(json!({ "table": "customers", "id": "x", "limit": 10 }))),
        ("shop_key", of(json!({}))),
        ("station_grant", of(json!({ "employee": "e", "pin": "1234" }))),
    ]
}

#[test]
fn a_strangers_account_gets_nothing_of_a_shop_by_any_function() {
    let mut stage = stage();
    let mut owner = stage.device(Who::Owner);
    owner.customer("Okafor");
    owner.idle();
    let before = owner.checksum();
    let stranger = stage.caller(Who::Stranger);
    let shop = stage.backend.shop();
    for named in [shop.as_str(), &shop.to_uppercase(), "", "x", "' OR 1=1 --"] {
        for (function, body) in requests(named, "d", "e") {
            let (status, answer) = stranger.call(function, &body);
            assert_eq!((status, answer["details"].as_str()), (403, Some("no_shop")), "{function} {answer}");
            assert!(!answer.to_string().contains("Okafor"));
        }
    }
    // Where no shop is named, only one's own are told.
    for function in ["my_shops", "shop_overview"] {
        let (status, answer) = stranger.call(function, &json!({}));
        assert_eq!(status, 200, "{answer}");
        assert!(
            !answer.to_string().contains(&shop) && answer.to_string().contains(&stage.backend.other_shop())
        );
    }
    owner.sync();
    assert_eq!(owner.checksum(), before);
}

#[test]
fn another_accounts_device_is_not_ones_own_by_any_function() {
    let stage = stage();
    let (tess, theo, shop) = (stage.caller(Who::Tess), stage.caller(Who::Theo), stage.backend.shop());
    let (_, open) = requests(&shop, "tess-phone", "").swap_remove(0);
    let (status, session) = tess.call("device_open", &open);
    assert_eq!(status, 200, "{session}");
    let epoch = session["epoch"].as_str().unwrap();
    for (function, body) in requests(&shop, "tess-phone", epoch) {
        let expected = match function {
            // These name no device: they are every member's.
            "sync_checksums" | "sync_counts" | "sync_standing" | "shop_key" => continue,
            "sync_trail" => (403, "denied".to_owned()),
            "station_grant" => (403, "denied".to_owned()),
            _ => (409, "no_session".to_owned()),
        };
        assert_eq!(theo.refused(function, &body), expected, "{function}");
    }
}

#[test]
fn tokens_that_are_forged_swapped_or_none_open_no_function() {
    let stage = stage();
    let (tess, owner) = (stage.caller(Who::Tess), stage.caller(Who::Owner));
    let part = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
    let (head, claims, signature) = (part(&tess.token, 0), part(&owner.token, 1), part(&tess.token, 2));
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    let swapped = format!("{head}.{claims}.{signature}");
    let address = stage.backend.address();
    for token in [&unsigned, &swapped, "a.b.c", "..", &format!("{}x", tess.token), &address.anon_key] {
        let stranger = Caller::with(&address, token);
        for (function, body) in requests(&stage.backend.shop(), "d", "e") {
            let (status, answer) = stranger.call(function, &body);
            assert_eq!(status, 401, "{function} {answer}");
        }
    }
}

#[test]
fn bodies_that_are_too_large_or_never_end_stop_nobody() {
    let mut stage = stage();
    let tess = stage.caller(Who::Tess);
    let mut open = Vec::new();
    for function in ["sync_push", "device_open", "sync_pull"] {
        let path = format!("/rest/v1/rpc/{function}");
        // Half a body, and a connection that stays.
        let mut slow = tess.connect();
        slow.write_all(format!("{}{{\"shop\":", tess.head(&path, 1_000)).as_bytes()).unwrap();
        open.push(slow);
        // More than is ever taken: refused, or cut off, long before its end.
        let (status, answer) = tess.post(&path, &"[".repeat(17 << 20));
        assert!([0, 413].contains(&status), "{function} {answer}");
        // Garbage where a body should be.
        for garbage in ["\u{0}\u{1}\u{2}", "{\"shop\":", "[[[[", "\"\\ud800\"", "1e999"] {
            let (status, body) = tess.post(&path, garbage);
            assert_eq!(status, 400, "{function} {garbage:?} {body}");
        }
    }
    // What is no HTTP at all.
    for garbage in [&b"\x16\x03\x01\x02\x00\x01"[..], b"GET", b"\r\n\r\n\r\n", &[0xff; 4_096]] {
        let mut stranger = tess.connect();
        stranger.write_all(garbage).unwrap();
        open.push(stranger);
    }
    let (mut owner, mut theo) = (stage.device(Who::Owner), stage.device(Who::Theo));
    let customer = owner.customer("Okafor");
    owner.idle();
    stage.equal(&mut [&mut owner, &mut theo]);
    assert!(theo.get("customers", &customer).is_object());
    assert!(!open.is_empty(), "they were open all the while");
}

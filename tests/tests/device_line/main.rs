//! The `device` binary, scripted as anybody would script it: lines in, answers out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod device;
mod online;

use device::{Device, code_of};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::tempdir;

#[test]
fn a_day_offline_survives_a_kill() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "owner");
    let customer = device.save("customers", json!({ "last_name": "Okafor" }));
    device.save("customers", json!({ "id": customer, "first_name": "Ngozi" }));
    let ticket = device.save("tickets", json!({ "customer_id": customer, "subject": "Screen" }));
    let item = device.save("inventory_items", json!({ "name": "Display", "price_cents": 9_900 }));
    device.ok(json!({ "call": "receive", "item": item, "quantity": 5 }));
    let used = device.ok(json!({ "call": "use_part", "ticket": ticket, "item": item, "quantity": 2 }));
    let line = used["line"].as_str().unwrap().to_owned();
    let moved = json!({ "call": "transition", "id": ticket, "to": "in_repair", "reason": "simple" });
    assert_eq!(device.ok(moved), Json::Null);
    let skips = json!({ "call": "transition", "id": ticket, "to": "picked_up" });
    assert_eq!(device.code(skips), "denied");
    assert_eq!(device.ok(json!({ "call": "parked" })), json!([]));
    assert_eq!(device.ok(json!({ "call": "conflicts" })), json!([]));
    let before = device.ok(json!({ "call": "state" }));
    device.kill();

    let mut device = Device::start();
    let resumed = device.ok(json!({ "call": "open", "path": folder.path() }));
    assert_eq!(resumed, json!({ "shop": "shop-1" }));
    assert_eq!(device.ok(json!({ "call": "findings" })), json!([]));
    let state = device.ok(json!({ "call": "state" }));
    assert_eq!(state, before);
    assert!(state["pending"].as_u64().unwrap() >= 7);
    assert_eq!((&state["online"], &state["failed"]), (&json!(false), &json!(0)));
    let row = device.get("customers", &customer);
    assert_eq!((&row["last_name"], &row["first_name"]), (&json!("Okafor"), &json!("Ngozi")));
    assert_eq!((&row["status"], &row["unread"]), (&json!("pending"), &json!(false)));
    assert_eq!(device.get("tickets", &ticket)["status"], json!("pending"), "where the row stands");
    let view = device.ok(json!({ "call": "ticket", "id": ticket }));
    assert_eq!(view["ticket"]["status"], json!("in_repair"), "where the ticket stands");
    assert_eq!(view["lines"][0]["id"], json!(line));
    assert_eq!(device.get("inventory_items", &item)["quantity"], json!(3));
    let rows = device.ok(json!({ "call": "list", "table": "ticket_events", "limit": 10 }));
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(device.code(json!({ "call": "checksum" })), "unanswered");
    let safe = device.ok(json!({ "call": "safe", "ticket": ticket }));
    assert_eq!((&safe["safe"], &safe["devices"]), (&json!(false), &Json::Null));
    device.ok(json!({ "call": "suspend" }));
    device.ok(json!({ "call": "resume" }));
    device.ok(json!({ "call": "delete", "table": "ticket_lines", "id": line }));
    assert_eq!(device.get("ticket_lines", &line), Json::Null);
    device.ok(json!({ "call": "close" }));
    assert_eq!(device.code(json!({ "call": "state" })), "closed");
    device.end();
}

#[test]
fn a_bad_line_is_answered_and_the_next_one_done() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "owner");
    let long = format!("{{\"call\":\"state\",\"x\":\"{}\"}}", "x".repeat(1_000_000));
    let bad: [&[u8]; 10] = [
        b"",
        b"hello",
        b"[]",
        b"{\"call\":\"state\"",
        b"\"\xff\"",
        b"{}",
        b"{\"call\":7}",
        b"{\"call\":\"sing\"}",
        b"{\"call\":\"state\",\"loudly\":true}",
        long.as_bytes(),
    ];
    for line in bad {
        device.send(line);
        assert_eq!(code_of(&device.answer()), "bad_request");
    }
    assert_eq!(device.code(json!({ "call": "get", "table": "customers" })), "bad_request");
    assert_eq!(device.code(json!({ "call": "get", "table": "customers", "id": 7 })), "bad_request");
    assert_eq!(device.code(json!({ "call": "save", "table": "customers", "row": "Okafor" })), "bad_request");
    assert_eq!(device.code(json!({ "call": "open", "path": folder.path() })), "bad_request");
    assert_eq!(device.code(json!({ "call": "get", "table": "songs", "id": "1" })), "not_found");
    let unknown = json!({ "call": "save", "table": "customers", "row": { "shoe_size": 47 } });
    assert_eq!(device.code(unknown), "unknown_field");
    assert_eq!(device.ok(json!({ "call": "state" }))["pending"], json!(0), "nothing was written");
    device.end();
}

#[test]
fn an_error_repeats_nothing_that_was_typed() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "owner");
    for line in [
        json!({ "call": "Okafor" }),
        json!({ "call": "state", "Okafor": 1 }),
        json!({ "call": "get", "table": "Okafor", "id": "Okafor" }),
        json!({ "call": "get", "table": "customers", "id": ["Okafor"] }),
        json!({ "call": "save", "table": "customers", "row": { "emails": ["Okafor"] } }),
        json!({ "call": "save", "table": "customers", "row": { "Okafor": "Okafor" } }),
        json!({ "call": "transition", "id": "Okafor", "to": "Okafor" }),
    ] {
        let answer = device.ask(line);
        code_of(&answer);
        assert!(!answer.to_string().contains("Okafor"), "{answer}");
    }
    device.end();
}

#[test]
fn help_names_every_call_as_the_contract_does() {
    let mut device = Device::start();
    let calls = device.ok(json!({ "call": "help" }));
    let calls: BTreeMap<&str, Vec<&str>> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|call| {
            assert!(call["does"].as_str().unwrap().ends_with('.'));
            let parameters = call["parameters"].as_array().unwrap().iter();
            (call["call"].as_str().unwrap(), parameters.map(|one| one["name"].as_str().unwrap()).collect())
        })
        .collect();
    let contract: [(&str, &[&str]); 24] = [
        ("sign_in", &["url", "anon_key", "email", "password", "shop", "root_sha256"]),
        ("network", &["up"]),
        ("sync", &[]),
        ("idle", &["timeout_ms"]),
        ("open", &["path", "retry_ms"]),
        ("save", &["table", "row"]),
        ("get", &["table", "id"]),
        ("list", &["table", "limit", "after"]),
        ("delete", &["table", "id"]),
        ("transition", &["id", "to", "reason"]),
        ("use_part", &["ticket", "item", "quantity"]),
        ("state", &[]),
        ("parked", &[]),
        ("retry", &["operation"]),
        ("discard", &["operation"]),
        ("conflicts", &[]),
        ("resolve", &["conflict", "with"]),
        ("checksum", &[]),
        ("switch", &["employee", "pin"]),
        ("safe", &["ticket"]),
        ("suspend", &[]),
        ("resume", &[]),
        ("close", &[]),
        ("help", &[]),
    ];
    for (call, parameters) in contract {
        assert_eq!(calls.get(call).map(Vec::as_slice), Some(parameters), "{call}");
    }
    assert!(calls.contains_key("watch") && calls.contains_key("sign_out"));
    device.end();
}

#[test]
fn every_parameter_that_help_names_is_asked_for_and_looked_at() {
    let mut device = Device::start();
    let calls = device.ok(json!({ "call": "help" }));
    for call in calls.as_array().unwrap() {
        let name = call["call"].as_str().unwrap();
        let parameters = call["parameters"].as_array().unwrap();
        for parameter in parameters {
            // No parameter of any call is a fraction.
            let mut line = json!({ "call": name });
            line[parameter["name"].as_str().unwrap()] = json!(0.5);
            assert_eq!(device.code(line), "bad_request", "{name}");
        }
        let required = parameters.iter().any(|parameter| parameter["required"] == json!(true));
        if required {
            assert_eq!(device.code(json!({ "call": name })), "bad_request", "{name}");
        } else if !matches!(name, "help" | "watch") {
            assert_eq!(device.code(json!({ "call": name })), "closed", "{name}");
        }
        assert_eq!(device.code(json!({ "call": name, "nothing_of_the_kind": 1 })), "bad_request", "{name}");
    }
    device.end();
}

#[test]
fn a_folder_is_one_process_s_at_a_time() {
    let folder = tempdir().unwrap();
    let first = Device::offline(&folder, "owner");
    let mut second = Device::start();
    let open = json!({ "call": "open", "path": folder.path() });
    assert_eq!(second.code(open.clone()), "in_use");
    first.end();
    assert_eq!(second.ok(open), json!({ "shop": "shop-1" }));
    second.end();
}

#[test]
fn who_watches_hears_of_each_commit_and_of_each_new_state() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "owner");
    device.save("customers", json!({ "last_name": "Before" }));
    assert_eq!(device.ok(json!({ "call": "watch" })), Json::Null);
    let id = device.save("customers", json!({ "last_name": "Okafor" }));
    let commit = device.event(|event| event.get("changed").is_some());
    let row = json!({ "table": "customers", "id": id, "what": "created" });
    assert_eq!(commit["changed"], json!({ "rows": [row], "tables": [], "queue": true }));
    device.event(|event| event["state"]["pending"] == json!(2));
    device.ok(json!({ "call": "switch_shop", "shop": "shop-1" }));
    device.save("customers", json!({ "last_name": "Still" }));
    device.event(|event| event["state"]["pending"] == json!(3));
    device.ok(json!({ "call": "watch", "on": false }));
    device.events.clear();
    device.save("customers", json!({ "last_name": "Unheard" }));
    device.ok(json!({ "call": "close" }));
    assert_eq!(device.events, Vec::<Json>::new());
    device.end();
}

#[test]
fn nobody_signs_out_of_unsent_work_unasked() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "owner");
    let id = device.save("customers", json!({ "last_name": "Okafor" }));
    let refused = device.ask(json!({ "call": "sign_out" }));
    assert_eq!(code_of(&refused), "unsent");
    assert!(refused["error"]["message"].as_str().unwrap().contains('1'));
    let send = json!({ "call": "sign_out", "unsent": "send_first" });
    assert_eq!(device.code(send), "needs_server");
    assert!(device.get("customers", &id).is_object(), "still signed in");
    device.ok(json!({ "call": "sign_out", "unsent": "keep" }));
    assert_eq!(device.code(json!({ "call": "state" })), "signed_out");

    let begin = |account: &str| json!({ "call": "begin_offline", "account": account, "role": "owner", "shop": "shop-1" });
    device.ok(begin("bo"));
    assert_eq!(device.get("customers", &id), Json::Null, "another account's rows");
    assert_eq!(device.code(begin("ada")), "denied", "bo is signed in");
    device.ok(json!({ "call": "sign_out" }));
    device.ok(begin("ada"));
    assert_eq!(device.get("customers", &id)["status"], json!("pending"));

    let file = folder.path().join("out.jsonl");
    device.ok(json!({ "call": "sign_out", "unsent": { "export": file } }));
    device.ok(begin("ada"));
    assert_eq!(device.get("customers", &id), Json::Null);
    let report = device.ok(json!({ "call": "import_export", "path": file }));
    assert_eq!((&report["created"], &report["refused"]), (&json!(1), &json!(0)));
    assert_eq!(device.get("customers", &id)["last_name"], json!("Okafor"));
    device.ok(json!({ "call": "sign_out", "unsent": "discard" }));
    device.ok(json!({ "call": "close" }));
    assert_eq!(device.ok(json!({ "call": "open", "path": folder.path() })), Json::Null);
    device.end();
}

#[test]
fn the_counter_s_calls_do_what_the_counter_does() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "owner");
    let employee =
        device.save("employees", json!({ "last_name": "Ada", "role": "technician", "active": true }));
    let customer =
        json!({ "last_name": "Okafor", "phones": [{ "number": "+4915112345678", "label": "mobile" }] });
    let ticket = json!({ "subject": "Screen", "device_brand": "Fair", "device_serial": "S-1" });
    let intake = json!({ "call": "intake", "customer": customer, "ticket": ticket });
    let taken = device.ok(intake.clone());
    let (customer, ticket) = (taken["customer"].clone(), taken["ticket"].clone());
    let mut sealed = intake.clone();
    sealed["passcode"] = json!("1234");
    assert_eq!(device.code(sealed), "needs_server", "this device was given no key to seal with");
    let mut misspelt = intake;
    misspelt["ticket"]["subjct"] = json!("Battery");
    assert_eq!(device.code(misspelt), "unknown_field");
    device.ok(json!({ "call": "assign", "ticket": ticket, "employee": employee }));
    let labour = json!({ "kind": "labour", "quantity": 1, "unit_price_cents": 5_000, "tax_bp": 1_900 });
    device.ok(json!({ "call": "add_line", "ticket": ticket, "line": labour }));
    assert_eq!(device.ok(json!({ "call": "ticket", "id": ticket }))["total"]["gross_cents"], json!(5_950));

    let found = |rows: Json| rows.as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Json>();
    assert_eq!(found(device.ok(json!({ "call": "board", "assignee": employee }))), json!([ticket]));
    assert_eq!(found(device.ok(json!({ "call": "find_tickets", "words": "scre" }))), json!([ticket]));
    assert_eq!(found(device.ok(json!({ "call": "tickets_by_serial", "serial": "s-1" }))), json!([ticket]));
    assert_eq!(
        found(device.ok(json!({ "call": "customers_by_phone", "typed": "345678" }))),
        json!([customer])
    );
    assert_eq!(found(device.ok(json!({ "call": "customers_by_name", "prefix": "oka" }))), json!([customer]));
    let board = device.ok(json!({ "call": "board", "order": "updated", "limit": 1 }));
    let after = json!({ "call": "board", "order": "updated", "after": board[0]["key"] });
    assert_eq!(device.ok(after), json!([]));
    assert_eq!(device.ok(json!({ "call": "ticket_by_number", "number": "1" })), Json::Null);

    let item = device.save("inventory_items", json!({ "name": "Display", "reorder_level": 3 }));
    device.ok(json!({ "call": "count", "item": item, "counted": 2 }));
    assert_eq!(found(device.ok(json!({ "call": "low_stock" }))), json!([item]));
    assert_eq!(device.ok(json!({ "call": "movements", "item": item }))[0]["counted"], json!(2));
    let appointment = json!({
        "customer_id": customer, "starts_at": "2031-03-01T09:00:00Z", "ends_at": "2031-03-01T10:00:00Z",
        "time_zone": "Europe/Berlin",
    });
    let appointment = device.save("appointments", appointment);
    let (from, until) = ("2031-03-01T00:00:00Z", "2031-03-02T00:00:00Z");
    let day = json!({ "call": "calendar", "from": from, "until": until });
    assert_eq!(found(device.ok(day)), json!([appointment]));
    let badges = device.ok(json!({ "call": "badges", "day": from, "next_day": until }));
    assert_eq!((&badges["open"], &badges["low_stock"], &badges["today"]), (&json!(1), &json!(1), &json!(1)));
    let history = device.ok(json!({ "call": "history", "table": "tickets", "id": ticket }));
    assert!(history.as_array().unwrap().iter().any(|trace| trace["field"] == json!("assignee_id")));

    device.ok(json!({ "call": "save_draft", "name": "intake", "body": "{}" }));
    assert_eq!(device.ok(json!({ "call": "drafts" }))[0]["name"], json!("intake"));
    let wrong = json!({ "call": "switch", "employee": employee, "pin": "1234" });
    assert_eq!(device.code(wrong), "denied", "this is no station");
    device.end();
}

#[test]
fn a_file_of_another_system_moves_in_line_by_line() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "owner");
    let file = folder.path().join("customers.csv");
    std::fs::write(&file, "id,lastname,email\n1,Okafor,ada@example.org\n2,,\n").unwrap();
    let import = |path: &Path, dry_run: bool| {
        json!({ "call": "import", "path": path, "layout": "customers", "source": "old", "format": "csv",
                "dry_run": dry_run })
    };
    let report = device.ok(import(&file, true));
    assert_eq!((&report["created"], &report["refused"]), (&json!(1), &json!(1)));
    assert_eq!(device.ok(json!({ "call": "list", "table": "customers" })), json!([]), "only said");
    device.ok(json!({ "call": "watch" }));
    let report = device.ok(import(&file, false));
    assert_eq!(report["refusals"][0]["line"], json!(3));
    device.event(|event| event.get("progress").is_some());
    assert_eq!(device.ok(import(&file, false))["already_there"], json!(1));
    assert_eq!(device.code(import(&folder.path().join("nowhere.csv"), false)), "not_found");
    device.ok(json!({ "call": "watch", "on": false }));
    device.end();
}

#[test]
fn a_role_is_held_to_what_it_may() {
    let folder = tempdir().unwrap();
    let mut device = Device::offline(&folder, "front_desk");
    let item = json!({ "call": "save", "table": "inventory_items", "row": { "name": "Display" } });
    assert_eq!(device.code(item), "denied");
    device.save("customers", json!({ "last_name": "Okafor" }));
    device.end();
}

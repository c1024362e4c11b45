//! Ranges: what a device may newly hold, cut at the windows on the server, page by page.

use crate::desk::{Desk, NOW};
use crate::device::{Device, refused};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::sync::wire::{ChecksumAnswer, LeaseAnswer, RangeAnswer, StandingAnswer};
use counterpart_core::sync::{Answer, Call, Event};
use counterpart_core::{Account, Opening, Shop};
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;

/// Two tickets of one customer with a line each, one of them ended a hundred days ago, and a few more rows.
async fn shop(desk: &Desk, bo: &mut Device) {
    let to = |value: &str| json!({"to": value});
    let mut ops = vec![bo.customer("c1", "Curie"), bo.customer("c2", "Noether")];
    let mut add = |table: &str, row: &str, kind: &str, at: i64, fields: Value| {
        ops.push(bo.operation(json!({"table": table, "row": row, "kind": kind, "at": at, "fields": fields})));
    };
    for ticket in ["open", "old"] {
        let fields = json!({"customer_id": to("c1"), "subject": to("screen")});
        add("tickets", ticket, "insert", NOW - 200 * DAY, fields);
        let line = json!({"ticket_id": to(ticket), "kind": to("labour"), "quantity": {"to": 1}});
        add("ticket_lines", &format!("line-{ticket}"), "insert", NOW - 150 * DAY, line);
    }
    let end = json!({"ticket_id": to("old"), "from": to("received"), "to": to("cancelled")});
    add("ticket_events", "end", "append", NOW - 100 * DAY, end);
    add("inventory_items", "i1", "insert", NOW, json!({"name": to("glass"), "sku": to("G1")}));
    add("item_costs", "cost", "insert", NOW, json!({"item_id": to("i1"), "cost_cents": {"to": 900}}));
    ops.push(bo.operation(json!({"table": "customers", "row": "c2", "kind": "delete", "on": 100})));
    let outcomes = bo.outcomes(desk, &ops).await;
    assert!(outcomes.iter().all(|outcome| outcome == "applied"), "{outcomes:?}");
}

fn asks(device: &Device, what: Value) -> Value {
    json!({"shop": device.shop, "device": device.id, "epoch": device.session.epoch, "what": what, "limit": 100})
}

/// Every row of a range as `table/id`, fetched in pages of that many, and what the first page counted.
async fn range(desk: &Desk, device: &Device, what: Value, limit: usize) -> (Vec<String>, u64) {
    let (mut rows, mut total) = (Vec::new(), None);
    let mut body = asks(device, what);
    body["limit"] = json!(limit);
    loop {
        let answer: RangeAnswer = device.ask(desk, "sync_range", &body).await;
        assert_eq!(body["token"].is_object(), answer.total.is_none());
        total = total.or(answer.total);
        for table in &answer.rows {
            rows.extend(table.rows.iter().map(|row| {
                let row: Value = serde_json::from_str(row.get()).unwrap();
                format!("{}/{}", table.table, row["id"].as_str().unwrap())
            }));
        }
        let Some(next) = answer.next else { return (rows, total.unwrap()) };
        body["token"] = serde_json::to_value(next).unwrap();
    }
}

fn here(rows: &[String], names: &[&str]) -> Vec<bool> {
    names.iter().map(|name| rows.iter().any(|row| row == name)).collect()
}

#[tokio::test]
async fn what_lies_outside_a_window_stays_on_the_server_with_what_belongs_to_it() {
    let desk = Desk::open().await;
    let mut bo = Device::bo(&desk).await;
    shop(&desk, &mut bo).await;
    let names = [
        "tickets/open",
        "ticket_lines/line-open",
        "tickets/old",
        "ticket_lines/line-old",
        "ticket_events/end",
    ];
    let (near, total) = range(&desk, &bo, json!({"windows": {}}), 100).await;
    assert_eq!([true, true, false, false, false], *here(&near, &names));
    assert_eq!(total, near.len() as u64);
    assert_eq!([true, false], *here(&near, &["customers/c1", "customers/c2"]));
    let (far, _) = range(&desk, &bo, json!({"windows": {"tickets": 101}}), 100).await;
    assert_eq!([true; 5], *here(&far, &names));
    // However the pages are cut, it is the same.
    assert_eq!((near, total), range(&desk, &bo, json!({"windows": {}}), 1).await);
    let (tables, _) = range(&desk, &bo, json!({"tables": ["tickets", "unheard_of"]}), 100).await;
    assert_eq!(["tickets/open"], *tables);
}

#[tokio::test]
async fn a_stretch_of_one_table_comes_alone_and_with_what_belongs_to_it() {
    let desk = Desk::open().await;
    let mut bo = Device::bo(&desk).await;
    shop(&desk, &mut bo).await;
    let between = |table: &str, from: i64, until: i64| json!({"between": {"table": table, "from": NOW - from * DAY, "until": NOW - until * DAY}});
    let (rows, total) = range(&desk, &bo, between("tickets", 101, 99), 100).await;
    assert_eq!(["tickets/old", "ticket_events/end", "ticket_lines/line-old"], *rows);
    assert_eq!(3, total);
    assert_eq!((rows, 3), range(&desk, &bo, between("tickets", 101, 99), 1).await);
    for nothing in [
        between("tickets", 99, 0),
        between("tickets", 300, 101),
        between("appointments", 101, 0),
        between("customers", 1_000, 0),
        between("unheard_of", 1_000, 0),
    ] {
        assert_eq!((Vec::new(), 0), range(&desk, &bo, nothing, 100).await);
    }
}

#[tokio::test]
async fn a_row_asked_for_comes_with_what_belongs_to_it() {
    let desk = Desk::open().await;
    let mut bo = Device::bo(&desk).await;
    shop(&desk, &mut bo).await;
    let row = |table: &str, id: &str| json!({"row": {"table": table, "id": id}});
    let (rows, total) = range(&desk, &bo, row("tickets", "old"), 100).await;
    assert_eq!(["tickets/old", "ticket_events/end", "ticket_lines/line-old"], *rows);
    assert_eq!(3, total);
    for nothing in [row("tickets", "none"), row("customers", "c2"), row("unheard_of", "x")] {
        assert_eq!((Vec::new(), 0), range(&desk, &bo, nothing, 100).await);
    }
}

#[tokio::test]
async fn nobody_is_given_what_is_not_theirs_to_read() {
    let desk = Desk::open().await;
    let (mut bo, mut ada) = (Device::bo(&desk).await, Device::ada(&desk).await);
    shop(&desk, &mut bo).await;
    let verifier = |person: &str| json!({"employee_id": {"to": person}, "verifier": {"to": "$argon2id$x"}});
    let pin = |device: &mut Device| {
        let (row, fields) = (format!("pin-{}", device.id), verifier(&device.account.clone()));
        device.operation(json!({"table": "employee_pins", "row": row, "kind": "insert", "actor": device.account, "fields": fields}))
    };
    for device in [&mut ada, &mut bo] {
        let operation = pin(device);
        assert_eq!(["applied"], *device.outcomes(&desk, &[operation]).await);
    }
    let private = ["item_costs/cost", "employee_pins/pin-adas", "employee_pins/pin-bos"];
    let tablet = Device::tablet(&desk).await;
    for (device, expected) in
        [(&ada, [false, true, false]), (&bo, [true, false, true]), (&tablet, [false, true, true])]
    {
        let (rows, total) = range(&desk, device, json!({"windows": {}}), 100).await;
        assert_eq!(expected, *here(&rows, &private), "{}", device.id);
        assert_eq!(total, rows.len() as u64);
        let pages = range(&desk, device, json!({"row": {"table": "item_costs", "id": "cost"}}), 100).await;
        assert_eq!(u64::from(expected[0]), pages.1);
    }
}

#[tokio::test]
async fn ranges_are_refused_as_pulls_are() {
    let desk = Desk::open().await;
    let bo = Device::bo(&desk).await;
    let ada = desk.sign_in("ada@example.org").await.access;
    let windows = asks(&bo, json!({"windows": {}}));
    assert_eq!((409, "no_session".into()), refused(&desk, &ada, "sync_range", &windows).await);
    let mut other = windows.clone();
    other["epoch"] = json!("another");
    assert_eq!((409, "other_epoch".into()), refused(&desk, &bo.access, "sync_range", &other).await);
    let mut token = windows;
    token["token"] = json!({"table": "unheard_of", "id": ""});
    assert_eq!((400, "malformed".into()), refused(&desk, &bo.access, "sync_range", &token).await);
}

/// A device of the engine's own, online until it asks for nothing any more.
async fn catch_up(desk: &Desk, by: &Device, shop: &Shop) {
    let mut calls = std::collections::VecDeque::from(shop.step(Event::Network { up: true }).unwrap());
    while let Some(call) = calls.pop_front() {
        let more = match &call {
            Call::Open(request) => shop.opened(Ok(by.ask(desk, "device_open", &json!(request)).await)),
            Call::Snapshot(_) => shop.landed(Err(Answer::NotTaken)),
            Call::Range(request) => shop.ranged(Ok(by.ask(desk, "sync_range", &json!(request)).await)),
            Call::Pull(request) => shop.pulled(Ok(by.ask(desk, "sync_pull", &json!(request)).await)),
            Call::Push(_) | Call::RefreshToken | Call::TakeNewIdentity | Call::LeaveShop => {
                panic!("{call:?}")
            }
            Call::Join | Call::Leave | Call::WakeAt(_) => Ok(Vec::new()),
        };
        calls.extend(more.unwrap());
    }
}

#[tokio::test]
async fn the_servers_checksum_is_the_devices() {
    let desk = Desk::open().await;
    let mut bo = Device::bo(&desk).await;
    shop(&desk, &mut bo).await;
    let folder = tempfile::tempdir().unwrap();
    let account = Account { employee: Some(bo.account.clone()), ..Account::new(&bo.account, "manager") };
    let opening = Opening::new(folder.path().join("shop.db"), &REPAIR_SHOP, &bo.shop, account);
    let device = Shop::open(opening).unwrap();
    catch_up(&desk, &bo, &device).await;
    let theirs: ChecksumAnswer = bo.ask(&desk, "sync_checksums", &json!({"shop": bo.shop})).await;
    let mine = device.checksum().unwrap();
    assert_eq!((mine.cursor, &mine.hash), (theirs.cursor.n, &theirs.hash));
    let more = bo.customer("c3", "Hopper");
    bo.push(&desk, &[more]).await;
    let later: ChecksumAnswer = bo.ask(&desk, "sync_checksums", &json!({"shop": bo.shop})).await;
    assert_ne!(mine.hash, later.hash);
}

#[tokio::test]
async fn numbers_are_leased_once_and_devices_say_how_they_stand() {
    let desk = Desk::open().await;
    let (mut bo, ada) = (Device::bo(&desk).await, Device::ada(&desk).await);
    let asks = |device: &Device, generation: u64| json!({"shop": device.shop, "device": device.id, "generation": generation});
    let mut leases: Vec<(i64, i64)> = Vec::new();
    for device in [&bo, &ada, &bo] {
        let LeaseAnswer { lease } = device.ask(&desk, "lease_numbers", &asks(device, 1)).await;
        leases.push(lease);
    }
    assert!(leases.windows(2).all(|pair| pair[0].1 < pair[1].0), "{leases:?}");
    assert_eq!((409, "no_session".into()), refused(&desk, &bo.access, "lease_numbers", &asks(&bo, 2)).await);
    let customer = bo.customer("c1", "Curie");
    bo.push(&desk, &[customer]).await;
    let StandingAnswer { devices } = ada.ask(&desk, "sync_standing", &json!({"shop": ada.shop})).await;
    let standing: Vec<_> = devices
        .iter()
        .map(|device| (device.device.as_str(), device.unsent, device.employee.as_deref()))
        .collect();
    assert_eq!([("adas", 0, Some(ada.account.as_str())), ("bos", 1, Some(bo.account.as_str()))], *standing);
    assert!(devices.iter().all(|device| device.seen_at == NOW));
}

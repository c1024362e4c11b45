//! A device's first load. Snapshots: cut off at every boundary, damaged, somebody else's, and where somebody works
//! already. Ranges: indexes that come last.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::wildcard_enum_match_arm, reason = "each place is about one of the calls")]

use counterpart_core::entity::{Appointment, AppointmentId, Customer, CustomerId};
use counterpart_core::env::Clock;
use counterpart_core::schema::{Entity, Row, time_from_ms};
use counterpart_core::store::{Moment, Tripwire};
use counterpart_core::sync::wire::SnapshotRequest;
use counterpart_core::sync::{Answer, Call, Event, RetryPolicy};
use counterpart_core::{Error, NotNow, Opening, Result};
use counterpart_tests::desk::{Desk, Server, desk_with, new_desk, server};
use counterpart_tests::device::count;
use counterpart_tests::snapshots::{Parcel, hash};
use rusqlite::Connection;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A shop with some rows in it.
fn some_shop() -> (Rc<Server>, Desk) {
    let server = server();
    // Without a file of her own, so that the first that is built has everything.
    let without = |opening: Opening| {
        let retry = RetryPolicy { snapshots: false, ..opening.retry };
        Opening { retry, ..opening }
    };
    let mut sarah = desk_with(&server, 2, "sarah", without);
    for name in ["Okafor", "Curie", "Noether"] {
        sarah.customer(name);
    }
    let ticket = sarah.ticket();
    sarah.note(&ticket);
    sarah.sync();
    (server, sarah)
}

/// What a new device asks for when it comes online.
fn asked(ada: &mut Desk) -> SnapshotRequest {
    let mut calls = ada.shop.step(Event::Network { up: true }).unwrap();
    loop {
        match calls.pop().unwrap() {
            Call::Snapshot(request) => return request,
            call => {
                let more = ada.answer(call);
                calls.extend(more);
            }
        }
    }
}

/// A file comes that is not what it should be: everything comes all the same, as ranges.
fn goes_by_ranges(server: &Rc<Server>, ada: &mut Desk, parcel: Parcel) {
    let landed = parcel.land(&ada.shop).unwrap();
    let calls = ada.shop.landed(Ok(landed)).unwrap();
    assert!(calls.iter().any(|call| matches!(call, Call::Range(_))), "{calls:?}");
    assert_eq!(count(&ada.shop, "SELECT count(*) FROM customers"), 0);
    assert!(!ada.shop.landing().exists());
    ada.make(calls);
    ada.sync();
    assert_eq!(ada.shop.checksum().unwrap().hash, server.ledger.checksum("shop-1").unwrap().hash);
}

/// The same file with something done to it, and all that is said about it put right.
fn changed(mut parcel: Parcel, sql: &str) -> Parcel {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, &parcel.file).unwrap();
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    parcel.file = std::fs::read(&path).unwrap();
    (parcel.answer.bytes, parcel.answer.sha256) = (parcel.file.len() as u64, hash(&parcel.file));
    parcel
}

#[test]
fn a_snapshot_brings_everything_in_one_moment() {
    let (server, mut sarah) = some_shop();
    let mut ada = new_desk(&server, 1, "ada", |opening| opening);
    let request = asked(&mut ada);
    let parcel = Parcel::of(&server.ledger, &ada.member, &request).unwrap();
    assert_eq!(parcel.answer.apart, ["employee_pins", "ticket_secrets"]);
    let late = sarah.customer("Hopper");
    sarah.sync();
    let landed = parcel.land(&ada.shop).unwrap();
    let calls = ada.shop.landed(Ok(landed)).unwrap();
    assert_eq!(count(&ada.shop, "SELECT count(*) FROM customers"), 4);
    assert_eq!(ada.shop.search("customers", "noether", 5).unwrap().len(), 1);
    assert!(ada.shop.unread().unwrap().is_empty(), "what was there before is no news");
    ada.make(calls);
    ada.sync();
    assert!(ada.shop.record("customers", &late).unwrap().is_some());
    assert_eq!(ada.shop.checksum().unwrap(), sarah.shop.checksum().unwrap());
}

/// Ends whatever is written at one boundary, and everything after it.
#[derive(Default)]
struct Cut(AtomicI64);

impl Tripwire for Cut {
    fn at(&self, _: Moment) -> Result<()> {
        match self.0.fetch_sub(1, Ordering::Relaxed) {
            ..=1 => Err(Error::not_now(NotNow::Cancelled)),
            _ => Ok(()),
        }
    }
}

#[test]
fn cut_off_at_any_boundary_a_snapshot_is_there_whole_or_not_at_all() {
    let (server, sarah) = some_shop();
    let (mut before, mut after) = (0, 0);
    for boundary in 1..=3_u64 {
        let cut = Arc::new(Cut(AtomicI64::new(i64::MAX)));
        let wire: Arc<dyn Tripwire> = cut.clone();
        let with = |opening| Opening { tripwire: Some(wire.clone()), ..opening };
        let mut ada = new_desk(&server, 10 + boundary, "ada", with);
        let request = asked(&mut ada);
        let parcel = Parcel::of(&server.ledger, &ada.member, &request).unwrap();
        let landed = parcel.land(&ada.shop).unwrap();
        let device = ada.shop.device().unwrap();
        cut.0.store(boundary.cast_signed(), Ordering::Relaxed);
        ada.shop.landed(Ok(landed)).unwrap_err();
        cut.0.store(i64::MAX, Ordering::Relaxed);
        ada.shop.close().unwrap();
        ada.shop = ada.device.open().unwrap();
        assert!(ada.shop.findings().is_empty());
        assert_eq!(ada.shop.device().unwrap(), device);
        match count(&ada.shop, "SELECT count(*) FROM customers") {
            0 => before += 1,
            4 => after += 1,
            other => panic!("{other} customers after boundary {boundary}"),
        }
        ada.tell(Event::Network { up: true });
        ada.sync();
        assert_eq!(ada.shop.checksum().unwrap(), sarah.shop.checksum().unwrap());
    }
    assert_eq!((before, after), (2, 1));
}

#[test]
fn a_file_that_is_cut_short_or_damaged_is_not_looked_at() {
    let (server, _) = some_shop();
    for damage in [
        |file: &mut Vec<u8>| file.truncate(5_000),
        |file: &mut Vec<u8>| file.iter_mut().skip(9_000).take(1).for_each(|byte| *byte ^= 1),
        |file: &mut Vec<u8>| file.clear(),
    ] {
        let mut ada = new_desk(&server, 1, "ada", |opening| opening);
        let request = asked(&mut ada);
        let mut parcel = Parcel::of(&server.ledger, &ada.member, &request).unwrap();
        damage(&mut parcel.file);
        goes_by_ranges(&server, &mut ada, parcel);
    }
}

#[test]
fn a_file_that_is_not_what_was_asked_for_is_refused_whatever_its_hash() {
    let (server, _) = some_shop();
    for change in [
        "UPDATE facts SET value = 'shop-2' WHERE name = 'snapshot_shop'",
        "UPDATE facts SET value = json_set(value, '$.epoch', 'another') WHERE name = 'snapshot_head'",
        "UPDATE facts SET value = json_set(value, '$.n', 0) WHERE name = 'snapshot_head'",
        "DELETE FROM facts WHERE name = 'snapshot_head'",
        "UPDATE facts SET value = 'weekly' WHERE name = 'schema'",
        "UPDATE facts SET value = '99' WHERE name = 'schema_version'",
        "CREATE TABLE extra (a)",
        "DROP INDEX tickets_number",
        "CREATE TRIGGER t AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END",
        "DROP TABLE ticket_notes; CREATE VIEW ticket_notes AS SELECT * FROM customers",
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'customers'",
    ] {
        let mut ada = new_desk(&server, 1, "ada", |opening| opening);
        let request = asked(&mut ada);
        let parcel = Parcel::of(&server.ledger, &ada.member, &request).unwrap();
        goes_by_ranges(&server, &mut ada, changed(parcel, change));
    }
    let mut ada = new_desk(&server, 1, "ada", |opening| opening);
    let request = asked(&mut ada);
    let mut parcel = Parcel::of(&server.ledger, &ada.member, &request).unwrap();
    parcel.file = b"<html>Sign in to the wifi</html>".to_vec();
    (parcel.answer.bytes, parcel.answer.sha256) = (parcel.file.len() as u64, hash(&parcel.file));
    goes_by_ranges(&server, &mut ada, parcel);
}

#[test]
fn a_server_without_snapshots_is_asked_for_ranges() {
    let (server, sarah) = some_shop();
    let mut ada = new_desk(&server, 1, "ada", |opening| opening);
    asked(&mut ada);
    let calls = ada.shop.landed(Err(Answer::NotTaken)).unwrap();
    assert!(calls.iter().any(|call| matches!(call, Call::Range(_))), "{calls:?}");
    ada.make(calls);
    ada.sync();
    assert_eq!(ada.shop.checksum().unwrap(), sarah.shop.checksum().unwrap());
}

#[test]
fn who_has_begun_to_work_keeps_their_queue_over_what_the_snapshot_brings() {
    let (server, mut sarah) = some_shop();
    let mut ada = new_desk(&server, 1, "ada", |opening| opening);
    let request = asked(&mut ada);
    let parcel = Parcel::of(&server.ledger, &ada.member, &request).unwrap();
    // While it is on its way.
    let ticket = ada.ticket();
    let landed = parcel.land(&ada.shop).unwrap();
    let calls = ada.shop.landed(Ok(landed)).unwrap();
    assert_eq!(count(&ada.shop, "SELECT count(*) FROM customers"), 5, "four that came and one of her own");
    assert_eq!(ada.shop.state().unwrap().pending, 2);
    ada.make(calls);
    ada.sync();
    sarah.sync();
    assert!(sarah.shop.record("tickets", &ticket).unwrap().is_some());
    assert_eq!(ada.shop.checksum().unwrap(), sarah.shop.checksum().unwrap());
}

#[test]
fn work_that_was_sent_and_never_answered_shows_once_over_a_snapshot_that_holds_it() {
    let (server, mut sarah) = some_shop();
    let mut ada = new_desk(&server, 1, "ada", |opening| opening);
    ada.ticket();
    let mut calls = ada.shop.step(Event::Network { up: true }).unwrap();
    // The first session is begun and the push goes before the load, for somebody has worked; its answer is lost.
    loop {
        match calls.pop().unwrap() {
            Call::Push(request) => {
                server.ledger.push(&ada.member, &request).unwrap();
                break;
            }
            call => {
                let more = ada.answer(call);
                calls.extend(more);
            }
        }
    }
    ada.shop.close().unwrap();
    ada.shop = ada.device.open().unwrap();
    let mut calls = ada.shop.step(Event::Network { up: true }).unwrap();
    let mut named = Vec::new();
    while let Some(call) = calls.pop() {
        let more = match call {
            Call::Push(_) => ada.shop.pushed(Err(Answer::NotTaken)).unwrap(),
            Call::Snapshot(request) => {
                named.clone_from(&request.unsettled);
                let parcel = Parcel::of(&server.ledger, &ada.member, &request).unwrap();
                assert_eq!(parcel.answer.receipts.len(), named.len());
                let landed = parcel.land(&ada.shop).unwrap();
                let more = ada.shop.landed(Ok(landed)).unwrap();
                assert_eq!(ada.shop.state().unwrap().pending, 0, "the snapshot has answered for them");
                more
            }
            call => ada.answer(call),
        };
        calls.extend(more);
        if !named.is_empty() {
            break;
        }
    }
    ada.make(calls);
    ada.sync();
    sarah.sync();
    assert_eq!(ada.shop.checksum().unwrap(), sarah.shop.checksum().unwrap());
}

#[test]
fn work_on_a_ticket_that_was_deleted_before_a_first_load_is_kept_there_as_everywhere() {
    for (seed, snapshots) in [(1, true), (4, false)] {
        let (server, mut sarah) = some_shop();
        let (ticket, mut theo) = (sarah.ticket(), new_desk(&server, 3, "theo", |opening| opening));
        sarah.sync();
        theo.tell(Event::Network { up: true });
        theo.sync();
        theo.shop.step(Event::Network { up: false }).unwrap();
        sarah.shop.delete("tickets", &ticket).unwrap();
        sarah.sync();
        let mut ada = new_desk(&server, seed, "ada", |opening| {
            let retry = RetryPolicy { snapshots, ..opening.retry };
            Opening { retry, ..opening }
        });
        ada.tell(Event::Network { up: true });
        ada.sync();
        assert!(ada.shop.record("tickets", &ticket).unwrap().is_none());

        let note = theo.note(&ticket);
        theo.tell(Event::Network { up: true });
        for desk in [&mut theo, &mut ada, &mut sarah] {
            desk.sync();
            assert!(desk.shop.record("ticket_notes", &note).unwrap().is_some());
            assert!(desk.shop.record("tickets", &ticket).unwrap().is_none(), "a note brings nothing back");
            assert_eq!(desk.shop.checksum().unwrap().hash, server.ledger.checksum("shop-1").unwrap().hash);
        }
    }
}

#[test]
fn columns_of_a_newer_version_come_as_they_are() {
    let (server, _) = some_shop();
    let ledger = server.path().join("ledger.db");
    let sql = "UPDATE ledger_rows SET body = json_set(body, '$.loyalty', json('{\"points\":1.50}')) WHERE tbl = 'customers'";
    Connection::open(ledger).unwrap().execute(sql, []).unwrap();
    let mut ada = new_desk(&server, 1, "ada", |opening| opening);
    ada.tell(Event::Network { up: true });
    let kept = "SELECT count(*) FROM customers WHERE extra ->> '$.loyalty.points' = 1.5";
    assert_eq!(count(&ada.shop, kept), 4);
}

#[test]
fn a_long_load_gets_its_indexes_last_and_loses_none_when_it_is_cut_off() {
    let server = server();
    let rows: Vec<_> = (0..1_200)
        .map(|at| {
            let mut row =
                Customer { last_name: Some(format!("Customer {at}")), ..Customer::default() }.to_row();
            row.id = format!("customer-{at:04}");
            row
        })
        .collect();
    server.ledger.record("shop-1", &rows).unwrap();
    let by_ranges = |opening: Opening| {
        let retry = RetryPolicy { snapshots: false, page: 500, ..opening.retry };
        Opening { retry, ..opening }
    };
    let indexes = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    for closed in [false, true] {
        let mut ada = new_desk(&server, 1 + u64::from(closed), "ada", by_ranges);
        let all = count(&ada.shop, indexes);
        let mut calls = VecDeque::from(ada.shop.step(Event::Network { up: true }).unwrap());
        while count(&ada.shop, "SELECT count(*) FROM customers") == 0 {
            let call = calls.pop_front().unwrap();
            calls.extend(ada.answer(call));
        }
        assert!(count(&ada.shop, indexes) < all, "rows come faster without");
        if closed {
            ada.shop.close().unwrap();
            ada.shop = ada.device.open().unwrap();
            assert_eq!(count(&ada.shop, indexes), all, "nobody works without");
            calls = VecDeque::from(ada.shop.step(Event::Network { up: true }).unwrap());
        }
        ada.make(calls.into());
        ada.sync();
        assert_eq!(count(&ada.shop, "SELECT count(*) FROM customers"), 1_200, "rows are seen first");
        assert_eq!(count(&ada.shop, indexes) == all, closed);
        while ada.shop.tidy_up().unwrap() {}
        assert_eq!(count(&ada.shop, indexes), all);
        assert_eq!(ada.shop.index(1).unwrap().rows, 0, "search has read them all");
        assert_eq!(ada.shop.checksum().unwrap().hash, server.ledger.checksum("shop-1").unwrap().hash);
    }
}

/// A few rows are looked at: the bar may be a little ahead or behind, and ends where the load does.
#[test]
fn a_large_load_says_about_how_far_it_is() {
    const ROWS: usize = 12_000;
    let server = server();
    let customer = |at: usize| Customer {
        id: CustomerId(format!("customer-{at:05}")),
        last_name: Some(format!("Customer {at}")),
        ..Customer::default()
    };
    // Two of three lie before what a device keeps.
    let appointment = |at: usize| {
        let long_ago = chrono::TimeDelta::days(if at.is_multiple_of(3) { 0 } else { 200 });
        let starts_at = time_from_ms(server.clock.now()) - long_ago;
        Appointment {
            id: AppointmentId(format!("appointment-{at:05}")),
            customer_id: CustomerId("customer-00000".into()),
            starts_at,
            ends_at: starts_at + chrono::TimeDelta::hours(1),
            time_zone: "Europe/Berlin".into(),
            ..Appointment::default()
        }
    };
    let customers = (0..ROWS).map(|at| customer(at).to_row());
    let rows: Vec<Row> = customers.chain((0..3 * ROWS).map(|at| appointment(at).to_row())).collect();
    server.ledger.record("shop-1", &rows).unwrap();
    let by_ranges = |opening: Opening| Opening {
        retry: RetryPolicy { snapshots: false, page: ROWS / 4, ..opening.retry },
        ..opening
    };
    let mut ada = new_desk(&server, 1, "ada", by_ranges);
    let mut calls = VecDeque::from(ada.shop.step(Event::Network { up: true }).unwrap());
    let mut seen = Vec::new();
    while let Some(call) = calls.pop_front() {
        let page = matches!(call, Call::Range(_));
        calls.extend(ada.answer(call));
        if page {
            seen.push(ada.shop.state().unwrap().progress);
        }
    }
    let eighths = (1..8).map(|eighths| f64::from(eighths) / 8.0);
    assert!(seen.iter().zip(eighths).all(|(seen, part)| (seen / part - 1.0).abs() < 0.1), "{seen:?}");
    assert_eq!(count(&ada.shop, "SELECT count(*) FROM customers"), 12_000);
    assert_eq!(count(&ada.shop, "SELECT count(*) FROM appointments"), 12_000);
}

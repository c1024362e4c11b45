//! The promises that take a server and a second device to be shown, one named test each, in a form to be read. What
//! needs many histories is in `simulation`, what needs processes and sockets in `end_to_end`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::entity::{Customer, InventoryItem, MovementKind, StockMovement};
use counterpart_core::store::{Moment, Tripwire};
use counterpart_core::sync::wire::PushRequest;
use counterpart_core::sync::{Answer, Call, Event, RetryPolicy};
use counterpart_core::{Error, NotNow, Opening, Result};
use counterpart_tests::desk::{Desk, desk, desk_with, new_desk, server};
use counterpart_tests::snapshots::Parcel;
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The push that the engine wants made.
fn push_of(calls: Vec<Call>) -> PushRequest {
    calls.into_iter().find_map(|call| if let Call::Push(push) = call { Some(push) } else { None }).unwrap()
}

fn pages_of(rows: usize) -> impl Fn(Opening) -> Opening {
    move |opening| Opening { retry: RetryPolicy { page: rows, ..opening.retry }, ..opening }
}

fn number(desk: &Desk, sql: &str) -> i64 {
    counterpart_tests::device::count(&desk.shop, sql)
}

fn assert_equal(one: &Desk, other: &Desk) {
    assert_eq!(one.shop.checksum().unwrap(), other.shop.checksum().unwrap());
    let server = one.server.ledger.checksum("shop-1").unwrap();
    assert_eq!(one.shop.checksum().unwrap().hash, server.hash);
}

#[test]
fn promise_04_an_operation_takes_effect_once_however_often_and_late_it_arrives() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let item_id =
        ada.shop.create(&InventoryItem { name: "Screen".into(), ..InventoryItem::default() }).unwrap();
    ada.sync();
    let received = StockMovement {
        item_id: item_id.as_str().into(),
        quantity: 3,
        kind: MovementKind::Receive,
        ..StockMovement::default()
    };
    ada.shop.create(&received).unwrap();
    let push = push_of(ada.shop.step(Event::Wrote).unwrap());
    let first = server.ledger.push(&ada.member, &push).unwrap().answer;
    // It arrived, twice even, and nobody heard the answer.
    assert_eq!(server.ledger.push(&ada.member, &push.clone()).unwrap().answer, first);
    ada.shop.pushed(Err(Answer::NoAnswer)).unwrap();
    ada.device.clock.advance(5_000);
    let again = push_of(ada.shop.step(Event::Tick).unwrap());
    let bytes = |push: &PushRequest| push.ops.iter().map(|op| op.get().to_owned()).collect::<Vec<_>>();
    assert_eq!(bytes(&again), bytes(&push), "the same id and the same content");
    let answer = server.ledger.push(&ada.member, &again).unwrap().answer;
    assert_eq!(answer.receipts, first.receipts);
    let calls = ada.shop.pushed(Ok(answer)).unwrap();
    ada.make(calls);
    // A copy that was held up somewhere comes last of all.
    assert_eq!(server.ledger.push(&ada.member, &push).unwrap().answer.receipts, first.receipts);
    ada.sync();
    sarah.sync();
    let stock = "SELECT quantity FROM inventory_items";
    assert_eq!((number(&ada, stock), number(&sarah, stock)), (3, 3));
    assert_equal(&ada, &sarah);
}

/// Ends a write at its commit, while it is armed.
#[derive(Default)]
struct Cut(AtomicBool);

impl Tripwire for Cut {
    fn at(&self, moment: Moment) -> Result<()> {
        match moment {
            Moment::BeforeCommit if self.0.load(Ordering::Relaxed) => Err(Error::not_now(NotNow::Busy)),
            Moment::BeforeCommit | Moment::AfterCommit => Ok(()),
        }
    }
}

#[test]
fn promise_05_the_cursor_and_the_rows_that_it_covers_commit_together() {
    let server = server();
    let cut = Arc::new(Cut::default());
    let wire: Arc<dyn Tripwire> = cut.clone();
    let mut ada = desk_with(&server, 1, "ada", |opening| Opening { tripwire: Some(wire.clone()), ..opening });
    let mut sarah = desk(&server, 2, "sarah");
    sarah.customer("Okafor");
    sarah.sync();
    let before = ada.shop.cursor().unwrap();
    let pull = ada.shop.step(Event::Poked).unwrap();
    let Some(Call::Pull(request)) = pull.into_iter().next() else { panic!("no pull") };
    let answer = server.ledger.pull(&ada.member, &request).unwrap();
    cut.0.store(true, Ordering::Relaxed);
    ada.shop.pulled(Ok(answer.clone())).unwrap_err();
    cut.0.store(false, Ordering::Relaxed);
    let customers = "SELECT count(*) FROM customers";
    assert_eq!((ada.shop.cursor().unwrap(), number(&ada, customers)), (before, 0), "neither");
    let calls = ada.shop.pulled(Ok(answer)).unwrap();
    ada.make(calls);
    assert_eq!((ada.shop.cursor().unwrap().n, number(&ada, customers)), (1, 1), "both");
}

#[test]
fn promise_06_a_catch_up_of_many_pages_is_visible_whole_or_not_yet() {
    let server = server();
    let (ada, mut sarah) = (desk_with(&server, 1, "ada", pages_of(2)), desk(&server, 2, "sarah"));
    let names: Vec<Customer> = (0..7)
        .map(|at| Customer { last_name: Some(format!("Customer {at}")), ..Customer::default() })
        .collect();
    sarah.shop.together(|edits| names.iter().try_for_each(|one| edits.create(one).map(drop))).unwrap();
    sarah.sync();
    let mut calls = ada.shop.step(Event::Poked).unwrap();
    let mut pages = 0;
    while let Some(Call::Pull(request)) = calls.into_iter().find(|call| matches!(call, Call::Pull(_))) {
        let seen = number(&ada, "SELECT count(*) FROM customers");
        assert_eq!(seen, 0, "after {pages} pages");
        pages += 1;
        // Put aside on disk: a restart in the middle goes on where it was.
        calls = ada.shop.pulled(Ok(server.ledger.pull(&ada.member, &request).unwrap())).unwrap();
    }
    assert_eq!((pages, number(&ada, "SELECT count(*) FROM customers")), (4, 7));
    assert_equal(&ada, &sarah);
}

#[test]
fn promise_07_a_load_and_the_changes_after_it_lose_and_repeat_nothing_when_interrupted() {
    // On rows, page by page; with a snapshot; with one that was fetched and never looked at.
    for (snapshots, closed_at) in [(false, 4), (true, 1), (true, 2), (true, 4)] {
        let server = server();
        let mut sarah = desk(&server, 2, "sarah");
        let ids: Vec<String> = (0..9).map(|at| sarah.customer(&format!("Customer {at}"))).collect();
        sarah.sync();
        let with = |opening: Opening| {
            let retry = RetryPolicy { snapshots, ..opening.retry };
            pages_of(2)(Opening { retry, ..opening })
        };
        // Ada's device begins while Sarah goes on working; in the middle the app is closed.
        let mut ada = new_desk(&server, 1, "ada", with);
        let mut calls = VecDeque::from(ada.shop.step(Event::Network { up: true }).unwrap());
        for (round, id) in ids.iter().enumerate() {
            if round == closed_at {
                if let Some(Call::Snapshot(request)) = calls.front() {
                    let parcel = Parcel::of(&server.ledger, &ada.member, request).unwrap();
                    parcel.land(&ada.shop).unwrap();
                }
                let landing = ada.shop.landing();
                ada.shop.close().unwrap();
                ada.shop = ada.device.open().unwrap();
                assert!(!landing.exists(), "what was not needed does not lie about");
                calls = VecDeque::from(ada.shop.step(Event::Network { up: true }).unwrap());
            }
            if let Some(call) = calls.pop_front() {
                calls.extend(ada.answer(call));
            }
            sarah.set("customers", id, "notes", &format!("changed {round}"));
            sarah.customer(&format!("Later {round}"));
            sarah.sync();
        }
        ada.make(calls.into());
        ada.sync();
        assert_eq!(number(&ada, "SELECT count(*) FROM customers"), 18);
        assert_equal(&ada, &sarah);
    }
}

#[test]
fn promise_08_a_deleted_row_comes_back_by_a_persons_edit_and_never_by_a_late_copy() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let id = ada.customer("Okafor");
    let made = push_of(ada.shop.step(Event::Wrote).unwrap());
    let answer = server.ledger.push(&ada.member, &made).unwrap().answer;
    let calls = ada.shop.pushed(Ok(answer)).unwrap();
    ada.make(calls);
    sarah.sync();
    sarah.shop.delete("customers", &id).unwrap();
    sarah.sync();
    ada.sync();
    server.ledger.push(&ada.member, &made).unwrap();
    ada.sync();
    sarah.sync();
    let here = |desk: &Desk| desk.shop.record("customers", &id).unwrap().is_some();
    assert!(!here(&ada) && !here(&sarah), "a late copy of its making");
    assert_equal(&ada, &sarah);

    let other = ada.customer("Curie");
    ada.sync();
    sarah.sync();
    ada.set("customers", &other, "notes", "rings twice");
    sarah.shop.delete("customers", &other).unwrap();
    sarah.sync();
    ada.sync();
    sarah.sync();
    let notes =
        |desk: &Desk| desk.shop.record("customers", &other).unwrap().unwrap().row.text("notes").to_owned();
    assert_eq!((notes(&ada), notes(&sarah)), ("rings twice".into(), "rings twice".into()));
    assert_equal(&ada, &sarah);
}

#[test]
fn promise_12_when_the_faults_stop_everything_drains_without_a_restart() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    ada.customer("Okafor");
    let mut calls = ada.shop.step(Event::Wrote).unwrap();
    // Long past the last retry: only probes are left, ever more seldom.
    for _ in 0..12 {
        let answered = match calls.into_iter().find(|call| matches!(call, Call::Push(_) | Call::WakeAt(_))) {
            Some(Call::Push(_)) => ada.shop.pushed(Err(Answer::NoAnswer)).unwrap(),
            Some(Call::WakeAt(at)) => {
                ada.device.clock.reach(at);
                ada.shop.step(Event::Tick).unwrap()
            }
            other => panic!("{other:?}"),
        };
        calls = answered;
    }
    let state = ada.shop.state().unwrap();
    assert!(state.online && !state.reachable, "{state:?}");
    // The server is there again. Nobody says so: the next probe finds it.
    for _ in 0..4 {
        let wake = calls.iter().find_map(|call| if let Call::WakeAt(at) = call { Some(*at) } else { None });
        calls.retain(|call| !matches!(call, Call::WakeAt(_)));
        ada.make(calls);
        if let Some(at) = wake {
            ada.device.clock.reach(at);
        }
        calls = ada.shop.step(Event::Tick).unwrap();
    }
    ada.make(calls);
    let state = ada.shop.state().unwrap();
    assert!(state.reachable && state.pending == 0, "{state:?}");
    sarah.sync();
    ada.sync();
    assert_equal(&ada, &sarah);
    let names: Vec<Json> = sarah
        .shop
        .records("customers", "", 10)
        .unwrap()
        .iter()
        .map(|record| record.to_json()["last_name"].clone())
        .collect();
    assert_eq!(names, ["Okafor"]);
}

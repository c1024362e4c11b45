//! The promises of the design, one named test each, as far as a device on its own can show them. What needs many
//! histories or many kills is in `model` and `crash`; here each promise is told once, in a form to be read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::outbox::{Outcome, Receipt, Status};
use counterpart_core::schema::{Row, Value};
use counterpart_core::shop::Finding;
use counterpart_core::sync::{Answer, Event, Page, PushAnswer};
use counterpart_core::{Account, Error, Opening, Shop, StorageFault};
use counterpart_tests::crash::{Promised, killed};
use counterpart_tests::device::{count, scratch};
use counterpart_tests::script::Script;
use counterpart_tests::server::hash;
use serde_json::json;
use std::path::Path;

fn shown(script: &Script, id: &str) -> Row {
    script.shop.record("pieces", id).unwrap().unwrap().row
}

fn status(script: &Script, id: &str) -> Status {
    script.shop.record("pieces", id).unwrap().unwrap().status
}

/// The row as the server has it at a commit.
fn confirmed(script: &Script, id: &str, stamp: i64, change: impl Fn(&mut Row)) -> Page {
    let table = script.shop.store().schema().table("pieces").unwrap();
    let mut row = Row::blank(table, id);
    row.set("title", Value::Text("chair".into()));
    row.meta.stamp = stamp;
    change(&mut row);
    Page { rows: vec![row], through: stamp, ..Page::default() }
}

/// A chair that the server has at commit 1 and nobody works on.
fn settled_chair() -> (Script, String) {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.applied().nothing();
    let page = confirmed(&script, &chair, 1, |_| {});
    script.shop.take_page(&page).unwrap();
    (script, chair)
}

#[test]
fn promise_01_a_write_that_returned_survives_a_kill() {
    for boundary in [4, 5, 40, 41, 122, 123] {
        let folder = scratch();
        let said = killed(Path::new(env!("CARGO_BIN_EXE_crash_child")), folder.path(), boundary);
        let mut promised = Promised::default();
        promised.heard(&said);
        promised.verify(folder.path());
    }
}

#[test]
fn promise_02_a_pull_never_changes_what_is_being_edited_or_pending() {
    let (mut script, chair) = settled_chair();
    script.shop.save_draft("piece", "{\"notes\":\"half a sen\"}").unwrap();
    script.edit(&chair, json!({ "notes": "mine" }));
    let theirs = |row: &mut Row| {
        row.set("notes", Value::Text("theirs".into()));
        row.set("place", Value::Text("attic".into()));
    };
    let page = confirmed(&script, &chair, 2, theirs);
    script.shop.take_page(&page).unwrap();
    assert_eq!(
        (shown(&script, &chair).text("notes"), shown(&script, &chair).text("place")),
        ("mine", "attic")
    );
    assert_eq!(script.shop.draft("piece").unwrap().unwrap().body, "{\"notes\":\"half a sen\"}");
    // Nor when somebody else deletes the row meanwhile: the edit brings it back.
    let deleted = |row: &mut Row| row.meta.deleted_at = Some(counterpart_core::schema::time_from_ms(1));
    let page = confirmed(&script, &chair, 3, deleted);
    script.shop.take_page(&page).unwrap();
    assert_eq!(shown(&script, &chair).text("notes"), "mine");
}

#[test]
fn promise_03_discarding_restores_the_base_and_the_later_survivors_also_after_a_restart() {
    let (mut script, chair) = settled_chair();
    script.edit(&chair, json!({ "notes": "first", "tags": ["oak"], "place": "hall" }));
    script.when(Event::Wrote).pushes(&["patch chair"]);
    script.edit(&chair, json!({ "notes": "second", "tags": ["oak", "old"] }));
    script.save("moves", json!({ "piece_id": chair, "by": 4 }), "four");
    script.answered(&[("patch chair", Outcome::Rejected)]).pushes(&["append four"]);
    assert_eq!((shown(&script, &chair).text("notes"), status(&script, &chair)), ("second", Status::Failed));
    let mut script = script.restarted();
    let (operation, _) = script.parked().remove(0);
    script.shop.discard(&operation).unwrap();
    for _ in 0..2 {
        let row = shown(&script, &chair);
        assert_eq!((row.text("notes"), row.text("place"), row.int("stock")), ("second", "", Some(4)));
        assert_eq!(row.get("tags"), &Value::Text("[\"old\"]".into()));
        script = script.restarted();
    }
}

#[test]
fn promise_09_no_device_shows_a_movement_twice() {
    let (mut script, chair) = settled_chair();
    let four = script.save("moves", json!({ "piece_id": chair, "by": 4 }), "four");
    let stock = |script: &Script| shown(script, &chair).int("stock");
    assert_eq!(stock(&script), Some(4));
    script.when(Event::Wrote).pushes(&["append four"]);
    let body =
        script.shop.read(|reader| reader.one("SELECT body FROM outbox", [], |row| row.get::<_, String>(0)));
    let receipt = Receipt {
        id: script.bodies()[0]["id"].as_str().unwrap().to_owned(),
        hash: hash(&body.unwrap().unwrap()),
        outcome: Outcome::Applied,
        n: Some(2),
        code: None,
        field: None,
        message: None,
    };
    // The receipt is lost, the row comes with the sum that holds it, then the receipt after all, twice.
    script.fails(Answer::NoAnswer).waits(5_000);
    let moves = script.shop.store().schema().table("moves").unwrap();
    let mut page = confirmed(&script, &chair, 2, |row| row.set("stock", Value::Int(4)));
    let mut moved = Row::blank(moves, four);
    moved.set("piece_id", Value::Text(chair.clone()));
    moved.set("by", Value::Int(4));
    moved.meta.stamp = 2;
    page.rows.push(moved);
    script.shop.take_page(&page).unwrap();
    assert_eq!(stock(&script), Some(4));
    for _ in 0..2 {
        script
            .shop
            .pushed(Ok(PushAnswer { receipts: vec![receipt.clone()], ..PushAnswer::default() }))
            .unwrap();
        script.shop.take_page(&page).unwrap();
        assert_eq!(stock(&script), Some(4));
    }
    let script = script.restarted();
    assert_eq!((stock(&script), script.state().0), (Some(4), 0));
}

#[test]
fn promise_10_a_clock_that_jumps_decides_nothing_that_is_kept() {
    let (mut script, chair) = settled_chair();
    script.edit(&chair, json!({ "notes": "first" }));
    script.save("moves", json!({ "piece_id": chair, "by": 1 }), "one");
    script.device.clock.advance(-86_400_000);
    script.edit(&chair, json!({ "notes": "second" }));
    let stool = script.make("stool");
    script.device.clock.advance(2 * 86_400_000);
    assert_eq!(shown(&script, &chair).text("notes"), "second", "the later one, whatever the clock said");
    script.when(Event::Wrote).pushes(&["patch chair", "append one", "patch chair", "insert stool"]);
    let counters: Vec<i64> = script.bodies().iter().map(|op| op["seq"].as_i64().unwrap()).collect();
    assert!(counters.is_sorted());
    assert_eq!(status(&script, &stool), Status::Syncing);
}

#[test]
fn promise_11_the_queue_survives_and_reaches_nobody_else() {
    let (mut script, chair) = settled_chair();
    script.edit(&chair, json!({ "notes": "mine" }));
    script.when(Event::Wrote).pushes(&["patch chair"]);
    script.fails(Answer::Unauthorised).refreshes();
    script.when(Event::TokenRefreshed).pushes(&["patch chair"]);
    script.fails(Answer::Unauthorised).nothing();
    let script = script.restarted();
    assert_eq!(script.state().0, 1);
    script.shop.close().unwrap();
    for other in [
        Opening { account: Account::new("bob", "owner"), ..script.device.opening.clone() },
        Opening { shop: "shop-2".into(), ..script.device.opening.clone() },
        Opening { schema: &REPAIR_SHOP, ..script.device.opening.clone() },
    ] {
        assert_eq!(Shop::open(other).err(), Some(Error::storage(StorageFault::Foreign)));
    }
    let shop = script.device.open().unwrap();
    assert_eq!(count(&shop, "SELECT count(*) FROM outbox"), 1);
}

#[test]
fn promise_13_synced_is_shown_exactly_when_nothing_is_queued_unanswered_parked_or_in_conflict() {
    let (mut script, chair) = settled_chair();
    assert_eq!(status(&script, &chair), Status::Synced);
    script.edit(&chair, json!({ "notes": "mine" }));
    assert_eq!(status(&script, &chair), Status::Pending);
    script.when(Event::Wrote).pushes(&["patch chair"]);
    assert_eq!(status(&script, &chair), Status::Syncing);
    script.fails(Answer::NoAnswer).waits(5_000);
    assert_eq!(status(&script, &chair), Status::Pending, "unanswered");
    script.after(5_000).pushes(&["patch chair"]);
    script.answered(&[("patch chair", Outcome::Rejected)]).nothing();
    assert_eq!(status(&script, &chair), Status::Failed, "parked");
    script.shop.retry(&script.parked()[0].0).unwrap();
    assert_eq!(status(&script, &chair), Status::Pending);
    script.when(Event::Wrote).pushes(&["patch chair"]);
    script.applied().nothing();
    assert_eq!(status(&script, &chair), Status::Synced, "it begins when the server has accepted");
    let connection = rusqlite::Connection::open(script.device.path()).unwrap();
    let conflict = "INSERT INTO conflicts (id, tbl, row_id, field, open, created_at, updated_at, stamp)
                    VALUES ('c', 'pieces', ?1, 'notes', 1, 0, 0, 2)";
    connection.execute(conflict, [&chair]).unwrap();
    assert_eq!(status(&script, &chair), Status::Conflict);
    connection.execute("UPDATE conflicts SET open = 0", []).unwrap();
    assert_eq!(status(&script, &chair), Status::Synced);
}

#[test]
fn promise_14_a_damaged_or_copied_file_is_noticed_and_reported() {
    let (mut script, chair) = settled_chair();
    script.edit(&chair, json!({ "notes": "mine" }));
    script.shop.store().checkpoint().unwrap();
    script.shop.close().unwrap();
    let device = &script.device;
    let folder = scratch();
    let copy = folder.path().join("shop.db");
    std::fs::copy(device.path(), &copy).unwrap();
    let keys = std::sync::Arc::new(counterpart_core::keys::MemoryKeys::default());
    let clone = Shop::open(Opening { path: copy, keys, ..device.opening.clone() }).unwrap();
    assert_eq!(clone.findings(), [Finding::Copied]);
    assert_eq!(clone.state().unwrap().pending, 1);

    let whole = std::fs::read(device.path()).unwrap();
    let mut bytes = whole.clone();
    bytes[..64].fill(0x5A);
    std::fs::write(device.path(), &bytes).unwrap();
    let shop = device.open().unwrap();
    let [Finding::Damaged(salvage)] = shop.findings() else { panic!("{:?}", shop.findings()) };
    assert_eq!(std::fs::read(&salvage.aside).unwrap(), bytes, "set aside, and nothing of it lost");
    assert!(!salvage.complete);
}

#[test]
fn promise_15_bad_input_gets_a_typed_error_and_changes_nothing() {
    let (mut script, chair) = settled_chair();
    let content = |script: &Script| {
        let rows = "SELECT group_concat(id || title || coalesce(notes, '') || stamp) FROM pieces";
        let queue = "SELECT group_concat(id || state || body) FROM outbox";
        let read = |sql: &str| {
            script.shop.read(|reader| reader.one(sql, [], |row| row.get::<_, Option<String>>(0))).unwrap()
        };
        (read(rows), read(queue))
    };
    let before = content(&script);
    let save = |table: &str, row: serde_json::Value| {
        script.shop.save(table, row.as_object().unwrap()).unwrap_err().code()
    };
    assert_eq!(save("nothing", json!({})), "not_found");
    assert_eq!(save("pieces", json!({ "id": "nobody", "title": "a" })), "not_found");
    assert_eq!(save("pieces", json!({ "id": 7 })), "kind");
    assert_eq!(save("pieces", json!({})), "required");
    assert_eq!(save("pieces", json!({ "id": chair, "title": null })), "required");
    assert_eq!(save("pieces", json!({ "id": chair, "title": "x".repeat(81) })), "length");
    assert_eq!(save("pieces", json!({ "id": chair, "title": "a\u{0}b" })), "character");
    assert_eq!(save("pieces", json!({ "id": chair, "price": "9" })), "kind");
    assert_eq!(save("pieces", json!({ "id": chair, "price": -1 })), "range");
    assert_eq!(save("pieces", json!({ "id": chair, "colour": "red" })), "unknown_field");
    assert_eq!(save("pieces", json!({ "id": chair, "stock": 7 })), "kept");
    assert_eq!(save("pieces", json!({ "id": chair, "code": "new" })), "fixed");
    assert_eq!(save("pieces", json!({ "id": chair, "marks": { "legs": "gone" } })), "word");
    assert_eq!(save("pieces", json!({ "id": chair, "mails": ["nobody"] })), "email");
    for call in [Shop::retry, Shop::discard] {
        assert_eq!(call(&script.shop, "no-such-operation").unwrap_err().code(), "not_found");
    }
    assert_eq!(content(&script), before);

    // And from a server that lies: receipts for what was never sent, without a commit, for other content.
    script.edit(&chair, json!({ "notes": "mine" }));
    let queued = content(&script);
    let id = script.queue()[0]["id"].as_str().unwrap().to_owned();
    let body =
        script.shop.read(|reader| reader.one("SELECT body FROM outbox", [], |row| row.get::<_, String>(0)));
    let lie = Receipt {
        id,
        hash: hash(&body.unwrap().unwrap()),
        outcome: Outcome::Applied,
        n: None,
        code: None,
        field: None,
        message: None,
    };
    let page = Page {
        receipts: vec![lie.clone(), Receipt { id: "stranger".into(), ..lie.clone() }],
        ..Page::default()
    };
    script.shop.take_page(&page).unwrap();
    assert_eq!(content(&script), queued);
    script.when(Event::Wrote).pushes(&["patch chair"]);
    script.shop.take_page(&page).unwrap();
    assert_eq!((shown(&script, &chair).text("notes"), script.state().0), ("mine", 1));
}

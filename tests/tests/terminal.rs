//! The terminal: what a device remembers, whose files it opens, and how people leave.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_core::keys::{MemoryKeys, SecureStorage};
use counterpart_core::outbox::{Outcome, Receipt, content_hash};
use counterpart_core::schema::{AnyJson, Conflict, ConflictId, Entity, Json, Row};
use counterpart_core::shop::Choice;
use counterpart_core::store::Durability;
use counterpart_core::sync::{Call, Event, Page};
use counterpart_core::terminal::{Options, Unsent};
use counterpart_core::{Account, Result, Shop, Terminal};
use counterpart_tests::courtesy::answered;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{TempDir, tempdir};

/// A device's folder and its secure storage: what outlives the app.
struct Installation {
    folder: TempDir,
    keys: Arc<dyn SecureStorage>,
}

impl Installation {
    fn new() -> Installation {
        Installation { folder: tempdir().unwrap(), keys: Arc::new(MemoryKeys::default()) }
    }

    fn open(&self) -> Result<Terminal> {
        let options = Options { durability: Durability::Normal, ..Options::default() };
        let keys = Arc::clone(&self.keys);
        Terminal::open(self.folder.path(), &REPAIR_SHOP, keys, Env::system(), options)
    }

    fn files(&self) -> BTreeSet<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "db")).collect()
    }
}

fn ada() -> Account {
    Account::new("ada", "owner")
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn save(shop: &Shop, name: &str) -> String {
    shop.save("customers", json!({ "last_name": name }).as_object().unwrap()).unwrap()
}

fn has(shop: &Shop, id: &str) -> bool {
    shop.record("customers", id).unwrap().is_some()
}

#[test]
fn a_terminal_goes_on_where_it_was() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    assert!(terminal.shop().is_none());
    let mut tess = Account::new("tess", "technician");
    tess.employee = Some("e1".into());
    let id = save(&terminal.enter(&tess, "north").unwrap(), "Okafor");
    terminal.enter(&tess, "south").unwrap();
    assert_eq!(terminal.shops(), ["north", "south"]);
    let shop = terminal.switch_shop("north").unwrap();
    assert_eq!(terminal.switch_shop("west").unwrap_err().code(), "not_found");
    assert!(has(&shop, &id), "a switch that failed changed nothing");
    terminal.close().unwrap();
    assert_eq!(shop.record("customers", &id).unwrap_err().code(), "closed");
    assert_eq!(terminal.wait(terminal.suspend()).unwrap_err().code(), "closed");

    let shop = installation.open().unwrap().shop().unwrap();
    assert_eq!((shop.id(), has(&shop, &id)), ("north", true));
    let who = shop.who();
    assert_eq!((who.role.as_str(), who.station, who.actor.as_deref()), ("technician", false, Some("e1")));
}

#[test]
fn a_folder_is_one_terminal_s_at_a_time() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    assert_eq!(installation.open().unwrap_err().code(), "in_use");
    terminal.close().unwrap();
    let terminal = installation.open().unwrap();
    drop(terminal);
    installation.open().unwrap();
}

#[test]
fn every_account_and_shop_has_a_file_of_its_own_whatever_they_are_called() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    let names = ["a", "A", "a_b", "../a", "", "ü", &"x".repeat(300)];
    for account in names {
        for shop in names {
            let shop = terminal.enter(&Account::new(account, "owner"), shop).unwrap();
            save(&shop, "Okafor");
            assert_eq!(shop.state().unwrap().pending, 1);
        }
        terminal.wait(terminal.sign_out(Some(&Unsent::Keep))).unwrap();
    }
    assert_eq!(installation.files().len(), names.len() * names.len());
}

#[test]
fn an_account_takes_another_s_place_only_after_it_signed_out() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    let id = save(&terminal.enter(&ada(), "north").unwrap(), "Okafor");
    let bo = Account::new("bo", "technician");
    assert_eq!(terminal.enter(&bo, "north").unwrap_err().code(), "denied");
    terminal.wait(terminal.sign_out(Some(&Unsent::Keep))).unwrap();
    assert_eq!(terminal.wait(terminal.sign_out(None)).unwrap_err().code(), "signed_out");
    assert_eq!(terminal.switch_shop("north").unwrap_err().code(), "signed_out");
    let theirs = terminal.enter(&bo, "north").unwrap();
    assert!(!has(&theirs, &id) && theirs.state().unwrap().pending == 0);
    terminal.wait(terminal.sign_out(None)).unwrap();
    assert!(has(&terminal.enter(&ada(), "north").unwrap(), &id));
}

#[test]
fn a_role_that_changed_holds_from_the_next_sign_in() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    let id = save(&terminal.enter(&ada(), "north").unwrap(), "Okafor");
    let shop = terminal.enter(&Account::new("ada", "front_desk"), "north").unwrap();
    assert!(has(&shop, &id));
    assert_eq!(shop.delete("customers", &id).unwrap_err().code(), "denied");
}

#[test]
fn signing_out_asks_what_becomes_of_unsent_work() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    let shop = terminal.enter(&ada(), "north").unwrap();
    let id = save(&shop, "Okafor");
    let refused = terminal.wait(terminal.sign_out(None)).unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string().as_str()),
        ("unsent", "not now: operations that are not sent: 1")
    );
    assert_eq!(
        terminal.wait(terminal.sign_out(Some(&Unsent::SendFirst))).unwrap_err().code(),
        "needs_server"
    );

    let taken = installation.folder.path().join("taken");
    std::fs::write(&taken, "mine").unwrap();
    let nowhere = installation.folder.path().join("nowhere/out");
    for (path, code) in [(&taken, "already_there"), (&nowhere, "not_found")] {
        let refused =
            terminal.wait(terminal.sign_out(Some(&Unsent::Export { path: text(path) }))).unwrap_err();
        assert_eq!(refused.code(), code);
    }
    assert_eq!(std::fs::read_to_string(taken).unwrap(), "mine");
    assert!(has(&terminal.shop().unwrap(), &id), "whatever was refused changed nothing");

    let out = installation.folder.path().join("out");
    terminal.wait(terminal.sign_out(Some(&Unsent::Export { path: text(&out) }))).unwrap();
    assert!(std::fs::read_to_string(out).unwrap().contains("Okafor"));
    assert!(installation.files().is_empty(), "what was exported left the device");
    let shop = terminal.enter(&ada(), "north").unwrap();
    assert!(!has(&shop, &id));
    save(&shop, "Again");
    terminal.wait(terminal.sign_out(Some(&Unsent::Discard))).unwrap();
    assert!(installation.files().is_empty());
    terminal.close().unwrap();
    assert!(installation.open().unwrap().shop().is_none());
}

#[test]
fn a_note_that_cannot_be_read_is_set_aside_and_the_files_stay() {
    let installation = Installation::new();
    let note = installation.folder.path().join("terminal.json");
    let terminal = installation.open().unwrap();
    let id = save(&terminal.enter(&ada(), "north").unwrap(), "Okafor");
    terminal.close().unwrap();
    std::fs::write(&note, r#"{"form":2,"signed_in":{"who":"knows"}}"#).unwrap();
    assert_eq!(installation.open().unwrap_err().code(), "newer_file");
    std::fs::write(&note, r#"{"form":1,"signed_"#).unwrap();
    let terminal = installation.open().unwrap();
    let aside = terminal.forgot().unwrap();
    assert!(terminal.shop().is_none() && aside.exists() && !note.exists());
    assert!(has(&terminal.enter(&ada(), "north").unwrap(), &id));
}

#[test]
fn what_a_device_remembers_is_no_secret() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    terminal.enter(&ada(), "north").unwrap();
    let note = std::fs::read(installation.folder.path().join("terminal.json")).unwrap();
    let seat = json!({ "shop": "north", "role": "owner", "station": false, "employee": null });
    let signed_in = json!({ "account": "ada", "shop": "north", "seats": [seat] });
    let expected = json!({ "form": 1, "signed_in": signed_in });
    assert_eq!(serde_json::from_slice::<Json>(&note).unwrap(), expected);
}

#[test]
fn a_suspended_terminal_has_everything_in_the_file() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    let id = save(&terminal.enter(&ada(), "north").unwrap(), "Okafor");
    terminal.wait(terminal.suspend()).unwrap();
    let file = installation.files().pop_first().unwrap();
    let log = std::fs::metadata(file.with_extension("db-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0);
    terminal.wait(terminal.resume()).unwrap();
    assert!(has(&terminal.shop().unwrap(), &id));
}

/// A page that the server confirms up to this commit.
fn page(rows: Vec<Row>, receipts: Vec<Receipt>, through: i64) -> Page {
    Page { rows, receipts, through, tag: "tag".into() }
}

fn confirmed(shop: &Shop, n: i64) -> Row {
    let mut row = Row::blank(REPAIR_SHOP.table("customers").unwrap(), "c1");
    row.set("last_name", counterpart_core::schema::Value::Text("Okafor".into()));
    row.set("notes", counterpart_core::schema::Value::Text("theirs".into()));
    row.meta.stamp = n;
    shop.take_page(&page(vec![row.clone()], Vec::new(), n)).unwrap();
    row
}

fn conflicted(shop: &Shop, id: &str) {
    let json = |text: &str| AnyJson(Json::String(text.into()));
    let conflict = Conflict {
        id: ConflictId(id.into()),
        tbl: "customers".into(),
        row_id: "c1".into(),
        field: "notes".into(),
        base: json("base"),
        mine: json("mine"),
        theirs: json("theirs"),
        theirs_by: Some("bo".into()),
        on_stamp: 1,
        open: true,
        ..Conflict::default()
    };
    let mut row = conflict.to_row();
    row.meta.stamp = 2;
    shop.take_page(&page(vec![row], Vec::new(), 2)).unwrap();
}

#[test]
fn a_conflict_is_listed_until_a_person_has_chosen() {
    for (choice, notes) in [
        (Choice::Mine, "mine"),
        (Choice::Theirs, "theirs"),
        (Choice::Value { value: AnyJson(json!("both")) }, "both"),
    ] {
        let installation = Installation::new();
        let terminal = installation.open().unwrap();
        let shop = terminal.enter(&ada(), "north").unwrap();
        confirmed(&shop, 1);
        conflicted(&shop, "k1");
        let open = shop.open_conflicts().unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(
            (open[0].id.as_str(), open[0].field.as_str(), open[0].by.as_deref()),
            ("c1", "notes", Some("bo"))
        );
        assert_eq!((&open[0].mine.0, &open[0].theirs.0), (&json!("mine"), &json!("theirs")));
        shop.resolve(&open[0].conflict, &choice).unwrap();
        assert!(shop.open_conflicts().unwrap().is_empty());
        assert_eq!(shop.record("customers", "c1").unwrap().unwrap().row.text("notes"), notes);
        assert_eq!(shop.resolve(&open[0].conflict, &choice).unwrap_err().code(), "not_found");
    }
}

#[test]
fn a_choice_that_does_not_fit_the_field_leaves_the_conflict_open() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    let shop = terminal.enter(&ada(), "north").unwrap();
    confirmed(&shop, 1);
    conflicted(&shop, "k1");
    let id = ConflictId("k1".into());
    assert_eq!(shop.resolve(&id, &Choice::Value { value: AnyJson(json!(7)) }).unwrap_err().code(), "kind");
    let long = Choice::Value { value: AnyJson(json!("x".repeat(5_000))) };
    assert_eq!(shop.resolve(&id, &long).unwrap_err().code(), "length");
    assert_eq!(shop.open_conflicts().unwrap().len(), 1);
    assert_eq!(shop.state().unwrap().pending, 0);
}

#[test]
fn a_ticket_is_safe_when_the_server_has_all_of_it() {
    let installation = Installation::new();
    let terminal = installation.open().unwrap();
    let shop = terminal.enter(&ada(), "north").unwrap();
    confirmed(&shop, 1);
    let row = json!({ "customer_id": "c1", "subject": "Screen" });
    let ticket = shop.save("tickets", row.as_object().unwrap()).unwrap();
    let other = shop.save("tickets", row.as_object().unwrap()).unwrap();
    let note = json!({ "ticket_id": ticket, "body": "Ordered", "kind": "internal" });
    shop.save("ticket_notes", note.as_object().unwrap()).unwrap();
    assert_eq!(
        (shop.safe("tickets", &ticket).unwrap().unsent, shop.safe("tickets", &other).unwrap().unsent),
        (2, 1)
    );
    assert_eq!(shop.safe("tickets", "nobody's").unwrap_err().code(), "not_found");
    let calls = answered(&shop, shop.step(Event::Network { up: true }).unwrap());
    let push = calls.into_iter().find_map(|call| if let Call::Push(push) = call { Some(push) } else { None });
    let push = push.expect("something is sent");
    assert_eq!(shop.safe("tickets", &other).unwrap().unsent, 1, "on its way is not there");
    let receipt = |body: &RawValue| Receipt {
        id: serde_json::from_str::<Json>(body.get()).unwrap()["id"].as_str().unwrap().to_owned(),
        hash: content_hash(body.get()),
        outcome: Outcome::Applied,
        n: Some(2),
        code: None,
        field: None,
        message: None,
    };
    shop.take_page(&page(Vec::new(), push.ops.iter().map(|body| receipt(body)).collect(), 1)).unwrap();
    assert_eq!(shop.safe("tickets", &ticket).unwrap().unsent, 0);
}

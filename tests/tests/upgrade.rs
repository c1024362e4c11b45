//! A file of every released version, its queue not empty, opens as if it were new; released steps never change.
//!
//! Before a release, `cargo test -p counterpart-tests --test upgrade` with `WRITE_RELEASE_FIXTURE=1` set writes the fixture of its version
//! and the hashes of its migrations. Both are committed with it. Only files of unreleased versions are ever rewritten.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Migration, Schema};
use counterpart_core::sync::Event;
use counterpart_core::{Error, Fault, Opening, Shop, StorageFault};
use counterpart_tests::courtesy::answered;
use counterpart_tests::device::{Device, count};
use counterpart_tests::released::{dump, folder, fresh, hashes, lived_in, schema_of, sends};
use counterpart_tests::workbench::WORKBENCH;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_released_file_becomes_todays_and_keeps_its_rows_and_queue() {
    let wanted = schema_of(&fresh().path());
    let mut files = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        files += 1;
        let sql = fs::read_to_string(&path).unwrap();
        let device = Device::new(&REPAIR_SHOP, 2);
        let connection = Connection::open(device.path()).unwrap();
        connection.execute_batch(&sql).unwrap();
        let before = |table: &str| -> i64 {
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        };
        let tables = [
            "customers",
            "tickets",
            "ticket_notes",
            "inventory_items",
            "stock_movements",
            "outbox",
            "drafts",
        ];
        let counts = tables.map(before);
        assert!(counts.iter().all(|count| *count > 0), "{path:?} says too little");
        drop(connection);
        let shop = device.open().unwrap();
        assert_eq!(tables.map(|table| count(&shop, &format!("SELECT count(*) FROM {table}"))), counts);
        assert_eq!(shop.search("customers", "nunez", 5).unwrap().len(), 1);
        // All of the queue goes out, what may have been sent before included.
        let calls = answered(&shop, shop.step(Event::Network { up: true }).unwrap());
        assert_eq!(i64::try_from(sends(&calls)).unwrap(), counts[5]);
        shop.close().unwrap();
        assert_eq!(schema_of(&device.path()), wanted, "{path:?} differs from a new file");
    }
    assert!(files > 0, "no fixture");
}

#[test]
fn released_migrations_are_frozen() {
    if std::env::var_os("WRITE_RELEASE_FIXTURE").is_some() {
        write_the_fixture_of_this_version();
    }
    let known: BTreeSet<String> =
        fs::read_to_string(folder().join("migrations.txt")).unwrap().lines().map(str::to_owned).collect();
    let today: BTreeSet<String> = hashes().lines().map(str::to_owned).collect();
    let changed: Vec<_> = known.difference(&today).collect();
    assert!(changed.is_empty(), "a released step changed, or is gone: {changed:?}");
}

/// Called with `WRITE_RELEASE_FIXTURE` set, when a version is about to be released.
fn write_the_fixture_of_this_version() {
    let device = Device::new(&REPAIR_SHOP, 1);
    let shop = lived_in(&device);
    let version = |name: &str| shop.read(|reader| reader.fact(name)).unwrap().unwrap();
    let name = format!("engine-{}-schema-{}.sql", version("engine_version"), version("schema_version"));
    shop.close().unwrap();
    fs::write(folder().join(name), dump(&device.path())).unwrap();
    fs::write(folder().join("migrations.txt"), hashes()).unwrap();
}

static SECOND: Schema = Schema {
    migrations: &[
        WORKBENCH.migrations[0],
        Migration {
            number: 2,
            sql: "CREATE TABLE shelves (id TEXT); CREATE INDEX pieces_title ON pieces (title)",
        },
    ],
    ..WORKBENCH
};

static BAD: Schema = Schema {
    migrations: &[
        WORKBENCH.migrations[0],
        SECOND.migrations[1],
        Migration { number: 3, sql: "CREATE TABLE half (id TEXT); UPDATE nowhere SET id = 1" },
    ],
    ..WORKBENCH
};

#[test]
fn a_second_version_upgrades_whole_or_not_at_all_and_does_not_go_back() {
    let device = Device::new(&WORKBENCH, 3);
    let shop = device.open().unwrap();
    let chair = serde_json::json!({ "title": "chair" });
    let id = shop.save("pieces", chair.as_object().unwrap()).unwrap();
    shop.close().unwrap();
    let before = schema_of(&device.path());
    let open = |schema: &'static Schema| Shop::open(Opening { schema, ..device.opening.clone() });

    assert!(matches!(open(&BAD).map_err(Error::into_fault), Err(Fault::Defect { .. })));
    assert_eq!(schema_of(&device.path()), before, "not even the good step before the bad one");

    let shop = open(&SECOND).unwrap();
    assert_eq!(shop.read(|reader| reader.fact("schema_version")).unwrap().as_deref(), Some("2"));
    assert!(shop.record("pieces", &id).unwrap().is_some());
    assert_eq!(shop.state().unwrap().pending, 1);
    shop.close().unwrap();
    let new = Device::new(&SECOND, 4);
    new.open().unwrap().close().unwrap();
    assert_eq!(schema_of(&device.path()), schema_of(&new.path()));

    let older = open(&WORKBENCH).err();
    assert_eq!(older, Some(Error::storage(StorageFault::Newer { found: 2, known: 1 })));
}

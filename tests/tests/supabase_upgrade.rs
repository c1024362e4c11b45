//! A database of every released version, with a shop's life in it, becomes today's and keeps what it holds; released
//! migrations never change.
//!
//! Before a release, `cargo test -p counterpart-tests --test supabase_upgrade` with `WRITE_RELEASE_FIXTURE=1` set writes the
//! database of its version and the hashes of its migrations. Both are committed with it. Only files of unreleased versions
//! are ever rewritten.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_tests::postgres::{Cluster, Database, migrations};
use counterpart_tests::scenarios::backend::{Backend, Who};
use counterpart_tests::scenarios::hand::Hand;
use counterpart_tests::scenarios::hub_postgres::Template;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

const HUB: &str = env!("CARGO_BIN_EXE_hub");
const COUNTED: [&str; 12] = [
    "public.customers",
    "public.inventory_items",
    "public.tickets",
    "public.ticket_notes",
    "public.ticket_events",
    "public.ticket_lines",
    "public.stock_movements",
    "public.members",
    "public.audit",
    "counterpart.receipts",
    "counterpart.devices",
    "counterpart_hub.accounts",
];

/// The API's roles are the cluster's, so two databases are never set up at once.
static TURN: Mutex<()> = Mutex::new(());

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/released/postgres")
}

fn hub(database: &Database, words: &[&str]) -> Json {
    let place = ["--json", "--database", &database.keepers_uri()];
    let output = Command::new(HUB).args(words).args(place).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn counts(database: &Database) -> Vec<i64> {
    let mut sql = database.admin();
    let mut count =
        |table: &str| sql.query_one(&format!("select count(*) from {table}"), &[]).unwrap().get(0);
    COUNTED.iter().map(|table| count(table)).collect()
}

/// All that a new device of the owner's is sent.
fn first_load(database: &Database) -> String {
    let mut sql = database.admin();
    let owner = "select m.account::text, m.shop_id::text from public.members as m
                 join public.customers as c using (shop_id) where m.role = 'owner' limit 1";
    let owner = sql.query_one(owner, &[]).unwrap();
    let (account, shop): (String, String) = (owner.get(0), owner.get(1));
    let mut sql = database.as_account("authenticated", Some(&account));
    let opens = json!({ "shop": shop, "device": "new", "generation": 0, "attempt": "a", "numbers_left": 50 });
    sql.query_one("select public.device_open($1)::text", &[&opens]).unwrap();
    let asks =
        json!({ "shop": shop, "device": "new", "epoch": "", "what": { "windows": {} }, "limit": 5_000 });
    sql.query_one("select public.sync_range($1)::text", &[&asks]).unwrap().get(0)
}

#[test]
fn every_released_database_becomes_todays_and_keeps_its_rows() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = Cluster::shared().plain();
    hub(&fresh, &["init"]);
    let wanted = fresh.schema();
    let mut files = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        files += 1;
        let database = Cluster::shared().loaded(&path);
        let mut before = counts(&database);
        assert!(before.iter().all(|count| *count > 0), "{} says too little", path.display());
        // Whichever command comes first brings it up to date.
        hub(&database, &["invite", "--email", "new@shop.example", "--role", "technician"]);
        let after = counts(&database);
        // The new person's membership, their row's audit, their account.
        for grown in [7, 11] {
            before[grown] += 1;
        }
        before[8] = after[8].max(before[8]);
        assert_eq!(after, before, "{}", path.display());
        assert_eq!(hub(&database, &["doctor"]), json!({ "problems": [] }));
        assert!(first_load(&database).contains("calls back"));
        assert_eq!(database.schema(), wanted, "{} differs from a new database", path.display());
    }
    assert!(files > 0, "no fixture");
}

#[test]
fn released_migrations_are_frozen() {
    if std::env::var_os("WRITE_RELEASE_FIXTURE").is_some() {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        write_the_database_of_this_version();
    }
    let known = fs::read_to_string(folder().join("migrations.txt")).unwrap();
    let known: BTreeSet<&str> = known.lines().collect();
    let today = hashes();
    let today: BTreeSet<&str> = today.lines().collect();
    let changed: Vec<_> = known.difference(&today).collect();
    assert!(changed.is_empty(), "a released migration changed, or is gone: {changed:?}");
}

/// The hash of every migration, a line each.
fn hashes() -> String {
    let line = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        format!("{name} {}\n", counterpart_tests::server::hash(&text))
    };
    migrations().iter().map(line).collect()
}

/// Called with `WRITE_RELEASE_FIXTURE` set, when a version is about to be released.
fn write_the_database_of_this_version() {
    let hubs = Template::make(Path::new(HUB)).open();
    let hand = Hand::at(&hubs.address(), &hubs.login(Who::Owner), &hubs.shop());
    let operation = |table: &str, row: &str, kind: &str, fields: Json| {
        let edits = fields.as_object().unwrap().iter();
        let edits: serde_json::Map<_, _> =
            edits.map(|(name, to)| (name.clone(), json!({ "to": to }))).collect();
        json!({ "id": format!("op-{kind}-{row}"), "seq": 1, "at": 1_700_000_000_000_i64, "account": hand.account,
                "actor": hand.account, "table": table, "row": row, "kind": kind, "fields": edits })
    };
    let customer = json!({ "last_name": "Núñez", "phones": ["+4930123456"], "tags": ["old"] });
    let lived = [
        operation("customers", "c1", "insert", customer),
        operation("inventory_items", "i1", "insert", json!({ "name": "Screen", "sku": "S-1" })),
        operation("tickets", "t1", "insert", json!({ "customer_id": "c1", "subject": "Cracked screen" })),
        operation(
            "ticket_notes",
            "n1",
            "append",
            json!({ "ticket_id": "t1", "kind": "internal", "body": "drops" }),
        ),
        operation(
            "ticket_events",
            "e1",
            "append",
            json!({ "ticket_id": "t1", "from": "received", "to": "diagnosing" }),
        ),
        operation(
            "ticket_lines",
            "l1",
            "insert",
            json!({ "ticket_id": "t1", "kind": "part", "quantity": 1 }),
        ),
        operation(
            "stock_movements",
            "m1",
            "append",
            json!({ "item_id": "i1", "quantity": 5, "kind": "receive" }),
        ),
        operation("customers", "c1", "patch", json!({ "notes": "calls back" })),
        operation("customers", "c2", "insert", json!({ "last_name": "x", "phones": ["030"] })),
    ];
    let (status, answer) = hand.push_all(&lived);
    assert_eq!((status, answer["receipts"].as_array().map(Vec::len)), (200, Some(lived.len())), "{answer}");
    let newest = migrations().pop().unwrap();
    fs::create_dir_all(folder()).unwrap();
    let name = newest.with_extension("sql.gz");
    hubs.database().write_down(&folder().join(name.file_name().unwrap()));
    fs::write(folder().join("migrations.txt"), hashes()).unwrap();
}

//! Databases of released versions: how one is written down as SQL, and made a file again.

use crate::courtesy::answered;
use crate::device::Device;
use counterpart_core::Shop;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::sync::{Call, Event};
use rusqlite::Connection;
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where they are kept.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/released")
}

/// Rows of most kinds, and a queue with operations in every state that a device on its own can bring about.
pub fn lived_in(device: &Device) -> Shop {
    let shop = device.open().unwrap();
    let save = |table: &str, row: serde_json::Value| shop.save(table, row.as_object().unwrap()).unwrap();
    shop.begin_session(1, "K7").unwrap();
    let customer =
        save("customers", json!({ "last_name": "Núñez", "phones": ["+4930123456"], "tags": ["old"] }));
    let item = save("inventory_items", json!({ "name": "Screen", "sku": "S-1" }));
    assert_eq!(sends(&answered(&shop, shop.step(Event::Network { up: true }).unwrap())), 2);
    let ticket = save("tickets", json!({ "customer_id": customer, "subject": "Cracked screen" }));
    save("ticket_notes", json!({ "ticket_id": ticket, "kind": "internal", "body": "drops on Mondays" }));
    save("stock_movements", json!({ "item_id": item, "quantity": 5, "kind": "receive" }));
    save("customers", json!({ "id": customer, "notes": "calls back" }));
    shop.save_draft("intake", "{\"subject\":\"half\"}").unwrap();
    shop
}

/// A file as SQL: what it is made of, and every row of it. What search keeps of texts is made anew by search.
pub fn dump(path: &Path) -> String {
    let connection = Connection::open(path).unwrap();
    let mut sql = String::new();
    let parts: Vec<(String, String, String)> = query(
        &connection,
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'search_text_*'
         AND name NOT GLOB 'sqlite_*' ORDER BY type = 'index', rowid",
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    );
    for (kind, name, made) in &parts {
        writeln!(sql, "{made};").unwrap();
        if kind != "table" || name == "search_text" {
            continue;
        }
        let columns: Vec<String> =
            query(&connection, &format!("SELECT name FROM pragma_table_info('{name}')"), |row| row.get(0));
        let quoted = columns.iter().map(|column| format!("quote(\"{column}\")")).collect::<Vec<_>>();
        let rows: Vec<String> =
            query(&connection, &format!("SELECT {} FROM {name}", quoted.join(" || ', ' || ")), |row| {
                row.get(0)
            });
        for row in rows {
            writeln!(sql, "INSERT INTO {name} VALUES ({row});").unwrap();
        }
    }
    sql
}

fn query<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    connection.prepare(sql).unwrap().query_map([], read).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// What a file is made of, apart from the order in which it was made.
pub fn schema_of(path: &Path) -> Vec<(String, String, Option<String>)> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2";
    query(&connection, sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// The hash of every migration, a line each: `number name hash`.
pub fn hashes() -> String {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/migrations/engine");
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/migrations/shop");
    let mut lines = Vec::new();
    for folder in [engine, shop] {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            lines.push(format!("{}/{} {}", name(&folder), name(&path), crate::server::hash(&text)));
        }
    }
    lines.sort();
    lines.join("\n") + "\n"
}

/// A new device's file, as it is today.
pub fn fresh() -> Device {
    let device = Device::new(&REPAIR_SHOP, 1);
    device.open().unwrap().close().unwrap();
    device
}

/// Whether a push is on its way with so many operations.
pub fn sends(calls: &[Call]) -> usize {
    match calls {
        [Call::Push(request)] => request.ops.len(),
        other => panic!("{other:?}"),
    }
}

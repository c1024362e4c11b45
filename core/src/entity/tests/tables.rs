//! The tables agree with the SQL, and with each other.

use crate::entity::REPAIR_SHOP;
use crate::schema::Type;
use rusqlite::{Connection, named_params};

fn database() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    for migration in REPAIR_SHOP.migrations {
        database.execute_batch(migration.sql).unwrap();
    }
    database
}

/// The columns of a table: name, type, whether it may not be empty.
fn columns(database: &Connection, table: &str) -> Vec<(String, String, bool)> {
    let mut statement =
        database.prepare("SELECT name, type, \"notnull\" FROM pragma_table_info(?1) ORDER BY cid").unwrap();
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn every_table_agrees_with_the_sql() {
    let database = database();
    for table in REPAIR_SHOP.tables {
        let mut expected = vec![("id", "TEXT", true)];
        expected.extend(table.fields.iter().map(|field| (field.name, field.kind.column(), false)));
        expected.extend([
            ("created_at", "INTEGER", true),
            ("created_by", "TEXT", false),
            ("updated_at", "INTEGER", true),
            ("updated_by", "TEXT", false),
            ("stamp", "INTEGER", true),
            ("deleted_at", "INTEGER", false),
            ("extra", "TEXT", false),
        ]);
        let found = columns(&database, table.name);
        let found: Vec<_> =
            found.iter().map(|(name, kind, full)| (name.as_str(), kind.as_str(), *full)).collect();
        assert_eq!(found, expected, "{}", table.name);
    }
    let tables: i64 = database
        .query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables as usize, REPAIR_SHOP.tables.len());
}

#[test]
fn a_table_refers_only_to_tables_before_it() {
    for (at, table) in REPAIR_SHOP.tables.iter().enumerate() {
        for field in table.fields {
            let Some(parent) = field.refers else { continue };
            let before = REPAIR_SHOP.tables[..=at].iter().any(|known| known.name == parent);
            assert!(before, "{}.{} names {parent}", table.name, field.name);
        }
        let parents = table.parent.into_iter().chain(table.onto.map(|onto| onto.key));
        for key in parents {
            assert!(table.field(key).is_some_and(|field| field.refers.is_some()), "{}.{key}", table.name);
        }
        if let Some(onto) = table.onto {
            assert_eq!(table.field(onto.key).and_then(|field| field.refers), Some(onto.table));
        }
    }
}

#[test]
fn every_window_is_a_condition_over_its_row() {
    let database = database();
    for table in REPAIR_SHOP.tables {
        let Some(window) = table.window else { continue };
        let sql = format!("SELECT count(*) FROM {} WHERE {}", table.name, window.outside);
        let outside: i64 = database.query_row(&sql, named_params! {":edge": 0}, |row| row.get(0)).unwrap();
        assert_eq!(outside, 0);
    }
}

#[test]
fn a_ticket_leaves_its_window_90_days_after_its_end_and_never_while_open() {
    let database = database();
    let window = REPAIR_SHOP.table("tickets").and_then(|table| table.window).unwrap();
    assert_eq!(window.days, 90);
    for (id, status, closed_at) in [
        ("a", "picked_up", Some(99)),
        ("b", "picked_up", Some(100)),
        ("c", "ready", None),
        ("d", "ready", Some(1)),
    ] {
        database
            .execute(
                "INSERT INTO tickets (id, status, closed_at, created_at, updated_at, stamp) VALUES (?1, ?2, ?3, 0, 0, 0)",
                (id, status, closed_at),
            )
            .unwrap();
    }
    let sql = format!("SELECT group_concat(id) FROM tickets WHERE {}", window.outside);
    let outside: String = database.query_row(&sql, named_params! {":edge": 100}, |row| row.get(0)).unwrap();
    assert_eq!(outside, "a");
}

#[test]
fn a_passcode_is_due_14_days_after_its_ticket_ended_and_once() {
    const DAY: i64 = 86_400_000;
    let database = database();
    database
        .execute_batch(&format!(
            "INSERT INTO tickets (id, status, closed_at, deleted_at, created_at, updated_at, stamp) VALUES
                ('picked', 'picked_up', {DAY}, NULL, 0, 0, 0), ('open', 'ready', NULL, NULL, 0, 0, 0),
                ('late', 'picked_up', {DAY} + 1, NULL, 0, 0, 0), ('gone', 'ready', NULL, {DAY}, 0, 0, 0);
             INSERT INTO ticket_secrets (id, ticket_id, sealed, wrapped_key, created_at, updated_at, stamp) VALUES
                ('1', 'picked', 'x', 'y', 0, 0, 0), ('2', 'open', 'x', 'y', 0, 0, 0),
                ('3', 'late', 'x', 'y', 0, 0, 0), ('4', 'gone', 'x', 'y', 0, 0, 0),
                ('5', 'picked', NULL, NULL, 0, 0, 0);"
        ))
        .unwrap();
    for wipe in REPAIR_SHOP.wipes {
        let table = REPAIR_SHOP.table(wipe.table).unwrap();
        assert!(wipe.fields.iter().all(|field| table.field(field).is_some_and(|field| field.optional)));
        let mut statement = database.prepare(wipe.due).unwrap();
        let due = statement.query_map(named_params! {":now": 15 * DAY}, |row| row.get(0)).unwrap();
        let mut due: Vec<String> = due.map(Result::unwrap).collect();
        due.sort();
        assert_eq!(due, ["1", "4"]);
    }
}

#[test]
fn every_value_kind_has_a_column_that_holds_it() {
    let database = database();
    for table in REPAIR_SHOP.tables {
        let names: Vec<_> = table.fields.iter().map(|field| format!("\"{}\"", field.name)).collect();
        let values: Vec<_> = table
            .fields
            .iter()
            .map(|field| match field.kind {
                Type::Int | Type::Bool | Type::Time => "1",
                Type::Text | Type::Id | Type::Word(_) | Type::Json | Type::Map(_) | Type::Set(_) => "'x'",
            })
            .collect();
        let sql = format!(
            "INSERT INTO {} (id, {}, created_at, updated_at, stamp) VALUES ('1', {}, 0, 0, 0)",
            table.name,
            names.join(", "),
            values.join(", ")
        );
        assert_eq!(database.execute(&sql, []).unwrap(), 1);
        let nothing =
            format!("INSERT INTO {} (id, created_at, updated_at, stamp) VALUES ('2', 0, 0, 0)", table.name);
        assert_eq!(database.execute(&nothing, []).unwrap(), 1, "a pull never jams on an empty column");
    }
}

//! The floor: what the engine's statements cost through bare rusqlite, with nothing around them.

use super::Failure;
use super::engine::{BEST, BOARD, Edit, NEWEST, Operation};
use counterpart_core::entity::{Customer, Ticket};
use counterpart_core::schema::{Entity, Row, Table};
use counterpart_core::store::Durability;
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::Duration;

/// A bare connection with the engine's pragmas.
pub(super) struct Floor {
    connection: Connection,
    get: String,
    create: String,
    seq: i64,
}

const QUEUE: &str = "INSERT INTO outbox (seq, id, grp, tbl, row_id, also_id, kind, actor, lane, state, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const EDIT: &str =
    "UPDATE tickets SET updated_at = ?1, updated_by = ?2, \"diagnosis\" = ?4, \"estimate_cents\" = ?5
    WHERE id = ?3";

impl Floor {
    pub(super) fn open(file: &Path, durability: Durability) -> Result<Floor, Failure> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(2))?;
        connection.set_prepared_statement_cache_capacity(256);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        connection.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
             PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 4194304; PRAGMA cache_size = -1024;"
        ))?;
        let tickets = columns(Ticket::TABLE);
        let customers = columns(Customer::TABLE);
        let marks: Vec<String> = (1..=customers.len()).map(|place| format!("?{place}")).collect();
        Ok(Floor {
            get: format!("SELECT {} FROM tickets WHERE id = ?1", tickets.join(", ")),
            create: format!("INSERT INTO customers ({}) VALUES ({})", customers.join(", "), marks.join(", ")),
            connection,
            seq: 0,
        })
    }

    /// Sets the fields and adds the operation, in one transaction.
    pub(super) fn edit(&mut self, edit: &Edit<'_>, operation: &Operation) -> Result<(), Failure> {
        self.seq += 1;
        self.execute("BEGIN IMMEDIATE")?;
        self.set(edit)?;
        self.queue(operation)?;
        self.execute("COMMIT")
    }

    /// Sets the fields and replaces the operation's body, in one transaction.
    pub(super) fn edit_again(&mut self, edit: &Edit<'_>, seq: i64, body: &str) -> Result<(), Failure> {
        self.execute("BEGIN IMMEDIATE")?;
        self.set(edit)?;
        self.connection.prepare_cached("UPDATE outbox SET body = ?2 WHERE seq = ?1")?.execute((seq, body))?;
        self.execute("COMMIT")
    }

    /// Adds rows, each with its operation, in one transaction.
    pub(super) fn create(&mut self, rows: &[(Row, Operation)]) -> Result<(), Failure> {
        self.execute("BEGIN IMMEDIATE")?;
        for (row, operation) in rows {
            self.seq += 1;
            let mut statement = self.connection.prepare_cached(&self.create)?;
            statement.raw_bind_parameter(1, &row.id)?;
            for (at, value) in row.values.iter().enumerate() {
                statement.raw_bind_parameter(at + 2, value)?;
            }
            let after = row.values.len() + 2;
            statement.raw_bind_parameter(after, row.meta.created_at.timestamp_millis())?;
            statement.raw_bind_parameter(after + 1, &row.meta.created_by)?;
            statement.raw_bind_parameter(after + 2, row.meta.updated_at.timestamp_millis())?;
            statement.raw_bind_parameter(after + 3, &row.meta.updated_by)?;
            statement.raw_bind_parameter(after + 4, row.meta.stamp)?;
            statement.raw_bind_parameter(after + 5, None::<i64>)?;
            statement.raw_bind_parameter(after + 6, &row.extra)?;
            statement.raw_execute()?;
            self.queue(operation)?;
        }
        self.execute("COMMIT")
    }

    /// A ticket's columns.
    pub(super) fn get(&self, id: &str) -> Result<Vec<Value>, Failure> {
        Ok(self.connection.prepare_cached(&self.get)?.query_row([id], cells)?)
    }

    /// The first 50 open tickets.
    pub(super) fn board(&self) -> Result<Vec<Vec<Value>>, Failure> {
        let mut statement = self.connection.prepare_cached(BOARD)?;
        let rows = statement.query_map([], cells)?.collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    /// The ids of the best tickets for an FTS5 query, of the newest where more than a thousand match.
    pub(super) fn search(&self, query: &str, limit: usize) -> Result<Vec<String>, Failure> {
        let mut newest = self.ids(NEWEST, query, 1001)?;
        if (2..=1000).contains(&newest.len()) {
            return self.ids(BEST, query, limit);
        }
        newest.truncate(limit);
        Ok(newest)
    }

    fn ids(&self, sql: &str, query: &str, limit: usize) -> Result<Vec<String>, Failure> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement
            .query_map((query, "tickets", i64::try_from(limit)?), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// The number that the next operation gets.
    pub(super) fn next_seq(&self) -> i64 {
        self.seq + 1
    }

    fn execute(&self, sql: &str) -> Result<(), Failure> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn set(&self, edit: &Edit<'_>) -> Result<(), Failure> {
        let updated_by: Option<&str> = None;
        self.connection.prepare_cached(EDIT)?.execute(params![
            edit.now,
            updated_by,
            edit.id,
            edit.diagnosis,
            edit.estimate_cents
        ])?;
        Ok(())
    }

    fn queue(&self, operation: &Operation) -> Result<(), Failure> {
        let none: Option<&str> = None;
        let Operation { id, table, row, kind, body } = operation;
        self.connection
            .prepare_cached(QUEUE)?
            .execute(params![self.seq, id, none, table, row, none, kind, none, 0, "queued", body])?;
        Ok(())
    }
}

fn columns(table: &Table) -> Vec<String> {
    let fields = table.fields.iter().map(|field| format!("\"{}\"", field.name));
    let carried = ["created_at", "created_by", "updated_at", "updated_by", "stamp", "deleted_at", "extra"];
    std::iter::once("id".to_owned()).chain(fields).chain(carried.map(str::to_owned)).collect()
}

fn cells(row: &rusqlite::Row<'_>) -> rusqlite::Result<Vec<Value>> {
    (0..row.as_ref().column_count()).map(|at| row.get(at)).collect()
}

//! Rows in SQLite: reading and writing them through statements that are prepared once per table.

use super::feed::{ChangeBatch, What};
use super::given::Given;
use crate::error::{Error, Result};
use crate::schema::{Field, Meta, Row, Schema, Table, Value, time_from_ms};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Statement, ToSql};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Memory for pages that a connection has, in kilobytes.
pub(super) const USUAL_KB: u32 = 1_024;
/// The same while a first load goes on.
const LOADING_KB: u32 = 16_384;
/// Pages of the log after which a commit empties it, if nobody did before. So few that the log is written over in its
/// place: while it grows, whoever waits for the disk waits for the file's new length too.
pub(super) const USUAL_PAGES: u32 = 1_000;
/// The same while a first load goes on.
const LOADING_PAGES: u32 = 16_000;

/// A table's statements, spelled out once.
pub(super) struct TableSql {
    /// The columns of a row, in the order that [`read_row`] expects.
    columns: String,
    get: String,
    pub(super) put: String,
    list: String,
}

impl TableSql {
    pub(super) fn of(table: &'static Table) -> TableSql {
        let mut columns = String::from("id");
        for field in table.fields {
            // Writing to a String cannot fail.
            columns += &format!(", \"{}\"", field.name);
        }
        columns += ", created_at, created_by, updated_at, updated_by, stamp, deleted_at, extra";
        let name = table.name;
        let marks =
            (1..=table.fields.len() + 8).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
        TableSql {
            get: format!("SELECT {columns} FROM {name} WHERE id = ?1"),
            put: format!("INSERT OR REPLACE INTO {name} ({columns}) VALUES ({marks})"),
            list: format!(
                "SELECT {columns} FROM {name} WHERE id > ?1 AND deleted_at IS NULL ORDER BY id LIMIT ?2"
            ),
            columns,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn cell(value: ValueRef<'_>) -> Result<Value> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => {
            std::str::from_utf8(text).map(|text| Value::Text(text.to_owned())).map_err(|_| Error::damaged())
        }
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(Error::damaged()),
    }
}

fn read_row(table: &'static Table, row: &rusqlite::Row<'_>) -> Result<Row> {
    let fields = table.fields.len();
    let values = (1..=fields).map(|at| cell(row.get_ref(at)?)).collect::<Result<_>>()?;
    let after = fields + 1;
    Ok(Row {
        table,
        id: row.get(0)?,
        values,
        meta: Meta {
            created_at: time_from_ms(row.get(after)?),
            created_by: row.get(after + 1)?,
            updated_at: time_from_ms(row.get(after + 2)?),
            updated_by: row.get(after + 3)?,
            stamp: row.get(after + 4)?,
            deleted_at: row.get::<_, Option<i64>>(after + 5)?.map(time_from_ms),
        },
        extra: row.get(after + 6)?,
    })
}

/// Gives the statement that puts a row the row's cells.
pub(super) fn bind(statement: &mut Statement<'_>, row: &Row) -> Result<()> {
    let fields = row.values.len();
    statement.raw_bind_parameter(1, &row.id)?;
    for (at, value) in row.values.iter().enumerate() {
        statement.raw_bind_parameter(at + 2, value)?;
    }
    statement.raw_bind_parameter(fields + 2, row.meta.created_at.timestamp_millis())?;
    statement.raw_bind_parameter(fields + 3, &row.meta.created_by)?;
    statement.raw_bind_parameter(fields + 4, row.meta.updated_at.timestamp_millis())?;
    statement.raw_bind_parameter(fields + 5, &row.meta.updated_by)?;
    statement.raw_bind_parameter(fields + 6, row.meta.stamp)?;
    statement.raw_bind_parameter(fields + 7, row.meta.deleted_at.map(|time| time.timestamp_millis()))?;
    statement.raw_bind_parameter(fields + 8, &row.extra)?;
    Ok(())
}

/// What is done with each row of a query: whether to go on.
type Visit<'a> = &'a mut dyn FnMut(&rusqlite::Row<'_>) -> Result<bool>;

/// One snapshot of the database.
pub struct Reader<'a> {
    connection: &'a Connection,
    sql: &'a HashMap<&'static str, TableSql>,
    schema: &'static Schema,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        sql: &'a HashMap<&'static str, TableSql>,
        schema: &'static Schema,
    ) -> Reader<'a> {
        Reader { connection, sql, schema }
    }

    /// Runs a closure over one snapshot, whatever is committed meanwhile.
    pub(super) fn snapshot(&self, work: &mut dyn FnMut(&Reader<'_>) -> Result<()>) -> Result<()> {
        self.execute("BEGIN DEFERRED", ())?;
        let done = work(self);
        let ended = self.execute("COMMIT", ());
        done?;
        ended?;
        Ok(())
    }

    /// The schema of the store.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// A statement of one's own, prepared once per connection.
    pub fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    pub(crate) fn execute(&self, sql: &str, params: impl Given) -> Result<usize> {
        params.hand(|params| self.execute_with(sql, params))
    }

    fn execute_with(&self, sql: &str, params: &[&dyn ToSql]) -> Result<usize> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// The first row of a query, read by `read`.
    pub fn one<T>(
        &self,
        sql: &str,
        params: impl Given,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let (mut read, mut found) = (Some(read), None);
        self.visit(sql, params, &mut |row| {
            if let Some(read) = read.take() {
                found = Some(read(row)?);
            }
            Ok(false)
        })?;
        Ok(found)
    }

    /// Every row of a query, read by `read`.
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Given,
        mut read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.visit(sql, params, &mut |row| {
            found.push(read(row)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// Calls `visit` with every row of a query, until it answers false. All of it is behind pointers so that a query's
    /// way through SQLite is in the library once, and not for each that asks: the app carries it.
    fn visit(&self, sql: &str, params: impl Given, visit: Visit<'_>) -> Result<()> {
        params.hand(|params| self.visit_with(sql, params, visit))
    }

    fn visit_with(&self, sql: &str, params: &[&dyn ToSql], visit: Visit<'_>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            if !visit(row)? {
                break;
            }
        }
        Ok(())
    }

    fn sql(&self, table: &Table) -> Result<&'a TableSql> {
        self.sql.get(table.name).ok_or_else(|| Error::defect(format!("no table {}", table.name)))
    }

    /// A row as it is shown, deleted or not.
    pub fn row(&self, table: &'static Table, id: &str) -> Result<Option<Row>> {
        let mut statement = self.connection.prepare_cached(&self.sql(table)?.get)?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(|row| read_row(table, row)).transpose()
    }

    /// Rows that are not deleted, by id, after one of them.
    pub fn list(&self, table: &'static Table, after: &str, limit: usize) -> Result<Vec<Row>> {
        let sql = &self.sql(table)?.list;
        self.rows_by(table, sql, &[&after, &i64::try_from(limit).unwrap_or(i64::MAX)])
    }

    /// Rows that fulfil a condition: `tail` is what follows FROM, a WHERE, an ORDER BY, a LIMIT.
    pub fn rows(&self, table: &'static Table, tail: &str, params: impl Given) -> Result<Vec<Row>> {
        params.hand(|params| self.rows_by(table, &self.select(table, tail)?, params))
    }

    /// Calls `visit` with every row that fulfils a condition, one at a time, until it answers false.
    pub fn each_row(
        &self,
        table: &'static Table,
        tail: &str,
        params: impl Given,
        mut visit: impl FnMut(Row) -> Result<bool>,
    ) -> Result<()> {
        let sql = self.select(table, tail)?;
        self.visit(&sql, params, &mut |row| visit(read_row(table, row)?))
    }

    fn select(&self, table: &'static Table, tail: &str) -> Result<String> {
        Ok(format!("SELECT {} FROM {} {tail}", self.sql(table)?.columns, table.name))
    }

    fn rows_by(&self, table: &'static Table, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        self.visit_with(sql, params, &mut |row| {
            found.push(read_row(table, row)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// The steps by which SQLite would answer a query.
    pub fn plan(&self, sql: &str) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        // Parameters left unbound are NULL, which is all that a plan needs.
        let steps = statement.raw_query().mapped(|row| row.get(3)).collect::<rusqlite::Result<_>>()?;
        Ok(steps)
    }

    /// A fact about this file.
    pub fn fact(&self, name: &str) -> Result<Option<String>> {
        self.one("SELECT value FROM facts WHERE name = ?1", [name], |row| row.get(0))
    }

    /// A whole number among the facts; zero where there is none.
    pub fn number(&self, name: &str) -> Result<i64> {
        Ok(self.fact(name)?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }
}

/// What a commit did besides changing rows.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) batch: ChangeBatch,
    pub(super) pending: i64,
    pub(super) parked: i64,
}

/// One write in progress. Dropping it without a commit undoes it.
pub struct Tx<'a> {
    reader: Reader<'a>,
    batch: RefCell<ChangeBatch>,
    pending: Cell<i64>,
    parked: Cell<i64>,
    done: Cell<bool>,
}

impl<'a> std::ops::Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if !self.done.get()
            && !self.reader.connection.is_autocommit()
            && let Err(error) = self.reader.execute("ROLLBACK", ())
        {
            log::error!("a write could not be rolled back: {}", error.code());
        }
    }
}

/// Writes rows of one table, one after the other: its statement is looked up once.
pub(crate) struct Putting<'a> {
    tx: &'a Tx<'a>,
    statement: CachedStatement<'a>,
}

impl Putting<'_> {
    /// Writes a whole row as it is shown.
    pub(crate) fn put(&mut self, row: &Row, what: What) -> Result<()> {
        bind(&mut self.statement, row)?;
        self.statement.raw_execute()?;
        self.tx.note(row.table, &row.id, what);
        Ok(())
    }
}

impl<'a> Tx<'a> {
    pub(super) fn begin(
        connection: &'a Connection,
        sql: &'a HashMap<&'static str, TableSql>,
        schema: &'static Schema,
    ) -> Result<Tx<'a>> {
        let reader = Reader::new(connection, sql, schema);
        reader.execute("BEGIN IMMEDIATE", ())?;
        Ok(Tx {
            reader,
            batch: RefCell::default(),
            pending: Cell::new(0),
            parked: Cell::new(0),
            done: Cell::new(false),
        })
    }

    pub(super) fn commit(self) -> Result<Effects> {
        self.reader.execute("COMMIT", ())?;
        self.done.set(true);
        Ok(Effects { batch: self.batch.take(), pending: self.pending.get(), parked: self.parked.get() })
    }

    /// Writes a whole row as it is shown.
    pub(crate) fn put(&self, row: &Row, what: What) -> Result<()> {
        self.putting(row.table)?.put(row, what)
    }

    /// What writes many rows of a table.
    pub(crate) fn putting(&self, table: &'static Table) -> Result<Putting<'_>> {
        Ok(Putting { tx: self, statement: self.connection.prepare_cached(&self.sql(table)?.put)? })
    }

    /// Sets fields of a row that is there, and says who did it.
    pub(crate) fn set(&self, row: &Row, fields: &[(&'static Field, Value)]) -> Result<()> {
        let mut sql = format!("UPDATE {} SET updated_at = ?1, updated_by = ?2", row.table.name);
        for (at, (field, _)) in fields.iter().enumerate() {
            write!(sql, ", \"{}\" = ?{}", field.name, at + 4)
                .map_err(|error| Error::defect(error.to_string()))?;
        }
        sql += " WHERE id = ?3";
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.raw_bind_parameter(1, row.meta.updated_at.timestamp_millis())?;
        statement.raw_bind_parameter(2, &row.meta.updated_by)?;
        statement.raw_bind_parameter(3, &row.id)?;
        for (at, (_, value)) in fields.iter().enumerate() {
            statement.raw_bind_parameter(at + 4, value)?;
        }
        statement.raw_execute()?;
        self.note(row.table, &row.id, What::Updated);
        Ok(())
    }

    /// Takes a row away altogether: it was never there, or it is kept on the server alone.
    pub(crate) fn remove(&self, table: &'static Table, id: &str) -> Result<()> {
        self.execute(&format!("DELETE FROM {} WHERE id = ?1", table.name), [id])?;
        self.execute("DELETE FROM unread WHERE row_id = ?1 AND tbl = ?2", (id, table.name))?;
        self.note(table, id, What::Deleted);
        Ok(())
    }

    /// Sets a fact about this file.
    pub(crate) fn set_fact(&self, name: &str, value: &str) -> Result<()> {
        let sql = "INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.execute(sql, (name, value))?;
        Ok(())
    }

    /// Takes a fact away.
    pub(crate) fn drop_fact(&self, name: &str) -> Result<()> {
        self.execute("DELETE FROM facts WHERE name = ?1", [name])?;
        Ok(())
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    /// Much is about to be written: more of it waits in memory, and the log is emptied less often.
    pub(crate) fn make_room(&self) -> Result<()> {
        self.set_room(LOADING_KB, LOADING_PAGES)
    }

    /// As it was before.
    pub(crate) fn give_room_back(&self) -> Result<()> {
        self.set_room(USUAL_KB, USUAL_PAGES)
    }

    fn set_room(&self, kilobytes: u32, pages: u32) -> Result<()> {
        let sql = format!("PRAGMA cache_size = -{kilobytes}; PRAGMA wal_autocheckpoint = {pages}");
        Ok(self.connection.execute_batch(&sql)?)
    }

    /// Tells the observers, once this is committed.
    pub(crate) fn note(&self, table: &'static Table, id: &str, what: What) {
        self.batch.borrow_mut().note(table.name, id, what);
    }

    /// Tells the observers that something changed in a table of the engine's own.
    pub(crate) fn note_table(&self, table: &'static str) {
        self.batch.borrow_mut().note_table(table);
    }

    /// What `work` deletes is overwritten in the file too, not only unlinked.
    pub(crate) fn erasing<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.one("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
        let done = work();
        self.one("PRAGMA secure_delete = OFF", [], |_| Ok(()))?;
        done
    }

    /// Tells the observers that the queue changed, and by how much.
    pub(crate) fn note_queue(&self, pending: i64, parked: i64) {
        self.batch.borrow_mut().queue = true;
        self.pending.set(self.pending.get() + pending);
        self.parked.set(self.parked.get() + parked);
    }
}

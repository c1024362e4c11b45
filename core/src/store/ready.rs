//! Ready files: a shop's rows as a device's own database has them, made elsewhere and moved into place.
//!
//! A file is written with its indexes last, and read only after it has shown itself to be laid out, to the letter, as
//! this version lays out its own: nothing that could run, no table more and none less.

use super::lock;
use super::migrate::{ENGINE, migrate, version_of};
use super::owner::claim;
use super::rows::{Reader, TableSql, bind};
use super::unread_by_search::{self, UNREAD_BY_SEARCH};
use crate::error::{Error, Result, StorageFault};
use crate::schema::{Row, Schema};
use crate::sha256::Hashing;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex};

/// Everything that a file of a schema is made of, in the words in which SQLite keeps it.
type Layout = Vec<(String, String, String, Option<String>)>;

fn layout_of(connection: &Connection) -> Result<Layout> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
    let mut statement = connection.prepare(sql)?;
    let parts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(parts.collect::<rusqlite::Result<_>>()?)
}

/// The layouts that were asked for, by schema: each is found by laying out a file, and never changes.
static LAYOUTS: Mutex<Vec<(&'static Schema, Arc<Layout>)>> = Mutex::new(Vec::new());

fn own_layout(schema: &'static Schema) -> Result<Arc<Layout>> {
    let mut known = lock(&LAYOUTS);
    if let Some((_, layout)) = known.iter().find(|(of, _)| ptr::eq(*of, schema)) {
        return Ok(Arc::clone(layout));
    }
    let connection = Connection::open_in_memory()?;
    migrate(&connection, schema)?;
    let layout = Arc::new(layout_of(&connection)?);
    known.push((schema, Arc::clone(&layout)));
    Ok(layout)
}

/// The name of the layout that this version gives its files: two that name the same can move into each other's place.
pub fn layout(schema: &'static Schema) -> Result<String> {
    let mut hash = Hashing::new();
    hash.update(format!("{} {} {}", schema.name, ENGINE.len(), schema.migrations.len()));
    for (kind, name, table, sql) in own_layout(schema)?.iter() {
        for part in [kind.as_str(), name, table, sql.as_deref().unwrap_or_default()] {
            hash.update(part);
            hash.update([0]);
        }
    }
    Ok(hash.hex())
}

fn statements(schema: &'static Schema) -> HashMap<&'static str, TableSql> {
    schema.all_tables().map(|table| (table.name, TableSql::of(table))).collect()
}

/// Writes a ready file.
pub struct ReadyWriter {
    connection: Connection,
    schema: &'static Schema,
    sql: HashMap<&'static str, TableSql>,
    indexes: Vec<String>,
    rows: u64,
}

impl fmt::Debug for ReadyWriter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ReadyWriter").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl ReadyWriter {
    /// Begins a file where there is none.
    pub fn create(path: &Path, schema: &'static Schema) -> Result<ReadyWriter> {
        let connection = Connection::open(path)?;
        // Whoever is cut off begins anew: nothing of it has to last before it is whole.
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -8192",
        )?;
        migrate(&connection, schema)?;
        claim(&connection, schema)?;
        let tables: Vec<&str> = schema.all_tables().map(|table| table.name).collect();
        let mut indexes = Vec::new();
        for (kind, name, table, sql) in layout_of(&connection)? {
            if let Some(sql) = sql.filter(|_| kind == "index" && tables.contains(&table.as_str())) {
                connection.execute_batch(&format!("DROP INDEX \"{name}\""))?;
                indexes.push(sql);
            }
        }
        connection.execute_batch("BEGIN")?;
        Ok(ReadyWriter { connection, schema, sql: statements(schema), indexes, rows: 0 })
    }

    /// Adds a row.
    pub fn put(&mut self, row: &Row) -> Result<()> {
        let sql = self.sql.get(row.table.name).ok_or_else(|| Error::defect("a table of another schema"))?;
        let mut statement = self.connection.prepare_cached(&sql.put)?;
        bind(&mut statement, row)?;
        statement.raw_execute()?;
        self.rows += 1;
        Ok(())
    }

    /// Ends the file, with these facts in it. Says how many rows it has.
    pub fn finish(self, facts: &[(&str, &str)]) -> Result<u64> {
        let unread = unread_by_search::everything(self.schema)?;
        for (name, value) in facts.iter().copied().chain([(UNREAD_BY_SEARCH, unread.as_str())]) {
            self.connection.execute("INSERT INTO facts (name, value) VALUES (?1, ?2)", [name, value])?;
        }
        for sql in &self.indexes {
            self.connection.execute_batch(sql)?;
        }
        self.connection.execute_batch("COMMIT")?;
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(self.rows)
    }
}

/// A ready file that was looked at.
pub(crate) struct ReadyFile {
    connection: Connection,
    schema: &'static Schema,
    sql: HashMap<&'static str, TableSql>,
}

impl ReadyFile {
    /// Opens a file that came from elsewhere. One that is not laid out as this version's own is
    /// [`StorageFault::Foreign`], one that is not whole [`StorageFault::Damaged`].
    pub(crate) fn open(path: &Path, schema: &'static Schema) -> Result<ReadyFile> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection
            .execute_batch("PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")?;
        let steps = [("engine", ENGINE.len()), ("schema", schema.migrations.len())];
        let known = |(stream, steps): (&str, usize)| Ok(version_of(&connection, stream)? as usize == steps);
        if layout_of(&connection)? != *own_layout(schema)?
            || !steps.into_iter().map(known).collect::<Result<Vec<_>>>()?.iter().all(|known| *known)
        {
            return Err(Error::storage(StorageFault::Foreign));
        }
        let file = ReadyFile { connection, schema, sql: statements(schema) };
        let owner = file.reader().fact("schema")?;
        if owner.as_deref() != Some(schema.name) {
            return Err(Error::storage(StorageFault::Foreign));
        }
        Ok(file)
    }

    /// What is in it.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::new(&self.connection, &self.sql, self.schema)
    }
}

//! Indexes that are built last: taken away while many rows come into empty tables, and built one by one once all are there
//! and can be seen. The file says itself which they are, so that no end of the process loses one: opening it builds them
//! again.

use super::rows::{Reader, Tx};
use crate::error::{Error, Result};
use rusqlite::{Connection, OptionalExtension};

/// The fact that holds the statements of the indexes that are taken away.
const LIFTED: &str = "lifted_indexes";

fn lifted(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT value FROM facts WHERE name = ?1";
    let text: Option<String> = connection.query_row(sql, [LIFTED], |row| row.get(0)).optional()?;
    text.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text).map_err(|_| Error::damaged()))
}

fn build(connection: &Connection) -> Result<()> {
    lifted(connection)?.iter().try_for_each(|sql| connection.execute_batch(sql))?;
    connection.execute("DELETE FROM facts WHERE name = ?1", [LIFTED])?;
    Ok(())
}

/// Builds what was taken away when a process ended in the middle of a load. Before anything else is done to the file: a
/// step to another version counts on its indexes.
pub(super) fn rebuild(connection: &Connection) -> Result<()> {
    if lifted(connection)?.is_empty() {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = build(connection);
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

impl Reader<'_> {
    /// Whether an index is still away.
    pub(crate) fn lacks_indexes(&self) -> Result<bool> {
        Ok(self.fact(LIFTED)?.is_some())
    }
}

impl Tx<'_> {
    /// Takes the indexes of the synced tables away.
    pub(crate) fn lift_indexes(&self) -> Result<()> {
        if self.fact(LIFTED)?.is_some() {
            return Ok(());
        }
        let mut lifted = Vec::new();
        for table in self.schema().all_tables() {
            let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1
                       AND sql NOT LIKE 'CREATE UNIQUE%'";
            let found: Vec<(String, String)> =
                self.all(sql, [table.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (name, sql) in found {
                self.connection().execute_batch(&format!("DROP INDEX \"{name}\""))?;
                lifted.push(sql);
            }
        }
        self.note_lifted(&lifted)
    }

    /// Builds them again.
    pub(crate) fn build_indexes(&self) -> Result<()> {
        build(self.connection())
    }

    /// Builds one of them again, if there is one.
    pub(crate) fn build_an_index(&self) -> Result<()> {
        let mut lifted = lifted(self.connection())?;
        let Some(sql) = lifted.pop() else { return Ok(()) };
        self.connection().execute_batch(&sql)?;
        self.note_lifted(&lifted)
    }

    fn note_lifted(&self, lifted: &[String]) -> Result<()> {
        if lifted.is_empty() {
            return self.drop_fact(LIFTED);
        }
        let text = serde_json::to_string(lifted).map_err(|error| Error::defect(error.to_string()))?;
        self.set_fact(LIFTED, &text)
    }
}

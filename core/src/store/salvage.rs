//! A damaged file is set aside, never deleted, and what of its queue can still be read goes into the new one.

use super::beside::beside;
use crate::error::{Error, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params_from_iter, types::Value as Cell};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The fact that says what was carried over, until its effects show and somebody was told.
pub(crate) const UNTOLD: &str = "carried_over";

/// What was carried over from a damaged file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvage {
    /// Where the damaged file is now.
    pub aside: PathBuf,
    /// How many operations without an outcome were carried over.
    pub operations: usize,
    /// How many drafts.
    pub drafts: usize,
    /// Whether the reading of the queue came to its end. If not, operations may be missing.
    pub complete: bool,
}

/// Where a salvage that was cut off had begun to put the damaged file.
pub(super) fn interrupted(mark: &Path) -> Option<PathBuf> {
    fs::read_to_string(mark).ok().filter(|aside| !aside.is_empty()).map(PathBuf::from)
}

/// Notes where the damaged file goes before anything of it moves, so that being cut off loses nothing.
pub(super) fn begin(path: &Path, mark: &Path, now: i64) -> Result<PathBuf> {
    let mut aside = beside(path, &format!(".damaged-{now}"));
    let mut more = 1;
    while aside.exists() {
        aside = beside(path, &format!(".damaged-{now}-{more}"));
        more += 1;
    }
    let mut file = fs::File::create(mark)?;
    file.write_all(aside.as_os_str().as_encoded_bytes())?;
    file.sync_all()?;
    Ok(aside)
}

/// Moves the file and its log out of the way; the file last, so that it is there exactly when all is done.
pub(super) fn set_aside(path: &Path, aside: &Path) -> Result<()> {
    for suffix in ["-wal", "-shm", ""] {
        let from = beside(path, suffix);
        if !aside.exists() && from.exists() {
            fs::rename(from, beside(aside, suffix))?;
        }
    }
    Ok(())
}

/// Copies what can be read: the queue, what settled, drafts, conflicts and the confirmed copies under the queue.
pub(super) fn carry_over(
    new: &Connection,
    aside: PathBuf,
    is_operation: fn(&str) -> bool,
) -> Result<Salvage> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut salvage = Salvage { aside, operations: 0, drafts: 0, complete: true };
    let Ok(old) = Connection::open_with_flags(&salvage.aside, flags) else {
        salvage.complete = false;
        return Ok(salvage);
    };
    // Without this SQLite reads nothing at all of a file that was cut short.
    old.execute_batch("PRAGMA writable_schema = ON; PRAGMA query_only = ON;")?;
    new.execute_batch("BEGIN IMMEDIATE")?;
    for table in
        ["outbox", "settled", "taken_back", "sealed", "drafts", "conflicts", "base_rows", "pin_guard"]
    {
        let (copied, complete) = copy(&old, new, table, is_operation)?;
        match table {
            "outbox" => (salvage.operations, salvage.complete) = (copied, complete),
            "drafts" => salvage.drafts = copied,
            _ => {}
        }
    }
    let said = serde_json::to_string(&salvage).map_err(|error| Error::defect(error.to_string()))?;
    new.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?1, ?2)", [UNTOLD, &said])?;
    new.execute_batch("COMMIT")?;
    Ok(salvage)
}

/// What was carried over at an opening that was cut off before anybody was told.
pub(super) fn untold(connection: &Connection) -> Result<Option<Salvage>> {
    let sql = "SELECT value FROM facts WHERE name = ?1";
    let said: Option<String> = connection.query_row(sql, [UNTOLD], |row| row.get(0)).optional()?;
    said.map(|said| serde_json::from_str(&said).map_err(|_| Error::damaged())).transpose()
}

/// Row by row until the damage is met; how many came, and whether all did.
fn copy(
    old: &Connection,
    new: &Connection,
    table: &str,
    is_operation: fn(&str) -> bool,
) -> Result<(usize, bool)> {
    let columns: Vec<String> = new
        .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let marks = vec!["?"; columns.len()].join(", ");
    let mut insert =
        new.prepare(&format!("INSERT OR IGNORE INTO {table} ({}) VALUES ({marks})", columns.join(", ")))?;
    let Ok(mut select) = old.prepare(&format!("SELECT {} FROM {table}", columns.join(", "))) else {
        return Ok((0, false));
    };
    let Ok(mut rows) = select.query([]) else { return Ok((0, false)) };
    let (mut copied, mut complete) = (0, true);
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                let cells: rusqlite::Result<Vec<Cell>> = (0..columns.len()).map(|at| row.get(at)).collect();
                // A row whose cells are not what the table holds is part of the damage.
                if cells.is_ok_and(|cells| {
                    is_whole(table, &columns, &cells, is_operation)
                        && insert.execute(params_from_iter(cells)).is_ok()
                }) {
                    copied += 1;
                } else {
                    complete = false;
                }
            }
            Ok(None) => return Ok((copied, complete)),
            Err(_) => return Ok((copied, false)),
        }
    }
}

/// Whether an operation says what an operation has to say; rows of other tables are judged when they are used.
fn is_whole(table: &str, columns: &[String], cells: &[Cell], is_operation: fn(&str) -> bool) -> bool {
    let body = columns.iter().position(|column| column == "body").and_then(|at| cells.get(at));
    match body {
        Some(Cell::Text(body)) if table == "outbox" => is_operation(body),
        Some(_) => table != "outbox",
        None => true,
    }
}

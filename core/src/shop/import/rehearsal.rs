//! A dry run's memory: which rows the lines before would have made. It lies in a temporary file of SQLite's own that
//! goes with it, so that a dry run needs no more memory than a real one.

use crate::error::Result;
use rusqlite::{Connection, OptionalExtension};

pub(super) struct Rehearsal {
    seen: Connection,
}

impl Rehearsal {
    pub(super) fn new() -> Result<Rehearsal> {
        // An empty name is a private database on disk.
        let seen = Connection::open("")?;
        seen.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1024;
             CREATE TABLE seen (tbl TEXT, id TEXT, PRIMARY KEY (tbl, id)) STRICT, WITHOUT ROWID;",
        )?;
        Ok(Rehearsal { seen })
    }

    pub(super) fn has(&self, table: &str, id: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM seen WHERE tbl = ?1 AND id = ?2";
        Ok(self.seen.prepare_cached(sql)?.query_row([table, id], |_| Ok(())).optional()?.is_some())
    }

    pub(super) fn note(&self, table: &str, id: &str) -> Result<()> {
        self.seen
            .prepare_cached("INSERT OR IGNORE INTO seen (tbl, id) VALUES (?1, ?2)")?
            .execute([table, id])?;
        Ok(())
    }
}

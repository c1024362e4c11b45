//! Moving a ready file into the place of the database's own. Until the one moment in which the file's name changes
//! hands, nothing has happened; from then on all of it has: there is no state between.

use super::beside::{beside, landing};
use super::open;
use super::rows::{Reader, Tx};
use super::{Moment, Store, lock};
use crate::error::{Error, NotNow, Result};
use rusqlite::Connection;
use std::fs::{self, File};
use std::path::Path;

/// What is this file's and not the shop's: it goes over into the new one.
const OWN: &[&str] = &[
    "outbox",
    "settled",
    "taken_back",
    "sealed",
    "base_rows",
    "ranges",
    "staged",
    "drafts",
    "leases",
    "pin_guard",
    "unread",
    "notices",
    "sync_log",
    "network_log",
    "analytics",
];

impl Store {
    /// Where a ready file lands before it moves in.
    pub(crate) fn landing(&self) -> std::path::PathBuf {
        landing(&self.inner.path)
    }

    /// Puts the ready file that has landed in the place of the database, with everything of this file's own and what
    /// `work` does to it, durable when this returns; or, on an error, nothing. `may` is asked first, while nobody else
    /// writes: if it says no, nothing happens either.
    pub(crate) fn move_in<T>(
        &self,
        may: impl FnOnce(&Reader<'_>) -> Result<bool>,
        work: impl FnOnce(&Tx<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let done = self.exchange(may, work);
        self.inner.feed.deliver();
        done
    }

    fn exchange<T>(
        &self,
        may: impl FnOnce(&Reader<'_>) -> Result<bool>,
        work: impl FnOnce(&Tx<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let inner = &*self.inner;
        let landing = self.landing();
        let mut guard = lock(&inner.writer);
        let writer = guard.as_ref().ok_or_else(|| Error::not_now(NotNow::Closed))?;
        if !may(&Reader::new(writer, &inner.sql, inner.schema))? {
            return Ok(None);
        }
        let new = Connection::open(&landing)?;
        let tx = self.carry_over(&new)?;
        let done = work(&tx)?;
        inner.trip(Moment::BeforeCommit)?;
        let effects = tx.commit()?;
        new.close().map_err(|(_, error)| error)?;
        // What it holds is on disk before it has the name: the name alone must not survive a power cut.
        File::open(&landing)?.sync_all()?;
        inner.trip(Moment::BeforeCommit)?;
        {
            let _nobody = inner.readers.nobody()?;
            let old = guard.take().ok_or_else(|| Error::not_now(NotNow::Closed))?;
            let moved =
                old.close().map_err(|(_, error)| error.into()).and_then(|()| rename(&landing, &inner.path));
            *guard = Some(open::connect(&inner.path, inner.schema, inner.durability)?);
            moved?;
        }
        inner.trip(Moment::AfterCommit)?;
        inner.feed.enqueue(effects.batch);
        Ok(Some(done))
    }

    /// Begins a write in the new file, with what is this file's own.
    fn carry_over<'a>(&'a self, new: &'a Connection) -> Result<Tx<'a>> {
        open::set_up(new, 64)?;
        // A file that is cut off here has no name yet, and is thrown away.
        new.execute_batch(
            "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY",
        )?;
        let path = self.inner.path.to_str().ok_or_else(|| Error::defect("a path that is no text"))?;
        new.execute("ATTACH ?1 AS old", [path])?;
        let tx = Tx::begin(new, &self.inner.sql, self.inner.schema)?;
        for table in OWN {
            tx.execute(&format!("INSERT INTO main.{table} SELECT * FROM old.{table}"), [])?;
        }
        tx.execute("INSERT OR REPLACE INTO main.facts SELECT * FROM old.facts", [])?;
        Ok(tx)
    }
}

/// Gives the new file the old one's name. A log of the old one that is still there would be taken for the new one's.
fn rename(from: &Path, to: &Path) -> Result<()> {
    if fs::metadata(beside(to, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(Error::not_now(NotNow::Busy));
    }
    fs::rename(from, to)?;
    // Elsewhere a folder cannot be opened, and the name is on disk with the rename.
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;
    use crate::store::migrate::migrate;
    use std::collections::BTreeSet;

    static BARE: Schema = Schema {
        name: "bare",
        tables: &[],
        migrations: &[],
        permit: |_, _| Ok(()),
        wipes: &[],
        actors: None,
        numbered: None,
        auditors: &[],
    };

    #[test]
    fn every_table_of_the_engine_goes_over_or_comes_with_the_new_file() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, &BARE).unwrap();
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search_%'";
        let mut statement = connection.prepare(sql).unwrap();
        let tables: BTreeSet<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let known = OWN.iter().copied().chain(["facts"]).chain(BARE.all_tables().map(|table| table.name));
        assert_eq!(tables, known.map(str::to_owned).collect());
    }
}

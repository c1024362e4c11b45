//! Search, filled behind the writes: a save never waits for it, a search catches up first.

use super::Shop;
use crate::error::Result;
use crate::schema::{Row, Table};
use crate::search_key::fold;
use crate::store::{Reader, Tx};

/// Rows taken into the index in one transaction, so that a writer waits for no more than that.
const AT_ONCE: usize = 500;
/// Rows that a search takes in before it looks.
const BY_ITSELF: usize = 4 * AT_ONCE;

/// How far the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Rows taken in by this call.
    pub rows: usize,
    /// Whether everything is in.
    pub complete: bool,
}

/// The first text that does not begin with `prefix`, for a range over an index.
pub fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

impl Shop {
    /// Takes rows that changed into the index, at most that many.
    pub fn index(&self, most: usize) -> Result<Indexed> {
        let mut rows = 0;
        loop {
            let taken = self.store().write_again(|tx| take_in(tx, AT_ONCE.min(most - rows)))?;
            rows += taken;
            if taken == 0 || rows >= most {
                return Ok(Indexed { rows, complete: taken == 0 });
            }
        }
    }

    /// Ids of a table's rows that contain every word, the best first. Words match from their beginning. Where more rows
    /// than a person looks through contain them, the newest ones, newest first.
    pub fn search(&self, table: &str, words: &str, limit: usize) -> Result<Vec<String>> {
        let table = self.table(table)?;
        self.catch_up()?;
        self.read(|reader| find_words(reader, table, words, limit))
    }

    /// Ids of a table's rows with a key of this kind that begins so, by key.
    pub fn find_by_key(&self, table: &str, kind: &str, prefix: &str, limit: usize) -> Result<Vec<String>> {
        let table = self.table(table)?;
        self.catch_up()?;
        self.read(|reader| find_key(reader, table, kind, prefix, limit))
    }

    /// Takes in what changed, if it is little; a first load goes on behind and is found as far as it has come.
    fn catch_up(&self) -> Result<()> {
        if self.read(|reader| is_behind_by_more_than(reader, 0))? {
            self.index(BY_ITSELF)?;
        }
        Ok(())
    }
}

const NEW_OPERATIONS: &str = "SELECT seq, row_id, tbl FROM outbox
    WHERE seq > (SELECT CAST(coalesce((SELECT value FROM facts WHERE name = 'indexed_seq'), '0') AS INTEGER))
    ORDER BY seq LIMIT ?1";

/// Whether more than so many rows are to be taken in.
fn is_behind_by_more_than(reader: &Reader<'_>, rows: usize) -> Result<bool> {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    let due = "SELECT 1 FROM search_due LIMIT 1 OFFSET ?1";
    // At most so many operations are new: some may have left the queue since.
    let newest = "SELECT coalesce(max(seq), 0) FROM outbox";
    let new =
        reader.one(newest, [], |row| row.get::<_, i64>(0))?.unwrap_or(0) - reader.number("indexed_seq")?;
    Ok(!reader.unread_by_search()?.is_empty() || reader.one(due, [rows], |_| Ok(()))?.is_some() || new > rows)
}

/// Whether there is more to take in than a search does by itself.
pub(super) fn is_far_behind(reader: &Reader<'_>) -> Result<bool> {
    is_behind_by_more_than(reader, BY_ITSELF)
}

/// Takes in rows that were noted as due, then those of tables that a load filled, then rows with operations that came
/// since the last time.
fn take_in(tx: &Tx<'_>, most: usize) -> Result<usize> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let due = tx.all("SELECT row_id, tbl FROM search_due LIMIT ?1", [most], read)?;
    for (id, name) in &due {
        index_row(tx, name, id)?;
        tx.execute("DELETE FROM search_due WHERE row_id = ?1", [id])?;
    }
    if !due.is_empty() {
        return Ok(due.len());
    }
    let read = read_on(tx, most)?;
    if read > 0 {
        return Ok(read);
    }
    let new = tx.all(NEW_OPERATIONS, [most], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    for (_, id, name) in &new {
        index_row(tx, name, id)?;
    }
    if let Some((seq, _, _)) = new.last() {
        tx.set_fact("indexed_seq", &seq.to_string())?;
    }
    Ok(new.len())
}

/// Reads on through the tables that a load filled.
fn read_on(tx: &Tx<'_>, most: i64) -> Result<usize> {
    let mut unread = tx.unread_by_search()?;
    while let Some(table) = unread.first_entry() {
        let sql = format!("SELECT id FROM {} WHERE id > ?1 ORDER BY id LIMIT ?2", table.key());
        let ids: Vec<String> = tx.all(&sql, (table.get(), most), |row| row.get(0))?;
        for id in &ids {
            index_row(tx, table.key(), id)?;
        }
        match ids.last() {
            Some(last) => {
                last.clone_into(table.into_mut());
                tx.set_unread_by_search(&unread)?;
                return Ok(ids.len());
            }
            None => drop(table.remove()),
        }
        tx.set_unread_by_search(&unread)?;
    }
    Ok(0)
}

fn index_row(tx: &Tx<'_>, table: &str, id: &str) -> Result<()> {
    let Some(table) = tx.schema().table(table) else { return Ok(()) };
    let Some(search) = &table.search else { return Ok(()) };
    tx.execute("DELETE FROM search_keys WHERE row_id = ?1", [id])?;
    let known: Option<i64> =
        tx.one("SELECT doc FROM search_rows WHERE row_id = ?1", [id], |row| row.get(0))?;
    let row: Option<Row> = tx.row(table, id)?.filter(|row| !row.is_deleted());
    if let Some(doc) = known {
        tx.execute("DELETE FROM search_text WHERE rowid = ?1", [doc])?;
    }
    let Some(row) = row else {
        tx.execute("DELETE FROM search_rows WHERE row_id = ?1", [id])?;
        return Ok(());
    };
    let doc: i64 = match known {
        Some(doc) => doc,
        None => {
            // With RETURNING it would have a savepoint of its own, before which FTS5 writes out all that it gathered.
            tx.execute("INSERT INTO search_rows (tbl, row_id) VALUES (?1, ?2)", (table.name, id))?;
            tx.one("SELECT last_insert_rowid()", [], |row| row.get(0))?.unwrap_or_default()
        }
    };
    tx.execute("INSERT INTO search_text (rowid, words) VALUES (?1, ?2)", (doc, fold(&(search.text)(&row))))?;
    for (kind, key) in (search.keys)(&row) {
        let sql = "INSERT OR IGNORE INTO search_keys (kind, key, row_id) VALUES (?1, ?2, ?3)";
        tx.execute(sql, (kind, key, id))?;
    }
    Ok(())
}

/// More rows than anybody looks through. Ranking reads every row that has one of the words, which is most of what a search
/// costs, and of so many the best are no better than the newest.
const RANKED: usize = 1000;

/// By when they were taken in, the newest first: those that came last, but for the order of one load.
const NEWEST: &str =
    "SELECT search_rows.row_id FROM search_text JOIN search_rows ON search_rows.doc = search_text.rowid
    WHERE search_text MATCH ?1 AND search_rows.tbl = ?2 ORDER BY search_text.rowid DESC LIMIT ?3";

const BEST: &str =
    "SELECT search_rows.row_id FROM search_text JOIN search_rows ON search_rows.doc = search_text.rowid
    WHERE search_text MATCH ?1 AND search_rows.tbl = ?2 ORDER BY search_text.rank LIMIT ?3";

fn find_words(reader: &Reader<'_>, table: &Table, words: &str, limit: usize) -> Result<Vec<String>> {
    // Each word quoted, so that nothing a person types is syntax.
    let folded = fold(words);
    let query: Vec<String> =
        folded.split_whitespace().map(|word| format!("\"{}\"*", word.replace('"', "\"\""))).collect();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let query = query.join(" ");
    let found = |sql, most: usize| {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        reader.all(sql, (&query, table.name, most), |row| row.get::<_, String>(0))
    };
    let mut newest = found(NEWEST, RANKED + 1)?;
    if (2..=RANKED).contains(&newest.len()) {
        return found(BEST, limit);
    }
    newest.truncate(limit.min(RANKED));
    Ok(newest)
}

pub(crate) const KEYS: &str = "SELECT search_keys.row_id FROM search_keys JOIN search_rows USING (row_id)
    WHERE kind = ?1 AND key >= ?2 AND key < ?3 AND tbl = ?4 ORDER BY key, search_keys.row_id LIMIT ?5";

fn find_key(
    reader: &Reader<'_>,
    table: &Table,
    kind: &str,
    prefix: &str,
    limit: usize,
) -> Result<Vec<String>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let end = prefix_end(prefix);
    let mut found: Vec<String> =
        reader.all(KEYS, (kind, prefix, end, table.name, limit), |row| row.get(0))?;
    let mut seen = std::collections::HashSet::new();
    found.retain(|id| seen.insert(id.clone()));
    Ok(found)
}

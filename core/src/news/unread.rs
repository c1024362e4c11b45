//! Unread marks: rows that somebody else changed and nobody here has looked at since.

use super::notices::Deed;
use crate::error::Result;
use crate::schema::Table;
use crate::store::{Reader, Tx, What};

/// Marks a row that somebody else changed, and the row that it belongs to.
pub(super) fn mark(
    tx: &Tx<'_>,
    table: &'static Table,
    id: &str,
    parent: Option<&(&'static Table, String)>,
    deed: Deed,
) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO unread (row_id, tbl, parent) VALUES (?1, ?2, ?3)";
    if deed != Deed::Deleted {
        tx.execute(sql, (id, table.name, parent.map(|(_, parent)| parent)))?;
    }
    let Some((parents, parent)) = parent else { return Ok(()) };
    if tx.row(parents, parent)?.is_some_and(|row| !row.is_deleted())
        && tx.execute(sql, (parent, parents.name, None::<&str>))? > 0
    {
        tx.note(parents, parent, What::Status);
    }
    Ok(())
}

/// Takes a row's own mark away: it is gone, or this device changed it. Says whether there was one.
pub(crate) fn forget(tx: &Tx<'_>, table: &Table, id: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM unread WHERE row_id = ?1 AND tbl = ?2", (id, table.name))? > 0)
}

/// Somebody looks at a row, and with it at what belongs to it.
pub(crate) fn view(tx: &Tx<'_>, table: &'static Table, id: &str) -> Result<()> {
    let children = "DELETE FROM unread WHERE parent = ?1 RETURNING tbl, row_id";
    let rows: Vec<(String, String)> = tx.all(children, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (child, row) in rows {
        if let Some(child) = tx.schema().table(&child) {
            tx.note(child, &row, What::Status);
        }
    }
    if forget(tx, table, id)? {
        tx.note(table, id, What::Status);
    }
    Ok(())
}

/// Whether nobody here has looked at a row since somebody else changed it.
pub(crate) fn is_unread(reader: &Reader<'_>, table: &Table, id: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM unread WHERE row_id = ?1 AND tbl = ?2";
    Ok(reader.one(sql, (id, table.name), |_| Ok(()))?.is_some())
}

/// How many rows of each table are unread.
pub(crate) fn marks(reader: &Reader<'_>) -> Result<Vec<(String, u64)>> {
    let sql = "SELECT tbl, count(*) FROM unread GROUP BY tbl ORDER BY tbl";
    reader.all(sql, [], |row| Ok((row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0))))
}

//! Whether a record may leave the shop: is all that this device did to it on the server?

use crate::error::{Error, Result};
use crate::schema::Table;
use crate::shop::Shop;
use crate::store::Reader;

/// What of a record, and of the rows that belong to it, the server does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Safe {
    /// Operations without an answer of the server that there is now, or that wait for a person.
    pub unsent: u64,
}

impl Shop {
    /// How a record stands, with everything that names it: a ticket with its lines and notes, and their movements.
    pub fn safe(&self, table: &str, id: &str) -> Result<Safe> {
        self.read(|reader| {
            let schema = reader.schema();
            let root = schema.table(table).ok_or_else(|| Error::missing("table"))?;
            reader.row(root, id)?.ok_or_else(|| Error::missing(root.name))?;
            let mut safe = Safe::default();
            let mut family = vec![(root, id.to_owned())];
            while let Some((member, id)) = family.pop() {
                safe.unsent += unsent(reader, member, &id)?;
                // Another ticket that names this one is a record of its own.
                for (child, field) in
                    schema.referring(member.name).filter(|(child, _)| child.name != root.name)
                {
                    let sql = format!("SELECT id FROM {} WHERE \"{}\" = ?1", child.name, field.name);
                    family
                        .extend(reader.all(&sql, [&id], |row| row.get(0))?.into_iter().map(|id| (child, id)));
                }
            }
            Ok(safe)
        })
    }
}

fn unsent(reader: &Reader<'_>, table: &Table, id: &str) -> Result<u64> {
    // What another server than the one that there is now had confirmed is not on this one until it says so.
    let sql = "SELECT (SELECT count(*) FROM outbox WHERE row_id = ?1 AND tbl = ?2 AND state <> 'accepted')
                    + (SELECT count(*) FROM settled WHERE row_id = ?1 AND tbl = ?2 AND body IS NOT NULL
                         AND commit_n IS NOT NULL AND epoch <> (SELECT value FROM facts WHERE name = 'epoch'))";
    let count: Option<u32> = reader.one(sql, (id, table.name), |row| row.get(0))?;
    Ok(count.unwrap_or_default().into())
}

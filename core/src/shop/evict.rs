//! The window: what lies outside of it may leave the device. Nothing that carries work does.

use super::Shop;
use crate::env::DAY_MS;
use crate::error::Result;
use crate::schema::{Table, Window};
use crate::sync::stretches;

impl Shop {
    /// Takes rows off this device that lie outside their table's window (of `days`, or of the schema's), with the rows
    /// that belong to them. Rows that the server does not have, that carry an operation or an open conflict stay.
    /// Gives back how many left.
    pub fn evict(&self, days: Option<i64>) -> Result<usize> {
        let now = self.env().now();
        self.store().write(|tx| {
            let mut gone = 0;
            stretches::forget(tx)?;
            for table in tx.schema().tables {
                if let Some(window) = &table.window {
                    let edge = now - days.unwrap_or(window.days) * DAY_MS;
                    // `:edge` is the only parameter, and so the first.
                    for id in tx.all(&outside(table, window), [edge], |row| row.get::<_, String>(0))? {
                        gone += self.evict_family(tx, table, &id)?;
                    }
                }
            }
            Ok(gone)
        })
    }

    fn evict_family(&self, tx: &crate::store::Tx<'_>, table: &'static Table, id: &str) -> Result<usize> {
        let mut family = vec![(table, id.to_owned())];
        for (child, field) in
            tx.schema().referring(table.name).filter(|(child, field)| child.parent == Some(field.name))
        {
            let sql = format!("SELECT id FROM {} WHERE \"{}\" = ?1", child.name, field.name);
            family.extend(tx.all(&sql, [id], |row| row.get(0))?.into_iter().map(|id| (child, id)));
        }
        for (member, id) in &family {
            let busy = "SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox WHERE row_id = ?1 OR also_id = ?1)
                        OR EXISTS (SELECT 1 FROM conflicts WHERE row_id = ?1 AND open)";
            let unknown = format!("SELECT 1 FROM {} WHERE id = ?1 AND stamp = 0", member.name);
            if tx.one(busy, [id], |_| Ok(()))?.is_some() || tx.one(&unknown, [id], |_| Ok(()))?.is_some() {
                return Ok(0);
            }
        }
        for (member, id) in &family {
            crate::outbox::due_for_search(tx, member, id)?;
            tx.remove(member, id)?;
        }
        Ok(family.len())
    }
}

fn outside(table: &Table, window: &Window) -> String {
    format!("SELECT id FROM {} WHERE stamp > 0 AND ({})", table.name, window.outside)
}

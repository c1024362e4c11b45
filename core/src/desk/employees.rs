//! Who works here.

use super::{name_sql, word};
use crate::entity::{EmployeeId, Role};
use crate::error::Result;
use crate::shop::Shop;

/// An employee in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct EmployeeRow {
    /// The employee.
    pub id: EmployeeId,
    /// Given and family name.
    pub name: String,
    /// What they are in the shop.
    pub role: Role,
    /// Their colour on the board and in the calendar.
    pub colour: Option<String>,
    /// Whether they work here.
    pub active: bool,
}

impl Shop {
    /// The employees by name, those who left last. A shop has a few dozen at most: one list.
    pub fn employees(&self) -> Result<Vec<EmployeeRow>> {
        self.read(|reader| reader.all(ROWS, [], read))
    }
}

const ROWS: &str = concat!(
    "SELECT e.id, ",
    name_sql!("e", "''"),
    " AS name, e.role, e.colour, coalesce(e.active, 0) AS works FROM employees e
    WHERE e.deleted_at IS NULL ORDER BY works DESC, name, e.id"
);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<EmployeeRow> {
    Ok(EmployeeRow {
        id: EmployeeId(row.get(0)?),
        name: row.get(1)?,
        role: word(row, 2)?,
        colour: row.get(3)?,
        active: row.get(4)?,
    })
}

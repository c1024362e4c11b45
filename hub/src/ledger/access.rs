//! Who asks, what they may read, and the rows seen as SQL columns, so that a schema's conditions can be asked.

use super::Result;
use super::books::Books;
use counterpart_core::schema::{Reach, Row, Schema, Table, Type, Who};
use counterpart_core::sync::wire::Standing;
use rusqlite::Connection;

/// The member of a shop that asks, as the hub has established it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: String,
    /// Its role in the shop.
    pub role: String,
    /// Whether it is a shared tablet.
    pub station: bool,
    /// The employee that it belongs to.
    pub employee: Option<String>,
}

impl Member {
    /// Who is at work: the member, for the person that an operation names.
    pub(super) fn at_work(&self, books: &Books<'_>, shop: &str, actor: Option<&str>) -> Result<Who> {
        let mut who = Who {
            account: self.account.clone(),
            role: self.role.clone(),
            station: self.station,
            actor: actor.map(str::to_owned),
            actor_role: None,
        };
        // A person's own account needs nobody's word for it; anybody else narrows it by their role here.
        if let Some(actor) = actor.filter(|actor| Some(*actor) != self.employee.as_deref()) {
            who.actor_role = Some(actor_role(books, shop, actor)?);
        }
        Ok(who)
    }

    /// Whether rows of a table travel to this member at all.
    pub(super) fn reads(&self, table: &Table) -> bool {
        table.readers.reach(self.reading_role()) > Reach::Nothing
    }

    /// Whether all rows of a table do, so that none has to be looked at.
    pub(super) fn reads_every_row(&self, table: &Table) -> bool {
        table.readers.reach(self.reading_role()) == Reach::Everything
    }

    /// Whether this member sees who changed what.
    pub(super) fn audits(&self, schema: &Schema) -> bool {
        schema.auditors.contains(&self.reading_role())
    }

    /// What the device is told of all this.
    pub fn standing(&self) -> Standing {
        Standing { role: self.role.clone(), station: self.station, employee: self.employee.clone() }
    }

    fn reading_role(&self) -> &str {
        if self.station { "station" } else { &self.role }
    }

    /// Whether one row of it does.
    pub(super) fn reads_row(&self, row: &Row) -> bool {
        row.table.readers.include(self.reading_role(), self.employee.as_deref(), row)
    }
}

/// The role of the person an operation names; none that is known where they are not here or not active.
fn actor_role(books: &Books<'_>, shop: &str, actor: &str) -> Result<String> {
    let Some(actors) = books.schema.actors else { return Ok(String::new()) };
    let Some(table) = books.schema.table(actors.table) else { return Ok(String::new()) };
    let row = books.row(shop, table, actor)?.map(|kept| kept.row).filter(|row| !row.is_deleted());
    let active = row.filter(|row| row.int(actors.active) == Some(1));
    Ok(active.map(|row| row.text(actors.role).to_owned()).unwrap_or_default())
}

/// A view per table with its fields as columns, under the table's own name, for one shop at a time.
pub(super) fn views(connection: &Connection, schema: &Schema) -> Result<()> {
    for table in schema.all_tables() {
        let columns: Vec<String> = table
            .fields
            .iter()
            .map(|field| {
                let value = format!("body ->> '$.{}'", field.name);
                let value = match field.kind {
                    Type::Time => format!("CAST(round(unixepoch({value}, 'subsec') * 1000) AS INTEGER)"),
                    Type::Text
                    | Type::Int
                    | Type::Bool
                    | Type::Id
                    | Type::Word(_)
                    | Type::Json
                    | Type::Map(_)
                    | Type::Set(_) => value,
                };
                format!("{value} AS \"{}\"", field.name)
            })
            .collect();
        connection.execute_batch(&format!(
            "CREATE TEMP VIEW {0} AS SELECT shop, id, stamp, CASE WHEN deleted THEN 1 END AS deleted_at,
               body AS ledger_body, parent AS ledger_parent, rowid AS ledger_place, {1}
             FROM ledger_rows WHERE tbl = '{0}'",
            table.name,
            columns.join(", ")
        ))?;
    }
    Ok(())
}

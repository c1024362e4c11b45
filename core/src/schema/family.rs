//! Which rows belong to which, as the fields of a schema's tables say it.

use super::{Field, Schema, Table};

impl Schema {
    /// Every field, of any table, that names rows of this one.
    pub fn referring(&self, table: &str) -> impl Iterator<Item = (&'static Table, &'static Field)> {
        self.tables.iter().flat_map(move |child| {
            child
                .fields
                .iter()
                .filter(move |field| field.refers == Some(table))
                .map(move |field| (*child, field))
        })
    }

    /// The field that names the row which a row of this table belongs to, and the table of that; never the same table.
    pub fn parent_of(&self, table: &Table) -> Option<(&'static Field, &'static Table)> {
        let field = table.field(table.parent?)?;
        let parents = self.table(field.refers?)?;
        (parents.name != table.name).then_some((field, parents))
    }

    /// Whether rows of a table may be left on the server: by a window of its own, or with the rows that they belong to.
    pub fn is_windowed(&self, table: &Table) -> bool {
        let with_parents = || self.parent_of(table).is_some_and(|(_, parents)| self.is_windowed(parents));
        table.window.is_some() || with_parents()
    }
}

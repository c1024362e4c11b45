//! Tables that a load filled and search has not read through yet: a fact of the file, so that no end of the process loses
//! one. Rows that change later are noted one by one.

use super::rows::{Reader, Tx};
use crate::error::{Error, Result};
use crate::few;
use crate::schema::Schema;
use std::collections::BTreeMap;

/// The fact's name.
pub(crate) const UNREAD_BY_SEARCH: &str = "unread_by_search";

/// All that can be searched, from the beginning: the fact after a load.
pub(super) fn everything(schema: &Schema) -> Result<String> {
    let tables = schema.all_tables().filter(|table| table.search.is_some());
    text(&few::filled(tables.map(|table| (table.name.to_owned(), String::new()))))
}

fn text(unread: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(unread).map_err(|error| Error::defect(error.to_string()))
}

impl Reader<'_> {
    /// The tables that search has to read through, and after which row each.
    pub(crate) fn unread_by_search(&self) -> Result<BTreeMap<String, String>> {
        let fact = self.fact(UNREAD_BY_SEARCH)?;
        fact.map_or(Ok(BTreeMap::new()), |text| serde_json::from_str(&text).map_err(|_| Error::damaged()))
    }
}

impl Tx<'_> {
    /// A load has filled the tables.
    pub(crate) fn leave_all_to_search(&self) -> Result<()> {
        self.set_fact(UNREAD_BY_SEARCH, &everything(self.schema())?)
    }

    /// Search has come so far.
    pub(crate) fn set_unread_by_search(&self, unread: &BTreeMap<String, String>) -> Result<()> {
        if unread.is_empty() {
            self.drop_fact(UNREAD_BY_SEARCH)
        } else {
            self.set_fact(UNREAD_BY_SEARCH, &text(unread)?)
        }
    }
}

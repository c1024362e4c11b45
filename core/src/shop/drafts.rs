//! What a screen has not saved yet. It survives a crash and is never sent.

use super::Shop;
use crate::error::Result;
use crate::schema::time_from_ms;
use chrono::{DateTime, Utc};

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Draft {
    /// Its name, chosen by the screen: `intake`, `ticket/<id>` …
    pub name: String,
    /// What the screen put in.
    pub body: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Shop {
    /// Keeps a draft under a name, in the place of an earlier one.
    pub fn save_draft(&self, name: &str, body: &str) -> Result<()> {
        let now = self.env().now();
        self.store().write(|tx| {
            tx.execute(
                "INSERT OR REPLACE INTO drafts (name, body, at) VALUES (?1, ?2, ?3)",
                (name, body, now),
            )?;
            Ok(())
        })
    }

    /// A draft by name.
    pub fn draft(&self, name: &str) -> Result<Option<Draft>> {
        self.read(|reader| reader.one("SELECT name, body, at FROM drafts WHERE name = ?1", [name], read))
    }

    /// All drafts, the newest first.
    pub fn drafts(&self) -> Result<Vec<Draft>> {
        self.read(|reader| reader.all("SELECT name, body, at FROM drafts ORDER BY at DESC, name", [], read))
    }

    /// Throws a draft away.
    pub fn drop_draft(&self, name: &str) -> Result<()> {
        self.store().write(|tx| {
            tx.execute("DELETE FROM drafts WHERE name = ?1", [name])?;
            Ok(())
        })
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Draft> {
    Ok(Draft { name: row.get(0)?, body: row.get(1)?, at: time_from_ms(row.get(2)?) })
}

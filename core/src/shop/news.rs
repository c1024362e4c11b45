//! What others did: unread marks and notices.

use super::Shop;
use crate::error::Result;
use crate::news::{self, Notice};
use crate::schema::time_from_ms;
use chrono::{DateTime, Utc};

/// Notices, and what a badge needs to know of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Notices {
    /// The newest, the newest first.
    pub newest: Vec<Notice>,
    /// How many nobody has seen.
    pub unseen: u64,
    /// While so much arrives that it is not told one by one: when to look again.
    pub calm_at: Option<DateTime<Utc>>,
}

impl Shop {
    /// Somebody looks at a record: it is not unread any more, nor is what belongs to it.
    pub fn view(&self, table: &str, id: &str) -> Result<()> {
        let table = self.table(table)?;
        // Most of what people look at carries no mark, and costs no write.
        let sql = "SELECT 1 FROM unread WHERE (row_id = ?1 AND tbl = ?2) OR parent = ?1 LIMIT 1";
        if self.read(|reader| reader.one(sql, (id, table.name), |_| Ok(())))?.is_none() {
            return Ok(());
        }
        self.store().write(|tx| news::view(tx, table, id))
    }

    /// How many records of each table are unread, tables without any left out.
    pub fn unread(&self) -> Result<Vec<(String, u64)>> {
        self.read(news::marks)
    }

    /// What others did and what became of one's own work, the newest first.
    pub fn notices(&self, limit: usize) -> Result<Notices> {
        let now = self.env().now();
        self.read(|reader| {
            Ok(Notices {
                newest: news::newest(reader, now, limit)?,
                unseen: news::unseen(reader, now)?,
                calm_at: news::is_calm_at(reader, now)?.map(time_from_ms),
            })
        })
    }

    /// Somebody has seen the notices up to this one.
    pub fn mark_notices_seen(&self, through: i64) -> Result<()> {
        let now = self.env().now();
        self.store().write(|tx| news::mark_seen(tx, now, through))
    }
}

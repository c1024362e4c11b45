//! What this device asks of a server and what it makes of the answers: sessions, pulls, checksums.

use super::Shop;
use super::numbers::Lease;
use crate::error::{Error, NotNow, Result};
use crate::schema::{Readers, Row, Table};
use crate::store::Reader;
use crate::sync::wire::{Cursor, OpenAnswer, OpenRequest, PageToken, PullAnswer, PullRequest};
use crate::sync::{Page, content_hash_of};
use serde::Serialize;

/// One hash over what every member sees, at a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Checksum {
    /// The hash.
    pub hash: String,
    /// The commit that it is of.
    pub cursor: i64,
}

impl Shop {
    /// What this device says to begin a session.
    pub fn session_request(&self) -> Result<OpenRequest> {
        let numbers_left = self.numbers_left()?;
        self.store().write(|tx| {
            let attempt = match tx.fact("attempt")? {
                Some(attempt) => attempt,
                None => {
                    let attempt = self.env().new_id();
                    tx.set_fact("attempt", &attempt)?;
                    attempt
                }
            };
            Ok(OpenRequest {
                shop: self.id().to_owned(),
                device: tx.fact("install")?.unwrap_or_default(),
                generation: tx.fact("generation")?.and_then(|text| text.parse().ok()).unwrap_or(0),
                attempt,
                numbers_left,
            })
        })
    }

    /// A session has begun.
    pub fn take_session(&self, answer: &OpenAnswer) -> Result<()> {
        self.begin_session(answer.generation, &answer.code)?;
        self.store().write(|tx| {
            tx.drop_fact("attempt")?;
            tx.set_fact("epoch", &answer.epoch)
        })?;
        answer.lease.map_or(Ok(()), |(first, last)| self.add_lease(Lease { first, last }))
    }

    /// How far this device has seen the shop.
    pub fn cursor(&self) -> Result<Cursor> {
        self.read(cursor)
    }

    /// What this device asks next, after the pages that it already has of this catch-up.
    pub fn pull_request(&self, token: Option<PageToken>, limit: usize) -> Result<PullRequest> {
        self.read(|reader| {
            Ok(PullRequest {
                shop: self.id().to_owned(),
                device: reader.fact("install")?.unwrap_or_default(),
                cursor: cursor(reader)?,
                token,
                limit,
            })
        })
    }

    /// Takes in a whole catch-up: its pages, the last of which reached the head of its own snapshot. Answers to another
    /// cursor than this device's are late, and change nothing. Gives back whether they were taken.
    pub fn take_pull(&self, pages: &[PullAnswer]) -> Result<bool> {
        let Some(last) = pages.last() else { return Ok(false) };
        let mut expected = None;
        for page in pages {
            if page.after != expected || page.head.epoch != last.head.epoch {
                return Ok(false);
            }
            expected.clone_from(&page.next);
        }
        if last.next.is_some() || pages.iter().any(|page| page.reset) {
            return Ok(false);
        }
        let mut page = Page { through: last.head.n, tag: last.head.tag.clone(), ..Page::default() };
        for answer in pages {
            for rows in &answer.rows {
                // A table that this version does not know was made by a newer one; it comes with the next version.
                let Some(table) = self.store().schema().table(&rows.table) else { continue };
                for raw in &rows.rows {
                    let object = serde_json::from_str(raw.get()).map_err(|_| Error::DAMAGED)?;
                    page.rows.push(Row::from_json(table, &object)?);
                }
            }
            page.receipts.extend(answer.receipts.iter().cloned());
        }
        let mine = &self.cursor()?;
        if pages.iter().any(|answer| answer.since != *mine) {
            return Ok(false);
        }
        self.take_page(&page)?;
        Ok(true)
    }

    /// One hash over the rows that every member sees: equal on equal replicas at one cursor. An error while
    /// operations are unsettled.
    pub fn checksum(&self) -> Result<Checksum> {
        self.read(|reader| {
            if reader.one("SELECT 1 FROM outbox LIMIT 1", [], |_| Ok(()))?.is_some() {
                return Err(Error::NotNow(NotNow::Unanswered));
            }
            let mut hashes = String::new();
            let public = |table: &&'static Table| table.readers == Readers::Members;
            for table in reader.schema().all_tables().filter(public) {
                reader.each_row(table, "ORDER BY id", [], |row| {
                    if !row.is_deleted() {
                        hashes += &content_hash_of(&row);
                    }
                    Ok(true)
                })?;
            }
            Ok(Checksum { hash: crate::outbox::content_hash(&hashes), cursor: cursor(reader)?.n })
        })
    }
}

fn cursor(reader: &Reader<'_>) -> Result<Cursor> {
    let text = |name: &str| Ok::<_, Error>(reader.fact(name)?.unwrap_or_default());
    let n = text("cursor")?.parse().unwrap_or(0);
    // Before its first pull a device is of no epoch.
    let epoch = if n == 0 { String::new() } else { text("epoch")? };
    Ok(Cursor { epoch, n, tag: text("cursor_tag")? })
}

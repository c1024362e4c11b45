//! Notices: "Sarah added 3 tickets", as data. One for everything that an author did within five seconds of arrivals;
//! none while they come too thick, and one for all of those once it has calmed down. The newest two hundred are kept.

use super::NAMED;
use crate::error::{Error, Result};
use crate::schema::time_from_ms;
use crate::store::{Reader, Tx};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What arrives of one author within so many milliseconds is one notice.
const GROUP_MS: i64 = 5_000;
/// More new notices than this within [`STORM_MS`] are a storm.
const STORM: i64 = 5;
/// A storm is over when nothing came for so many milliseconds.
const STORM_MS: i64 = 10_000;
/// How many notices are kept.
const KEPT: i64 = 200;

/// What a notice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum NoticeKind {
    /// What somebody else, or the same person on another device, did.
    Work,
    /// What became of this person's own work, and may need them.
    Attention,
    /// What many did at once, in one.
    Storm,
}

impl NoticeKind {
    fn word(self) -> &'static str {
        match self {
            NoticeKind::Work => "work",
            NoticeKind::Attention => "attention",
            NoticeKind::Storm => "storm",
        }
    }

    fn from_word(word: &str) -> Option<NoticeKind> {
        [NoticeKind::Work, NoticeKind::Attention, NoticeKind::Storm]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// What was done, or what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Deed {
    /// Rows were added.
    Added,
    /// Rows were changed.
    Changed,
    /// Rows were deleted.
    Deleted,
    /// Something was written down about rows.
    Commented,
    /// Rows were moved by events: tickets to a status, items in stock.
    Moved,
    /// Two versions of a field wait for a person; the code is the field.
    Conflict,
    /// A move came too late: it moved nothing and is kept as history.
    KeptAsHistory,
    /// Operations wait for a person; the code says why.
    Parked,
    /// One deleted and another edited a row, and the edit brought it back.
    BroughtBack,
}

/// One thing that was done, to so many rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Part {
    /// What.
    pub deed: Deed,
    /// The rows' table.
    pub table: String,
    /// How often it was done.
    pub count: u64,
    /// A few of the rows.
    pub rows: Vec<String>,
    /// A stable code, or a field's name, where the deed has one.
    pub code: Option<String>,
}

impl Part {
    pub(super) fn one(deed: Deed, table: &str, row: &str) -> Part {
        Part { deed, table: table.to_owned(), count: 1, rows: vec![row.to_owned()], code: None }
    }

    pub(super) fn coded(self, code: Option<&str>) -> Part {
        Part { code: code.map(str::to_owned), ..self }
    }
}

/// Adds a part to others: to the one that says the same of other rows, where there is one.
pub(super) fn add_part(parts: &mut Vec<Part>, new: Part) {
    let same = |part: &&mut Part| (part.deed, &part.table, &part.code) == (new.deed, &new.table, &new.code);
    let Some(part) = parts.iter_mut().find(same) else { return parts.push(new) };
    part.count = part.count.saturating_add(new.count);
    for row in new.rows {
        if part.rows.len() < NAMED && !part.rows.contains(&row) {
            part.rows.push(row);
        }
    }
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Notice {
    /// Its number. A later one has a higher number.
    pub id: i64,
    /// What it is for.
    pub kind: NoticeKind,
    /// The employee whose doing it is, where that is known.
    pub author: Option<String>,
    /// What they are called now.
    pub author_name: Option<String>,
    /// Whether it is this person, on another device.
    pub you: bool,
    /// What was done.
    pub parts: Vec<Part>,
    /// When the first of it arrived.
    pub first_at: DateTime<Utc>,
    /// When the last of it arrived.
    pub last_at: DateTime<Utc>,
    /// Whether somebody has seen it.
    pub seen: bool,
}

/// What is to be noticed, of whom, and when.
pub(crate) struct Noticed {
    pub(crate) kind: NoticeKind,
    pub(crate) author: Option<String>,
    pub(crate) you: bool,
    pub(crate) at: i64,
}

/// Where a notice that may still grow stands.
struct Growing {
    seq: i64,
    first_at: i64,
    last_at: i64,
    parts: Vec<Part>,
}

/// Takes parts into the author's notice that is still open, into the storm that blows, or into a new notice.
pub(crate) fn record(tx: &Tx<'_>, noticed: Noticed, parts: Vec<Part>) -> Result<()> {
    let now = noticed.at;
    if let Some(open) = last(tx, noticed.kind, noticed.author.as_deref(), noticed.you)?
        && (open.first_at..open.first_at.saturating_add(GROUP_MS)).contains(&now)
    {
        return grow(tx, open, parts, now);
    }
    if noticed.kind != NoticeKind::Work {
        return insert(tx, &noticed, &parts);
    }
    if let Some(storm) = last(tx, NoticeKind::Storm, None, false)?
        && (storm.last_at..storm.last_at.saturating_add(STORM_MS)).contains(&now)
    {
        return grow(tx, storm, parts, now);
    }
    let sql = "SELECT count(*) FROM notices WHERE kind = 'work' AND first_at > ?1 AND first_at <= ?2";
    let recent: i64 = tx.one(sql, (now.saturating_sub(STORM_MS), now), |row| row.get(0))?.unwrap_or(0);
    if recent >= STORM {
        let storm = Noticed { kind: NoticeKind::Storm, author: None, you: false, at: now };
        return insert(tx, &storm, &parts);
    }
    insert(tx, &noticed, &parts)
}

fn last(tx: &Tx<'_>, kind: NoticeKind, author: Option<&str>, you: bool) -> Result<Option<Growing>> {
    let sql =
        "SELECT seq, first_at, last_at, parts FROM notices WHERE kind = ?1 AND author IS ?2 AND own = ?3
               ORDER BY seq DESC LIMIT 1";
    let found: Option<(i64, i64, i64, String)> = tx.one(sql, (kind.word(), author, you), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    found
        .map(|(seq, first_at, last_at, parts)| {
            Ok(Growing { seq, first_at, last_at, parts: read_parts(&parts)? })
        })
        .transpose()
}

fn grow(tx: &Tx<'_>, mut open: Growing, parts: Vec<Part>, now: i64) -> Result<()> {
    for part in parts {
        add_part(&mut open.parts, part);
    }
    let sql = "UPDATE notices SET parts = ?2, last_at = ?3, seen = 0 WHERE seq = ?1";
    tx.execute(sql, (open.seq, write_parts(&open.parts)?, now.max(open.last_at)))?;
    tx.note_table("notices");
    Ok(())
}

fn insert(tx: &Tx<'_>, noticed: &Noticed, parts: &[Part]) -> Result<()> {
    let sql =
        "INSERT INTO notices (kind, author, own, first_at, last_at, parts) VALUES (?1, ?2, ?3, ?4, ?4, ?5)";
    let row = (noticed.kind.word(), &noticed.author, noticed.you, noticed.at, write_parts(parts)?);
    tx.execute(sql, row)?;
    tx.execute("DELETE FROM notices WHERE seq <= (SELECT max(seq) FROM notices) - ?1", [KEPT])?;
    tx.note_table("notices");
    Ok(())
}

fn read_parts(text: &str) -> Result<Vec<Part>> {
    serde_json::from_str(text).map_err(|_| Error::damaged())
}

fn write_parts(parts: &[Part]) -> Result<String> {
    serde_json::to_string(parts).map_err(|error| Error::defect(error.to_string()))
}

/// True of what may be shown at `?1`: a storm only when nothing has come for a while, or the clock was set back.
const SHOWN: &str = "(kind <> 'storm' OR last_at <= ?1 - 10000 OR last_at > ?1)";

/// The newest notices, the newest first.
pub(crate) fn newest(reader: &Reader<'_>, now: i64, limit: usize) -> Result<Vec<Notice>> {
    let sql = format!(
        "SELECT seq, kind, author, own, first_at, last_at, seen, parts FROM notices WHERE {SHOWN}
         ORDER BY seq DESC LIMIT ?2"
    );
    let mut statement = reader.prepare(&sql)?;
    let mut rows = statement.query((now, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // A kind that a newer version wrote is not this one's to show.
        let Some(kind) = NoticeKind::from_word(&row.get::<_, String>(1)?) else { continue };
        let author: Option<String> = row.get(2)?;
        let author_name = author.as_deref().map(|author| name_of(reader, author)).transpose()?.flatten();
        found.push(Notice {
            id: row.get(0)?,
            kind,
            author,
            author_name,
            you: row.get(3)?,
            first_at: time_from_ms(row.get(4)?),
            last_at: time_from_ms(row.get(5)?),
            seen: row.get(6)?,
            parts: read_parts(&row.get::<_, String>(7)?)?,
        });
    }
    Ok(found)
}

/// What a person is called: the words that they are found by.
fn name_of(reader: &Reader<'_>, person: &str) -> Result<Option<String>> {
    let schema = reader.schema();
    let Some(people) = schema.actors.and_then(|actors| schema.table(actors.table)) else { return Ok(None) };
    let (Some(search), Some(row)) = (people.search, reader.row(people, person)?) else { return Ok(None) };
    let name = (search.text)(&row);
    Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty()))
}

/// How many nobody has seen.
pub(crate) fn unseen(reader: &Reader<'_>, now: i64) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM notices WHERE NOT seen AND {SHOWN}");
    let count: i64 = reader.one(&sql, [now], |row| row.get(0))?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// When a storm that blows now will have calmed down, if nothing more comes.
pub(crate) fn is_calm_at(reader: &Reader<'_>, now: i64) -> Result<Option<i64>> {
    let sql =
        "SELECT last_at FROM notices WHERE kind = 'storm' AND last_at > ?1 - 10000 AND last_at <= ?1 LIMIT 1";
    let last: Option<i64> = reader.one(sql, [now], |row| row.get(0))?;
    Ok(last.map(|last| last.saturating_add(STORM_MS)))
}

/// Somebody has seen every notice up to this one that is shown.
pub(crate) fn mark_seen(tx: &Tx<'_>, now: i64, through: i64) -> Result<()> {
    let sql = format!("UPDATE notices SET seen = 1 WHERE seq <= ?2 AND NOT seen AND {SHOWN}");
    if tx.execute(&sql, (now, through))? > 0 {
        tx.note_table("notices");
    }
    Ok(())
}

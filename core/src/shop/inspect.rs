//! The inspector: how this device stands, for whoever has to find out why. It shows no secret, and no row of a table
//! that holds some.

use super::{Shop, lock};
use crate::error::{Error, Result};
use crate::few;
use crate::schema::{AnyJson, Json, Table};
use crate::store::Reader;
use crate::sync::{Link, Live, Phase, Session, SyncState, outside_windows};
use serde::Serialize;
use std::collections::BTreeMap;

/// The facts that may be shown: none of them opens anything.
const FACTS: &[&str] = &[
    "install",
    "generation",
    "epoch",
    "cursor",
    "server_ahead_ms",
    "device_code",
    "standing",
    "loaded",
    "load",
    "last_synced_at",
    "indexed_seq",
    "unread_by_search",
    "lifted_indexes",
    "stretches",
    "engine_version",
    "schema_version",
];

/// How a device stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// What a person sees of the sync.
    pub state: SyncState,
    /// Whether the app is in the foreground.
    pub awake: bool,
    /// Whether the server accepts who is signed in: good, refreshing, renewed, refused, outside.
    pub session: &'static str,
    /// Whether the device's own session with the server has begun.
    pub opened: bool,
    /// What is going on: idle, refreshing, opening, sending, pulling, ranging, waiting.
    pub phase: &'static str,
    /// Attempts since the server last answered.
    pub failures: u32,
    /// The channel: off, joining, joined, waiting.
    pub channel: &'static str,
    /// The epoch of the cursor.
    pub epoch: String,
    /// How far this device has seen the shop.
    pub cursor: i64,
    /// Rows that are here and not deleted, by table.
    pub rows: BTreeMap<String, u64>,
    /// How many of them lie beyond the windows: fetched, or not taken off yet. The server counts none of those.
    pub beyond: BTreeMap<String, u64>,
    /// Unread rows, by table.
    pub unread: BTreeMap<String, u64>,
    /// Operations in the queue, by state.
    pub queue: BTreeMap<String, u64>,
    /// Operations whose outcome is kept until the server cannot lose them any more.
    pub settled: u64,
    /// Pages that wait until the cursor may cover them.
    pub staged_pages: u64,
    /// Ranges that are not here whole.
    pub missing_ranges: u64,
    /// Facts about the file, by name.
    pub facts: BTreeMap<String, String>,
}

/// A record as the file holds it. Its columns are whatever the file has, so they come by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RawRecord {
    /// As it is shown.
    pub shown: Option<AnyJson>,
    /// The version that the server gave it.
    pub stamp: i64,
    /// Whether it is deleted.
    pub deleted: bool,
    /// As the server last confirmed it, where operations lie over that.
    pub base: Option<AnyJson>,
    /// The operations over it, the oldest first.
    pub operations: Vec<QueuedOperation>,
}

/// An operation as the queue holds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct QueuedOperation {
    /// Its id.
    pub operation: String,
    /// What it does.
    pub kind: String,
    /// Its state: queued, frozen, voiding, accepted, parked.
    pub state: String,
    /// How often it went without an answer of its own.
    pub tries: i64,
    /// The commit that holds it.
    pub commit: Option<i64>,
    /// What is sent.
    pub body: AnyJson,
}

impl Shop {
    /// How this device stands.
    pub fn inspect(&self) -> Result<Inspection> {
        let (state, link) = {
            let engine = lock(&self.inner.engine);
            (engine.state()?, engine.link().clone())
        };
        let cursor = self.cursor()?;
        let now = self.env().now();
        self.read(|reader| {
            let (mut rows, mut beyond) = (BTreeMap::new(), BTreeMap::new());
            for table in reader.schema().all_tables() {
                let (here, outside) = within(reader, table, now)?;
                rows.insert(table.name.to_owned(), here);
                beyond.insert(table.name.to_owned(), outside);
            }
            let mut facts = BTreeMap::new();
            for name in FACTS {
                facts.extend(reader.fact(name)?.map(|value| ((*name).to_owned(), value)));
            }
            Ok(Inspection {
                awake: link.awake,
                session: session_word(link.session),
                opened: link.opened,
                phase: phase_word(&link),
                failures: link.failures,
                channel: channel_word(link.live),
                epoch: cursor.epoch,
                cursor: cursor.n,
                rows,
                beyond,
                unread: by_word(reader, "SELECT tbl, count(*) FROM unread GROUP BY tbl")?,
                queue: by_word(reader, "SELECT state, count(*) FROM outbox GROUP BY state")?,
                settled: count(reader, "SELECT count(*) FROM settled")?,
                staged_pages: count(reader, "SELECT count(*) FROM staged")?,
                missing_ranges: count(reader, "SELECT count(*) FROM ranges WHERE NOT whole")?,
                facts,
                state,
            })
        })
    }

    /// A record as the file holds it: what is shown, what lies under it, and the operations between.
    pub fn raw_record(&self, table: &str, id: &str) -> Result<RawRecord> {
        let table: &'static Table = self.table(table)?;
        if table.secret {
            return Err(Error::denied(table.name, "secret"));
        }
        self.read(|reader| {
            let row = reader.row(table, id)?;
            let sql = "SELECT body FROM base_rows WHERE row_id = ?1 AND tbl = ?2";
            let base: Option<String> = reader.one(sql, (id, table.name), |row| row.get(0))?;
            let sql = "SELECT id, kind, state, tries, commit_n, body FROM outbox
                       WHERE (row_id = ?1 AND tbl = ?2) OR also_id = ?1 ORDER BY seq";
            let operations = reader.all(sql, (id, table.name), |row| {
                let body: String = row.get(5)?;
                Ok(QueuedOperation {
                    operation: row.get(0)?,
                    kind: row.get(1)?,
                    state: row.get(2)?,
                    tries: row.get(3)?,
                    commit: row.get(4)?,
                    body: AnyJson(serde_json::from_str(&body).unwrap_or(Json::String(body))),
                })
            })?;
            if row.is_none() && operations.is_empty() {
                return Err(Error::missing(table.name));
            }
            Ok(RawRecord {
                stamp: row.as_ref().map_or(0, |row| row.meta.stamp),
                deleted: row.as_ref().is_some_and(crate::schema::Row::is_deleted),
                shown: row.map(|row| AnyJson(Json::Object(row.to_json()))),
                base: base
                    .map(|text| serde_json::from_str(&text).map_err(|_| Error::damaged()))
                    .transpose()?,
                operations,
            })
        })
    }
}

/// How many rows of a table are here and not deleted, and how many of them lie outside its window.
fn within(reader: &Reader<'_>, table: &Table, now: i64) -> Result<(u64, u64)> {
    let outside = outside_windows(reader, table, now)?;
    let table = table.name;
    let sql =
        format!("SELECT count(*), count(*) FILTER (WHERE {outside}) FROM {table} WHERE deleted_at IS NULL");
    let counts = reader.one(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (here, outside): (i64, i64) = counts.unwrap_or((0, 0));
    Ok((u64::try_from(here).unwrap_or(0), u64::try_from(outside).unwrap_or(0)))
}

fn count(reader: &Reader<'_>, sql: &str) -> Result<u64> {
    let count: i64 = reader.one(sql, [], |row| row.get(0))?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

fn by_word(reader: &Reader<'_>, sql: &str) -> Result<BTreeMap<String, u64>> {
    let rows: Vec<(String, i64)> = reader.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(few::filled(rows.into_iter().map(|(word, count)| (word, u64::try_from(count).unwrap_or(0)))))
}

fn session_word(session: Session) -> &'static str {
    match session {
        Session::Good => "good",
        Session::Refreshing => "refreshing",
        Session::Renewed => "renewed",
        Session::Refused => "refused",
        Session::Outside => "outside",
    }
}

fn phase_word(link: &Link) -> &'static str {
    match link.phase {
        Phase::Idle => "idle",
        Phase::Refreshing => "refreshing",
        Phase::Opening => "opening",
        Phase::Sending { .. } => "sending",
        Phase::Pulling => "pulling",
        Phase::Ranging => "ranging",
        Phase::Waiting { .. } => "waiting",
    }
}

fn channel_word(live: Live) -> &'static str {
    match live {
        Live::Off => "off",
        Live::Joining { .. } => "joining",
        Live::Joined => "joined",
        Live::Waiting { .. } => "waiting",
    }
}

//! The sync log: what the engine did, the newest thousand events.

use crate::error::{Error, Result};
use crate::store::{Reader, Tx};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// How many events are kept.
const KEPT: i64 = 1_000;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SyncKind {
    /// The device's session began.
    SessionBegun,
    /// Operations were sent and answered: how many, by outcome.
    Pushed,
    /// Rows that changed came.
    Pulled,
    /// Rows came that the device newly holds.
    Ranged,
    /// Everything is fetched from now on.
    LoadBegun,
    /// The server has another history than this device saw: everything is fetched anew.
    Reset,
    /// A request ended badly: the code says how.
    Failed,
    /// It is tried again.
    Retried,
    /// Operations wait for a person from now on.
    Parked,
    /// The channel stands.
    Joined,
    /// The channel is lost.
    Left,
    /// There is a network.
    NetworkUp,
    /// There is none.
    NetworkDown,
    /// The app left the screen.
    Suspended,
    /// The app came back.
    Resumed,
}

impl SyncKind {
    /// Every kind.
    pub const ALL: [SyncKind; 15] = [
        SyncKind::SessionBegun,
        SyncKind::Pushed,
        SyncKind::Pulled,
        SyncKind::Ranged,
        SyncKind::LoadBegun,
        SyncKind::Reset,
        SyncKind::Failed,
        SyncKind::Retried,
        SyncKind::Parked,
        SyncKind::Joined,
        SyncKind::Left,
        SyncKind::NetworkUp,
        SyncKind::NetworkDown,
        SyncKind::Suspended,
        SyncKind::Resumed,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            SyncKind::SessionBegun => "session_begun",
            SyncKind::Pushed => "pushed",
            SyncKind::Pulled => "pulled",
            SyncKind::Ranged => "ranged",
            SyncKind::LoadBegun => "load_begun",
            SyncKind::Reset => "reset",
            SyncKind::Failed => "failed",
            SyncKind::Retried => "retried",
            SyncKind::Parked => "parked",
            SyncKind::Joined => "joined",
            SyncKind::Left => "left",
            SyncKind::NetworkUp => "network_up",
            SyncKind::NetworkDown => "network_down",
            SyncKind::Suspended => "suspended",
            SyncKind::Resumed => "resumed",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<SyncKind> {
        SyncKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyncEvent {
    /// When, by this device's wall clock, in milliseconds since 1970.
    pub at: i64,
    /// What.
    pub kind: SyncKind,
    /// A stable code, where there is more to say.
    pub code: Option<String>,
    /// How many of what.
    pub counts: BTreeMap<String, u64>,
    /// How long it took, in milliseconds.
    pub ms: Option<i64>,
}

impl SyncEvent {
    pub(crate) fn new(at: i64, kind: SyncKind) -> SyncEvent {
        SyncEvent { at, kind, code: None, counts: BTreeMap::new(), ms: None }
    }

    pub(crate) fn code(mut self, code: &str) -> SyncEvent {
        self.code = Some(code.to_owned());
        self
    }

    pub(crate) fn count(mut self, what: &str, many: usize) -> SyncEvent {
        *self.counts.entry(what.to_owned()).or_default() += many as u64;
        self
    }

    pub(crate) fn took(mut self, ms: Option<i64>) -> SyncEvent {
        self.ms = ms;
        self
    }
}

/// Which events somebody wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncLogFilter {
    /// Of these kinds; of all where it is empty.
    pub kinds: Vec<SyncKind>,
    /// Not before this moment, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Before this moment.
    pub until: Option<i64>,
    /// At most so many, the newest.
    pub limit: Option<u32>,
}

pub(super) fn write(tx: &Tx<'_>, events: &VecDeque<SyncEvent>) -> Result<()> {
    for event in events {
        let counts =
            serde_json::to_string(&event.counts).map_err(|error| Error::defect(error.to_string()))?;
        let sql = "INSERT INTO sync_log (at, kind, code, counts, ms) VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.execute(sql, (event.at, event.kind.word(), &event.code, counts, event.ms))?;
    }
    if !events.is_empty() {
        tx.execute("DELETE FROM sync_log WHERE seq <= (SELECT max(seq) FROM sync_log) - ?1", [KEPT])?;
    }
    Ok(())
}

/// The newest events that fit, the newest first.
pub(crate) fn events(reader: &Reader<'_>, filter: &SyncLogFilter) -> Result<Vec<SyncEvent>> {
    let sql = "SELECT at, kind, code, counts, ms FROM sync_log WHERE at >= ?1 AND at < ?2 ORDER BY seq DESC";
    let mut statement = reader.prepare(sql)?;
    let mut rows = statement.query((filter.since.unwrap_or(i64::MIN), filter.until.unwrap_or(i64::MAX)))?;
    let limit = filter.limit.map_or(usize::MAX, |limit| limit as usize);
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        // A kind that a newer version wrote is not this one's to show.
        let Some(kind) = SyncKind::from_word(&row.get::<_, String>(1)?) else { continue };
        if filter.kinds.is_empty() || filter.kinds.contains(&kind) {
            let counts = serde_json::from_str(&row.get::<_, String>(3)?).map_err(|_| Error::damaged())?;
            found.push(SyncEvent { at: row.get(0)?, kind, code: row.get(2)?, counts, ms: row.get(4)? });
        }
    }
    Ok(found)
}

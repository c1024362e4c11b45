//! What a record's row says about itself, derived from the queue and never stored.

use super::operation::{Edit, EditKind, Operation, State};
use super::overlay::showing;
use crate::error::Result;
use crate::schema::{Json, Table};
use crate::store::Reader;
use serde::Serialize;

/// Where a record stands between this device and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Status {
    /// Nothing is queued, unanswered, parked or in conflict.
    Synced,
    /// It waits to be sent.
    Pending,
    /// It is being sent.
    Syncing,
    /// It waits for a person, or the server cannot be reached.
    Failed,
    /// Two versions wait to be chosen from.
    Conflict,
}

/// One change of one field, for the record's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// When, by the device's clock.
    pub at: i64,
    /// Whose work it was.
    pub actor: Option<String>,
    /// The field; nothing where the row was made or deleted.
    pub field: Option<String>,
    /// What it was.
    pub from: Json,
    /// What it became.
    pub to: Json,
    /// What was done: insert, patch, delete, append.
    pub kind: String,
    /// What became of it: waiting, accepted, applied, discarded …
    pub outcome: String,
}

/// A record's status. `in_flight` says whether an operation is being sent right now; `unreachable` whether the
/// server could not be reached after all retries.
pub(crate) fn status(
    reader: &Reader<'_>,
    table: &'static Table,
    id: &str,
    in_flight: &dyn Fn(&str) -> bool,
    unreachable: bool,
) -> Result<Status> {
    let entries = showing(reader, table, id)?;
    let conflict = "SELECT 1 FROM conflicts WHERE row_id = ?1 AND tbl = ?2 AND open";
    let conflict = reader.one(conflict, (id, table.name), |_| Ok(()))?.is_some();
    let pending = entries.iter().any(|entry| entry.state.is_pending());
    Ok(if entries.iter().any(|entry| entry.state == State::Parked) || (pending && unreachable) {
        Status::Failed
    } else if conflict {
        Status::Conflict
    } else if entries.iter().any(|entry| in_flight(&entry.id)) {
        Status::Syncing
    } else if pending {
        Status::Pending
    } else {
        Status::Synced
    })
}

/// Who changed which field from what to what, as far as this device's own operations tell.
pub(crate) fn history(reader: &Reader<'_>, table: &'static Table, id: &str) -> Result<Vec<Trace>> {
    let sql = "SELECT body, CASE state WHEN 'accepted' THEN 'accepted' WHEN 'parked' THEN 'parked' ELSE 'waiting' END, seq
               FROM outbox WHERE row_id = ?1 AND tbl = ?2
               UNION ALL SELECT body, outcome, seq FROM settled WHERE row_id = ?1 AND tbl = ?2 AND body IS NOT NULL
               ORDER BY 3";
    let rows =
        reader.all(sql, (id, table.name), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut traces = Vec::new();
    for (body, outcome) in rows {
        let operation = Operation::from_body(&body)?;
        let trace = |field: Option<&String>, from: Json, to: Json, at: i64| Trace {
            at: if at == 0 { operation.at } else { at },
            actor: operation.actor.clone(),
            field: field.cloned(),
            from,
            to,
            kind: operation.kind.word().to_owned(),
            outcome: outcome.clone(),
        };
        if operation.fields.is_empty() {
            traces.push(trace(None, Json::Null, Json::Null, 0));
        }
        for (name, Edit { kind, was, at, .. }) in &operation.fields {
            let (from, to) = match kind {
                EditKind::To(to) => (was.clone(), to.clone()),
                EditKind::Elements { add, remove } => (Json::Array(remove.clone()), Json::Array(add.clone())),
            };
            traces.push(trace(Some(name), from, to, *at));
        }
    }
    Ok(traces)
}

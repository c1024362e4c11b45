//! What the page shows, as one value: the hub, the devices, the day. Built anew whenever the bell rang.

use super::feed::{Feed, Notice};
use super::names::Names;
use crate::demo::people::words;
use crate::demo::timeline::Line;
use crate::demo::{Device, Premises};
use counterpart_core::desk::{BoardFilter, BoardOrder, TicketRow};
use counterpart_core::error::Result;
use counterpart_core::outbox::Status;
use counterpart_core::schema::{AnyJson, Conflict, Json};
use counterpart_core::shop::OpenConflict;
use serde::Serialize;

/// Tickets of a board that are shown.
const TICKETS: usize = 6;
/// Waiting operations that are listed.
const QUEUE: u32 = 6;

/// The whole page.
#[derive(Debug, Serialize)]
pub(super) struct View {
    /// Whether the day is over and the buttons work.
    pub(super) open: bool,
    pub(super) percent: usize,
    pub(super) lines: Vec<Line>,
    pub(super) hub: HubView,
    pub(super) devices: Vec<DeviceView>,
}

/// The hub, as it answered last.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct HubView {
    pub(super) url: String,
    pub(super) reachable: bool,
    /// Its last commit.
    pub(super) head: i64,
    pub(super) devices: Vec<Known>,
}

/// A device as the hub knows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    /// The commit that it has seen.
    pub(super) cursor: i64,
    /// Whether it holds the same as the hub; nothing while that cannot be said.
    pub(super) equal: Option<bool>,
}

/// One device.
#[derive(Debug, Serialize)]
pub(super) struct DeviceView {
    key: &'static str,
    name: &'static str,
    place: &'static str,
    person: &'static str,
    online: bool,
    reachable: bool,
    syncing: bool,
    pending: u64,
    failed: u64,
    last_synced_at: Option<i64>,
    last_error: Option<String>,
    tickets: Vec<Ticket>,
    queue: Vec<Queued>,
    conflicts: Vec<Disagreement>,
    notices: Vec<Notice>,
}

#[derive(Debug, Serialize)]
struct Ticket {
    id: String,
    number: String,
    subject: String,
    customer: String,
    device: String,
    status: String,
    sync: Status,
    problem: String,
}

/// An operation that waits.
#[derive(Debug, Serialize)]
struct Queued {
    what: String,
    about: String,
    failed: bool,
}

/// A conflict with its two versions.
#[derive(Debug, Serialize)]
struct Disagreement {
    id: String,
    about: String,
    field: String,
    base: String,
    versions: [Version; 2],
}

#[derive(Debug, Serialize)]
struct Version {
    choice: &'static str,
    by: String,
    /// Whether it is the version of whoever works at this device.
    own: bool,
    text: String,
}

impl DeviceView {
    pub(super) fn of(device: &Device, feed: &Feed, names: &Names) -> Result<DeviceView> {
        let shop = &device.shop;
        let state = shop.state()?;
        let filter = BoardFilter { order: BoardOrder::Updated, ..BoardFilter::default() };
        let board = shop.board(&filter, None, TICKETS)?;
        let conflicts = shop.open_conflicts()?;
        Ok(DeviceView {
            key: device.post.key,
            name: device.post.name,
            place: device.post.place,
            person: device.post.person,
            online: state.online,
            reachable: state.reachable,
            syncing: state.syncing,
            pending: state.pending,
            failed: state.failed,
            last_synced_at: state.last_synced_at.map(|at| at.timestamp_millis()),
            last_error: state.last_error,
            tickets: board.into_iter().map(|row| ticket(device, row)).collect::<Result<_>>()?,
            queue: queue(device)?,
            conflicts: conflicts
                .iter()
                .map(|open| disagreement(device, open, names))
                .collect::<Result<_>>()?,
            notices: feed.notices(names),
        })
    }
}

fn ticket(device: &Device, row: TicketRow) -> Result<Ticket> {
    let record = device.shop.record("tickets", &row.id.0)?;
    let problem = record.as_ref().map(|record| record.row.text("problem").to_owned()).unwrap_or_default();
    Ok(Ticket {
        id: row.id.0,
        number: row.number.unwrap_or_default(),
        subject: row.subject,
        customer: row.customer,
        device: row.device,
        status: words(&row.status),
        sync: record.map_or(Status::Synced, |record| record.status),
        problem,
    })
}

/// What waits, oldest first. A person's app says how much waits; the page looks into the queue itself.
fn queue(device: &Device) -> Result<Vec<Queued>> {
    const SQL: &str =
        "SELECT o.kind, o.tbl, o.state = 'parked', coalesce(t.number, p.number, '') FROM outbox o
        LEFT JOIN tickets t ON o.tbl = 'tickets' AND t.id = o.row_id
        LEFT JOIN tickets p ON p.id = o.also_id
        WHERE o.state <> 'accepted' ORDER BY o.seq LIMIT ?1";
    device.shop.read(|reader| {
        reader.all(SQL, [QUEUE], |row| {
            let (kind, table): (String, String) = (row.get(0)?, row.get(1)?);
            let number: String = row.get(3)?;
            let noun = table.trim_end_matches('s').replace('_', " ");
            let about = if number.is_empty() { noun } else { format!("{noun} {number}") };
            Ok(Queued { what: verb(&kind).into(), about, failed: row.get(2)? })
        })
    })
}

fn verb(kind: &str) -> &'static str {
    match kind {
        "insert" => "New",
        "append" => "Added",
        "delete" => "Deleted",
        "void" => "Taken back",
        _ => "Changed",
    }
}

fn disagreement(device: &Device, open: &OpenConflict, names: &Names) -> Result<Disagreement> {
    let conflict: Option<Conflict> = device.shop.get(&open.conflict.0)?;
    let me = device.shop.who().actor;
    let mine_by = conflict.as_ref().and_then(|conflict| conflict.mine_by.as_ref());
    let is_mine = mine_by.is_some() && mine_by == me.as_ref();
    let version = |choice, by: Option<&String>, own, value: &AnyJson| Version {
        choice,
        by: names.of(by.map(String::as_str)),
        own,
        text: text(value),
    };
    let ticket = device.shop.record(&open.table, &open.id)?;
    Ok(Disagreement {
        id: open.conflict.0.clone(),
        about: ticket.map(|record| record.row.text("number").to_owned()).unwrap_or_default(),
        field: open.field.clone(),
        base: text(&open.base),
        versions: [
            version("mine", mine_by, is_mine, &open.mine),
            version("theirs", open.by.as_ref(), !is_mine && open.by.is_some() && open.by == me, &open.theirs),
        ],
    })
}

fn text(value: &AnyJson) -> String {
    match &value.0 {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other @ (Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => other.to_string(),
    }
}

/// The devices as the hub and they themselves stand. What was known of a hub that does not answer stays.
pub(super) fn hub(premises: &Premises, before: HubView) -> HubView {
    let Ok(standing) = premises.overseer.look() else { return HubView { reachable: false, ..before } };
    let head = standing.checksum.cursor.n;
    let known = |device: &&Device| {
        let id = device.shop.device().ok()?;
        standing.devices.iter().find(|told| told.device == id)?;
        let cursor = device.shop.cursor().ok()?.n;
        // One that is behind, or has something of its own, is not different: it is not there yet.
        let here = device.shop.checksum().ok().filter(|here| here.cursor == head);
        let equal = here.map(|here| here.hash == standing.checksum.hash);
        let (name, place) = (device.post.name, device.post.place);
        Some(Known { name, place, cursor, equal })
    };
    let devices = premises.devices().iter().filter_map(known).collect();
    HubView { reachable: true, head, devices, ..before }
}

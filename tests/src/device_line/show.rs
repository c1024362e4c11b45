//! What the engine gives back, as JSON: times as RFC 3339, ids and words as strings.

use chrono::{DateTime, Utc};
use counterpart_core::desk::{
    AppointmentRow, Badges, CustomerRow, EmployeeRow, ItemRow, Key, MovementRow, TicketRow, TicketView,
};
use counterpart_core::journal::{Day, LATENCY_MS, NetworkCall, SyncEvent};
use counterpart_core::net::Present;
use counterpart_core::news::Notice;
use counterpart_core::outbox::{Parked, Trace};
use counterpart_core::schema::{Entity, time_from_ms, time_text};
use counterpart_core::shop::OpenConflict;
use counterpart_core::shop::import::{ImportReport, Outcome};
use counterpart_core::shop::{Draft, ExportReport, Finding, Notices, Progress, Record};
use counterpart_core::sync::SyncState;
use counterpart_core::{Error, Shop};
use serde_json::{Map, Value as Json, json};

/// A moment.
fn time(at: DateTime<Utc>) -> Json {
    Json::String(time_text(at))
}

fn maybe(at: Option<DateTime<Utc>>) -> Json {
    at.map_or(Json::Null, time)
}

/// Every row of a list.
pub(super) fn list<T>(rows: &[T], show: impl Fn(&T) -> Json) -> Json {
    rows.iter().map(show).collect()
}

/// One row, or nothing.
pub(super) fn one<T>(row: Option<T>, show: impl Fn(&T) -> Json) -> Json {
    row.as_ref().map_or(Json::Null, show)
}

/// A record with its status, and whether it is unread.
pub(super) fn record(record: &Record) -> Json {
    Json::Object(record.to_json())
}

/// A whole entity.
pub(super) fn entity<T: Entity>(item: &T) -> Json {
    Json::Object(item.to_row().to_json())
}

/// The other way: a new entity with these fields.
pub(super) fn entity_from<T: Entity + Default>(fields: &Map<String, Json>) -> Result<T, Error> {
    let mut row = T::default().to_row();
    for (field, value) in T::TABLE.read(fields)? {
        row.set(field.name, value);
    }
    Ok(T::from_row(&row)?)
}

/// What a person sees of the sync.
pub(super) fn state(state: &SyncState) -> Json {
    json!({
        "online": state.online, "reachable": state.reachable, "syncing": state.syncing,
        "progress": state.progress, "pending": state.pending, "failed": state.failed,
        "conflicts": state.conflicts, "last_synced_at": maybe(state.last_synced_at),
        "last_error": state.last_error,
    })
}

pub(super) fn parked(parked: &Parked) -> Json {
    json!({
        "operation": parked.operation, "table": parked.table, "id": parked.id, "kind": parked.kind,
        "code": parked.code, "field": parked.field, "message": parked.message, "fields": parked.wanted,
    })
}

pub(super) fn conflict(conflict: &OpenConflict) -> Json {
    json!({
        "conflict": conflict.conflict, "table": conflict.table, "id": conflict.id, "field": conflict.field,
        "base": conflict.base, "mine": conflict.mine, "theirs": conflict.theirs, "by": conflict.by,
    })
}

pub(super) fn trace(trace: &Trace) -> Json {
    json!({
        "at": time(time_from_ms(trace.at)), "actor": trace.actor, "field": trace.field, "from": trace.from,
        "to": trace.to, "kind": trace.kind, "outcome": trace.outcome,
    })
}

/// Where a list goes on.
fn key(key: &Key) -> Json {
    json!({ "at": key.at, "id": key.id })
}

/// A ticket in a list, without an order of its own.
pub(super) fn ticket(row: &TicketRow) -> Json {
    json!({
        "id": row.id, "number": row.number, "subject": row.subject, "status": row.status,
        "priority": row.priority, "due_at": maybe(row.due_at), "assignee_id": row.assignee_id,
        "customer": row.customer, "device": row.device, "updated_at": time(row.updated_at),
    })
}

/// A row with the key after which its list goes on.
pub(super) fn keyed(mut row: Json, after: &Key) -> Json {
    if let Json::Object(row) = &mut row {
        row.insert("key".into(), key(after));
    }
    row
}

pub(super) fn ticket_view(view: &TicketView) -> Json {
    json!({
        "ticket": entity(&view.ticket), "customer": one(view.customer.as_ref(), |customer| entity(*customer)),
        "lines": list(&view.lines, entity), "notes": list(&view.notes, entity),
        "events": list(&view.events, entity),
        "total": {
            "net_cents": view.total.net_cents, "tax_cents": view.total.tax_cents,
            "gross_cents": view.total.gross_cents,
        },
        "has_passcode": view.has_passcode,
    })
}

pub(super) fn customer(row: &CustomerRow) -> Json {
    json!({
        "id": row.id, "name": row.name, "company": row.company, "phone": row.phone, "email": row.email,
    })
}

pub(super) fn employee(row: &EmployeeRow) -> Json {
    json!({
        "id": row.id, "name": row.name, "role": row.role, "colour": row.colour, "active": row.active,
    })
}

pub(super) fn item(row: &ItemRow) -> Json {
    json!({
        "id": row.id, "sku": row.sku, "name": row.name, "brand": row.brand, "bin": row.bin,
        "price_cents": row.price_cents, "quantity": row.quantity, "reserved": row.reserved,
        "reorder_level": row.reorder_level,
    })
}

pub(super) fn movement(row: &MovementRow) -> Json {
    let shown = json!({
        "id": row.id, "kind": row.kind, "quantity": row.quantity, "ticket_line_id": row.ticket_line_id,
        "reason": row.reason, "counted": row.counted, "shown": row.shown, "by": row.by, "at": time(row.at),
    });
    keyed(shown, &row.key())
}

pub(super) fn appointment(row: &AppointmentRow) -> Json {
    json!({
        "id": row.id, "customer_id": row.customer_id, "customer": row.customer, "ticket_id": row.ticket_id,
        "kind": row.kind, "starts_at": time(row.slot.starts_at), "ends_at": time(row.slot.ends_at),
        "time_zone": row.slot.time_zone, "assignee_id": row.assignee_id, "state": row.state,
        "overlaps": row.overlaps,
    })
}

pub(super) fn badges(badges: &Badges) -> Json {
    json!({
        "open": badges.open, "overdue": badges.overdue, "ready": badges.ready, "mine": badges.mine,
        "low_stock": badges.low_stock, "today": badges.today,
    })
}

pub(super) fn draft(draft: &Draft) -> Json {
    json!({ "name": draft.name, "body": draft.body, "at": time(draft.at) })
}

pub(super) fn finding(finding: &Finding) -> Json {
    match finding {
        Finding::Damaged(salvage) => json!({
            "finding": "damaged", "aside": salvage.aside, "operations": salvage.operations,
            "drafts": salvage.drafts, "complete": salvage.complete,
        }),
        Finding::Copied => json!({ "finding": "copied" }),
    }
}

pub(super) fn notices(notices: &Notices) -> Json {
    json!({
        "unseen": notices.unseen, "calm_at": maybe(notices.calm_at), "notices": list(&notices.newest, notice),
    })
}

fn notice(notice: &Notice) -> Json {
    json!({
        "id": notice.id, "kind": notice.kind, "author": notice.author, "author_name": notice.author_name,
        "you": notice.you, "parts": notice.parts, "first_at": time(notice.first_at),
        "last_at": time(notice.last_at), "seen": notice.seen,
    })
}

/// Something that the sync did.
pub(super) fn sync_event(event: &SyncEvent) -> Json {
    json!({
        "at": time(time_from_ms(event.at)), "kind": event.kind, "code": event.code, "counts": event.counts,
        "ms": event.ms,
    })
}

/// A call to the server.
pub(super) fn network_call(call: &NetworkCall) -> Json {
    json!({
        "at": time(time_from_ms(call.at)), "call": call.call, "status": call.status, "up": call.up,
        "down": call.down, "ms": call.ms,
    })
}

/// A day's sums, with what the classes of its latencies are.
pub(super) fn day(day: &Day) -> Json {
    let mut shown = json!(day);
    shown["latency_up_to_ms"] = json!(LATENCY_MS);
    shown
}

fn amount(read: Progress) -> Json {
    json!({ "rows": read.rows, "bytes": read.bytes })
}

pub(super) fn exported(report: &ExportReport) -> Json {
    json!({
        "written": amount(report.written), "complete": report.complete, "left_out": report.left_out,
    })
}

pub(super) fn imported(report: &ImportReport) -> Json {
    let refusal = |line: &counterpart_core::shop::import::Line| match &line.outcome {
        Outcome::Refused(error) => {
            json!({ "line": line.line, "code": error.code(), "message": error.to_string() })
        }
        Outcome::Created => json!({ "line": line.line, "code": "created" }),
        Outcome::AlreadyThere => json!({ "line": line.line, "code": "already_there" }),
    };
    json!({
        "created": report.created, "already_there": report.already_there, "refused": report.refused,
        "refusals": list(&report.refusals, refusal), "ignored_columns": report.ignored_columns,
        "read": amount(report.read), "complete": report.complete,
    })
}

/// The shop that is open.
pub(super) fn shop(shop: &Shop) -> Json {
    json!({ "shop": shop.id() })
}

/// Somebody who is there.
pub(super) fn present(present: &Present) -> Json {
    json!({ "device": present.device, "employee": present.showing.employee, "ticket": present.showing.ticket })
}

//! The ticket board, and finding tickets: by number, by device, by words.

use super::{Key, most, name_sql, time, word};
use crate::entity::{CustomerId, EmployeeId, Priority, Ticket, TicketId, TicketStatus};
use crate::error::Result;
use crate::schema::{Entity, Invalid, Rule, Value};
use crate::shop::Shop;
use crate::store::Reader;
use chrono::{DateTime, Utc};
use rusqlite::ToSql;
use std::iter;

/// A ticket in a list.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TicketRow {
    /// The ticket.
    pub id: TicketId,
    /// What is on its label.
    pub number: Option<String>,
    /// What it is about.
    pub subject: String,
    /// How far it is.
    pub status: TicketStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// When it was promised.
    pub due_at: Option<DateTime<Utc>>,
    /// Who works on it.
    pub assignee_id: Option<EmployeeId>,
    /// Whose device it is, by name.
    pub customer: String,
    /// The device: brand and model.
    pub device: String,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl TicketRow {
    /// Where the board goes on after this row.
    pub fn key(&self, order: BoardOrder) -> Key {
        let at = match order {
            BoardOrder::Due => self.due_at.map_or(i64::MAX, |due| due.timestamp_millis()),
            BoardOrder::Updated => self.updated_at.timestamp_millis(),
        };
        Key { at, id: self.id.0.clone() }
    }
}

/// What the board is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum BoardOrder {
    /// The next due first, those without a date last. Only open tickets are due.
    #[default]
    Due,
    /// The last changed first.
    Updated,
}

/// Which tickets the board shows.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BoardFilter {
    /// In one of these statuses; if none is named, in any open one.
    pub statuses: Vec<TicketStatus>,
    /// Given to this employee.
    pub assignee: Option<EmployeeId>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// In this order.
    pub order: BoardOrder,
}

impl Shop {
    /// One window of the board, after a row's key.
    pub fn board(&self, filter: &BoardFilter, after: Option<&Key>, limit: usize) -> Result<Vec<TicketRow>> {
        self.read(|reader| board(reader, filter, after, limit))
    }

    /// The ticket with this number.
    pub fn ticket_by_number(&self, number: &str) -> Result<Option<TicketRow>> {
        self.read(|reader| reader.one(&by_number(), [number.trim()], read))
    }

    /// A device's tickets by its IMEI, the newest first, older than a ticket's id.
    pub fn tickets_by_imei(&self, imei: &str, before: Option<&str>, limit: usize) -> Result<Vec<TicketRow>> {
        self.device_history(&by_imei(), imei, before, limit)
    }

    /// A device's tickets by its serial number in any case, the newest first, older than a ticket's id.
    pub fn tickets_by_serial(
        &self,
        serial: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<TicketRow>> {
        self.device_history(&by_serial(), serial, before, limit)
    }

    fn device_history(
        &self,
        sql: &str,
        device: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<TicketRow>> {
        self.read(|reader| reader.all(sql, (device.trim(), before.unwrap_or(LAST_ID), most(limit)), read))
    }

    /// A customer's tickets, the newest first, older than a ticket's id.
    pub fn tickets_of_customer(
        &self,
        customer: &CustomerId,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<TicketRow>> {
        let params = (&customer.0, before.unwrap_or(LAST_ID), most(limit));
        self.read(|reader| reader.all(&of_customer(), params, read))
    }

    /// Tickets that contain every word: the best first, of more than a thousand the newest.
    pub fn find_tickets(&self, words: &str, limit: usize) -> Result<Vec<TicketRow>> {
        let found = self.search(Ticket::TABLE.name, words, limit)?;
        self.read(|reader| {
            let rows: Result<Vec<Option<TicketRow>>> =
                found.iter().map(|id| reader.one(&by_id(), [id], read)).collect();
            Ok(rows?.into_iter().flatten().collect())
        })
    }
}

/// One window of the board from a snapshot, for a live query.
pub fn board(
    reader: &Reader<'_>,
    filter: &BoardFilter,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<TicketRow>> {
    let (open, closed): (Vec<_>, Vec<_>) = filter.statuses.iter().partition(|status| status.is_open());
    if filter.order == BoardOrder::Due && !closed.is_empty() {
        let wrong = Invalid::field("due_at", Rule::Of("only_open_tickets_are_due"));
        return Err(wrong.of(Ticket::TABLE.name).into());
    }
    let window = |statuses: &[&TicketStatus], is_open| {
        let (sql, params) = board_sql(filter, statuses, is_open, after, limit);
        let params: Vec<&dyn ToSql> = params.iter().map(|value| value as &dyn ToSql).collect();
        reader.all(&sql, params.as_slice(), read)
    };
    if closed.is_empty() {
        return window(&open, true);
    }
    // Open and closed tickets have an index each: two windows, and the first of both.
    let open = if open.is_empty() { Vec::new() } else { window(&open, true)? };
    let (mut open, mut closed) =
        (open.into_iter().peekable(), window(&closed, false)?.into_iter().peekable());
    let newest = || match (open.peek(), closed.peek()) {
        (Some(one), Some(other)) if (one.updated_at, &one.id) < (other.updated_at, &other.id) => {
            closed.next()
        }
        (Some(_), _) => open.next(),
        (None, _) => closed.next(),
    };
    Ok(iter::from_fn(newest).take(limit).collect())
}

/// The columns of a [`TicketRow`], in order.
const ROW: &str = concat!(
    "SELECT t.id, t.number, t.subject, t.status, t.priority, t.due_at, t.assignee_id, ",
    name_sql!("c", "c.company"),
    ", coalesce(nullif(trim(coalesce(t.device_brand, '') || ' ' || coalesce(t.device_model, '')), ''), t.device_kind, ''),
    t.updated_at FROM tickets t LEFT JOIN customers c ON c.id = t.customer_id WHERE "
);

/// Past every id there is.
const LAST_ID: &str = "~";

/// The board's question and its parameters. The conditions are spelled as the indexes spell them.
pub(super) fn board_sql(
    filter: &BoardFilter,
    statuses: &[&TicketStatus],
    open: bool,
    after: Option<&Key>,
    limit: usize,
) -> (String, Vec<Value>) {
    let is = if open { "NOT IN" } else { "IN" };
    let mut sql =
        format!("{ROW} t.deleted_at IS NULL AND t.status {is} ('picked_up', 'cancelled', 'abandoned')");
    let mut params: Vec<Value> = Vec::new();
    if !statuses.is_empty() {
        params.extend(statuses.iter().map(|status| Value::Text(status.word().to_owned())));
        sql += &format!(" AND t.status IN ({})", vec!["?"; statuses.len()].join(", "));
    }
    if let Some(assignee) = &filter.assignee {
        params.push(Value::Text(assignee.0.clone()));
        sql += " AND t.assignee_id = ?";
    }
    if let Some(priority) = &filter.priority {
        params.push(Value::Text(priority.word().to_owned()));
        sql += " AND t.priority = ?";
    }
    let (by, past, way) = match filter.order {
        BoardOrder::Due => ("coalesce(t.due_at, 9223372036854775807)", ">", "ASC"),
        BoardOrder::Updated => ("t.updated_at", "<", "DESC"),
    };
    if let Some(Key { at, id }) = after {
        // SQLite starts an index over an expression at one value, not at a pair: the pair alone would read all before.
        params.extend([Value::Int(*at), Value::Int(*at), Value::Text(id.clone())]);
        sql += &format!(" AND {by} {past}= ? AND ({by}, t.id) {past} (?, ?)");
    }
    params.push(Value::Int(most(limit)));
    sql += &format!(" ORDER BY {by} {way}, t.id {way} LIMIT ?");
    (sql, params)
}

pub(super) fn by_number() -> String {
    format!("{ROW} t.number = ?1 AND t.deleted_at IS NULL LIMIT 1")
}

pub(super) fn by_imei() -> String {
    format!("{ROW} t.imei = ?1 AND t.id < ?2 AND t.deleted_at IS NULL ORDER BY t.id DESC LIMIT ?3")
}

pub(super) fn by_serial() -> String {
    format!(
        "{ROW} t.device_serial = ?1 COLLATE NOCASE AND t.id < ?2 AND t.deleted_at IS NULL ORDER BY t.id DESC LIMIT ?3"
    )
}

pub(super) fn of_customer() -> String {
    format!("{ROW} t.customer_id = ?1 AND t.id < ?2 AND t.deleted_at IS NULL ORDER BY t.id DESC LIMIT ?3")
}

fn by_id() -> String {
    format!("{ROW} t.id = ?1 AND t.deleted_at IS NULL")
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<TicketRow> {
    Ok(TicketRow {
        id: TicketId(row.get(0)?),
        number: row.get(1)?,
        subject: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        status: word(row, 3)?,
        priority: word(row, 4)?,
        due_at: time(row, 5)?,
        assignee_id: row.get::<_, Option<String>>(6)?.map(EmployeeId),
        customer: row.get(7)?,
        device: row.get(8)?,
        updated_at: time(row, 9)?.unwrap_or_default(),
    })
}

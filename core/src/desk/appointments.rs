//! The calendar. Overlaps are allowed, and flagged where they are listed.

use super::{most, name_sql, time, word};
use crate::entity::{
    Appointment, AppointmentId, AppointmentKind, AppointmentState, CustomerId, EmployeeId, TicketId,
};
use crate::error::Result;
use crate::shop::Shop;
use crate::store::Reader;
use chrono::{DateTime, Utc};

/// When an appointment is: one value, moved as one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Slot {
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Where those times are meant.
    pub time_zone: String,
}

/// An appointment in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AppointmentRow {
    /// The appointment.
    pub id: AppointmentId,
    /// Who comes.
    pub customer_id: CustomerId,
    /// Who comes, by name.
    pub customer: String,
    /// The ticket it is about.
    pub ticket_id: Option<TicketId>,
    /// What for.
    pub kind: AppointmentKind,
    /// When.
    pub slot: Slot,
    /// Who receives them.
    pub assignee_id: Option<EmployeeId>,
    /// How far it got.
    pub state: AppointmentState,
    /// Whether its assignee has another one at that time.
    pub overlaps: bool,
}

impl Shop {
    /// Appointments that touch a range of time, of one employee or of all, by their start.
    pub fn calendar(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        assignee: Option<&EmployeeId>,
    ) -> Result<Vec<AppointmentRow>> {
        self.read(|reader| calendar(reader, from, until, assignee))
    }

    /// A customer's appointments, the latest first, earlier than a moment.
    pub fn appointments_of_customer(
        &self,
        customer: &CustomerId,
        before: Option<DateTime<Utc>>,
        limit: usize,
    ) -> Result<Vec<AppointmentRow>> {
        let before = before.map_or(i64::MAX, |at| at.timestamp_millis());
        self.read(|reader| reader.all(&of_customer(), (&customer.0, before, most(limit)), read))
    }

    /// What is booked or confirmed and starts from now until that moment, for the shell to remind of.
    pub fn reminders(&self, until: DateTime<Utc>, limit: usize) -> Result<Vec<AppointmentRow>> {
        let now = self.env().now();
        self.read(|reader| reminders(reader, now, until, limit))
    }

    /// Moves an appointment to another time.
    pub fn reschedule(&self, appointment: &AppointmentId, slot: &Slot) -> Result<()> {
        self.alone(|edits| {
            let before: Appointment = edits.existing(&appointment.0)?;
            let Slot { starts_at, ends_at, time_zone } = slot.clone();
            edits.edit(&before, &Appointment { starts_at, ends_at, time_zone, ..before.clone() })
        })
    }
}

/// [`Shop::calendar`] from a snapshot, for a live query.
pub fn calendar(
    reader: &Reader<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    assignee: Option<&EmployeeId>,
) -> Result<Vec<AppointmentRow>> {
    let (from, until) = (from.timestamp_millis(), until.timestamp_millis());
    match assignee {
        None => reader.all(&of_range(), (from, until), read),
        Some(assignee) => reader.all(&of_assignee(), (from, until, &assignee.0), read),
    }
}

/// [`Shop::reminders`] from a snapshot, for a live query.
pub fn reminders(
    reader: &Reader<'_>,
    now: i64,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<AppointmentRow>> {
    reader.all(&upcoming(), (now, until.timestamp_millis(), most(limit)), read)
}

/// The columns of an [`AppointmentRow`], in order. None lasts longer than 12 hours, so what overlaps one began at
/// most so long before it.
const ROW: &str = concat!(
    "SELECT a.id, a.customer_id, ",
    name_sql!("c", "c.company"),
    ", a.ticket_id, a.kind, a.starts_at, a.ends_at, a.time_zone, a.assignee_id, a.state,
    a.state NOT IN ('cancelled', 'no_show') AND EXISTS (
        SELECT 1 FROM appointments other WHERE other.deleted_at IS NULL
            AND other.starts_at > a.starts_at - 43200000 AND other.starts_at < a.ends_at
            AND other.ends_at > a.starts_at AND other.assignee_id = a.assignee_id AND other.id <> a.id
            AND other.state NOT IN ('cancelled', 'no_show'))
    FROM appointments a LEFT JOIN customers c ON c.id = a.customer_id WHERE a.deleted_at IS NULL AND "
);

pub(super) fn of_range() -> String {
    format!(
        "{ROW} a.starts_at > ?1 - 43200000 AND a.starts_at < ?2 AND a.ends_at > ?1 ORDER BY a.starts_at, a.id"
    )
}

pub(super) fn of_assignee() -> String {
    format!(
        "{ROW} a.starts_at > ?1 - 43200000 AND a.starts_at < ?2 AND a.ends_at > ?1 AND a.assignee_id = ?3
        ORDER BY a.starts_at, a.id"
    )
}

pub(super) fn of_customer() -> String {
    format!("{ROW} a.customer_id = ?1 AND a.starts_at < ?2 ORDER BY a.starts_at DESC, a.id DESC LIMIT ?3")
}

pub(super) fn upcoming() -> String {
    format!(
        "{ROW} a.starts_at >= ?1 AND a.starts_at < ?2 AND a.state IN ('booked', 'confirmed')
        ORDER BY a.starts_at, a.id LIMIT ?3"
    )
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<AppointmentRow> {
    Ok(AppointmentRow {
        id: AppointmentId(row.get(0)?),
        customer_id: CustomerId(row.get::<_, Option<String>>(1)?.unwrap_or_default()),
        customer: row.get(2)?,
        ticket_id: row.get::<_, Option<String>>(3)?.map(TicketId),
        kind: word(row, 4)?,
        slot: Slot {
            starts_at: time(row, 5)?.unwrap_or_default(),
            ends_at: time(row, 6)?.unwrap_or_default(),
            time_zone: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
        },
        assignee_id: row.get::<_, Option<String>>(8)?.map(EmployeeId),
        state: word(row, 9)?,
        overlaps: row.get::<_, Option<bool>>(10)?.unwrap_or_default(),
    })
}

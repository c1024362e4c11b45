//! Appointments. Start, end and time zone are one value; two that overlap are allowed, and flagged where they are
//! listed.

use super::{CustomerId, EmployeeId, TicketId};
use crate::schema::{Invalid, Row, Rule, Window};
use chrono::{DateTime, Utc};

/// How long an appointment may last: 12 hours.
const LONGEST_MS: i64 = 12 * 3_600_000;

crate::entity! {
    /// A time that a customer comes, or is visited.
    Appointment(AppointmentId) in "appointments" {
        rule: ends_after_it_starts,
        window: Some(Window { outside: "ends_at < :edge", days: 60, length: None }),
    }
    /// Who comes.
    customer_id: CustomerId = L;
    /// The ticket it is about.
    ticket_id: Option<TicketId> = L;
    /// What for.
    kind: AppointmentKind = L;
    /// When it starts.
    starts_at: DateTime<Utc> = L in "slot";
    /// When it ends.
    ends_at: DateTime<Utc> = L in "slot";
    /// Where those times are meant.
    time_zone: String = L in "slot" [Zone];
    /// Who receives them.
    assignee_id: Option<EmployeeId> = L;
    /// How far it got.
    state: AppointmentState = L;
    /// What to know about it.
    notes: Option<String> = L [Chars(0, 4_000)];
}

crate::words! {
    /// What an appointment is for.
    AppointmentKind {
        DropOff = "drop_off",
        PickUp = "pick_up",
        Consultation = "consultation",
        OnSite = "on_site",
    }
}

crate::words! {
    /// How far an appointment got.
    AppointmentState {
        Booked = "booked",
        Confirmed = "confirmed",
        Arrived = "arrived",
        NoShow = "no_show",
        Cancelled = "cancelled",
        Done = "done",
    }
}

fn ends_after_it_starts(row: &Row) -> Result<(), Invalid> {
    let lasts = row.int("ends_at").zip(row.int("starts_at")).and_then(|(end, start)| end.checked_sub(start));
    match lasts {
        Some(1..=LONGEST_MS) => Ok(()),
        Some(..=0) => Err(Invalid::field("ends_at", Rule::Of("ends_before_it_starts"))),
        Some(_) | None => Err(Invalid::field("ends_at", Rule::Of("longer_than_12_hours"))),
    }
}

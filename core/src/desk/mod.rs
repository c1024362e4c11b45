//! What the counter does: intake, moves, parts, PINs, passcodes, and the lists that screens show.
//!
//! Beside [`mod@crate::entity`] the only module that knows the repair shop. Everything here stands on
//! [`Shop`](crate::shop::Shop): what belongs together is one group, what is refused changes nothing, and a list is
//! answered from an index, after a key and never from an offset.

mod appointments;
mod badges;
mod board;
mod customers;
mod employees;
mod items;
pub mod layouts;
mod pins;
mod secrets;
mod station;
mod stock;
mod ticket_view;
mod tickets;

#[cfg(test)]
mod tests;

pub use appointments::{AppointmentRow, Slot, calendar, reminders};
pub use badges::{Badges, badges};
pub use board::{BoardFilter, BoardOrder, TicketRow, board};
pub use customers::CustomerRow;
pub use employees::EmployeeRow;
pub use items::{ItemRow, MovementRow};
pub use secrets::Passcode;
pub use ticket_view::{TicketView, Total};
pub use tickets::{Bringer, Intake, TakenIn};

/// Where a list goes on: after the row of this key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Key {
    /// What the list is ordered by, in milliseconds since 1970.
    pub at: i64,
    /// The row.
    pub id: String,
}

/// A name as one line, of a row of `customers` called `c` or of `employees` called `e`.
macro_rules! name_sql {
    ($row:literal, $otherwise:literal) => {
        concat!(
            "coalesce(nullif(trim(coalesce(",
            $row,
            ".first_name, '') || ' ' || coalesce(",
            $row,
            ".last_name, '')), ''), ",
            $otherwise,
            ", '')"
        )
    };
}
use name_sql;

/// How many rows SQLite is asked for.
fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A word column; a server may have left it empty.
fn word<W: From<String>>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<W> {
    Ok(W::from(row.get::<_, Option<String>>(column)?.unwrap_or_default()))
}

/// A time column.
fn time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<chrono::DateTime<chrono::Utc>>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(crate::schema::time_from_ms))
}

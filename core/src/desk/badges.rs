//! The numbers on the badges.

use crate::error::Result;
use crate::schema::time_from_ms;
use crate::shop::Shop;
use crate::store::Reader;
use chrono::{DateTime, Utc};

/// How many there are of what a person looks for first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Badges {
    /// Open tickets.
    pub open: u32,
    /// Open tickets past their date.
    pub overdue: u32,
    /// Tickets to be picked up.
    pub ready: u32,
    /// Open tickets of the person at work.
    pub mine: u32,
    /// Items to order.
    pub low_stock: u32,
    /// Appointments of the day that are still to come to pass.
    pub today: u32,
}

impl Shop {
    /// The badges. Where a day begins and ends is the shell's to say: it knows the shop's time zone.
    pub fn badges(&self, day: DateTime<Utc>, next_day: DateTime<Utc>) -> Result<Badges> {
        let (now, me) = (self.env().now(), self.who().actor);
        self.read(|reader| badges(reader, now, me.as_deref(), day, next_day))
    }

    /// When the next open ticket will be past its date: the badges change then by themselves.
    pub fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        let now = self.env().now();
        let due: Option<i64> = self.read(|reader| reader.one(NEXT_DUE, [now], |row| row.get(0)))?;
        Ok(due.filter(|due| *due < i64::MAX).map(time_from_ms))
    }
}

/// [`Shop::badges`] from a snapshot, for a live query.
pub fn badges(
    reader: &Reader<'_>,
    now: i64,
    me: Option<&str>,
    day: DateTime<Utc>,
    next_day: DateTime<Utc>,
) -> Result<Badges> {
    let (open, ready, mine) =
        reader.one(OPEN, [me], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.unwrap_or_default();
    let range = (day.timestamp_millis(), next_day.timestamp_millis());
    Ok(Badges {
        open,
        overdue: reader.one(OVERDUE, [now], |row| row.get(0))?.unwrap_or_default(),
        ready,
        mine,
        low_stock: reader.one(LOW, [], |row| row.get(0))?.unwrap_or_default(),
        today: reader.one(TODAY, range, |row| row.get(0))?.unwrap_or_default(),
    })
}

pub(super) const OPEN: &str =
    "SELECT count(*), count(*) FILTER (WHERE status = 'ready'), count(*) FILTER (WHERE assignee_id = ?1)
    FROM tickets WHERE deleted_at IS NULL AND status NOT IN ('picked_up', 'cancelled', 'abandoned')";

pub(super) const OVERDUE: &str =
    "SELECT count(*) FROM tickets WHERE coalesce(due_at, 9223372036854775807) < ?1
    AND deleted_at IS NULL AND status NOT IN ('picked_up', 'cancelled', 'abandoned')";

pub(super) const NEXT_DUE: &str =
    "SELECT coalesce(due_at, 9223372036854775807) FROM tickets WHERE coalesce(due_at, 9223372036854775807) >= ?1
    AND deleted_at IS NULL AND status NOT IN ('picked_up', 'cancelled', 'abandoned')
    ORDER BY coalesce(due_at, 9223372036854775807) LIMIT 1";

pub(super) const LOW: &str = "SELECT count(*) FROM inventory_items WHERE deleted_at IS NULL AND quantity <= coalesce(reorder_level, -1)";

pub(super) const TODAY: &str = "SELECT count(*) FROM appointments
    WHERE deleted_at IS NULL AND starts_at >= ?1 AND starts_at < ?2 AND state IN ('booked', 'confirmed', 'arrived')";

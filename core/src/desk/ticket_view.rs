//! One ticket with all that its screen shows, from one snapshot.

use crate::entity::{
    Approval, Customer, LineKind, Ticket, TicketEvent, TicketId, TicketLine, TicketNote, TicketSecret,
};
use crate::error::Result;
use crate::schema::Entity;
use crate::shop::Shop;
use crate::store::Reader;

/// A ticket and what belongs to it, each list in the order it came about.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TicketView {
    /// The ticket.
    pub ticket: Ticket,
    /// Its customer, if this device holds them.
    pub customer: Option<Customer>,
    /// Its lines.
    pub lines: Vec<TicketLine>,
    /// Its notes.
    pub notes: Vec<TicketNote>,
    /// How its status moved.
    pub events: Vec<TicketEvent>,
    /// What the lines come to.
    pub total: Total,
    /// Whether there is a passcode to reveal.
    pub has_passcode: bool,
}

/// What lines come to, declined ones left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Total {
    /// Without tax.
    pub net_cents: i64,
    /// The tax, rounded half up line by line.
    pub tax_cents: i64,
    /// With tax.
    pub gross_cents: i64,
}

impl Total {
    /// Adds lines up. A discount is taken off, and so is its tax.
    pub fn of(lines: &[TicketLine]) -> Total {
        let mut total = Total::default();
        for line in lines.iter().filter(|line| line.approval != Approval::Declined) {
            // The server's rows keep no limits here: what overflows stays at the most that fits.
            let net = line.quantity.saturating_mul(line.unit_price_cents);
            let tax = (i128::from(net) * i128::from(line.tax_bp) + 5_000) / 10_000;
            let tax = i64::try_from(tax).unwrap_or(i64::MAX);
            let sign = if line.kind == LineKind::Discount { -1 } else { 1 };
            total.net_cents = total.net_cents.saturating_add(sign * net);
            total.tax_cents = total.tax_cents.saturating_add(sign * tax);
        }
        total.gross_cents = total.net_cents.saturating_add(total.tax_cents);
        total
    }
}

impl Shop {
    /// A ticket with its customer, lines, notes, status history and total, if it is here and not deleted.
    pub fn ticket_view(&self, ticket: &TicketId) -> Result<Option<TicketView>> {
        self.read(|reader| {
            let Some(row) = reader.row(Ticket::TABLE, &ticket.0)?.filter(|row| !row.is_deleted()) else {
                return Ok(None);
            };
            let ticket = Ticket::from_row(&row)?;
            let customer = reader.row(Customer::TABLE, &ticket.customer_id.0)?;
            let customer = customer.filter(|row| !row.is_deleted());
            let lines: Vec<TicketLine> = of_ticket(reader, &ticket.id)?;
            let secrets: Vec<TicketSecret> = of_ticket(reader, &ticket.id)?;
            Ok(Some(TicketView {
                customer: customer.map(|row| Customer::from_row(&row)).transpose()?,
                total: Total::of(&lines),
                lines,
                notes: of_ticket(reader, &ticket.id)?,
                events: of_ticket(reader, &ticket.id)?,
                has_passcode: secrets.iter().any(|secret| secret.sealed.is_some()),
                ticket,
            }))
        })
    }
}

/// What belongs to a ticket in one table, in the order it was made.
pub(super) fn of_ticket<T: Entity>(reader: &Reader<'_>, ticket: &TicketId) -> Result<Vec<T>> {
    let rows = reader.rows(T::TABLE, OF_TICKET, [&ticket.0])?;
    Ok(rows.iter().map(T::from_row).collect::<Result<_, _>>()?)
}

pub(super) const OF_TICKET: &str = "WHERE ticket_id = ?1 AND deleted_at IS NULL ORDER BY id";

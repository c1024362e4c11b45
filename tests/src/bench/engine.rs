//! The engine's side of every row, and what both sides are given.

use super::Failure;
use counterpart_core::Shop;
use counterpart_core::desk::{BoardFilter, TicketRow};
use counterpart_core::entity::{Customer, Ticket};
use counterpart_core::schema::Entity;
use fastrand::Rng;

/// The board's question: open tickets, the earliest promise first, with whose device and what it is.
pub(super) const BOARD: &str =
    "SELECT t.id, t.number, t.subject, t.status, t.priority, t.due_at, t.assignee_id,
       coalesce(nullif(trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')), ''), c.company, ''),
       coalesce(nullif(trim(coalesce(t.device_brand, '') || ' ' || coalesce(t.device_model, '')), ''), t.device_kind, ''),
       t.updated_at
     FROM tickets t LEFT JOIN customers c ON c.id = t.customer_id
     WHERE t.deleted_at IS NULL AND t.status NOT IN ('picked_up', 'cancelled', 'abandoned')
     ORDER BY coalesce(t.due_at, 9223372036854775807), t.id LIMIT 50";

/// The queries behind a search of tickets: the newest, and where a thousand have what was typed or fewer, the best.
pub(super) const NEWEST: &str =
    "SELECT search_rows.row_id FROM search_text JOIN search_rows ON search_rows.doc = search_text.rowid
    WHERE search_text MATCH ?1 AND search_rows.tbl = ?2 ORDER BY search_text.rowid DESC LIMIT ?3";
pub(super) const BEST: &str =
    "SELECT search_rows.row_id FROM search_text JOIN search_rows ON search_rows.doc = search_text.rowid
    WHERE search_text MATCH ?1 AND search_rows.tbl = ?2 ORDER BY search_text.rank LIMIT ?3";

/// What people type to find a ticket, and the FTS5 query that it becomes.
pub(super) const SEARCHES: &[(&str, &str)] = &[
    ("pixel 7a", "\"pixel\"* \"7a\"*"),
    ("iphone screen", "\"iphone\"* \"screen\"*"),
    ("thinkpad batt", "\"thinkpad\"* \"batt\"*"),
    ("1204", "\"1204\"*"),
    ("switch oled", "\"switch\"* \"oled\"*"),
    ("water ipad", "\"water\"* \"ipad\"*"),
];

/// A technician's edit of a ticket.
#[derive(Debug)]
pub(super) struct Edit<'a> {
    pub(super) id: &'a str,
    pub(super) diagnosis: &'a str,
    pub(super) estimate_cents: i64,
    pub(super) now: i64,
}

/// An operation as the queue holds it.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) table: String,
    pub(super) row: String,
    pub(super) kind: String,
    pub(super) body: String,
}

/// That many tickets, from all over the table, in no order.
pub(super) fn some_tickets(shop: &Shop, most: usize) -> Result<Vec<Ticket>, Failure> {
    let mut ids: Vec<String> =
        shop.read(|reader| reader.all("SELECT id FROM tickets", [], |row| row.get(0)))?;
    Rng::with_seed(1).shuffle(&mut ids);
    ids.truncate(most);
    ids.iter().map(|id| Ok(shop.get::<Ticket>(id)?.ok_or("a ticket is missing")?)).collect()
}

/// A technician's edit: what was found, what it will cost.
pub(super) fn diagnosed(before: &Ticket, round: i64) -> Ticket {
    let diagnosis =
        format!("Connector J{round} reseated, display tested with a spare, no other damage was found.");
    Ticket { diagnosis: Some(diagnosis), estimate_cents: Some(12_900 + round), ..before.clone() }
}

/// The edit as the floor needs it.
pub(super) fn as_edit<'a>(shop: &Shop, after: &'a Ticket) -> Edit<'a> {
    Edit {
        id: after.id(),
        diagnosis: after.diagnosis.as_deref().unwrap_or_default(),
        estimate_cents: after.estimate_cents.unwrap_or_default(),
        now: shop.env().now(),
    }
}

/// The queue's newest operations, the oldest of them first.
pub(super) fn newest_operations(shop: &Shop, most: usize) -> Result<Vec<Operation>, Failure> {
    let sql = "SELECT id, tbl, row_id, kind, body FROM outbox ORDER BY seq DESC LIMIT ?1";
    let mut operations: Vec<Operation> = shop.read(|reader| {
        reader.all(sql, [i64::try_from(most).unwrap_or(i64::MAX)], |row| {
            Ok(Operation {
                id: row.get(0)?,
                table: row.get(1)?,
                row: row.get(2)?,
                kind: row.get(3)?,
                body: row.get(4)?,
            })
        })
    })?;
    operations.reverse();
    Ok(operations)
}

/// The body of a row's operation.
pub(super) fn body_of(shop: &Shop, row: &str) -> Result<String, Failure> {
    let sql = "SELECT body FROM outbox WHERE row_id = ?1";
    let body = shop.read(|reader| reader.one(sql, [row], |row| row.get(0)))?;
    Ok(body.ok_or("the edit queued nothing")?)
}

/// The first 50 open tickets.
pub(super) fn board(shop: &Shop) -> Result<Vec<TicketRow>, Failure> {
    Ok(shop.board(&BoardFilter::default(), None, 50)?)
}

/// Adds customers in one transaction, as an import does.
pub(super) fn create_all(shop: &Shop, customers: &[Customer]) -> Result<(), Failure> {
    shop.alone(|edits| customers.iter().try_for_each(|customer| edits.create(customer).map(drop)))?;
    Ok(())
}

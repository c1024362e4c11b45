//! What is on its way to the server, and what waits for a person.

use super::{Shop, calls};
use crate::records::Finding;
use counterpart_core::outbox::Parked;
use counterpart_core::schema::{AnyJson, ConflictId};
use counterpart_core::shop::{Choice, OpenConflict};
use counterpart_core::store::Space;
use counterpart_core::sync::SyncState;
use std::collections::HashMap;

calls! {
    /// What a person sees of the sync.
    fn state(shop) -> SyncState {
        shop.state()
    }

    /// What waits for a person, the oldest first.
    fn parked(shop) -> Vec<Parked> {
        shop.parked()
    }

    /// Tries a parked operation again, with its group.
    fn retry(shop, operation: String) -> () {
        shop.retry(&operation)
    }

    /// Tries everything again: what is parked, and a server that could not be reached.
    fn retry_all(shop) -> () {
        shop.retry_all()
    }

    /// Takes an operation out of the queue, with its group. What it changed goes back to what lies under it.
    fn discard(shop, operation: String) -> () {
        shop.discard(&operation)
    }

    /// Sets other values, by field, in an operation's place and sends it again.
    fn edit_parked(shop, operation: String, fields: HashMap<String, AnyJson>) -> () {
        // Collected, they would be sorted first, by a sort of their own.
        let mut row = serde_json::Map::new();
        row.extend(fields.into_iter().map(|(field, value)| (field, value.0)));
        shop.edit_parked(&operation, &row)
    }

    /// The conflicts that wait for a person, the oldest first.
    fn conflicts(shop) -> Vec<OpenConflict> {
        shop.open_conflicts()
    }

    /// Closes a conflict with what a person chose, and puts that into the record.
    fn resolve(shop, conflict: ConflictId, choice: Choice) -> () {
        shop.resolve(&conflict, &choice)
    }

    /// How many ticket numbers this device may still give out offline.
    fn numbers_left(shop) -> i64 {
        shop.numbers_left()
    }

    /// What happened at opening that a person has to know.
    fn findings(shop) -> Vec<Finding> {
        Ok(shop.findings().iter().map(Into::into).collect())
    }

    /// How much room the shop takes, and how much is left.
    fn space(shop) -> Space {
        shop.store().space()
    }
}

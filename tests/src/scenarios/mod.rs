//! The scenario catalogue: what a shop goes through, written once as functions over a [`Backend`], so that every kind of
//! server is held to the same.
//!
//! A scenario gets a [`Stage`] of its own: a fresh server with a shop and its people, devices that are processes, and a
//! [proxy](proxy::Proxy) where the network has to be bad. Nothing waits for time to pass: a device says when it is idle,
//! a proxy when a fault has struck. A scenario fails by panicking.

pub mod backend;
pub mod device;
mod files;
pub mod hand;
pub mod hub_postgres;
pub mod hub_sqlite;
mod merging;
mod network;
mod numbers;
mod people;
pub mod postgrest;
mod process;
pub mod proxy;
mod queue;
mod stage;
mod stock;
pub mod wire;

pub use backend::{Backend, Who};
pub use stage::{Programs, Stage};

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// The backend does not have what it needs yet.
    Waiting,
}

/// One thing that a shop goes through.
pub struct Scenario {
    /// Its name, as `--name` takes it.
    pub name: &'static str,
    /// Plays it. False where the backend does not have what it needs yet.
    pub play: fn(&mut Stage) -> bool,
}

/// A scenario that every backend can play.
macro_rules! scenarios {
    ($($part:ident: $($name:ident),+;)+) => {
        &[$($(Scenario { name: stringify!($name), play: |stage| { $part::$name(stage); true } }),+),+]
    };
}

static EVERYWHERE: &[Scenario] = scenarios! {
    network: offline_week, lost_acknowledgement, duplicate_delivery, cut_off_in_the_middle, captive_portal,
        expired_token_mid_push, server_unreachable_is_not_offline;
    merging: later_value_wins, sets_merge_by_element, maps_merge_by_entry, true_wins, managers_field_keeps_what_is_there,
        two_texts_are_a_conflict, conflict_is_resolved_from_the_other_device, late_status_is_history;
    stock: movements_add_up, two_technicians_use_one_part, two_cancel_one_line, count_against_count,
        count_after_count, two_managers_price_one_item;
    queue: unstorable_text_is_refused_at_once, poison_operation_parks_alone, void_of_an_unanswered_operation,
        void_of_an_operation_that_stands, late_write_after_delete, late_delete_after_write,
        deleted_customer_with_open_tickets, ticket_of_a_customer_who_was_deleted;
    people: revoked_access, changed_role, another_shops_ids, forged_actor, station_pin,
        a_technicians_reveal_is_told_to_the_managers, managers_see_who_changed_what;
    files: cloned_device, schema_upgrade_with_a_queue;
    numbers: numbers_are_unique_offline;
};

/// Those that say themselves whether the backend has what they are about.
static NOT_EVERYWHERE: &[Scenario] = &[Scenario { name: "restored_server", play: files::restored_server }];

/// All of them.
pub fn catalogue() -> impl Iterator<Item = &'static Scenario> {
    EVERYWHERE.iter().chain(NOT_EVERYWHERE)
}

/// Plays a scenario on a stage; what the server logged is told if it fails.
pub fn play(scenario: &Scenario, mut stage: Stage) -> End {
    match catch_unwind(AssertUnwindSafe(|| (scenario.play)(&mut stage))) {
        Ok(true) => End::Passed,
        Ok(false) => End::Waiting,
        Err(_) => {
            let log = stage.backend.log();
            let tail: Vec<&str> = log.lines().rev().take(20).collect();
            for line in tail.iter().rev() {
                eprintln!("  server: {line}");
            }
            End::Failed
        }
    }
}

//! The page's buttons: what a person asks of the devices. Each is one request, and each may wait for the network.

use crate::demo::day::clash;
use crate::demo::opening::Stock;
use crate::demo::{Device, Failure, Premises};
use counterpart_core::entity::TicketId;
use counterpart_core::schema::ConflictId;
use counterpart_core::shop::Choice;
use serde::Deserialize;

/// What a button asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Button {
    /// Take a device offline, or back.
    Network { device: String, up: bool },
    /// Write into a ticket's problem on a device.
    Edit { device: String, ticket: String, problem: String },
    /// Take a customer's device in.
    TakeIn { device: String },
    /// Both write into the same field while they are offline.
    Clash { ticket: String },
    /// Decide a conflict on a device.
    Resolve { device: String, conflict: String, with: With },
    /// Try again what failed on a device.
    Retry { device: String },
}

/// Which of the two versions.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum With {
    Mine,
    Theirs,
}

/// Does it.
pub(super) fn press(premises: &Premises, stock: &mut Stock, button: &Button) -> Result<(), Failure> {
    let device = |key: &str| premises.device(key).ok_or("There is no such device.");
    match button {
        Button::Network { device: key, up } => device(key)?.network(*up),
        Button::Edit { device: key, ticket, problem } => {
            device(key)?.tell_problem(&TicketId(ticket.clone()), problem.trim())
        }
        Button::TakeIn { device: key } => take_in(device(key)?, stock),
        Button::Clash { ticket } => both_write(premises, stock, &TicketId(ticket.clone())),
        Button::Resolve { device: key, conflict, with } => {
            let choice = match with {
                With::Mine => Choice::Mine,
                With::Theirs => Choice::Theirs,
            };
            Ok(device(key)?.shop.resolve(&ConflictId(conflict.clone()), &choice)?)
        }
        Button::Retry { device: key } => Ok(device(key)?.shop.retry_all()?),
    }
}

/// What they write is new each time: writing the same again would change nothing.
fn both_write(premises: &Premises, stock: &mut Stock, ticket: &TicketId) -> Result<(), Failure> {
    stock.clashes += 1;
    let note = stock.clashes;
    let words = [
        format!("Counter, note {note}: only while it charges."),
        format!("Bench, note {note}: on battery too."),
    ];
    clash(premises, ticket, (&words[0], &words[1])).map(drop)
}

fn take_in(device: &Device, stock: &mut Stock) -> Result<(), Failure> {
    let customer = stock.somebody()?;
    device.take_in(stock, &customer).map(drop)
}

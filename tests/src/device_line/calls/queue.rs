//! What is on its way to the server, and what waits for a person.

use crate::device_line::call::{calls, done};
use crate::device_line::show;
use counterpart_core::schema::ConflictId;
use counterpart_core::shop::Choice;
use serde_json::{Map, Value as Json, json};

calls! {
    /// What a person sees of the sync.
    state(device) {
        Ok(show::state(&device.shop()?.state()?))
    }

    /// What waits for a person, the oldest first.
    parked(device) {
        Ok(show::list(&device.shop()?.parked()?, show::parked))
    }

    /// Tries a parked operation again with its group; without `operation` everything.
    retry(device, operation: Option<String>) {
        match operation {
            Some(operation) => device.shop()?.retry(&operation)?,
            None => device.shop()?.retry_all()?,
        }
        done()
    }

    /// Takes an operation out of the queue, with its group. What it changed goes back to what lies under it.
    discard(device, operation: String) {
        device.shop()?.discard(&operation)?;
        done()
    }

    /// Puts other values in an operation's place and sends it again.
    edit_parked(device, operation: String, row: Map<String, Json>) {
        device.shop()?.edit_parked(&operation, &row)?;
        done()
    }

    /// The conflicts that wait for a person, the oldest first.
    conflicts(device) {
        Ok(show::list(&device.shop()?.open_conflicts()?, show::conflict))
    }

    /// Closes a conflict with what a person chose.
    resolve(device, conflict: String, with: Choice) {
        device.shop()?.resolve(&ConflictId(conflict), &with)?;
        done()
    }

    /// Whether all that this device knows of a ticket is on the server, and which other devices last reported unsent
    /// work: null when the server cannot be asked.
    safe(device, ticket: String) {
        let safe = device.shop()?.safe("tickets", &ticket)?;
        let (terminal, own) = (device.terminal()?, device.shop()?.device()?);
        let devices = terminal.wait(terminal.devices()).ok().map(|devices| {
            let others = devices.into_iter().filter(|other| other.device != own && other.unsent > 0);
            others.map(|other| json!(other)).collect::<Vec<_>>()
        });
        Ok(json!({ "safe": safe.unsent == 0, "unsent": safe.unsent, "devices": devices }))
    }

    /// How many ticket numbers this device may still give out offline.
    numbers_left(device) {
        Ok(json!(device.shop()?.numbers_left()?))
    }
}

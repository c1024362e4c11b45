//! How the device stands, for whoever has to find out why.

use crate::device_line::argument::{Limit, Network};
use crate::device_line::call::{calls, done};
use crate::device_line::fault::Fault;
use crate::device_line::show;
use crate::shopfloor::Shopfloor;
use counterpart_core::entity::CustomerId;
use counterpart_core::journal::{SyncKind, SyncLogFilter};
use serde_json::{Value as Json, json};

calls! {
    /// What the sync did, the newest first: of one `kind`, and from `since` to before `until`, in milliseconds since
    /// 1970, where they are said.
    sync_log(device, kind: Option<String>, since: Option<i64>, until: Option<i64>, limit: Limit) {
        let kinds = match kind {
            None => Vec::new(),
            Some(word) => match SyncKind::from_word(&word) {
                Some(kind) => vec![kind],
                None => return Err(Fault::bad("there is no such kind of event")),
            },
        };
        let limit = u32::try_from(limit.0).ok();
        let events = device.shop()?.sync_log(&SyncLogFilter { kinds, since, until, limit })?;
        Ok(show::list(&events, show::sync_event))
    }

    /// The calls to the server, the newest first.
    network_log(device, limit: Limit) {
        Ok(show::list(&device.shop()?.network_log(limit.0)?, show::network_call))
    }

    /// What was counted on each of the last thirty days.
    analytics(device) {
        Ok(show::list(&device.shop()?.analytics()?, show::day))
    }

    /// Connection, cursor, and how much of what is here.
    inspect(device) {
        Ok(json!(device.shop()?.inspect()?))
    }

    /// How many rows of each table the server has for this device, and at which commit.
    counts(device) {
        let terminal = device.terminal()?;
        Ok(json!(terminal.wait(terminal.counts())?))
    }

    /// A row as the file holds it: what is shown, what the server confirmed, and the operations between.
    raw_record(device, table: String, id: String) {
        Ok(json!(device.shop()?.raw_record(&table, &id)?))
    }

    /// Makes the network bad on purpose, or well again. What waits because of what was wrong before goes on. That there
    /// is no network at all is what `network` says.
    simulate(device, network: Network) {
        device.terminal()?.simulate(network.0)?;
        done()
    }

    /// Sets a field on the server the way another device would that knows of the row what this one was last told: an edit
    /// of it here that is not sent yet meets that one there.
    edit_elsewhere(device, table: String, id: String, field: String, value: Json) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.edit_elsewhere(&table, &id, &field, &value))?;
        done()
    }

    /// Takes in so many made-up customers with their devices. One `seed` makes the same ones again.
    make_up(device, tickets: i64, seed: Option<i64>) {
        let tickets = usize::try_from(tickets).ok().filter(|tickets| *tickets <= 10_000);
        let tickets = tickets.ok_or(Fault::bad("`tickets` is to be 0 to 10000"))?;
        let mut floor = Shopfloor::new(seed.unwrap_or_default().cast_unsigned(), tickets);
        let shop = device.shop()?;
        for _ in 0..tickets {
            let customer = floor.customer();
            shop.together(|edits| {
                let customer = CustomerId(edits.create(&customer)?);
                edits.create(&floor.intake(&customer))
            })?;
        }
        done()
    }

    /// Fetches everything anew. What is here stays until it has come, and the queue stays altogether.
    force_full_sync(device) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.force_full_sync())?;
        done()
    }

    /// Empties the file of everything that the server has, and fetches it anew. Refused while something is not sent.
    purge(device) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.purge())?;
        done()
    }
}

//! How the device stands, for whoever has to find out why.

use crate::device_line::argument::Limit;
use crate::device_line::call::calls;
use crate::device_line::fault::Fault;
use crate::device_line::show;
use counterpart_core::journal::{SyncKind, SyncLogFilter};
use serde_json::json;

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

    /// A row as the file holds it: what is shown, what the server confirmed, and the operations between.
    raw_record(device, table: String, id: String) {
        Ok(json!(device.shop()?.raw_record(&table, &id)?))
    }
}

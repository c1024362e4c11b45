//! What others did: notices, unread marks, and what the shop tries out.

use crate::device_line::argument::Limit;
use crate::device_line::call::{calls, done};
use crate::device_line::show;
use serde_json::{Map, Value as Json, json};

calls! {
    /// What others did and what became of one's own work, the newest first; how many nobody has seen; while too much
    /// arrives to be told one by one, when to look again.
    notices(device, limit: Limit) {
        Ok(show::notices(&device.shop()?.notices(limit.0)?))
    }

    /// Somebody has seen the notices up to this one.
    mark_notices_seen(device, through: i64) {
        device.shop()?.mark_notices_seen(through)?;
        done()
    }

    /// Somebody looks at a row: neither it nor what belongs to it is unread any more.
    view(device, table: String, id: String) {
        device.shop()?.view(&table, &id)?;
        done()
    }

    /// How many rows are unread, by table.
    unread(device) {
        let unread = device.shop()?.unread()?;
        Ok(Json::Object(unread.into_iter().map(|(table, count)| (table, json!(count))).collect::<Map<_, _>>()))
    }

    /// Whether something that the shop tries out is on here.
    flag(device, name: String) {
        Ok(json!(device.shop()?.flag(&name)?))
    }
}

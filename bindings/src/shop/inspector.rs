//! How the device stands, for whoever has to find out why.

use super::{Shop, calls, window};
use crate::records::{Inspection, RecordKind, SyncEvent};
use counterpart_core::journal::{Day, NetworkCall, SyncLogFilter};
use counterpart_core::shop::{Checksum, RawRecord};

calls! {
    /// What the sync did, the newest first.
    fn sync_log(shop, filter: SyncLogFilter) -> Vec<SyncEvent> {
        Ok(shop.sync_log(&filter)?.into_iter().map(Into::into).collect())
    }

    /// The calls to the server, the newest first.
    fn network_log(shop, limit: u32) -> Vec<NetworkCall> {
        shop.network_log(window(limit))
    }

    /// What was counted on each of the last thirty days.
    fn analytics(shop) -> Vec<Day> {
        shop.analytics()
    }

    /// Connection, cursor, and how much of what is here.
    fn inspect(shop) -> Inspection {
        Ok(shop.inspect()?.into())
    }

    /// A record as the file holds it: what is shown, what the server confirmed, and the operations between.
    fn raw_record(shop, kind: RecordKind, id: String) -> RawRecord {
        shop.raw_record(kind.table(), &id)
    }

    /// One hash over what every member sees, and the commit that it is of. An error while operations are unsettled.
    fn checksum(shop) -> Checksum {
        shop.checksum()
    }

    /// Takes records off this device that lie outside their window: `days`, or the shop's own. Gives back how many.
    fn evict(shop, days: Option<i64>) -> u64 {
        Ok(crate::records::count(shop.evict(days)?))
    }

    /// Wipes the secrets whose time has come. Gives back how many rows were emptied.
    fn wipe_due(shop) -> u64 {
        Ok(crate::records::count(shop.wipe_due()?))
    }
}

//! What others did, and what the shop tries out.

use super::{Shop, calls, window};
use crate::records::RecordKind;
use counterpart_core::shop::Notices;
use std::collections::HashMap;

calls! {
    /// What others did and what became of one's own work, the newest first.
    fn notices(shop, limit: u32) -> Notices {
        shop.notices(window(limit))
    }

    /// Somebody has seen the notices up to this one.
    fn mark_notices_seen(shop, through: i64) -> () {
        shop.mark_notices_seen(through)
    }

    /// Somebody looks at a record: neither it nor what belongs to it is unread any more.
    fn view(shop, kind: RecordKind, id: String) -> () {
        shop.view(kind.table(), &id)
    }

    /// How many records are unread, by table, tables without any left out.
    fn unread(shop) -> HashMap<String, u64> {
        Ok(shop.unread()?.into_iter().collect())
    }

    /// Whether something that the shop tries out is on here.
    fn flag(shop, name: String) -> bool {
        shop.flag(&name)
    }
}

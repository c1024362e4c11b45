//! What travels between a device and a server, to the letter.
//!
//! Each request is the body of a call to `POST /rest/v1/rpc/<function>`, and each answer what the function returns:
//! [`OpenRequest`] to `device_open`, [`PushRequest`] to `sync_push`, [`PullRequest`] to `sync_pull`, [`RangeRequest`]
//! to `sync_range`, [`SnapshotRequest`] to `sync_snapshot`, [`LeaseRequest`] to `lease_numbers`, [`GrantRequest`] to `station_grant`, [`OfShop`] to
//! `shop_key`, `sync_checksums`, `sync_counts` and `sync_standing`, [`TrailRequest`] to `sync_trail`, [`OverviewRequest`] to `shop_overview`, [`ShopsRequest`] to
//! `my_shops`. A server that cannot answer right now returns [`Busy`] instead. What it will not answer at all is an error
//! whose `details` is one of the words of [`refusal`].

use crate::outbox::Receipt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Why a server refuses a request as a whole: the word in an error's `details`.
pub mod refusal {
    /// The account is no member of the shop.
    pub const NO_SHOP: &str = "no_shop";
    /// The device has to begin a session: it is unknown, or its file is a copy of another's.
    pub const NO_SESSION: &str = "no_session";
    /// The device expects another history of the shop than the one that is here.
    pub const OTHER_EPOCH: &str = "other_epoch";
    /// The request is not in the protocol's shape.
    pub const MALFORMED: &str = "malformed";
    /// The person may not do this.
    pub const DENIED: &str = "denied";
}

/// The function took no decision: ask again after a while. It costs the device no retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// Always true: how it is told from an answer.
    pub busy: bool,
    /// For how long, in milliseconds.
    pub retry_after_ms: i64,
}

/// How far a device has seen a shop: a commit, by number and by tag, in an epoch of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The server's epoch; a restored backup begins another.
    pub epoch: String,
    /// The commit's number in the shop's one sequence.
    pub n: i64,
    /// The commit's random tag: the same number in another history has another.
    pub tag: String,
}

/// A device begins a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRequest {
    /// The shop.
    pub shop: String,
    /// The install id of the device's file.
    pub device: String,
    /// The generation that the device knows.
    pub generation: u64,
    /// The same for every try to begin this one session: how the server tells a lost answer from a copied file.
    pub attempt: String,
    /// How many numbers it has left.
    pub numbers_left: i64,
}

/// What the signed-in account is in the shop. It decides what reaches the device, and may change at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The account's role.
    pub role: String,
    /// Whether the account is a shared tablet.
    #[serde(default)]
    pub station: bool,
    /// The employee it belongs to.
    #[serde(default)]
    pub employee: Option<String>,
}

/// What a device is told at the beginning of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAnswer {
    /// The attempt that this answers: what comes too late for it counts for nothing.
    #[serde(default)]
    pub attempt: String,
    /// The generation, raised.
    pub generation: u64,
    /// The device's code, for numbers of its own.
    pub code: String,
    /// The server's epoch.
    pub epoch: String,
    /// A block of numbers, if it had few left: first and last.
    pub lease: Option<(i64, i64)>,
    /// The server's clock, in milliseconds.
    pub now: i64,
    /// What the account is in the shop.
    pub standing: Standing,
}

/// Operations on their way to the server. Each body goes as it was frozen, byte for byte.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PushRequest {
    /// The shop.
    pub shop: String,
    /// The device.
    pub device: String,
    /// Its generation.
    pub generation: u64,
    /// The epoch that it expects.
    pub epoch: String,
    /// How many operations wait on this device besides these.
    pub unsent: u64,
    /// Every receipt up to this commit has arrived: their details are needed no more.
    #[serde(default)]
    pub acked: i64,
    /// The operations, in order.
    pub ops: Vec<Box<RawValue>>,
}

impl PushRequest {
    /// Whether another one is of the same operations, by the same device of the same server.
    pub(crate) fn is_same(&self, other: &PushRequest) -> bool {
        let ops = self.ops.iter().map(|op| op.get());
        self.generation == other.generation
            && self.device == other.device
            && self.epoch == other.epoch
            && ops.eq(other.ops.iter().map(|op| op.get()))
    }
}

/// The server's answer to a push that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAnswer {
    /// The epoch that the commits of the receipts belong to: an answer from another one counts for nothing.
    #[serde(default)]
    pub epoch: String,
    /// One for every operation. Always there, so that no stranger's empty page passes for an answer.
    pub receipts: Vec<Receipt>,
    /// Up to which commit the server can lose nothing any more.
    #[serde(default)]
    pub safe_through: i64,
}

/// A device asks what changed since its cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// The shop.
    pub shop: String,
    /// The device.
    pub device: String,
    /// Since when.
    pub cursor: Cursor,
    /// Where the last page of this catch-up ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<PageToken>,
    /// Rows in a page, at most.
    pub limit: usize,
}

/// A place in the order of changed rows: by commit, table and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageToken {
    /// The commit.
    pub n: i64,
    /// The table.
    pub table: String,
    /// The row.
    pub id: String,
}

/// One table's rows in a page, each as it stands in the server's books, byte for byte.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TableRows {
    /// The table.
    pub table: String,
    /// Its rows, as objects.
    pub rows: Vec<Box<RawValue>>,
}

/// A page of a catch-up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PullAnswer {
    /// The cursor that this answers.
    pub since: Cursor,
    /// The page that this answers.
    #[serde(default)]
    pub after: Option<PageToken>,
    /// The head of the snapshot that the page was read from.
    pub head: Cursor,
    /// Where the next page begins; nothing when this one reaches the head of its own snapshot.
    #[serde(default)]
    pub next: Option<PageToken>,
    /// The cursor is of another history: start anew.
    #[serde(default)]
    pub reset: bool,
    /// The rows.
    #[serde(default)]
    pub rows: Vec<TableRows>,
    /// This device's receipts for the commits covered.
    #[serde(default)]
    pub receipts: Vec<Receipt>,
    /// Up to which commit the server can lose nothing any more.
    #[serde(default)]
    pub safe_through: i64,
    /// What the account is in the shop now.
    #[serde(default)]
    pub standing: Standing,
}

/// Rows that a device may newly hold, whatever its cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeRequest {
    /// The shop.
    pub shop: String,
    /// The device.
    pub device: String,
    /// The epoch that it expects; empty before it knows one.
    #[serde(default)]
    pub epoch: String,
    /// Which rows.
    pub what: Wanted,
    /// Where the last page ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<RangeToken>,
    /// Rows in a page, at most.
    pub limit: usize,
}

/// Which rows a range is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Everything within the windows: days by table, the schema's own where a table is not named. A row whose parent
    /// lies outside stays there with it. Deleted rows are left out.
    Windows(BTreeMap<String, i64>),
    /// Every row of these tables, within the windows that are the schema's own.
    Tables(Vec<String>),
    /// Of one table, the rows that a window up to `from` holds and one up to `until` does not, with what belongs to
    /// them: an earlier stretch of a calendar, the tickets that were closed in a month. None of a table without a window.
    Between {
        /// The table.
        table: String,
        /// Where it begins, in milliseconds.
        from: i64,
        /// Where it ends.
        until: i64,
    },
    /// One row, and what belongs to it.
    Row {
        /// Its table.
        table: String,
        /// Its id.
        id: String,
    },
}

/// A place in the order of a range: tables in the schema's order, rows by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeToken {
    /// The table.
    pub table: String,
    /// The row.
    pub id: String,
}

/// A page of a range.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RangeAnswer {
    /// What this answers.
    pub what: Wanted,
    /// The page that this answers.
    #[serde(default)]
    pub after: Option<RangeToken>,
    /// The head that the page was read at.
    pub head: Cursor,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next: Option<RangeToken>,
    /// How many rows the whole range has, or about how many, where the server counted them: for a progress bar.
    #[serde(default)]
    pub total: Option<u64>,
    /// The rows.
    #[serde(default)]
    pub rows: Vec<TableRows>,
}

/// A signed-in account asks where it works: `my_shops`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopsRequest {}

/// The shops that an account is a member of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopsAnswer {
    /// Them, by id.
    pub shops: Vec<MyShop>,
}

/// A shop, and what the account is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyShop {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the account is there.
    pub standing: Standing,
}

/// A device asks for numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// The shop.
    pub shop: String,
    /// The device.
    pub device: String,
    /// Its generation.
    pub generation: u64,
}

/// A block of numbers that only this device gives out, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseAnswer {
    /// The first and the last.
    pub lease: (i64, i64),
}

/// On a shared tablet somebody enters a PIN for the first time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRequest {
    /// The shop.
    pub shop: String,
    /// The device.
    pub device: String,
    /// Who.
    pub employee: String,
    /// What they typed. It travels once, over TLS, and is kept nowhere.
    pub pin: String,
}

/// Whether operations of this device may name that person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantAnswer {
    /// Whether the PIN was right and the grant stands.
    pub granted: bool,
    /// As whom the person works here: technician or front desk.
    #[serde(default)]
    pub role: String,
    /// After too many wrong ones: for how many seconds none is heard.
    #[serde(default)]
    pub locked_seconds: u64,
}

/// A question about a shop that needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfShop {
    /// The shop.
    pub shop: String,
}

/// The key that wraps the keys of passcodes, for whoever may see them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopKey {
    /// 32 bytes, in base64.
    pub key: String,
}

/// The hash that a device computes over its own copy, computed by the server over its own, at one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecksumAnswer {
    /// The commit and its history.
    pub cursor: Cursor,
    /// The hash.
    pub hash: String,
}

/// How many rows the server has for whoever asks, at one commit: what a device of theirs holds that holds all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountsAnswer {
    /// The commit and its history.
    pub cursor: Cursor,
    /// Rows that are not deleted, within the schema's own windows, by each table that the caller may read.
    pub rows: BTreeMap<String, u64>,
}

/// How the shop's devices stand: which last said that they have unsent work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingAnswer {
    /// The devices.
    pub devices: Vec<DeviceStanding>,
}

/// One device as the server last heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStanding {
    /// The device.
    pub device: String,
    /// Its code, as on the tickets that it numbers itself.
    pub code: String,
    /// The employee whose account it is signed in with.
    #[serde(default)]
    pub employee: Option<String>,
    /// Operations that it said it had not sent.
    pub unsent: u64,
    /// When it was last heard of, in milliseconds.
    pub seen_at: i64,
}

/// Who changed what of a row, for those who may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailRequest {
    /// The shop.
    pub shop: String,
    /// The row's table.
    pub table: String,
    /// The row.
    pub id: String,
    /// Only what happened before this commit: where the page before ended.
    #[serde(default)]
    pub before: Option<i64>,
    /// Entries wanted, at most, but for the commit that the page ends with, which comes whole.
    pub limit: usize,
}

/// What happened to a row, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrailAnswer {
    /// What happened.
    pub entries: Vec<TrailEntry>,
    /// Where the next page begins, if there is one.
    #[serde(default)]
    pub next: Option<i64>,
}

/// One field of a row that somebody set, or wanted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrailEntry {
    /// The commit that it came with.
    pub n: i64,
    /// When, by the clock of the device, in milliseconds.
    pub at: i64,
    /// Which field.
    pub field: String,
    /// What it was.
    #[serde(default)]
    pub was: serde_json::Value,
    /// What it became, or should have.
    #[serde(default)]
    pub became: serde_json::Value,
    /// Whether it did: what somebody else had set later stands.
    pub kept: bool,
    /// The employee; nobody where it was done beside the devices.
    #[serde(default)]
    pub actor: Option<String>,
    /// On which device; none where it was done beside them.
    pub device: String,
}

/// A question about every shop that the caller manages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewRequest {}

/// The shops that the caller manages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The shops.
    pub shops: Vec<ShopOverview>,
}

/// One shop: its people, its devices, what waits for a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopOverview {
    /// The shop.
    pub shop: String,
    /// What it is called.
    pub name: String,
    /// Who works or worked there.
    pub members: Vec<MemberStanding>,
    /// Its devices.
    pub devices: Vec<DeviceStanding>,
    /// Conflicts that wait for a person.
    pub open_conflicts: u64,
}

/// One account in a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MemberStanding {
    /// The account.
    pub account: String,
    /// Its address.
    pub email: String,
    /// What it is in the shop.
    pub role: String,
    /// Whether it is a shared tablet.
    pub station: bool,
    /// Whether its membership has not ended.
    pub active: bool,
}

/// What a poke says: there is a commit. The device pulls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poke {
    /// The commit.
    #[serde(flatten)]
    pub head: Cursor,
}

/// A new device asks for a file to begin with. A server that has none does not know the function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRequest {
    /// The shop.
    pub shop: String,
    /// The device.
    pub device: String,
    /// The epoch that it expects.
    pub epoch: String,
    /// How the device lays out its files: one of another layout is of no use to it.
    pub layout: String,
    /// Operations that the device sent and has no answer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<String>,
}

/// A file that a new device begins with: the shop as it was at one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotAnswer {
    /// Where it is fetched, below the server's address.
    pub path: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many rows are in it.
    pub rows: u64,
    /// The commit it was built at.
    pub head: Cursor,
    /// Tables that this member may read and that are not in it: they come as ranges.
    #[serde(default)]
    pub apart: Vec<String>,
    /// Receipts for the unsettled operations that took effect in it.
    #[serde(default)]
    pub receipts: Vec<Receipt>,
}

impl std::fmt::Debug for GrantRequest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("GrantRequest").field("employee", &self.employee).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ShopKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ShopKey")
    }
}

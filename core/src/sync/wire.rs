//! What travels between a device and a server, to the letter.

use crate::outbox::Receipt;
use crate::schema::Json;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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

/// What a device is told at the beginning of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAnswer {
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
    /// The account's role.
    pub role: String,
    /// Whether the account is a shared tablet.
    pub station: bool,
    /// The employee it belongs to.
    pub employee: Option<String>,
}

/// Operations on their way to the server. Each body goes as it was frozen, byte for byte.
#[derive(Debug, Serialize, Deserialize)]
pub struct PushRequest {
    /// The shop.
    pub shop: String,
    /// The device.
    pub device: String,
    /// Its generation.
    pub generation: u64,
    /// The epoch that it expects.
    pub epoch: String,
    /// How many operations wait on this device, these included.
    pub unsent: u64,
    /// The operations, in order.
    pub ops: Vec<Box<RawValue>>,
}

/// The server's answer to a push that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAnswer {
    /// One for every operation.
    #[serde(default)]
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

/// One table's rows in a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableRows {
    /// The table.
    pub table: String,
    /// Its rows, as objects.
    pub rows: Vec<serde_json::Map<String, Json>>,
}

/// A page of a catch-up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
}

//! What a push says and what comes back, to the letter.

use crate::outbox::Receipt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Operations on their way to the server. Each body goes as it was frozen, byte for byte.
#[derive(Debug, Serialize)]
pub struct PushRequest {
    /// The shop.
    pub shop: String,
    /// How many operations wait on this device, these included.
    pub unsent: u64,
    /// The operations, in order.
    pub ops: Vec<Box<RawValue>>,
}

/// The server's answer to a push that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAnswer {
    /// One for every operation.
    pub receipts: Vec<Receipt>,
    /// Up to which commit the server can lose nothing any more.
    #[serde(default)]
    pub safe_through: i64,
}

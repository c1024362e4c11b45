//! What a server sent, read as JSON.

use serde::Deserialize;

/// Reads it as text, as what the file keeps is read: what reads a type from bytes is other code than what reads it from
/// text, and the app would carry both.
pub(super) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(bytes).ok()?).ok()
}

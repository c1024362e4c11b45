//! Where a person has to choose.

use super::Result;
use super::books::{Books, Kept};
use super::commit::Commit;
use counterpart_core::schema::{Conflict, Entity, Json, Row, time_from_ms};
use counterpart_core::sync::FieldState;
use std::collections::BTreeMap;

/// Two versions of one field.
pub(super) struct Clash {
    pub(super) field: String,
    pub(super) base: Json,
    pub(super) mine: Json,
    pub(super) theirs: Json,
    pub(super) theirs_by: Option<String>,
    pub(super) on_stamp: i64,
}

/// Writes a conflict as the hub itself decided it.
pub(super) fn put_conflict(
    books: &Books<'_>,
    commit: &Commit<'_>,
    mut row: Row,
    earlier: Option<&Kept>,
) -> Result<()> {
    let now = time_from_ms(commit.now);
    row.meta.created_at = earlier.map_or(now, |earlier| earlier.row.meta.created_at);
    (row.meta.updated_at, row.meta.deleted_at, row.meta.stamp) = (now, None, commit.n);
    let state = FieldState { stamp: commit.n, at: commit.now, ..FieldState::default() };
    let fields: BTreeMap<String, FieldState> =
        Conflict::TABLE.fields.iter().map(|field| (field.name.to_owned(), state.clone())).collect();
    books.put(commit.shop, &Kept { row, fields })
}

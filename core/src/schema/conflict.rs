//! Conflicts: a table that every schema has. Two versions of one field that a person has to choose between.

use super::AnyJson;

crate::entity! {
    /// Two versions of one field. It is a row like any other: it travels, and any device of somebody allowed closes it.
    Conflict(ConflictId) in "conflicts" {}
    /// The table of the row that it is about.
    tbl: String = F;
    /// The row.
    row_id: String = F;
    /// The field, or `field/entry` of a map.
    field: String = F;
    /// What both began from.
    base: AnyJson = K;
    /// What the later one to arrive wanted.
    mine: AnyJson = K;
    /// What the server has.
    theirs: AnyJson = K;
    /// Who wanted mine.
    mine_by: Option<String> = K;
    /// Who wrote theirs.
    theirs_by: Option<String> = K;
    /// The version of the field that theirs is.
    on_stamp: i64 = K;
    /// Whether a person still has to choose.
    open: bool = K;
}

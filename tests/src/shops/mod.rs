//! Four shops that are none: small schemas, a file each, that run through the same engine, the same ledger and the
//! same simulation as the repair shop. Between them they use every merge policy.

pub mod assessments;
pub mod band;
pub mod calendar;
mod clerk;
pub mod weekly;

/// The SQL of a table with these columns and those that every table has.
macro_rules! table_sql {
    ($name:literal, $columns:literal) => {
        concat!(
            "CREATE TABLE ",
            $name,
            " (id TEXT PRIMARY KEY NOT NULL, ",
            $columns,
            ", created_at INTEGER NOT NULL, created_by TEXT, updated_at INTEGER NOT NULL, updated_by TEXT,
             stamp INTEGER NOT NULL, deleted_at INTEGER, extra TEXT) STRICT;"
        )
    };
}
use table_sql;

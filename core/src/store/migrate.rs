//! Numbered steps from an empty file to today's: the engine's own, then the schema's.

use crate::error::{Error, Result, StorageFault};
use crate::schema::{Migration, Schema};
use rusqlite::{Connection, OptionalExtension};

/// The engine's own steps.
pub(crate) const ENGINE: &[Migration] = &[
    Migration { number: 1, sql: include_str!("../../migrations/engine/0001_engine.sql") },
    Migration { number: 2, sql: include_str!("../../migrations/engine/0002_taken_back.sql") },
];

/// Brings a file to the newest version in one transaction, or leaves it as it was.
pub(super) fn migrate(connection: &Connection, schema: &Schema) -> Result<()> {
    let steps = [("engine", ENGINE), ("schema", schema.migrations)];
    let current: Vec<u32> =
        steps.iter().map(|(stream, _)| version_of(connection, stream)).collect::<Result<_>>()?;
    let behind = |(found, steps): (&u32, &[Migration])| (*found as usize) < steps.len();
    for (found, (_, steps)) in current.iter().zip(steps) {
        let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        if *found > known {
            return Err(Error::storage(StorageFault::Newer { found: *found, known }));
        }
    }
    if !current.iter().zip(steps).any(|(found, (_, steps))| behind((found, steps))) {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = current.iter().zip(steps).try_for_each(|(found, (stream, steps))| {
        steps.iter().filter(|step| step.number > *found).try_for_each(|step| apply(connection, stream, step))
    });
    if done.is_ok() {
        connection.execute_batch("COMMIT")?;
    } else if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    done
}

fn apply(connection: &Connection, stream: &str, step: &Migration) -> Result<()> {
    connection.execute_batch(step.sql)?;
    connection.execute(
        "INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (version_name(stream), step.number.to_string()),
    )?;
    Ok(())
}

/// How far a stream of steps ("engine" or "schema") has come in a file; 0 in an empty one.
pub fn version_of(connection: &Connection, stream: &str) -> Result<u32> {
    let known = "SELECT 1 FROM sqlite_schema WHERE name = 'facts'";
    if connection.query_row(known, [], |_| Ok(())).optional()?.is_none() {
        return Ok(0);
    }
    let version: Option<String> = connection
        .query_row("SELECT value FROM facts WHERE name = ?1", [version_name(stream)], |row| row.get(0))
        .optional()?;
    version.map_or(Ok(0), |text| text.parse().map_err(|_| Error::damaged()))
}

fn version_name(stream: &str) -> String {
    format!("{stream}_version")
}

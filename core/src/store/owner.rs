//! Whose a file is.

use crate::error::{Error, Result, StorageFault};
use crate::schema::Schema;
use rusqlite::{Connection, OptionalExtension};

/// The schema that a file belongs to, for ever; none yet, if it is new. A database without facts is somebody else's.
pub(super) fn owner(connection: &Connection) -> Result<Option<String>> {
    let tables = "SELECT count(*), count(*) FILTER (WHERE name = 'facts') FROM sqlite_schema";
    match connection.query_row(tables, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))? {
        (0, _) => Ok(None),
        (_, 0) => Err(Error::storage(StorageFault::Foreign)),
        _ => {
            let read = "SELECT value FROM facts WHERE name = 'schema'";
            Ok(connection.query_row(read, [], |row| row.get(0)).optional()?)
        }
    }
}

/// Says in a new file which schema it is of.
pub(super) fn claim(connection: &Connection, schema: &Schema) -> Result<()> {
    connection.execute("INSERT INTO facts (name, value) VALUES ('schema', ?1)", [schema.name])?;
    Ok(())
}

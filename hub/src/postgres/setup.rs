//! Bringing a database up to what this binary needs, whole or not at all: what a plain PostgreSQL lacks of a Supabase
//! project, the hub's own tables, and the migrations of the shops' tables. Each is applied once and recorded, one hub at
//! a time; a newer binary applies what is new.

use super::{Database, DatabaseError};
use deadpool_postgres::{GenericClient, Transaction};
use tokio_postgres::error::SqlState;

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        /// The shops' tables and functions, in order.
        const MIGRATIONS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../supabase/migrations/", $name, ".sql")))),*];
    };
}

migrations! {
    "20261101090100_values",
    "20261101090200_shops",
    "20261101090300_tables",
    "20261101090400_spelling",
    "20261101090500_who_may",
    "20261101090600_rows",
    "20261101090700_trade",
    "20261101090800_merging",
    "20261101090900_receipts",
    "20261101091000_operations",
    "20261101091100_push",
    "20261101091150_new_rows",
    "20261101091160_edits",
    "20261101091170_at_once",
    "20261101091200_reading",
    "20261101091300_devices",
    "20261101091350_upkeep",
    "20261101091400_realtime",
    "20261101091500_counts",
}

const PLATFORM: &str = include_str!("sql/platform.sql");
const HUB: &str = include_str!("sql/hub.sql");
/// How often others may come first.
const ENCOUNTERS: usize = 5;
/// Under this number hubs take turns in setting a database up.
const TURN: i64 = 0x636f_756e_7465_7270;

/// How far a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No hub was ever here.
    Empty,
    /// So many migrations of this binary are still to come.
    Behind(usize),
    /// It has all that this binary needs.
    Ready,
}

/// How far a database is. One of a newer binary is refused.
pub async fn standing(database: &Database) -> Result<Standing, DatabaseError> {
    let client = database.client().await?;
    if !is_recorded(&client).await? {
        return Ok(Standing::Empty);
    }
    let had = recorded(&client).await?;
    refuse_newer(&had)?;
    let missing = MIGRATIONS.iter().filter(|(name, _)| !had.iter().any(|had| had == name)).count();
    Ok(if missing == 0 { Standing::Ready } else { Standing::Behind(missing) })
}

/// Readies a database that `init` has set up: what a newer binary needs more is applied. The role has to be one that the
/// shops' policies do not bind.
pub async fn open(database: &Database) -> Result<(), DatabaseError> {
    match standing(database).await? {
        Standing::Empty => return Err(DatabaseError::Missing),
        Standing::Behind(_) => {
            let mut client = database.client().await?;
            let tx = client.transaction().await?;
            prepare_in(&tx).await?;
            tx.commit().await?;
        }
        Standing::Ready => {}
    }
    let client = database.client().await?;
    let bound: bool = client.query_one("select row_security_active('public.members')", &[]).await?.get(0);
    if bound { Err(DatabaseError::Role) } else { Ok(()) }
}

/// Brings the database up that a transaction is in.
pub(crate) async fn prepare_in(tx: &Transaction<'_>) -> Result<(), DatabaseError> {
    tx.execute("select pg_advisory_xact_lock($1)", &[&TURN]).await?;
    let had = if is_recorded(tx).await? {
        recorded(tx).await?
    } else {
        let had = taken_over(tx).await?;
        apply_platform(tx).await?;
        apply(tx, "hub", HUB, false).await?;
        for name in &had {
            record(tx, name).await?;
        }
        had
    };
    refuse_newer(&had)?;
    for (name, sql) in MIGRATIONS.iter().filter(|(name, _)| !had.iter().any(|had| had == name)) {
        // Policies on `realtime.messages` are left to whoever made that table.
        apply(tx, name, sql, !name.ends_with("_realtime")).await?;
        record(tx, name).await?;
    }
    Ok(())
}

async fn is_recorded(client: &impl GenericClient) -> Result<bool, DatabaseError> {
    let asks = "select to_regclass('counterpart_hub.migrations') is not null";
    Ok(client.query_one(asks, &[]).await?.get(0))
}

async fn recorded(client: &impl GenericClient) -> Result<Vec<String>, DatabaseError> {
    let rows = client.query("select name from counterpart_hub.migrations", &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

async fn record(tx: &Transaction<'_>, name: &str) -> Result<(), DatabaseError> {
    tx.execute("insert into counterpart_hub.migrations (name) values ($1)", &[&name]).await?;
    Ok(())
}

fn refuse_newer(had: &[String]) -> Result<(), DatabaseError> {
    match had.iter().find(|had| !MIGRATIONS.iter().any(|(name, _)| name == had)) {
        Some(unknown) => Err(DatabaseError::Newer(unknown.clone())),
        None => Ok(()),
    }
}

/// What the Supabase CLI has applied already, by its own record.
async fn taken_over(tx: &Transaction<'_>) -> Result<Vec<String>, DatabaseError> {
    let asks = "select to_regnamespace('counterpart') is not null,
                       to_regclass('supabase_migrations.schema_migrations') is not null";
    let row = tx.query_one(asks, &[]).await?;
    match (row.get(0), row.get(1)) {
        (false, _) => Ok(Vec::new()),
        (true, false) => Err(DatabaseError::Unrecorded),
        (true, true) => {
            let asks = "select version from supabase_migrations.schema_migrations";
            let versions: Vec<String> = tx.query(asks, &[]).await?.iter().map(|row| row.get(0)).collect();
            let is_applied =
                |name: &&str| versions.iter().any(|version| name.split('_').next() == Some(version));
            Ok(MIGRATIONS.iter().map(|(name, _)| *name).filter(is_applied).map(str::to_owned).collect())
        }
    }
}

/// Makes what is missing of a Supabase project. Roles are the whole cluster's: whoever readies another database of it
/// at this moment makes the same ones, and who comes second finds them there.
async fn apply_platform(tx: &Transaction<'_>) -> Result<(), DatabaseError> {
    for _ in 0..ENCOUNTERS {
        tx.batch_execute("savepoint platform").await?;
        match tx.batch_execute(PLATFORM).await {
            Err(error) if error.code().is_some_and(is_an_encounter) => {
                tx.batch_execute("rollback to savepoint platform").await?;
            }
            Err(error) => return Err(refused("platform", &error)),
            Ok(()) => return Ok(()),
        }
    }
    apply(tx, "platform", PLATFORM, false).await
}

/// Whether somebody else made the same thing first, or changed it at once ("tuple concurrently updated").
fn is_an_encounter(code: &SqlState) -> bool {
    [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_OBJECT, SqlState::INTERNAL_ERROR].contains(code)
}

/// Runs a script; one of the shops' tables as their owner, where a superuser gave them one.
async fn apply(tx: &Transaction<'_>, name: &str, sql: &str, as_owner: bool) -> Result<(), DatabaseError> {
    let owner = "select rolsuper from pg_roles where rolname = current_user";
    let as_owner = as_owner && tx.query_one(owner, &[]).await?.get(0);
    if as_owner {
        tx.batch_execute("set local role counterpart_owner").await?;
    }
    tx.batch_execute(sql).await.map_err(|error| refused(name, &error))?;
    if as_owner {
        tx.batch_execute("reset role").await?;
    }
    Ok(())
}

fn refused(script: &str, error: &tokio_postgres::Error) -> DatabaseError {
    match error.as_db_error() {
        // A script is about tables, never about what is in them: here PostgreSQL's own words are safe, and help.
        Some(refused) => DatabaseError::Setup {
            script: script.to_owned(),
            says: [Some(refused.message()), refused.hint()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(": "),
        },
        None => DatabaseError::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_migration_is_in_the_binary_and_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../supabase/migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        let names: Vec<&str> = MIGRATIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, names);
    }

    #[test]
    fn a_database_of_a_newer_hub_is_refused() {
        let had = ["20261101090100_values", "29990101000000_tomorrow"].map(str::to_owned);
        assert_eq!(Err(DatabaseError::Newer("29990101000000_tomorrow".into())), refuse_newer(&had));
        assert_eq!(Ok(()), refuse_newer(&had[..1]));
    }
}

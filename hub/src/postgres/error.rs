//! What can go wrong with the database, said without a word of what was asked of it: PostgreSQL's messages quote values.

use deadpool_postgres::PoolError;
use tokio_postgres::Error;

/// Why the database did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// The address is none.
    #[error("--database: must be postgres://USER:PASSWORD@HOST:PORT/NAME")]
    NotAnAddress,
    /// What travels to another machine is encrypted.
    #[error(
        "--database: sslmode=disable is only for a database on this machine: leave it out, or say sslmode=require"
    )]
    InTheClear,
    /// The root that the database's certificate is held against.
    #[error("--database-root: holds no certificate in PEM form that can be used")]
    Root,
    /// No connection can be made.
    #[error("the database cannot be reached, or does not let the hub in")]
    Unreachable,
    /// A connection broke.
    #[error("the connection to the database broke")]
    Lost,
    /// All connections are in use.
    #[error("every connection to the database is in use")]
    Busy,
    /// PostgreSQL said no.
    #[error("the database refused: SQLSTATE {0}")]
    Refused(String),
    /// A script that sets the database up failed.
    #[error("the database could not be set up ({script}): {says}")]
    Setup {
        /// Which.
        script: String,
        /// PostgreSQL's own words.
        says: String,
    },
    /// The database was set up by a newer hub.
    #[error("the database is of a newer version ({0}): use the newer counterpart-hub")]
    Newer(String),
    /// The shops' tables are there, and nothing says how they came there.
    #[error(
        "the database holds Counterpart's tables and no record of how they came there: nothing was changed. \
         Only what `counterpart-hub init` or the Supabase CLI has set up is taken over."
    )]
    Unrecorded,
    /// There is no hub in the database.
    #[error("this database holds no hub: run `counterpart-hub init` with it first")]
    Missing,
    /// The role may not do what a hub has to.
    #[error("the role of --database must be the one that `init` was run as: it does not see the shops")]
    Role,
}

/// The code, and what it is about where that is a name of ours: a constraint, a column, a table.
fn refusal(error: &Error) -> Option<String> {
    let refused = error.as_db_error()?;
    let mut says = refused.code().code().to_owned();
    for (what, name) in
        [("table", refused.table()), ("column", refused.column()), ("constraint", refused.constraint())]
    {
        if let Some(name) = name {
            says += &format!(", {what} {name}");
        }
    }
    Some(says)
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> DatabaseError {
        match refusal(&error) {
            Some(says) => DatabaseError::Refused(says),
            None => DatabaseError::Lost,
        }
    }
}

impl From<PoolError> for DatabaseError {
    fn from(error: PoolError) -> DatabaseError {
        use deadpool_postgres::TimeoutType;
        match error {
            PoolError::Timeout(TimeoutType::Wait) => DatabaseError::Busy,
            PoolError::Backend(error) => match refusal(&error) {
                // 53300 and its like: the server has no connection left for us.
                Some(says) if says.starts_with("53") => DatabaseError::Busy,
                Some(says) => DatabaseError::Refused(says),
                None => DatabaseError::Unreachable,
            },
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(_) => DatabaseError::Unreachable,
        }
    }
}

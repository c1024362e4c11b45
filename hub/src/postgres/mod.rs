//! The hub on PostgreSQL: accounts, functions and pokes over one database that several hubs may share.
//!
//! Nothing is kept in this process that another instance would need: whichever of them a device asks, the answer is the
//! database's, and one that is killed takes nothing along but its own connections.

mod accounts;
mod address;
mod bell;
mod error;
mod functions;
mod health;
mod setup;

pub use accounts::OnPostgres as AccountsOnPostgres;
pub(crate) use accounts::{Invited, found_shop, invite, make_keys, owner_of, the_shop};
pub use address::Address;
pub use bell::Bell;
pub use error::DatabaseError;
pub use functions::OnPostgres as FunctionsOnPostgres;
pub use health::{Finding, look, restamp};
pub(crate) use setup::prepare_in;
pub use setup::{Standing, open, standing};

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use std::time::Duration;

/// How long a call waits for a connection before it is told to come back.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A database, and the connections to it that all calls share.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    address: Address,
}

impl Database {
    /// With that many connections at most. None is made before it is needed.
    pub fn new(address: Address, connections: usize) -> Result<Database, DatabaseError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(address.config(), address.tls()?, recycling);
        let pool = Pool::builder(manager)
            .max_size(connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()
            .map_err(|_| DatabaseError::Unreachable)?;
        Ok(Database { pool, address })
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// A connection, as soon as one is free.
    pub(crate) async fn client(&self) -> Result<Client, DatabaseError> {
        Ok(self.pool.get().await?)
    }
}

//! Where a hub that serves keeps what it knows: in a folder, or in a database that it shares with other instances.

use super::CliError;
use crate::accounts::{Accounts, KeySet, Registry, load_keys};
use crate::backup::daily::Keeper;
use crate::clock::Clock;
use crate::config::Config;
use crate::files::FolderLock;
use crate::functions::{Beside, Functions};
use crate::postgres::{AccountsOnPostgres, Address, Bell, Database, FunctionsOnPostgres, open};
use crate::realtime::Realtime;
use crate::rpc::Rpc;
use std::path::Path;
use std::sync::Arc;

/// What a hub serves from.
pub(super) struct Premises {
    pub(super) accounts: Arc<dyn Registry>,
    pub(super) keys: KeySet,
    pub(super) functions: Arc<dyn Rpc>,
    /// Makes the backups of a folder.
    pub(super) keeper: Option<Arc<Keeper>>,
    /// Tells the other instances, and hears from them.
    pub(super) bell: Option<Arc<Bell>>,
    pub(super) _lock: Option<FolderLock>,
}

impl Premises {
    /// A folder, and SQLite in it. Nobody else serves it.
    pub(super) fn folder(
        data: &Path,
        config: &Config,
        clock: &Arc<dyn Clock>,
        realtime: &Arc<Realtime>,
    ) -> Result<Premises, CliError> {
        let accounts = Accounts::open(data)?;
        let keys = accounts.look(load_keys)?;
        let lock = FolderLock::take(data)?.ok_or(CliError::Serving)?;
        let plan = config.backups.clone();
        let keeper = plan.map(|plan| Keeper::open(data, plan, clock.clone())).transpose()?;
        let functions: Arc<dyn Rpc> = match config.rest {
            Some(rest) => Beside::new(rest, &keys, clock.clone())?,
            None => Functions::open(data, clock.clone(), realtime.clone())?,
        };
        Ok(Premises { accounts: Arc::new(accounts), keys, functions, keeper, bell: None, _lock: Some(lock) })
    }

    /// A database, with any number of instances on it.
    pub(super) async fn database(
        address: Address,
        config: &Config,
        clock: &Arc<dyn Clock>,
        realtime: &Arc<Realtime>,
    ) -> Result<Premises, CliError> {
        let database = Database::new(address, config.limits.database_connections)?;
        open(&database).await?;
        let accounts = AccountsOnPostgres::new(database.clone());
        let keys = accounts.keys().await?;
        let bell = Bell::new(database.clone(), realtime.clone(), clock.clone())?;
        let functions: Arc<dyn Rpc> = match config.rest {
            Some(rest) => Beside::new(rest, &keys, clock.clone())?,
            None => FunctionsOnPostgres::open(database, bell.clone(), clock.clone()).await?,
        };
        let accounts = Arc::new(accounts);
        Ok(Premises { accounts, keys, functions, keeper: None, bell: Some(bell), _lock: None })
    }
}

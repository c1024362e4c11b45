//! The commands where the shops are in PostgreSQL.

use super::made::{Made, pairing, tell};
use super::{CliError, InitArgs, InviteArgs};
use crate::accounts::{InviteError, Role, StoreError};
use crate::auth::{password, token};
use crate::clock::SystemClock;
use crate::files;
use crate::postgres::{
    Address, Database, DatabaseError, Invited, found_shop, invite, make_keys, prepare_in, the_shop,
};
use crate::secret;
use crate::tls::{self, Files};

/// A command makes one call after another.
const CONNECTIONS: usize = 1;

pub(super) fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Sets the database up, with a shop in it: all of it or nothing.
pub(super) async fn init(args: &InitArgs, email: &str, address: Address) -> Result<Made, CliError> {
    let data = args.common.data.as_deref();
    let now_ms = SystemClock::start().now_ms();
    let first = secret::password()?;
    let password_hash = password::hash(&first)?;
    let mut client = Database::new(address, CONNECTIONS)?.client().await?;
    let tx = client.transaction().await.map_err(DatabaseError::from)?;
    prepare_in(&tx).await?;
    let keys = make_keys(&tx, &token::new_signing_key()?, now_ms).await?.ok_or(CliError::AlreadyThere)?;
    let shop = secret::id(now_ms)?;
    found_shop(&tx, shop, args.shop_name.trim()).await?;
    let name = args.name.as_deref();
    let owner = Invited { email, name, role: Role::Owner, station: false, password_hash: &password_hash };
    invite(&tx, shop, &owner, now_ms).await?;
    if let Some(data) = data {
        files::private_folder(data)?;
        tls::create(&Files::of(data), &tls::machine_names(&args.hosts), now_ms)?;
    }
    tx.commit().await.map_err(DatabaseError::from)?;
    let pairing = data.map(|data| pairing(data, &keys.anon, &args.hosts)).transpose()?;
    if let (Some(data), Some(pairing)) = (data, &pairing) {
        pairing.save(data)?;
    }
    let made = Made { shop, keys, email: email.to_owned(), password: first };
    tell(data, &made, pairing.as_ref())?;
    Ok(made)
}

/// Takes somebody in, and gives back their first password.
pub(super) async fn take_in(
    args: &InviteArgs,
    email: &str,
    role: Role,
    address: Address,
) -> Result<String, CliError> {
    let now_ms = SystemClock::start().now_ms();
    let first = secret::password()?;
    let password_hash = password::hash(&first)?;
    let database = Database::new(address, CONNECTIONS)?;
    crate::postgres::open(&database).await?;
    let mut client = database.client().await?;
    let tx = client.transaction().await.map_err(DatabaseError::from)?;
    let shop = the_shop(&tx).await?;
    let (name, station) = (args.name.as_deref(), args.station);
    invite(&tx, shop, &Invited { email, name, role, station, password_hash: &password_hash }, now_ms).await?;
    tx.commit().await.map_err(DatabaseError::from)?;
    Ok(first)
}

impl From<DatabaseError> for CliError {
    fn from(error: DatabaseError) -> CliError {
        CliError::Store(StoreError::Database(error))
    }
}

impl From<DatabaseError> for InviteError {
    fn from(error: DatabaseError) -> InviteError {
        InviteError::Store(StoreError::Database(error))
    }
}

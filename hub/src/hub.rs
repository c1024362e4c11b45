//! A running hub: what all its services share.

use crate::accounts::{Accounts, KeySet, Registry, StoreError, load_keys};
use crate::auth::password::{PasswordError, Passwords};
use crate::auth::token::{BadSigningKey, Signer};
use crate::caller::Keys;
use crate::clock::Clock;
use crate::limits::{Limits, Throttle};
use crate::metrics::Metrics;
use crate::realtime::topics::Realtime;
use crate::rpc::Rpc;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Why a hub cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signing key.
    #[error(transparent)]
    Key(#[from] BadSigningKey),
    /// The password hasher.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// How a hub is to run.
pub struct Settings {
    /// Where devices reach it, without a slash at the end: the issuer of its tokens.
    pub public_url: String,
    /// How long an access token holds.
    pub token_seconds: i64,
    /// The header in which the operator's own proxy names the client's address.
    pub address_header: Option<String>,
    /// The limits.
    pub limits: Limits,
}

/// A hub and everything that its services share.
pub struct Hub {
    pub(crate) accounts: Arc<dyn Registry>,
    pub(crate) signer: Signer,
    pub(crate) keys: Keys,
    pub(crate) passwords: Passwords,
    pub(crate) token_throttle: Throttle,
    pub(crate) password_throttle: Throttle,
    pub(crate) change_throttle: Throttle,
    pub(crate) request_throttle: Throttle,
    pub(crate) socket_places: Arc<Semaphore>,
    pub(crate) limits: Limits,
    pub(crate) issuer: String,
    pub(crate) token_seconds: i64,
    pub(crate) address_header: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) realtime: Arc<Realtime>,
    pub(crate) rpc: Arc<dyn Rpc>,
}

impl Hub {
    /// Opens the hub in a data folder that `init` has made.
    pub fn open(
        data: &Path,
        settings: Settings,
        clock: Arc<dyn Clock>,
        realtime: Arc<Realtime>,
        rpc: Arc<dyn Rpc>,
    ) -> Result<Arc<Hub>, OpenError> {
        let accounts = Accounts::open(data)?;
        let stored = accounts.look(load_keys)?;
        Hub::over(Arc::new(accounts), &stored, settings, clock, realtime, rpc)
    }

    /// Opens the hub over accounts that are kept somewhere else, and their keys.
    pub fn over(
        accounts: Arc<dyn Registry>,
        stored: &KeySet,
        settings: Settings,
        clock: Arc<dyn Clock>,
        realtime: Arc<Realtime>,
        rpc: Arc<dyn Rpc>,
    ) -> Result<Arc<Hub>, OpenError> {
        let limits = settings.limits;
        let five_minutes = Duration::from_secs(300);
        let at_once = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Arc::new(Hub {
            accounts,
            signer: Signer::new(&stored.signing)?,
            keys: Keys::new(stored),
            passwords: Passwords::new(at_once)?,
            token_throttle: Throttle::new(limits.tokens_per_address, five_minutes, limits.token_burst),
            password_throttle: Throttle::new(
                limits.passwords_per_account,
                five_minutes,
                limits.password_burst,
            ),
            change_throttle: Throttle::new(30, five_minutes, 30),
            request_throttle: Throttle::new(
                limits.requests_per_account,
                Duration::from_secs(60),
                limits.request_burst,
            ),
            socket_places: Arc::new(Semaphore::new(limits.sockets)),
            limits,
            issuer: format!("{}/auth/v1", settings.public_url),
            token_seconds: settings.token_seconds,
            address_header: settings.address_header,
            clock,
            metrics: realtime.metrics(),
            realtime,
            rpc,
        }))
    }

    /// Ends a person's membership: their sessions end, and their channels close at once.
    pub async fn deactivate(&self, shop: Uuid, account: Uuid) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        self.accounts.deactivate(shop, account, now_ms).await?;
        self.realtime.drop_account(account);
        Ok(())
    }
}

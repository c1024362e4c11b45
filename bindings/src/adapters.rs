//! What the shells bring along: reachability and secure storage. Whatever they do, throw or panic, is an error here and
//! never the end of a thread.

use counterpart_core::{Error, NotNow, keys};
use std::sync::Arc;
use tokio::sync::watch;

/// What a shell's adapter could not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum AdapterError {
    /// The locked device withholds it.
    #[error("the device is locked")]
    Locked,
    /// It failed, or threw something that it does not declare. What it said is not kept: it may name a person.
    #[error("the adapter failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for AdapterError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        AdapterError::Failed
    }
}

/// Storage for the few secrets that live outside the database, in the keychain or keystore. It stays on this device: no
/// backup carries it along. It is called from the facade's own threads.
#[uniffi::export(with_foreign)]
pub trait SecureStorage: Send + Sync {
    /// What is stored under a name. What cannot be read right now is an error, never nothing.
    fn get(&self, name: String) -> Result<Option<String>, AdapterError>;
    /// Stores something under a name, durable when this returns.
    fn set(&self, name: String, value: String) -> Result<(), AdapterError>;
    /// Forgets a name.
    fn remove(&self, name: String) -> Result<(), AdapterError>;
}

/// Tells whether there is a network: not whether the internet answers, for a shop's hub may stand beside it.
#[uniffi::export(with_foreign)]
pub trait Reachability: Send + Sync {
    /// Begins to tell the listener, the present state first.
    fn start(&self, listener: Arc<NetworkListener>) -> Result<(), AdapterError>;
    /// Tells nothing any more.
    fn stop(&self) -> Result<(), AdapterError>;
}

/// Hears of the network, from any thread, and never makes it wait.
#[derive(Debug, uniffi::Object)]
pub struct NetworkListener {
    up: watch::Sender<Option<bool>>,
}

#[uniffi::export]
impl NetworkListener {
    /// There is a network now, or there is none. Of several in a row the last counts.
    pub fn network_changed(&self, up: bool) {
        self.up.send_replace(Some(up));
    }
}

impl NetworkListener {
    pub(crate) fn new() -> (Arc<NetworkListener>, watch::Receiver<Option<bool>>) {
        let (up, heard) = watch::channel(None);
        (Arc::new(NetworkListener { up }), heard)
    }
}

/// A shell's storage as the engine wants one.
pub(crate) struct Keys(pub(crate) Arc<dyn SecureStorage>);

impl keys::SecureStorage for Keys {
    fn get(&self, name: &str) -> Result<Option<String>, Error> {
        self.0.get(name.to_owned()).map_err(withheld)
    }

    fn set(&self, name: &str, value: &str) -> Result<(), Error> {
        self.0.set(name.to_owned(), value.to_owned()).map_err(withheld)
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        self.0.remove(name.to_owned()).map_err(withheld)
    }
}

/// Either way it was not learned what is stored, and the engine waits rather than take it for a mismatch.
fn withheld(error: AdapterError) -> Error {
    log::warn!("secure storage: {error}");
    Error::NotNow(NotNow::DeviceLocked)
}

//! What the shells bring along: reachability and secure storage. Whatever they do, throw or panic, is an error here and
//! never the end of a thread.

use counterpart_core::{Error, NotNow, keys};
use std::future::pending;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

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
    /// There is a network now, or there is none. A change counts at once; of those that follow within half a second the
    /// last does, when that is over.
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

/// For how long a change of the network stands: at the edge of its reach a network comes and goes many times a second.
const STANDS: Duration = Duration::from_millis(500);

/// Hands on what a listener hears, until nobody wants to hear of it: a change at once, and after it the last of those
/// that came within half a second. What is told first is that there is no network: that is no change.
pub(crate) async fn each_change<F>(mut heard: watch::Receiver<Option<bool>>, tell: impl Fn(bool) -> F)
where
    F: Future<Output = ControlFlow<()>>,
{
    let mut known = false;
    while heard.changed().await.is_ok() {
        let Some(up) = *heard.borrow_and_update() else { return };
        if tell(up).await.is_break() {
            return;
        }
        if up != known {
            known = up;
            // Nothing happens until then.
            timeout(STANDS, pending::<()>()).await.ok();
        }
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
    Error::not_now(NotNow::DeviceLocked)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use tokio::sync::mpsc;
    use tokio::time::{Instant, advance};

    #[tokio::test(start_paused = true)]
    async fn of_a_network_that_comes_and_goes_the_first_change_counts_at_once_and_then_the_last() {
        let (listener, heard) = NetworkListener::new();
        let (tell, mut told) = mpsc::unbounded_channel();
        let began = Instant::now();
        let hearing = tokio::spawn(each_change(heard, move |up| {
            tell.send((up, began.elapsed())).unwrap();
            async { ControlFlow::Continue(()) }
        }));
        // As a system tells it when an app begins: nothing there yet, and then what there is.
        listener.network_changed(false);
        assert_eq!(told.recv().await, Some((false, Duration::ZERO)));
        listener.network_changed(true);
        assert_eq!(told.recv().await, Some((true, Duration::ZERO)));
        for up in [false, true, false] {
            advance(Duration::from_millis(100)).await;
            listener.network_changed(up);
        }
        assert_eq!(told.recv().await, Some((false, STANDS)));
        advance(STANDS).await;
        listener.network_changed(true);
        assert_eq!(told.recv().await.map(|(up, _)| up), Some(true));
        drop(listener);
        hearing.await.unwrap();
        assert_eq!(told.recv().await, None);
    }
}

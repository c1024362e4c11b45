//! What a terminal and its shops have in common: the engine, the threads, and what the shell says of the network.

use crate::adapters::{NetworkListener, Reachability, each_change};
use crate::threads::{Threads, Waiting};
use counterpart_core::{Error, Terminal as Core};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as Turns, watch};

/// What a terminal and its shops have in common.
pub(crate) struct Inner {
    pub(crate) core: Arc<Core>,
    pub(crate) threads: Threads,
    // Raised whenever a shop may have come to another line: whoever watches a state looks for the new one.
    pub(crate) rewired: watch::Sender<u64>,
    // The shell's comings and goings take effect in the order in which it told them.
    pub(crate) turns: Arc<Turns<()>>,
    network: Mutex<Option<Network>>,
}

/// The shell's reachability, and the task that hears it.
struct Network {
    shell: Arc<dyn Reachability>,
    _hearing: Waiting<()>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(out)
    }
}

impl Inner {
    pub(crate) fn new(core: Core, threads: Threads) -> Arc<Inner> {
        Arc::new(Inner {
            core: Arc::new(core),
            threads,
            rewired: watch::Sender::new(0),
            turns: Arc::default(),
            network: Mutex::new(None),
        })
    }

    pub(crate) fn rewire(&self) {
        self.rewired.send_modify(|times| *times = times.wrapping_add(1));
    }

    /// The shell's reachability is heard no more.
    pub(crate) fn stop_listening(&self) {
        let network = self.network.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = network.map(|network| network.shell.stop()) {
            log::warn!("reachability: {error}");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop_listening();
    }
}

/// Hears the shell's reachability from now on, until the terminal ends.
pub(crate) fn listen(inner: &Arc<Inner>, shell: Arc<dyn Reachability>) -> Result<(), Error> {
    let (listener, heard) = NetworkListener::new();
    let there = Arc::downgrade(inner);
    let hearing = inner.threads.begin(each_change(heard, move |up| take_in(Weak::clone(&there), up)));
    let network = Network { shell: Arc::clone(&shell), _hearing: hearing };
    *inner.network.lock().unwrap_or_else(PoisonError::into_inner) = Some(network);
    if let Err(error) = shell.start(listener) {
        // Without it the app works, and syncs once the shell calls `network`.
        log::error!("reachability: {error}");
    }
    Ok(())
}

/// Tells the engine, as long as there is one.
async fn take_in(inner: Weak<Inner>, up: bool) -> ControlFlow<()> {
    let Some(inner) = inner.upgrade() else { return ControlFlow::Break(()) };
    let turn = Arc::clone(&inner.turns).lock_owned().await;
    if let Err(error) = inner.core.network(up).await {
        log::warn!("the network's change was not taken in: {}", error.code());
    }
    drop(turn);
    ControlFlow::Continue(())
}

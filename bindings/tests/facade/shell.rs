//! What a shell brings along, as tests need it.

use counterpart_ffi::{AdapterError, NetworkListener, Reachability, SecureStorage};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Secure storage that can be locked.
#[derive(Default)]
pub(crate) struct Storage {
    entries: Mutex<HashMap<String, String>>,
    locked: AtomicBool,
}

impl Storage {
    pub(crate) fn new() -> Arc<Storage> {
        Arc::default()
    }

    pub(crate) fn lock(&self, locked: bool) {
        self.locked.store(locked, Ordering::SeqCst);
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    fn answer<T>(&self, answer: impl FnOnce(&mut HashMap<String, String>) -> T) -> Result<T, AdapterError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(AdapterError::Locked);
        }
        Ok(answer(&mut self.entries.lock().unwrap()))
    }
}

impl SecureStorage for Storage {
    fn get(&self, name: String) -> Result<Option<String>, AdapterError> {
        self.answer(|entries| entries.get(&name).cloned())
    }

    fn set(&self, name: String, value: String) -> Result<(), AdapterError> {
        self.answer(|entries| drop(entries.insert(name, value)))
    }

    fn remove(&self, name: String) -> Result<(), AdapterError> {
        self.answer(|entries| drop(entries.remove(&name)))
    }
}

/// A network that a test switches.
#[derive(Default)]
pub(crate) struct Switch {
    listener: Mutex<Option<Arc<NetworkListener>>>,
    pub(crate) stops: AtomicUsize,
}

impl Switch {
    pub(crate) fn turn(&self, up: bool) {
        self.listener.lock().unwrap().as_ref().unwrap().network_changed(up);
    }
}

impl Reachability for Switch {
    fn start(&self, listener: Arc<NetworkListener>) -> Result<(), AdapterError> {
        listener.network_changed(false);
        *self.listener.lock().unwrap() = Some(listener);
        Ok(())
    }

    fn stop(&self) -> Result<(), AdapterError> {
        self.stops.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A shell whose every adapter fails.
pub(crate) struct Broken;

impl Reachability for Broken {
    fn start(&self, _: Arc<NetworkListener>) -> Result<(), AdapterError> {
        Err(AdapterError::Failed)
    }

    fn stop(&self) -> Result<(), AdapterError> {
        Err(AdapterError::Failed)
    }
}

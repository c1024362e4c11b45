//! What goes on beside whoever calls: one thread that waits, and others where something takes its time.

use crate::error::{Error, Result};
use std::thread;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime with one thread that runs its tasks. Dropping it ends it without waiting, for whoever drops it may be one of
/// those tasks.
#[derive(Debug)]
pub struct Background {
    handle: Handle,
    // Never sent: the thread ends when it is gone.
    _ends: oneshot::Sender<()>,
}

impl Background {
    /// Begins, with threads of this name: one, and as many more as may work at the same time on what takes its time.
    pub fn start(name: &str, desks: usize) -> Result<Background> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(desks)
            .thread_name(name)
            .enable_all()
            .build()
            .map_err(|error| Error::defect(error.to_string()))?;
        let handle = runtime.handle().clone();
        let (ends, ended) = oneshot::channel::<()>();
        let run = move || {
            runtime.block_on(ended).ok();
            runtime.shutdown_background();
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(run)
            .map_err(|error| Error::defect(error.to_string()))?;
        Ok(Background { handle, _ends: ends })
    }

    /// Where tasks and work are given to it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

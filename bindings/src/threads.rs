//! The facade's own threads: whatever touches the database, or waits for the network, happens on them and nowhere else.

use crate::cancel::CancelToken;
use crate::error::{Result, panicked};
use counterpart_core::{Error, NotNow};
use std::pin::Pin;
use std::sync::Arc;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Threads that may wait for the disk. SQLite has one writer and few readers: more would only wait for each other.
const DESKS: usize = 8;

#[derive(Debug)]
pub(crate) struct Threads {
    // Nothing only while it is being dropped.
    runtime: Option<Runtime>,
}

impl Threads {
    pub(crate) fn start() -> Result<Threads, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(DESKS)
            .thread_name("counterpart-ffi")
            .enable_all()
            .build()
            .map_err(|error| Error::Defect { detail: error.to_string() })?;
        Ok(Threads { runtime: Some(runtime) })
    }

    /// Does work that touches the database. Whoever waits for it may stop waiting: the work goes on to its end.
    pub(crate) async fn desk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T> {
        let Some(handle) = self.handle() else { return Err(CLOSED.into()) };
        let (tell, told) = oneshot::channel();
        // Boxed, so that the library holds one kind of task and not one for every call. Nobody may be waiting any more.
        let work: Box<dyn FnOnce() + Send> = Box::new(move || tell.send(work()).map_or((), drop));
        drop(handle.spawn_blocking(work));
        // Work that panicked tells nothing.
        Ok(told.await.map_err(|_| panicked())??)
    }

    /// Waits for something that takes as long as it takes. It ends when the caller stops waiting, or the token is fired.
    pub(crate) async fn wait<T: Send + 'static>(
        &self,
        cancel: Option<Arc<CancelToken>>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T> {
        let Some(handle) = self.handle() else { return Err(CLOSED.into()) };
        let (tell, told) = oneshot::channel();
        let work: Pin<Box<dyn Future<Output = ()> + Send>> =
            Box::pin(async move { tell.send(work.await).map_or((), drop) });
        let _waiting = Waiting(handle.spawn(work));
        let fired = async {
            match cancel {
                Some(token) => token.fired().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = fired => Err(Error::NotNow(NotNow::Cancelled).into()),
            done = told => Ok(done.map_err(|_| panicked())??),
        }
    }

    /// Something that goes on by itself until it is dropped or done.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> Option<Waiting<()>> {
        Some(Waiting(self.handle()?.spawn(work)))
    }

    fn handle(&self) -> Option<&Handle> {
        self.runtime.as_ref().map(Runtime::handle)
    }
}

const CLOSED: Error = Error::NotNow(NotNow::Closed);

impl Drop for Threads {
    fn drop(&mut self) {
        // Without waiting: the last to let go may be one of these threads.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A task that ends when nobody waits for it any more.
#[derive(Debug)]
pub(crate) struct Waiting<T>(JoinHandle<T>);

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

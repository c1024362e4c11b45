//! The facade's own threads: whatever touches the database, or waits for the network, happens on them and nowhere else.
//!
//! An answer travels without its type, for whoever asked knows it: the library holds the way once, and not for each of
//! its calls.

use crate::cancel::{CancelToken, fired_or};
use crate::error::{Result, panicked};
use counterpart_core::Error;
use counterpart_core::terminal::Background;
use std::any::Any;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Threads that may wait for the disk. SQLite has one writer and few readers: more would only wait for each other.
const DESKS: usize = 8;

/// What came of some work, whatever it is.
type Done = Result<Box<dyn Any + Send>, Error>;
type Waited<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What came of a call, on its way back from another thread.
pub(crate) struct Answer<T> {
    coming: Waited<Result<Box<dyn Any + Send>>>,
    of: PhantomData<fn() -> T>,
}

impl<T: 'static> Future for Answer<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        match self.coming.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(done)) => Poll::Ready(done.downcast().map(|done| *done).map_err(|_| mistaken())),
        }
    }
}

/// An answer of another type than was asked for.
pub(crate) fn mistaken() -> Error {
    Error::defect("an answer to something else")
}

#[derive(Debug)]
pub(crate) struct Threads {
    background: Background,
}

impl Threads {
    pub(crate) fn start() -> Result<Threads, Error> {
        Ok(Threads { background: Background::start("counterpart-ffi", DESKS)? })
    }

    /// Does work that touches the database. Whoever waits for it may stop waiting: the work goes on to its end.
    pub(crate) fn desk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let work = Box::new(move || Ok(Box::new(work()?) as Box<dyn Any + Send>));
        Answer { coming: self.at_a_desk(work), of: PhantomData }
    }

    /// Waits for something that takes as long as it takes. It ends when the caller stops waiting, or the token is fired.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        cancel: Option<Arc<CancelToken>>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Answer<T> {
        let work = Box::pin(async move { Ok(Box::new(work.await?) as Box<dyn Any + Send>) });
        Answer { coming: self.until_fired(cancel, work), of: PhantomData }
    }

    /// Something that goes on by itself until it is dropped or done.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> Waiting<()> {
        Waiting(self.handle().spawn(work))
    }

    fn at_a_desk(&self, work: Box<dyn FnOnce() -> Done + Send>) -> Waited<Result<Box<dyn Any + Send>>> {
        let (tell, told) = oneshot::channel();
        // Nobody may be waiting any more.
        drop(self.handle().spawn_blocking(move || tell.send(work()).map_or((), drop)));
        // Work that panicked tells nothing.
        Box::pin(async move { told.await.map_err(|_| panicked())? })
    }

    fn until_fired(
        &self,
        cancel: Option<Arc<CancelToken>>,
        work: Waited<Done>,
    ) -> Waited<Result<Box<dyn Any + Send>>> {
        let (tell, told) = oneshot::channel();
        let waiting = Waiting(self.handle().spawn(async move { tell.send(work.await).map_or((), drop) }));
        Box::pin(async move {
            let _waiting = waiting;
            fired_or(cancel, async { told.await.map_err(|_| panicked())? }).await
        })
    }

    fn handle(&self) -> &Handle {
        self.background.handle()
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

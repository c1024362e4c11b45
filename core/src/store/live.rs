//! Live queries: a result that knows when it is out of date.

use super::{Reader, Store, Subscription};
use crate::error::Result;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

type Query<T> = Box<dyn Fn(&Reader<'_>) -> Result<T> + Send + Sync>;

/// A query that is worth running again only when one of its tables changed.
pub struct Live<T> {
    store: Store,
    query: Query<T>,
    changed: Arc<Changed>,
    _subscription: Subscription,
}

#[derive(Default)]
struct Changed {
    stale: AtomicBool,
    wake: Notify,
}

impl<T> fmt::Debug for Live<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Live").field("stale", &self.changed.stale).finish_non_exhaustive()
    }
}

impl<T> Live<T> {
    pub(super) fn new(
        store: &Store,
        tables: &[&'static str],
        query: impl Fn(&Reader<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Live<T> {
        let changed = Arc::new(Changed::default());
        changed.stale.store(true, Ordering::Release);
        let (seen, tables) = (Arc::clone(&changed), tables.to_vec());
        let subscription = store.observe(move |batch| {
            if tables.iter().any(|table| batch.touches(table)) {
                seen.stale.store(true, Ordering::Release);
                seen.wake.notify_one();
            }
        });
        Live { store: store.clone(), query: Box::new(query), changed, _subscription: subscription }
    }

    /// The result, if it may differ from the last one; nothing, and no query, if not. The first call always answers.
    pub fn poll(&self) -> Option<Result<T>> {
        // Marked fresh before the query runs: a commit meanwhile makes it stale again.
        let stale = self.changed.stale.swap(false, Ordering::AcqRel);
        let result = stale.then(|| self.store.read(|reader| (self.query)(reader)));
        if matches!(result, Some(Err(_))) {
            // Nothing was learned: the next call asks again.
            self.changed.stale.store(true, Ordering::Release);
        }
        result
    }

    /// Waits until the result may differ from the last one, and gives it.
    pub async fn next(&self) -> Result<T> {
        loop {
            let woken = self.changed.wake.notified();
            if let Some(result) = self.poll() {
                return result;
            }
            woken.await;
        }
    }
}

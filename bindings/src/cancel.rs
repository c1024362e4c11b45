//! Cancelling from outside, for callers whose language does not end a future by dropping it.

use crate::error::Result;
use counterpart_core::{Error, NotNow};
use std::sync::Arc;
use tokio::sync::watch;

/// Ends the calls that it was given to. It can be fired once, from any thread.
#[derive(Debug, uniffi::Object)]
pub struct CancelToken {
    fired: watch::Sender<bool>,
}

#[uniffi::export]
impl CancelToken {
    /// A token that has not been fired.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(CancelToken { fired: watch::Sender::new(false) })
    }

    /// Every call that has this token ends, or has ended. A write that has begun is finished all the same.
    pub fn cancel(&self) {
        self.fired.send_replace(true);
    }
}

impl CancelToken {
    /// Waits until it is fired.
    pub(crate) async fn fired(&self) {
        let mut seen = self.fired.subscribe();
        if seen.wait_for(|fired| *fired).await.is_err() {
            // Its sender lives as long as the token, which is borrowed here.
            std::future::pending::<()>().await;
        }
    }
}

/// Waits for work, or until the token is fired.
pub(crate) async fn fired_or<T>(
    cancel: Option<Arc<CancelToken>>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let fired = async {
        match cancel {
            Some(token) => token.fired().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = fired => Err(Error::not_now(NotNow::Cancelled)),
        done = work => done,
    }
}

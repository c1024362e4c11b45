//! Time as the hub sees it. Everything that expires, refills or waits for a moment asks a [`Clock`], so that a test
//! or a simulation can own time.

use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Where the hub gets the time from.
pub trait Clock: Send + Sync + 'static {
    /// Wall-clock milliseconds since 1970.
    fn now_ms(&self) -> i64;
    /// Time since this clock began; never steps back.
    fn elapsed(&self) -> Duration;
    /// Ends when [`elapsed`](Clock::elapsed) has reached `moment`.
    fn reached(&self, moment: Duration) -> BoxFuture<'static, ()>;

    /// Wall-clock seconds since 1970, as tokens count them.
    fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }
}

/// The machine's own clock.
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// A clock that begins now.
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock enters")]
    pub fn start() -> Arc<dyn Clock> {
        Arc::new(SystemClock { began: Instant::now() })
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock enters")]
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn reached(&self, moment: Duration) -> BoxFuture<'static, ()> {
        let until = tokio::time::Instant::from_std(self.began + moment);
        Box::pin(tokio::time::sleep_until(until))
    }
}

/// A clock that stands still until it is told to go on.
pub struct ManualClock {
    start_ms: i64,
    elapsed: watch::Sender<Duration>,
}

impl ManualClock {
    /// A clock that shows `start_ms`.
    pub fn at(start_ms: i64) -> Arc<ManualClock> {
        Arc::new(ManualClock { start_ms, elapsed: watch::Sender::new(Duration::ZERO) })
    }

    /// Lets `time` pass, and wakes everything that waited for a moment within it.
    pub fn advance(&self, time: Duration) {
        self.elapsed.send_modify(|elapsed| *elapsed += time);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.start_ms + i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn elapsed(&self) -> Duration {
        *self.elapsed.borrow()
    }

    fn reached(&self, moment: Duration) -> BoxFuture<'static, ()> {
        let mut elapsed = self.elapsed.subscribe();
        Box::pin(async move {
            if elapsed.wait_for(|now| *now >= moment).await.is_err() {
                // A clock that is gone reaches no moment any more.
                std::future::pending::<()>().await;
            }
        })
    }
}

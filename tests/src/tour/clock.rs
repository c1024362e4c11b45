//! A clock that moves only when it is told to.

use counterpart_core::env::Clock;
use std::sync::atomic::{AtomicI64, Ordering};

/// A day in the shop, in as little time as the machine needs for it.
#[derive(Debug)]
pub struct VirtualClock {
    begin: i64,
    passed: AtomicI64,
}

impl VirtualClock {
    /// A clock that begins at this moment, in milliseconds since 1970.
    pub fn new(begin: i64) -> VirtualClock {
        VirtualClock { begin, passed: AtomicI64::new(0) }
    }

    /// That many milliseconds pass.
    pub fn pass(&self, ms: i64) {
        self.passed.fetch_add(ms, Ordering::Relaxed);
    }

    /// Time passes until a moment of the clock that counts sleep.
    pub fn pass_until(&self, moment: i64) {
        self.passed.fetch_max(moment, Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> i64 {
        self.begin + self.passed.load(Ordering::Relaxed)
    }

    fn awake_and_asleep(&self) -> i64 {
        self.passed.load(Ordering::Relaxed)
    }
}

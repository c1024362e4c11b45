//! What the engine takes from outside: the clock and randomness. Both are traits, so that a simulation owns them.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// A day, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// Clocks.
pub trait Clock: Send + Sync {
    /// The wall clock, in milliseconds since 1970. It can be wrong and it can jump.
    fn now(&self) -> i64;

    /// Milliseconds since some moment before this device was last started, sleep included. It never jumps.
    fn awake_and_asleep(&self) -> i64;
}

/// Randomness.
pub trait Entropy: Send + Sync {
    /// Fills the bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The clock and the randomness of one engine.
#[derive(Clone)]
pub struct Env {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Env {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Env")
    }
}

impl Env {
    /// The device's own clock and randomness.
    pub fn system() -> Env {
        Env { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }

    /// The wall clock, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// A new UUIDv7.
    pub fn new_id(&self) -> String {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        let ms = u64::try_from(self.now()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid().to_string()
    }
}

/// An id that follows from others: the same parts give the same id on every device.
pub fn derived_id(parts: &[&str]) -> String {
    // The namespace is a constant of this project, made once at random.
    const NAMESPACE: Uuid = Uuid::from_u128(0x5b0a_6d8e_27d1_4c36_9f0e_7d5d_2f61_8a43);
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes()).to_string()
}

/// The operating system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is where time enters")]
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn awake_and_asleep(&self) -> i64 {
        boot_clock()
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn boot_clock() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000)
}

// On Apple's systems the monotonic clock counts sleep.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn boot_clock() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000)
}

#[cfg(not(unix))]
fn boot_clock() -> i64 {
    SystemClock.now()
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness there are no keys and no ids: going on would be worse than stopping.
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the system gave no randomness: {error}");
        }
    }
}

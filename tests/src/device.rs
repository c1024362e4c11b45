//! One device under test: a file, its secure storage, a clock that only the test moves.

use crate::dice::Dice;
use counterpart_core::env::{Clock, Entropy, Env};
use counterpart_core::keys::{MemoryKeys, SecureStorage};
use counterpart_core::schema::Schema;
use counterpart_core::store::{Durability, Tripwire};
use counterpart_core::{Account, Opening, Result, Shop};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// When every virtual clock begins: a moment in 2026.
pub const BEGINNING: i64 = 1_770_000_000_000;

/// A clock that moves when it is told to.
#[derive(Debug)]
pub struct VirtualClock {
    ms: AtomicI64,
}

impl VirtualClock {
    /// Lets time pass.
    pub fn advance(&self, ms: i64) {
        self.ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets it to a moment of [`Clock::awake_and_asleep`], if that is still to come.
    pub fn reach(&self, moment: i64) {
        self.ms.fetch_max(moment + BEGINNING, Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> i64 {
        self.ms.load(Ordering::SeqCst)
    }

    fn awake_and_asleep(&self) -> i64 {
        self.now() - BEGINNING
    }
}

struct SeededEntropy(Mutex<Dice>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let dice = self.0.lock().unwrap();
        for byte in bytes {
            *byte = dice.number().to_le_bytes()[0];
        }
    }
}

/// A folder for databases that nobody needs to survive a power cut: in memory where the system offers that.
pub fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.expect("a temporary folder")
}

/// A device. Everything that outlives a restart of the app is in here.
pub struct Device {
    /// The folder that the file lies in.
    pub folder: TempDir,
    /// The clock.
    pub clock: Arc<VirtualClock>,
    /// Secure storage.
    pub keys: Arc<dyn SecureStorage>,
    /// What every opening is made from.
    pub opening: Opening,
}

impl fmt::Debug for Device {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Device({})", self.folder.path().display())
    }
}

impl Device {
    /// A new device of an owner called Ada, whose every id follows from the seed.
    pub fn new(schema: &'static Schema, seed: u64) -> Device {
        let folder = scratch();
        let clock = Arc::new(VirtualClock { ms: AtomicI64::new(BEGINNING) });
        let keys: Arc<dyn SecureStorage> = Arc::new(MemoryKeys::default());
        let entropy = SeededEntropy(Mutex::new(Dice::new(seed ^ 0x5eed)));
        let mut account = Account::new("ada", "owner");
        account.employee = Some("employee-ada".into());
        let opening = Opening {
            durability: Durability::Normal,
            env: Env { clock: clock.clone(), entropy: Arc::new(entropy) },
            keys: keys.clone(),
            retry: crate::courtesy::retry(),
            ..Opening::new(folder.path().join("shop.db"), schema, "shop-1", account)
        };
        Device { folder, clock, keys, opening }
    }

    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.opening.path.clone()
    }

    /// Opens the shop.
    pub fn open(&self) -> Result<Shop> {
        Shop::open(self.opening.clone())
    }

    /// Opens the shop with something that is called at every transaction boundary.
    pub fn open_with(&self, tripwire: Arc<dyn Tripwire>) -> Result<Shop> {
        Shop::open(Opening { tripwire: Some(tripwire), ..self.opening.clone() })
    }
}

/// How many rows a query gives: `SELECT count(*) …`.
pub fn count(shop: &Shop, sql: &str) -> i64 {
    shop.read(|reader| reader.one(sql, [], |row| row.get(0))).unwrap().unwrap()
}

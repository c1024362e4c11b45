//! [`Shop`]: one open shop on one device. The Rust API that the platforms' facade wraps.
//!
//! ```
//! use counterpart_core::entity::{Customer, REPAIR_SHOP};
//! use counterpart_core::{Account, Opening, Shop};
//!
//! let folder = tempfile::tempdir()?;
//! let account = Account::new("ada", "owner");
//! let shop = Shop::open(Opening::new(folder.path().join("shop.db"), &REPAIR_SHOP, "shop-1", account))?;
//! let id = shop.create(&Customer { last_name: Some("Okafor".into()), ..Customer::default() })?;
//! assert_eq!(shop.get::<Customer>(&id)?.and_then(|found| found.last_name).as_deref(), Some("Okafor"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chores;
mod conflicts;
mod drafts;
mod edits;
mod evict;
mod export;
mod export_file;
mod flag;
mod identity;
pub mod import;
mod inspect;
mod journal;
mod keyring;
mod link;
mod merge;
mod news;
mod numbers;
#[cfg(feature = "inspector")]
mod purge;
mod queue;
mod read;
mod safe;
mod search;
mod standing;
mod wipe;

pub use conflicts::{Choice, OpenConflict};
pub use drafts::Draft;
pub use edits::Edits;
pub use export::{ExportReport, Flow, Progress};
pub use identity::Finding;
pub use inspect::{Inspection, QueuedOperation, RawRecord};
pub use link::Checksum;
pub use news::Notices;
pub use numbers::Lease;
pub use read::Record;
pub use safe::Safe;
pub use search::{Indexed, prefix_end};

use crate::env::Env;
use crate::error::{Error, Result};
use crate::journal::Journal;
use crate::keys::{MemoryKeys, SecureStorage};
use crate::outbox::rebuild;
use crate::schema::{Schema, Who};
use crate::store::{
    ChangeBatch, Durability, Live, Reader, Store, StoreOptions, Subscription, Tripwire, UNTOLD,
};
use crate::sync::{Engine, RetryPolicy};
use identity::{COPIED, Identity};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The signed-in account, as the server told it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its role in this shop.
    pub role: String,
    /// Whether it is a shared tablet.
    pub station: bool,
    /// The employee that it belongs to, where it belongs to one.
    pub employee: Option<String>,
}

impl Account {
    /// A person's account.
    pub fn new(id: &str, role: &str) -> Account {
        Account { id: id.into(), role: role.into(), station: false, employee: None }
    }

    /// A shared tablet's account.
    pub fn station(id: &str) -> Account {
        Account { id: id.into(), role: "station".into(), station: true, employee: None }
    }
}

/// How to open a shop.
#[derive(Clone)]
pub struct Opening {
    /// The file: one per account and shop.
    pub path: PathBuf,
    /// What it holds.
    pub schema: &'static Schema,
    /// The shop's id.
    pub shop: String,
    /// Who is signed in.
    pub account: Account,
    /// What a write that returned survives.
    pub durability: Durability,
    /// Clock and randomness.
    pub env: Env,
    /// Where secrets are kept.
    pub keys: Arc<dyn SecureStorage>,
    /// How often and how long to try again.
    pub retry: RetryPolicy,
    /// Whether a journal is kept of what the sync does.
    pub logs: bool,
    /// Called at transaction boundaries, by tests.
    pub tripwire: Option<Arc<dyn Tripwire>>,
}

impl fmt::Debug for Opening {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Opening").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Opening {
    /// A shop with full durability, the system's clock, and secrets that end with the process.
    pub fn new(path: impl Into<PathBuf>, schema: &'static Schema, shop: &str, account: Account) -> Opening {
        Opening {
            path: path.into(),
            schema,
            shop: shop.to_owned(),
            account,
            durability: Durability::Full,
            env: Env::system(),
            keys: Arc::new(MemoryKeys::default()),
            retry: RetryPolicy::default(),
            logs: true,
            tripwire: None,
        }
    }
}

/// One open shop.
#[derive(Clone)]
pub struct Shop {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    env: Env,
    keys: Arc<dyn SecureStorage>,
    shop: String,
    who: Mutex<Who>,
    findings: Vec<Finding>,
    account: String,
    engine: Mutex<Engine>,
    // Woken by every write of a person: there is something to send.
    wrote: Notify,
}

impl fmt::Debug for Shop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Shop({:?})", self.inner.store)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shop {
    /// Opens the shop's file, or makes it. [`Shop::findings`] says what a person has to know about it.
    pub fn open(opening: Opening) -> Result<Shop> {
        let opened = Store::open(StoreOptions {
            path: opening.path,
            schema: opening.schema,
            durability: opening.durability,
            tripwire: opening.tripwire,
            now: opening.env.now(),
            is_operation: crate::outbox::Operation::is_whole,
        })?;
        let store = opened.store;
        let identity = Identity { shop: &opening.shop, account: &opening.account.id, keys: &*opening.keys };
        let mut findings = identity.verify(&store, &opening.env)?;
        if let Some(salvage) = opened.salvage {
            store.write(rebuild)?;
            findings.push(Finding::Damaged(salvage));
        }
        let journal = Journal::new(opening.logs);
        let engine = Engine::new(&opening.shop, store.clone(), opening.env.clone(), opening.retry, journal);
        let account = opening.account.id.clone();
        let who = Who {
            account: opening.account.id,
            role: opening.account.role,
            station: opening.account.station,
            actor: opening.account.employee,
            actor_role: None,
        };
        let inner = Inner {
            store,
            env: opening.env,
            keys: opening.keys,
            shop: opening.shop,
            who: Mutex::new(who),
            findings,
            account,
            engine: Mutex::new(engine),
            wrote: Notify::new(),
        };
        let shop = Shop { inner: Arc::new(inner) };
        shop.resume_standing()?;
        shop.resume_sealed()?;
        // Whoever is ended before this finds the same again.
        if !shop.findings().is_empty() {
            shop.store().write(|tx| tx.drop_fact(UNTOLD).and_then(|()| tx.drop_fact(COPIED)))?;
        }
        Ok(shop)
    }

    /// What happened at opening that a person has to know.
    pub fn findings(&self) -> &[Finding] {
        &self.inner.findings
    }

    /// The shop's id.
    pub fn id(&self) -> &str {
        &self.inner.shop
    }

    /// The local database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Clock and randomness.
    pub fn env(&self) -> &Env {
        &self.inner.env
    }

    /// Where secrets are kept.
    pub fn keys(&self) -> &dyn SecureStorage {
        &*self.inner.keys
    }

    /// Who is at work.
    pub fn who(&self) -> Who {
        lock(&self.inner.who).clone()
    }

    /// Somebody else takes over, with a role that narrows the account's. The caller has verified who it is.
    pub(crate) fn set_actor(&self, actor: Option<String>, role: Option<String>) {
        let mut who = lock(&self.inner.who);
        (who.actor, who.actor_role) = (actor, role);
    }

    /// Reads from one snapshot.
    pub fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.inner.store.read(work)
    }

    /// Calls `listener` after every commit that changed something, until the subscription is dropped.
    pub fn observe(&self, listener: impl Fn(&ChangeBatch) + Send + Sync + 'static) -> Subscription {
        self.inner.store.observe(listener)
    }

    /// A query that runs again when one of its tables changed, and only then.
    pub fn live<T>(
        &self,
        tables: &[&'static str],
        query: impl Fn(&Reader<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Live<T> {
        self.inner.store.live(tables, query)
    }

    /// Ends the shop: a write in progress is finished first, later calls are refused.
    pub fn close(&self) -> Result<()> {
        self.inner.store.close()
    }

    pub(crate) fn table(&self, name: &str) -> Result<&'static crate::schema::Table> {
        self.inner.store.schema().table(name).ok_or_else(|| Error::missing("table"))
    }
}

//! [`Terminal`]: the app as it is installed on one device. What the platforms' facade wraps, below its screens.
//!
//! A folder holds a file per account and shop, side by side, and a note of who is signed in where. Opening the folder
//! goes on there. One process has it at a time, one account never opens another's file, and nobody signs out of work
//! that the server does not have without having been asked.
//!
//! ```
//! use counterpart_core::entity::REPAIR_SHOP;
//! use counterpart_core::env::Env;
//! use counterpart_core::keys::MemoryKeys;
//! use counterpart_core::terminal::Options;
//! use counterpart_core::{Account, Terminal};
//! use std::sync::Arc;
//!
//! let folder = tempfile::tempdir()?;
//! let keys = Arc::new(MemoryKeys::default());
//! let open = || Terminal::open(folder.path(), &REPAIR_SHOP, keys.clone(), Env::system(), Options::default());
//! let terminal = open()?;
//! assert!(terminal.shop().is_none());
//! terminal.enter(&Account::new("ada", "owner"), "shop-1")?;
//! terminal.close()?;
//! assert_eq!(open()?.shop().map(|shop| shop.id().to_owned()).as_deref(), Some("shop-1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod ahead;
mod background;
mod driver;
mod ended;
mod errand;
mod folder;
mod line;
mod online;
mod sign_out;
#[cfg(feature = "inspector")]
mod simulate;

pub use account::{ShopName, SignedIn};
pub use background::Background;
pub use driver::Sight;
pub use online::Address;
pub use sign_out::Unsent;

use crate::env::Env;
use crate::error::{Error, NotNow, Result};
use crate::keys::SecureStorage;
use crate::schema::Schema;
use crate::shop::{Account, Opening, Shop};
use crate::store::Durability;
use crate::sync::{Event, RetryPolicy};
use driver::{Driver, Told};
use folder::{Folder, Memory, Seat};
use line::Line;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// How every shop of a terminal is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What a write that returned survives.
    pub durability: Durability,
    /// How often and how long to try again.
    pub retry: RetryPolicy,
    /// Whether a journal is kept of what the sync does.
    pub logs: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { durability: Durability::default(), retry: RetryPolicy::default(), logs: true }
    }
}

/// One installation of the app on one device.
pub struct Terminal {
    schema: &'static Schema,
    keys: Arc<dyn SecureStorage>,
    env: Env,
    options: Options,
    // Made when first needed.
    runtime: Mutex<Option<Background>>,
    // `None` once closed. Held through whatever changes who is signed in where, so that such calls take turns.
    inside: Mutex<Option<Inside>>,
}

struct Inside {
    folder: Folder,
    memory: Memory,
    seated: Option<Seated>,
    // What the shell asked for last, for shops that are opened later.
    awake: bool,
    online: bool,
    // What is done in the background, for which the engine is awake though the app is not.
    errand: Weak<()>,
    // The way to the server of whoever is signed in.
    line: Option<Line>,
    forgot: Option<PathBuf>,
    // The shops that somebody had to choose from who is not signed in yet.
    offered: Vec<ShopName>,
    // What an inspector has made of the network: ways to a server that begin later are as bad.
    #[cfg(feature = "inspector")]
    trouble: crate::net::Trouble,
}

/// An open shop. What links it to a server lives beside it, and begins and ends with it.
struct Seated {
    seat: Seat,
    account: String,
    shop: Shop,
    driver: Option<Arc<Driver>>,
}

impl fmt::Debug for Terminal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Terminal({})", self.schema.name)
    }
}

impl Terminal {
    /// Opens the device's folder, or makes it, and goes on with the account and the shop that were open last.
    pub fn open(
        folder: impl AsRef<Path>,
        schema: &'static Schema,
        keys: Arc<dyn SecureStorage>,
        env: Env,
        options: Options,
    ) -> Result<Terminal> {
        let folder = Folder::open(folder.as_ref())?;
        let (memory, forgot) = folder.memory(env.now())?;
        let (runtime, inside) = (Mutex::new(None), Mutex::new(None));
        let terminal = Terminal { schema, keys, env, options, runtime, inside };
        let mut inside = Inside {
            folder,
            memory,
            seated: None,
            awake: true,
            online: false,
            errand: Weak::new(),
            line: None,
            forgot,
            offered: Vec::new(),
            #[cfg(feature = "inspector")]
            trouble: crate::net::Trouble::default(),
        };
        if let Some((account, seat)) = inside.memory.last() {
            let shop = terminal.open_seat(&inside, &account, &seat)?;
            inside.seated = Some(Seated { seat, account, shop, driver: None });
        }
        terminal.resume_line(&mut inside)?;
        *terminal.lock() = Some(inside);
        Ok(terminal)
    }

    /// The open shop; none while nobody is signed in.
    pub fn shop(&self) -> Option<Shop> {
        self.lock().as_ref()?.seated.as_ref().map(|seated| seated.shop.clone())
    }

    /// The shops of the signed-in account that this device has opened, by id.
    pub fn shops(&self) -> Vec<String> {
        let guard = self.lock();
        let signed_in = guard.as_ref().and_then(|inside| inside.memory.signed_in.as_ref());
        signed_in.map(|signed_in| signed_in.shops()).unwrap_or_default()
    }

    /// Where the note of who was signed in was put, if it could not be read. The shops' files are as they were: whoever
    /// signs in again finds theirs.
    pub fn forgot(&self) -> Option<PathBuf> {
        self.lock().as_ref()?.forgot.clone()
    }

    /// This account works in this shop from now on: the server said so, or nobody has asked one yet.
    pub fn enter(&self, account: &Account, shop: &str) -> Result<Shop> {
        let mut guard = self.lock();
        let inside = guard.as_mut().ok_or_else(closed)?;
        if inside.memory.signed_in.as_ref().is_some_and(|signed_in| signed_in.account != account.id) {
            return Err(Error::denied("account", "sign_out_first"));
        }
        self.sit(inside, &account.id, Seat::new(account, shop))
    }

    /// Another shop of the signed-in account: one that this device has opened before, or that the server told of.
    pub fn switch_shop(&self, shop: &str) -> Result<Shop> {
        let mut guard = self.lock();
        let inside = guard.as_mut().ok_or_else(closed)?;
        let signed_in = inside.memory.signed_in.as_ref().ok_or_else(nobody)?;
        let seat = signed_in.seat(shop).ok_or_else(|| Error::missing("shop"))?.clone();
        let account = signed_in.account.clone();
        let shop = self.sit(inside, &account, seat)?;
        self.put_on_line(inside)?;
        Ok(shop)
    }

    /// The app leaves the screen. Returns once no transaction and no statement is open.
    pub async fn suspend(&self) -> Result<()> {
        let told = self.wake(false)?;
        at_rest(told).await
    }

    /// The app comes back.
    pub async fn resume(&self) -> Result<()> {
        let told = self.wake(true)?;
        known(told).await
    }

    fn wake(&self, awake: bool) -> Result<Option<(Shop, Told)>> {
        let mut guard = self.lock();
        let inside = guard.as_mut().ok_or_else(closed)?;
        inside.awake = awake;
        // The app decides from now on, whatever is done in the background.
        inside.errand = Weak::new();
        inside.tell_seated(if awake { Event::Resumed } else { Event::Suspended })
    }

    /// Ends the terminal: a write in progress is finished first, later calls are refused. Who is signed in stays so.
    pub fn close(&self) -> Result<()> {
        let inside = self.lock().take();
        inside.and_then(|inside| inside.seated).map_or(Ok(()), |seated| seated.shop.close())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Inside>> {
        // What is guarded is changed in one step, after everything that can fail.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a seat in the place of the one that is open. If that fails, the open one stays.
    fn sit(&self, inside: &mut Inside, account: &str, seat: Seat) -> Result<Shop> {
        if let Some(seated) = inside.seated.take_if(|seated| seated.seat.shop == seat.shop) {
            if seated.seat == seat {
                let shop = seated.shop.clone();
                inside.seated = Some(seated);
                return Ok(shop);
            }
            // The same file under another role: it cannot be open twice.
            seated.shop.close()?;
        }
        let shop = self.open_seat(inside, account, &seat)?;
        let memory = inside.memory.with(account, &seat);
        if let Err(error) = inside.folder.remember(&memory) {
            shop.close()?;
            return Err(error);
        }
        inside.memory = memory;
        let seated = Seated { seat, account: account.to_owned(), shop: shop.clone(), driver: None };
        if let Some(before) = inside.seated.replace(seated) {
            before.shop.close()?;
        }
        Ok(shop)
    }

    fn open_seat(&self, inside: &Inside, account: &str, seat: &Seat) -> Result<Shop> {
        let path = inside.folder.file(account, &seat.shop);
        let shop = Shop::open(Opening {
            durability: self.options.durability,
            env: self.env.clone(),
            keys: Arc::clone(&self.keys),
            retry: self.options.retry,
            logs: self.options.logs,
            ..Opening::new(path, self.schema, &seat.shop, seat.account(account))
        })?;
        if !inside.awake {
            tell(&shop, Event::Suspended)?;
        }
        Ok(shop)
    }
}

impl Inside {
    /// Tells the open shop, if there is one. Whoever has the terminal's lock does, so that what is said takes effect in the
    /// order in which it was said.
    fn tell_seated(&self, event: Event) -> Result<Option<(Shop, Told)>> {
        let Some(seated) = &self.seated else { return Ok(None) };
        let told = match &seated.driver {
            Some(driver) => driver.tell(event)?,
            None => {
                tell(&seated.shop, event)?;
                Told::already()
            }
        };
        Ok(Some((seated.shop.clone(), told)))
    }
}

/// Waits until a shop knows what it was told.
async fn known(told: Option<(Shop, Told)>) -> Result<()> {
    match told {
        Some((_, told)) => told.await,
        None => Ok(()),
    }
}

/// Waits until a shop that was suspended has nothing open, and has everything in its file.
async fn at_rest(suspended: Option<(Shop, Told)>) -> Result<()> {
    let Some((shop, told)) = suspended else { return Ok(()) };
    told.await?;
    shop.store().checkpoint()
}

fn closed() -> Error {
    Error::not_now(NotNow::Closed)
}
fn nobody() -> Error {
    Error::signed_out("nobody is signed in")
}

/// Tells the engine what happened. What it asks for needs a link to a server; without one it asks for nothing.
fn tell(shop: &Shop, event: Event) -> Result<()> {
    shop.step(event).map(drop)
}

impl folder::SignedIn {
    fn shops(&self) -> Vec<String> {
        self.seats.iter().map(|seat| seat.shop.clone()).collect()
    }
}

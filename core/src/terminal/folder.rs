//! The device's folder: one process at a time, a file per account and shop, and `terminal.json`, which says who is
//! signed in where and holds no secret. It is replaced whole: a kill leaves the old one or the new one.

use super::{Address, ShopName};
use crate::env::derived_id;
use crate::error::{Error, NotNow, Result, StorageFault};
use crate::shop::Account;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The form of `terminal.json`; a later one is another version's.
const FORM: u32 = 1;

pub(super) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Closing would not be enough: a process that is just being started may still hold a copy of the handle.
        if let Err(error) = self.lock.unlock() {
            log::error!("the folder's lock was not released: {}", error.kind());
        }
    }
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Folder> {
        fs::create_dir_all(path)?;
        let lock = path.join("terminal.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock)?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { path: path.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(Error::not_now(NotNow::InUse)),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The file of an account in a shop.
    pub(super) fn file(&self, account: &str, shop: &str) -> PathBuf {
        self.path.join(format!("{}_{}.db", plain(account), plain(shop)))
    }

    /// What was remembered; and, if it could not be read, where that was put.
    pub(super) fn memory(&self, now: i64) -> Result<(Memory, Option<PathBuf>)> {
        let path = self.note();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Memory::default(), None)),
            Err(error) => return Err(error.into()),
        };
        // What is no text is as damaged as a text that is no JSON.
        let text = String::from_utf8(text).unwrap_or_default();
        let found = serde_json::from_str::<Form>(&text).map_or(FORM, |form| form.form);
        if found > FORM {
            return Err(Error::storage(StorageFault::Newer { found, known: FORM }));
        }
        if let Ok(memory) = serde_json::from_str(&text) {
            return Ok((memory, None));
        }
        let aside = self.path.join(format!("terminal.json.damaged-{now}"));
        fs::rename(path, &aside)?;
        Ok((Memory::default(), Some(aside)))
    }

    pub(super) fn remember(&self, memory: &Memory) -> Result<()> {
        let text = serde_json::to_vec(memory).map_err(|error| Error::defect(error.to_string()))?;
        let beside = self.path.join("terminal.json.new");
        let mut file = File::create(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        Ok(fs::rename(beside, self.note())?)
    }

    /// Takes the closed file of an account in a shop off the device. Its lock stays: somebody may be waiting for it.
    pub(super) fn remove(&self, account: &str, shop: &str) -> Result<()> {
        let file = self.file(account, shop);
        // The file itself first: without it the others say nothing.
        for suffix in ["", "-wal", "-shm", ".suspect", ".snapshot"] {
            let mut name = file.clone().into_os_string();
            name.push(suffix);
            match fs::remove_file(name) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    fn note(&self) -> PathBuf {
        self.path.join("terminal.json")
    }
}

/// An id as a part of a file's name, different for different ids, in any case and on any system.
fn plain(id: &str) -> String {
    let harmless = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&id.len()) && id.bytes().all(harmless) { id.to_owned() } else { derived_id(&[id]) }
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

/// What the device remembers between two starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Memory {
    form: u32,
    pub(super) signed_in: Option<SignedIn>,
}

impl Default for Memory {
    fn default() -> Self {
        Memory { form: FORM, signed_in: None }
    }
}

/// The signed-in account and its shops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SignedIn {
    pub(super) account: String,
    /// Where it signed in; nothing where no server was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<ServerNote>,
    /// The one that is open.
    shop: String,
    pub(super) seats: Vec<Seat>,
    /// The account's shops as the server told them last, for who chooses without a network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    known: Vec<KnownShop>,
}

/// A shop that the account works in, opened here or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownShop {
    pub(super) name: String,
    pub(super) seat: Seat,
}

/// The server of an account. The key is every device's and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServerNote {
    url: String,
    anon_key: String,
    root_sha256: Option<String>,
}

impl ServerNote {
    pub(super) fn of(address: &Address) -> ServerNote {
        let Address { url, anon_key, root_sha256 } = address.clone();
        ServerNote { url, anon_key, root_sha256 }
    }

    pub(super) fn address(&self) -> Address {
        let ServerNote { url, anon_key, root_sha256 } = self.clone();
        Address { url, anon_key, root_sha256 }
    }
}

/// An account's place in one shop, as the server told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) shop: String,
    role: String,
    station: bool,
    employee: Option<String>,
}

impl Memory {
    /// The account and the seat to go on with.
    pub(super) fn last(&self) -> Option<(String, Seat)> {
        let signed_in = self.signed_in.as_ref()?;
        Some((signed_in.account.clone(), signed_in.seat(&signed_in.shop)?.clone()))
    }

    /// The signed-in account and its server.
    pub(super) fn server(&self) -> Option<(String, ServerNote)> {
        let signed_in = self.signed_in.as_ref()?;
        Some((signed_in.account.clone(), signed_in.server.clone()?))
    }

    /// The same with this account at this server. What it had before stays.
    pub(super) fn at(&self, account: &str, server: ServerNote) -> Memory {
        let earlier = self.signed_in.clone().filter(|signed_in| signed_in.account == account);
        let signed_in = earlier.unwrap_or_else(|| SignedIn {
            account: account.to_owned(),
            server: None,
            shop: String::new(),
            seats: Vec::new(),
            known: Vec::new(),
        });
        Memory { signed_in: Some(SignedIn { server: Some(server), ..signed_in }), ..Memory::default() }
    }

    /// The same with the shops that the account works in, as the server tells them.
    pub(super) fn knowing(&self, known: Vec<KnownShop>) -> Memory {
        let signed_in = self.signed_in.clone().map(|signed_in| SignedIn { known, ..signed_in });
        Memory { signed_in, ..Memory::default() }
    }

    /// The same with this account in this seat.
    pub(super) fn with(&self, account: &str, seat: &Seat) -> Memory {
        let earlier = self.signed_in.iter().filter(|signed_in| signed_in.account == account);
        let others = earlier.flat_map(|signed_in| signed_in.seats.iter());
        let mut seats: Vec<Seat> = others.filter(|other| other.shop != seat.shop).cloned().collect();
        seats.push(seat.clone());
        seats.sort_by(|one, other| one.shop.cmp(&other.shop));
        let earlier = self.signed_in.as_ref().filter(|signed_in| signed_in.account == account);
        let server = earlier.and_then(|earlier| earlier.server.clone());
        let known = earlier.map(|earlier| earlier.known.clone()).unwrap_or_default();
        let signed_in =
            SignedIn { account: account.to_owned(), server, shop: seat.shop.clone(), seats, known };
        Memory { signed_in: Some(signed_in), ..Memory::default() }
    }
}

impl SignedIn {
    pub(super) fn seat(&self, shop: &str) -> Option<&Seat> {
        let known = self.known.iter().map(|known| &known.seat);
        self.seats.iter().chain(known).find(|seat| seat.shop == shop)
    }

    /// The account's shops by name.
    pub(super) fn names(&self) -> Vec<ShopName> {
        let name = |known: &KnownShop| ShopName { id: known.seat.shop.clone(), name: known.name.clone() };
        self.known.iter().map(name).collect()
    }
}

impl Seat {
    pub(super) fn new(account: &Account, shop: &str) -> Seat {
        let Account { id: _, role, station, employee } = account.clone();
        Seat { shop: shop.to_owned(), role, station, employee }
    }

    pub(super) fn account(&self, id: &str) -> Account {
        let Seat { role, station, employee, .. } = self.clone();
        Account { id: id.to_owned(), role, station, employee }
    }
}

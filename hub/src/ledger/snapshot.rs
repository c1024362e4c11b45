//! Ready files: all of a shop that one class of members may read, as a new device's database has it.
//!
//! A file is built when somebody asks and none is there that is young enough, from one read snapshot, beside the
//! writer; one at a time. It replaces the one before it, and there are never more than [`MOST`]. A table of which a
//! member reads only some rows, or that holds secrets, lies in no file: its rows go as ranges.

use super::access::Member;
use super::books::{Books, kept_row};
use super::range::{Part, head, of_tables, values};
use super::{Ledger, LedgerError, Result, devices};
use crate::{files, secret};
use counterpart_core::schema::Table;
use counterpart_core::store;
use counterpart_core::sync::SnapshotWriter;
use counterpart_core::sync::wire::{Cursor, SnapshotAnswer, SnapshotRequest};
use ring::digest::{Context, SHA256};
use rusqlite::params_from_iter;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// A file that more commits have followed is built anew when somebody asks.
const OLD_COMMITS: i64 = 200;
/// So is one of that age: what was deleted or emptied since must not go on lying about.
const OLD_MS: i64 = 3_600_000;
/// Files of all shops together.
const MOST: usize = 32;
/// Unsettled operations that one request may name.
const MOST_UNSETTLED: usize = 1_000;

/// What there is for a device to begin with.
#[derive(Debug)]
pub enum Snapshot {
    /// A file.
    Ready(Box<SnapshotAnswer>),
    /// One is being built for somebody else: come back.
    Building,
}

/// A file that devices may fetch.
#[derive(Clone, Debug)]
struct Ready {
    shop: String,
    /// The tables that are in it.
    class: Vec<&'static str>,
    name: String,
    head: Cursor,
    at: i64,
    rows: u64,
    bytes: u64,
    sha256: String,
}

/// The files of this process. Those of an earlier one are gone before the first is made.
#[derive(Debug)]
pub(super) struct Snapshots {
    folder: PathBuf,
    ready: Mutex<Vec<Ready>>,
    // Whether the folder was emptied. Held while a file is built.
    building: Mutex<bool>,
}

impl Snapshots {
    /// The files that lie beside a ledger.
    pub(super) fn beside(ledger: &Path) -> Snapshots {
        let folder = ledger.with_file_name("snapshots");
        Snapshots { folder, ready: Mutex::default(), building: Mutex::default() }
    }

    fn ready(&self) -> MutexGuard<'_, Vec<Ready>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The file of a class, if it is young enough for a shop that stands there now.
    fn young(&self, shop: &str, class: &[&'static str], now: &Cursor, at: i64) -> Option<Ready> {
        let young = |ready: &&Ready| {
            ready.shop == shop
                && ready.class == class
                && ready.head.epoch == now.epoch
                && (0..=OLD_COMMITS).contains(&(now.n - ready.head.n))
                && (0..=OLD_MS).contains(&(at - ready.at))
        };
        self.ready().iter().find(young).cloned()
    }

    /// Puts a file in the place of the one before it.
    fn keep(&self, ready: Ready) {
        let mut all = self.ready();
        let same = |other: &Ready| other.shop == ready.shop && other.class == ready.class;
        let (mut gone, mut left): (Vec<_>, Vec<_>) = all.drain(..).partition(same);
        if left.len() >= MOST {
            gone.extend(left.drain(..=left.len() - MOST));
        }
        left.push(ready);
        *all = left;
        drop(all);
        // Whoever is fetching one has it open.
        gone.iter().for_each(|ready| forget(&self.path(&ready.name)));
    }
}

fn forget(path: &Path) {
    if let Err(error) = fs::remove_file(path).or_else(missing) {
        tracing::warn!(%error, "a snapshot could not be removed");
    }
}

fn missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// The tables that lie in the file of a member, and those that it may read and that come as ranges.
fn class(books: &Books<'_>, member: &Member) -> (Vec<&'static Table>, Vec<&'static Table>) {
    let read = books.schema.all_tables().filter(|table| member.reads(table));
    read.partition(|table| member.reads_every_row(table) && !table.secret)
}

fn names(tables: &[&'static Table]) -> Vec<&'static str> {
    tables.iter().map(|table| table.name).collect()
}

impl Ledger {
    /// A file for a new device of this member to begin with.
    pub fn snapshot(&self, member: &Member, request: &SnapshotRequest) -> Result<Snapshot> {
        if request.unsettled.len() > MOST_UNSETTLED {
            return Err(LedgerError::Malformed("unsettled"));
        }
        if request.layout != store::layout(self.schema).map_err(|error| not_written(&error))? {
            return Err(LedgerError::Malformed("layout"));
        }
        let (now, tables, apart) = self.read(|books| {
            let shop = books.shop(&request.shop)?;
            devices::check(books, member, &request.shop, &request.device, None)?;
            if request.epoch != shop.epoch {
                return Err(LedgerError::OtherEpoch);
            }
            let (tables, apart) = class(books, member);
            Ok((head(shop), tables, apart))
        })?;
        let young = || self.snapshots.young(&request.shop, &names(&tables), &now, self.env.now());
        let ready = match young() {
            Some(ready) => ready,
            None => {
                let mut emptied = match self.snapshots.building.try_lock() {
                    Ok(building) => building,
                    Err(TryLockError::Poisoned(building)) => building.into_inner(),
                    Err(TryLockError::WouldBlock) => return Ok(Snapshot::Building),
                };
                match young() {
                    Some(ready) => ready,
                    None => self.build(&request.shop, &tables, &mut emptied)?,
                }
            }
        };
        let receipts = self.read(|books| {
            let known = request.unsettled.iter().map(|op| books.receipt(&request.shop, op));
            let known = known.collect::<Result<Vec<_>>>()?;
            // One that took effect later comes with the pull that follows.
            let inside = known.into_iter().flatten().filter(|receipt| receipt.n <= Some(ready.head.n));
            Ok(inside.filter(|receipt| !receipt.hash.is_empty()).collect())
        })?;
        Ok(Snapshot::Ready(Box::new(SnapshotAnswer {
            path: format!("/rest/v1/snapshots/{}/{}", request.shop, ready.name),
            sha256: ready.sha256,
            bytes: ready.bytes,
            rows: ready.rows,
            head: ready.head,
            apart: names(&apart).into_iter().map(str::to_owned).collect(),
            receipts,
        })))
    }

    /// A file that a member was told of, open to be read, and how long it is; none that is not of their class now.
    pub fn snapshot_file(&self, member: &Member, shop: &str, name: &str) -> Result<Option<(File, u64)>> {
        let class = self.read(|books| Ok(names(&class(books, member).0)))?;
        let fits = |ready: &&Ready| ready.shop == shop && ready.name == name && ready.class == class;
        let found = self.snapshots.ready().iter().find(fits).cloned();
        let Some(ready) = found else { return Ok(None) };
        match File::open(self.snapshots.path(&ready.name)) {
            Ok(file) => Ok(Some((file, ready.bytes))),
            Err(error) => missing(error).map(|()| None).map_err(|error| not_kept(&error)),
        }
    }

    fn build(&self, shop: &str, tables: &[&'static Table], emptied: &mut bool) -> Result<Ready> {
        let folder = &self.snapshots.folder;
        if !*emptied {
            fs::remove_dir_all(folder).or_else(missing).map_err(|error| not_kept(&error))?;
            files::private_folder(folder).map_err(|error| not_kept(&error))?;
            *emptied = true;
        }
        let name = self.env.new_id();
        let path = self.snapshots.path(&name);
        let built = self.write_snapshot(shop, tables, &path).and_then(|(head, rows)| {
            let (bytes, sha256) = hash(&path).map_err(|error| not_kept(&error))?;
            let (shop, class, at) = (shop.to_owned(), names(tables), self.env.now());
            Ok(Ready { shop, class, name, head, at, rows, bytes, sha256 })
        });
        match built {
            Ok(ready) => {
                self.snapshots.keep(ready.clone());
                Ok(ready)
            }
            Err(error) => {
                forget(&path);
                Err(error)
            }
        }
    }

    fn write_snapshot(&self, shop: &str, tables: &[&'static Table], path: &Path) -> Result<(Cursor, u64)> {
        self.read(|books| {
            let head = head(books.shop(shop)?);
            let failed = |error| not_written(&error);
            let mut writer = SnapshotWriter::create(path, self.schema).map_err(failed)?;
            for part in of_tables(books, tables) {
                put_all(books, shop, &part, &mut writer)?;
            }
            Ok((head.clone(), writer.finish(shop, &head).map_err(failed)?))
        })
    }
}

fn put_all(books: &Books<'_>, shop: &str, part: &Part, writer: &mut SnapshotWriter) -> Result<()> {
    let sql = format!(
        "SELECT ledger_body FROM {} WHERE shop = ?1 AND id > ?2 AND {} ORDER BY id",
        part.table.name, part.condition
    );
    let mut put = Ok(());
    books.each(&sql, params_from_iter(values(shop, "", part)), |row| {
        if put.is_ok() {
            put = put_one(part.table, row.get_ref(0)?.as_str()?, writer);
        }
        Ok(())
    })?;
    put
}

fn put_one(table: &'static Table, body: &str, writer: &mut SnapshotWriter) -> Result<()> {
    writer.put(&kept_row(table, body)?).map_err(|error| not_written(&error))
}

fn hash(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash, mut bytes) = (File::open(path)?, Context::new(&SHA256), 0);
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut piece)?;
        let Some(part) = piece.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        bytes += part.len() as u64;
    }
    Ok((bytes, secret::hex(hash.finish().as_ref())))
}

fn not_written(error: &counterpart_core::Error) -> LedgerError {
    tracing::error!(code = error.code(), "a snapshot could not be written");
    LedgerError::Damaged("snapshot")
}

fn not_kept(error: &io::Error) -> LedgerError {
    tracing::error!(%error, "a snapshot could not be kept");
    LedgerError::Damaged("snapshot")
}

//! Snapshots: the shop as it was at one commit, in one file that a new device begins with.
//!
//! A file counts only if its hash is the one that the server named, if it is laid out as this device's own, and if it
//! says itself that it is of this shop, this epoch and that commit; any other is thrown away, and the load goes by
//! ranges. Where nothing is here yet the file moves into place; where somebody has begun to work its rows are taken in
//! under the queue. Either way its rows, and the cursor that says where pulling goes on, come in one moment.

use super::catch_up::{self, Reception, Taken};
use super::engine::Engine;
use super::kept::{from_json, to_json};
use super::place;
use super::state::{Answer, Phase};
use super::wire::{Cursor, SnapshotAnswer};
use super::{Call, Event};
use crate::error::{Error, Fault, NotNow, Result, StorageFault};
use crate::flags;
use crate::journal::{SyncEvent, SyncKind};
use crate::outbox::absorb_row;
use crate::schema::{Row, Schema};
use crate::store::{ReadyFile, ReadyWriter, Tx};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Facts by which a snapshot says what it is of. A device's own file has none of them.
const SHOP: &str = "snapshot_shop";
const HEAD: &str = "snapshot_head";

/// Writes a snapshot.
#[derive(Debug)]
pub struct SnapshotWriter(ReadyWriter);

impl SnapshotWriter {
    /// Begins a file where there is none.
    pub fn create(path: &Path, schema: &'static Schema) -> Result<SnapshotWriter> {
        ReadyWriter::create(path, schema).map(SnapshotWriter)
    }

    /// Adds a row as the server has it.
    pub fn put(&mut self, row: &Row) -> Result<()> {
        self.0.put(row)
    }

    /// Ends the file: all that there is of these tables of the shop at that commit. Says how many rows it has.
    pub fn finish(self, shop: &str, head: &Cursor) -> Result<u64> {
        self.0.finish(&[(SHOP, shop), (HEAD, &to_json(head)?)])
    }
}

/// A file that came, as whoever fetched it saw it: beside the database, and looked at by nobody yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// What the server said about it.
    pub answer: SnapshotAnswer,
    /// How many bytes came.
    pub bytes: u64,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Opens a file that came, if it is what the server said, and what this device asked for.
fn open(path: &Path, schema: &'static Schema, shop: &str, landed: &Landed) -> Result<ReadyFile> {
    let Landed { answer, bytes, sha256 } = landed;
    if (*bytes, sha256) != (answer.bytes, &answer.sha256) {
        return Err(Error::damaged());
    }
    let file = ReadyFile::open(path, schema)?;
    let (of, head) = (file.reader().fact(SHOP)?, file.reader().fact(HEAD)?);
    let head = head.map(|head| from_json::<Cursor>(&head)).transpose()?;
    if of.as_deref() != Some(shop) || head.as_ref() != Some(&answer.head) {
        return Err(Error::storage(StorageFault::Foreign));
    }
    Ok(file)
}

impl Engine {
    /// A snapshot came, or did not.
    pub(crate) fn landed(&mut self, landed: Result<Landed, Answer>) -> Result<Vec<Call>> {
        let landed = match landed {
            // A server that has no such thing.
            Err(Answer::NotTaken) => return self.go_by_ranges("no_snapshot"),
            Err(failure) => return self.failed(failure),
            Ok(landed) => landed,
        };
        let path = self.store.landing();
        let taken =
            if self.link.phase == Phase::Ranging { self.take_snapshot(&landed) } else { Ok(Taken::Late) };
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        match taken {
            Ok(taken) => self.paged(taken, Phase::Ranging),
            Err(error) if error.is(&Fault::DAMAGED) || error.is(&Fault::FOREIGN) => {
                self.go_by_ranges("bad_snapshot")
            }
            Err(error) => Err(error),
        }
    }

    /// The load goes on without a snapshot.
    fn go_by_ranges(&mut self, code: &'static str) -> Result<Vec<Call>> {
        if self.link.phase != Phase::Ranging {
            return Ok(Vec::new());
        }
        let now = self.env.now();
        let more = self.write(|tx, journal| {
            journal.note(SyncEvent::new(now, SyncKind::Failed).code(code));
            catch_up::do_without_snapshot(tx)?;
            catch_up::gaps_left(tx)
        })?;
        self.step(Event::Answered(Answer::Page { more }))
    }

    fn take_snapshot(&mut self, landed: &Landed) -> Result<Taken> {
        let (path, schema) = (self.store.landing(), self.store.schema());
        let asked = self.store.read(|reader| {
            let waits = catch_up::waits_for_snapshot(reader)?;
            Ok(waits && place::epoch(reader)? == landed.answer.head.epoch)
        })?;
        if !asked {
            return Ok(Taken::Late);
        }
        let file = open(&path, schema, self.shop(), landed)?;
        match self.move_in(landed) {
            Ok(Some(more)) => Ok(Taken::Page { more }),
            // Somebody has begun to work, or reads for so long that the file cannot be exchanged.
            Ok(None) => self.take_rows_of(&file, landed),
            Err(error) if error.is(&Fault::NotNow(NotNow::Busy)) => self.take_rows_of(&file, landed),
            Err(error) => Err(error),
        }
    }

    /// Moves the file into the place of one that has nothing in it. Says whether something is left to fetch; nothing,
    /// where somebody has begun to work.
    fn move_in(&mut self, landed: &Landed) -> Result<Option<bool>> {
        let (now, took) = (self.env.now(), self.took());
        let (answer, rows) = (&landed.answer, usize::try_from(landed.answer.rows).unwrap_or(usize::MAX));
        self.exchange(catch_up::is_empty, |tx, journal| {
            journal.note(SyncEvent::new(now, SyncKind::Ranged).count("rows", rows).took(took));
            tx.schema().all_tables().for_each(|table| tx.note_table(table.name));
            [SHOP, HEAD].into_iter().try_for_each(|fact| tx.drop_fact(fact))?;
            catch_up::finish_snapshot(tx, answer)
        })
    }

    /// Takes the file's rows in under the operations that are here, in one transaction.
    fn take_rows_of(&mut self, file: &ReadyFile, landed: &Landed) -> Result<Taken> {
        let (now, took, notices) = (self.env.now(), self.took(), self.flags.is_on(flags::NOTICES));
        let (answer, rows) = (&landed.answer, usize::try_from(landed.answer.rows).unwrap_or(usize::MAX));
        let more = self.write_again(|tx, journal| {
            journal.note(SyncEvent::new(now, SyncKind::Ranged).count("rows", rows).took(took));
            absorb(tx, file)?;
            let mut reception = Reception { now, me: None, notices, journal };
            for receipt in &answer.receipts {
                catch_up::settle(tx, receipt, &mut reception)?;
            }
            catch_up::finish_snapshot(tx, answer)
        })?;
        Ok(Taken::Page { more })
    }
}

/// Parents before what belongs to them. What cannot be read is the file's fault, and not that of the database.
fn absorb(tx: &Tx<'_>, file: &ReadyFile) -> Result<()> {
    for children in [false, true] {
        for table in tx.schema().all_tables().filter(|table| table.parent.is_some() == children) {
            let mut taken = Ok(());
            let read = file.reader().each_row(table, "", [], |row| {
                taken = absorb_row(tx, &row).map(drop);
                Ok(taken.is_ok())
            });
            taken?;
            read.map_err(|_| Error::storage(StorageFault::Foreign))?;
        }
    }
    Ok(())
}

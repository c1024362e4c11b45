//! What the signed-in account is in the shop, as the server says it: it decides what this device may hold.

use super::{Shop, lock};
use crate::error::{Error, Result};
use crate::few;
use crate::outbox;
use crate::schema::{Conflict, Entity, Reach, Row, Schema, Table};
use crate::store::{Reader, Tx};
use crate::sync::sift_staged;
use crate::sync::wire::{Standing, Wanted};
use std::collections::BTreeSet;

/// The fact that holds the standing that the file's rows were fetched under.
const STANDING: &str = "standing";

/// Rows that this account could see, and cannot any more.
type Lost = Vec<(&'static str, BTreeSet<String>)>;

impl Shop {
    /// The server says what the account is in the shop. Rows that it may not see any more go at once, in one
    /// transaction, and the unsent work on them is sealed; tables that it newly sees are asked for.
    pub(super) fn take_standing(&self, standing: &Standing) -> Result<()> {
        let text = serde_json::to_string(standing).map_err(|error| Error::defect(error.to_string()))?;
        let known = self.read(|reader| reader.fact(STANDING))?;
        if known.as_deref() == Some(&text) || standing.role.is_empty() {
            return Ok(());
        }
        let before = known.and_then(|known| serde_json::from_str::<Standing>(&known).ok());
        let before = before.filter(|before| !before.role.is_empty());
        let less = before.as_ref().filter(|before| {
            self.store().schema().all_tables().any(|table| sees_less_of(table, before, standing))
        });
        let less = less.map(|before| Ok::<_, Error>((before, self.sealing_key()?))).transpose()?;
        let (wanted, sealed) = self.store().write(|tx| {
            let mut sealed = false;
            if let Some((before, key)) = &less {
                let lost = lost_rows(tx, before, standing)?;
                let is_lost = |table: &str, row: &str| {
                    lost.iter().any(|(known, rows)| *known == table && rows.contains(row))
                };
                tx.erasing(|| {
                    outbox::seal_lost(tx, (self.env(), key), is_lost)?;
                    drop_lost(tx, &lost)?;
                    sift_staged(tx, |row| may_hold(tx.schema(), standing, row))
                })?;
                sealed = outbox::has_sealed(tx)?;
            }
            tx.set_fact(STANDING, &text)?;
            let gained = |table: &&'static Table| {
                before.as_ref().is_some_and(|before| reach(table, before) < reach(table, standing))
            };
            let gained = tx.schema().all_tables().filter(gained).map(|table| table.name.to_owned());
            Ok((gained.collect::<Vec<_>>(), sealed))
        })?;
        self.adopt(standing);
        if let Some((_, key)) = less {
            if sealed {
                lock(&self.inner.engine).set_seal(key);
            }
            // The log that SQLite writes ahead still has what was deleted.
            self.store().checkpoint()?;
        }
        if !wanted.is_empty() {
            lock(&self.inner.engine).note_wanted(&Wanted::Tables(wanted))?;
        }
        Ok(())
    }

    /// The account is no member of the shop any more. Nothing of the shop stays here but its own unsent work, sealed:
    /// should it come back, that is sent first.
    pub(super) fn leave(&self) -> Result<()> {
        let key = self.sealing_key()?;
        lock(&self.inner.engine).leave(key)?;
        let stranger = Standing::default();
        let text = serde_json::to_string(&stranger).map_err(|error| Error::defect(error.to_string()))?;
        self.store().write(|tx| tx.set_fact(STANDING, &text))?;
        self.adopt(&stranger);
        self.forget_shop_keys()?;
        // The log that SQLite writes ahead still has what was deleted.
        self.store().checkpoint()
    }

    /// Sealed work that an earlier run left goes on its way. What was sealed with a key that is not here never can.
    pub(super) fn resume_sealed(&self) -> Result<()> {
        if !self.read(outbox::has_sealed)? {
            return Ok(());
        }
        match self.known_sealing_key()? {
            Some(key) => lock(&self.inner.engine).set_seal(key),
            None => self.store().write(|tx| outbox::erase_unreadable(tx, self.env().now()))?,
        }
        Ok(())
    }

    /// The standing that this file last heard of, over what the account was opened with.
    pub(super) fn resume_standing(&self) -> Result<()> {
        let known = self.read(|reader: &Reader<'_>| reader.fact(STANDING))?;
        if let Some(standing) = known.and_then(|known| serde_json::from_str::<Standing>(&known).ok()) {
            self.adopt(&standing);
        }
        Ok(())
    }

    fn adopt(&self, standing: &Standing) {
        let mut who = lock(&self.inner.who);
        who.role.clone_from(&standing.role);
        if who.station != standing.station || !standing.station {
            who.actor.clone_from(&standing.employee);
            who.actor_role = None;
        }
        who.station = standing.station;
    }
}

/// What a standing does not include, of all that is here.
fn lost_rows(tx: &Tx<'_>, before: &Standing, standing: &Standing) -> Result<Lost> {
    let mut lost = Lost::new();
    for table in tx.schema().all_tables().filter(|table| sees_less_of(table, before, standing)) {
        tx.each_row(table, "", [], |row| {
            if !table.readers.include(role(standing), standing.employee.as_deref(), &row) {
                few::of(&mut lost, table.name).insert(row.id.clone());
            }
            Ok(true)
        })?;
    }
    Ok(lost)
}

/// Takes them off this device, with the conflicts about them.
fn drop_lost(tx: &Tx<'_>, lost: &Lost) -> Result<()> {
    for (name, rows) in lost {
        let Some(table) = tx.schema().table(name) else { continue };
        for row in rows {
            outbox::drop_row(tx, table, row)?;
            let sql = "SELECT id FROM conflicts WHERE tbl = ?1 AND row_id = ?2";
            for conflict in tx.all(sql, (name, row), |found| found.get::<_, String>(0))? {
                outbox::drop_row(tx, Conflict::TABLE, &conflict)?;
            }
        }
    }
    Ok(())
}

/// Whether a row that came, or what a conflict is about, may stay with an account of that standing.
fn may_hold(schema: &Schema, standing: &Standing, row: &Row) -> bool {
    let about = Some(row).filter(|row| row.table.name == Conflict::TABLE.name);
    let about = about.and_then(|conflict| schema.table(conflict.text("tbl")));
    row.table.readers.include(role(standing), standing.employee.as_deref(), row)
        && about.is_none_or(|table| reach(table, standing) > Reach::Nothing)
}

fn sees_less_of(table: &Table, before: &Standing, standing: &Standing) -> bool {
    let (was, is) = (reach(table, before), reach(table, standing));
    was > is || (is == Reach::Own && before.employee != standing.employee)
}

fn reach(table: &Table, standing: &Standing) -> Reach {
    table.readers.reach(role(standing))
}

fn role(standing: &Standing) -> &str {
    if standing.station { "station" } else { &standing.role }
}

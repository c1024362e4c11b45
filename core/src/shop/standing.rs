//! What the signed-in account is in the shop, as the server says it: it decides what this device may hold.

use super::{Shop, lock};
use crate::error::{Error, Result};
use crate::outbox;
use crate::store::Reader;
use crate::sync::wire::{Standing, Wanted};

/// The fact that holds the standing that the file's rows were fetched under.
const STANDING: &str = "standing";

impl Shop {
    /// The server says what the account is in the shop. Rows that it may not see any more go at once, in one
    /// transaction; tables that it newly sees are asked for.
    pub(super) fn take_standing(&self, standing: &Standing) -> Result<()> {
        let text = serde_json::to_string(standing).map_err(|error| Error::defect(error.to_string()))?;
        let known = self.read(|reader| reader.fact(STANDING))?;
        if known.as_deref() == Some(&text) || standing.role.is_empty() {
            return Ok(());
        }
        let before: Option<Standing> = known.and_then(|known| serde_json::from_str(&known).ok());
        let wanted = self.store().write(|tx| {
            let mut wanted = Vec::new();
            for (table, before) in
                before.iter().flat_map(|before| tx.schema().all_tables().map(move |table| (table, before)))
            {
                let (was, is) = (table.readers.reach(role(before)), table.readers.reach(role(standing)));
                if was > is || before.employee != standing.employee {
                    for row in tx.rows(table, "", [])?.iter().filter(|row| {
                        !table.readers.include(role(standing), standing.employee.as_deref(), row)
                    }) {
                        outbox::drop_row(tx, table, &row.id)?;
                    }
                }
                if was < is {
                    wanted.push(table.name.to_owned());
                }
            }
            tx.set_fact(STANDING, &text)?;
            Ok(wanted)
        })?;
        self.adopt(standing);
        if !wanted.is_empty() {
            lock(&self.inner.engine).note_wanted(&Wanted::Tables(wanted))?;
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

fn role(standing: &Standing) -> &str {
    if standing.station { "station" } else { &standing.role }
}

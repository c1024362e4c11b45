//! Whose file this is: its install id and generation have to match the copy in secure storage. If they do not, the
//! file is a clone or an old one: the queue is kept, and what makes a device one of its kind starts anew.

use super::Shop;
use crate::env::Env;
use crate::error::{Error, Result, StorageFault};
use crate::keys::SecureStorage;
use crate::store::{Salvage, Store, Tx};
use serde::{Deserialize, Serialize};

/// Something that happened at opening and that a person has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The file was damaged. It was set aside, and this was carried over.
    Damaged(Salvage),
    /// The file is a copy, or an older state of itself. Its queue is kept under a new identity.
    Copied,
}

/// What secure storage holds of a file, beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The id of this installation's file.
    pub(super) install: String,
    /// Raised at each session.
    pub(super) generation: u64,
    /// The last leased number that was used.
    #[serde(default)]
    pub(super) number: i64,
    /// The last number under the device's own code that was used.
    #[serde(default)]
    pub(super) own_number: i64,
}

pub(super) struct Identity<'a> {
    pub(super) shop: &'a str,
    pub(super) account: &'a str,
    pub(super) keys: &'a dyn SecureStorage,
}

impl Identity<'_> {
    fn name(&self) -> String {
        format!("file-{}-{}", self.shop, self.account)
    }

    pub(super) fn mark(&self) -> Result<Option<Mark>> {
        let Some(text) = self.keys.get(&self.name())? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| Error::defect("secure storage holds no mark"))
    }

    pub(super) fn set_mark(&self, mark: &Mark) -> Result<()> {
        let text = serde_json::to_string(mark).map_err(|error| Error::defect(error.to_string()))?;
        self.keys.set(&self.name(), &text)
    }

    /// Holds the file against secure storage. A storage that cannot be read is an error, not a mismatch.
    pub(super) fn verify(&self, store: &Store, env: &Env) -> Result<Vec<Finding>> {
        let (owner, install, generation) = store.read(|reader| {
            Ok((reader.fact("owner")?, reader.fact("install")?, reader.fact("generation")?))
        })?;
        let expected = format!("{}/{}", self.shop, self.account);
        if owner.as_ref().is_some_and(|owner| *owner != expected) {
            return Err(Error::Storage(StorageFault::Foreign));
        }
        let mark = self.mark()?;
        let Some(install) = install else {
            self.begin(store, env, &expected)?;
            return Ok(Vec::new());
        };
        let generation: u64 = generation.and_then(|text| text.parse().ok()).unwrap_or(0);
        let own = mark.as_ref().is_some_and(|mark| {
            // One step ahead is a session that began and was cut off before the file knew.
            mark.install == install && (mark.generation == generation || mark.generation == generation + 1)
        });
        if own {
            return Ok(Vec::new());
        }
        self.begin(store, env, &expected)?;
        Ok(vec![Finding::Copied])
    }

    /// A new identity: nothing of what was leased to another one counts any more.
    pub(super) fn begin(&self, store: &Store, env: &Env, owner: &str) -> Result<()> {
        let mark = Mark { install: env.new_id(), ..Mark::default() };
        store.write(|tx| {
            tx.set_fact("owner", owner)?;
            tx.set_fact("install", &mark.install)?;
            tx.set_fact("generation", "0")?;
            forget_lent(tx)
        })?;
        // A kill in between leaves a file whose mark does not match: one more new identity, and nothing else.
        self.set_mark(&mark)
    }

    /// A session begins: the server raised the generation.
    pub(super) fn raise(&self, store: &Store, generation: u64) -> Result<()> {
        let mark = self.mark()?.ok_or_else(|| Error::defect("no mark in secure storage"))?;
        self.set_mark(&Mark { generation, ..mark })?;
        store.write(|tx| tx.set_fact("generation", &generation.to_string()))
    }
}

/// Drops number leases and the device's code.
fn forget_lent(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM leases", [])?;
    tx.drop_fact("device_code")
}

impl Shop {
    /// The server knows this file's identity from another file: the queue is kept under a new one.
    pub(super) fn take_new_identity(&self) -> Result<()> {
        let owner = format!("{}/{}", self.inner.shop, self.inner.account);
        self.identity().begin(self.store(), self.env(), &owner)?;
        self.store().write(|tx| tx.drop_fact("attempt"))
    }
}

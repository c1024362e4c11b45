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

/// The generation that secure storage is about to be raised to.
const AHEAD: &str = "generation_ahead";

/// That the file turned out to be a copy, until somebody was told.
pub(super) const COPIED: &str = "copied";

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
        let (owner, install, generation, ahead, copied) = store.read(|reader| {
            let generation = |name| {
                let said = reader.fact(name)?;
                Ok::<_, Error>(said.and_then(|text| text.parse::<u64>().ok()))
            };
            Ok((
                reader.fact("owner")?,
                reader.fact("install")?,
                generation("generation")?.unwrap_or(0),
                generation(AHEAD)?,
                reader.fact(COPIED)?.is_some(),
            ))
        })?;
        let expected = format!("{}/{}", self.shop, self.account);
        if owner.as_ref().is_some_and(|owner| *owner != expected) {
            return Err(Error::storage(StorageFault::Foreign));
        }
        let mark = self.mark()?;
        let Some(install) = install else {
            self.begin(store, env, &expected, false)?;
            return Ok(Vec::new());
        };
        let own = mark.as_ref().is_some_and(|mark| {
            // One step ahead, or where the file was about to go, is a session that began and was cut off.
            let known = [Some(generation), Some(generation + 1), ahead];
            mark.install == install && known.contains(&Some(mark.generation))
        });
        if !own {
            self.begin(store, env, &expected, true)?;
        }
        Ok(if own && !copied { Vec::new() } else { vec![Finding::Copied] })
    }

    /// A new identity: nothing of what was leased to another one counts any more. `found` out at opening, a person has
    /// to be told why.
    fn begin(&self, store: &Store, env: &Env, owner: &str, found: bool) -> Result<()> {
        let mark = Mark { install: env.new_id(), ..Mark::default() };
        store.write(|tx| {
            if found {
                tx.set_fact(COPIED, "1")?;
            }
            tx.set_fact("owner", owner)?;
            tx.set_fact("install", &mark.install)?;
            tx.set_fact("generation", "0")?;
            tx.drop_fact(AHEAD)?;
            forget_lent(tx)
        })?;
        // A kill in between leaves a file whose mark does not match: one more new identity, and nothing else.
        self.set_mark(&mark)
    }

    /// A session begins: the server raised the generation.
    pub(super) fn raise(&self, store: &Store, generation: u64) -> Result<()> {
        let mark = self.mark()?.ok_or_else(|| Error::defect("no mark in secure storage"))?;
        // The server may have gone on by several since this file heard of it: where to is said before secure storage
        // follows, so that a cut in between is told from a copy.
        store.write(|tx| tx.set_fact(AHEAD, &generation.to_string()))?;
        self.set_mark(&Mark { generation, ..mark })?;
        store.write(|tx| {
            tx.set_fact("generation", &generation.to_string())?;
            tx.drop_fact(AHEAD)
        })
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
        self.identity().begin(self.store(), self.env(), &owner, false)?;
        self.store().write(|tx| tx.drop_fact("attempt"))
    }
}

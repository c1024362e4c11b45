//! The shop's own keys, which wrap what only some of its people may read. They live in secure storage alone, under the
//! account that the server gave them to, and go when it signs out.

use super::Shop;
use crate::error::{Error, Result};
use crate::few;
use crate::seal::{self, Key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

impl Shop {
    /// The server gave this account a key of the shop. Earlier ones stay, for what they wrapped.
    pub fn set_shop_key(&self, version: i64, key: &[u8; 32]) -> Result<()> {
        let mut ring = self.ring()?;
        ring.insert(version, Zeroizing::new(STANDARD.encode(key)));
        let plain: BTreeMap<i64, &str> =
            few::filled(ring.iter().map(|(version, key)| (*version, key.as_str())));
        let text = serde_json::to_string(&plain).map_err(|error| Error::defect(error.to_string()))?;
        self.keys().set(&self.ring_name(), &Zeroizing::new(text))
    }

    /// Whether this account has been given any.
    pub fn has_shop_key(&self) -> Result<bool> {
        Ok(!self.ring()?.is_empty())
    }

    /// Forgets them: whoever signs in here next has no use for them.
    pub(crate) fn forget_shop_keys(&self) -> Result<()> {
        self.keys().remove(&self.ring_name())
    }

    /// A key by version, or the newest, with its version.
    pub(crate) fn shop_key(&self, version: Option<i64>) -> Result<(i64, Key)> {
        let ring = self.ring()?;
        let found = match version {
            Some(version) => ring.get_key_value(&version),
            None => ring.last_key_value(),
        };
        let (version, key) = found.ok_or_else(|| Error::needs_server("shop_key"))?;
        let bytes = STANDARD.decode(key.as_str()).map(Zeroizing::new).map_err(|_| damaged())?;
        let key = bytes.as_slice().try_into().map_err(|_| damaged())?;
        Ok((*version, Zeroizing::new(key)))
    }

    /// The key of this account's sealed work, made when it is first needed.
    pub(super) fn sealing_key(&self) -> Result<Key> {
        if let Some(key) = self.known_sealing_key()? {
            return Ok(key);
        }
        let key = seal::new_key(self.env());
        self.keys().set(&self.seal_name(), &Zeroizing::new(STANDARD.encode(*key)))?;
        Ok(key)
    }

    /// The same, if there ever was one. A file without it is a copy that went where its key did not.
    pub(super) fn known_sealing_key(&self) -> Result<Option<Key>> {
        let Some(text) = self.keys().get(&self.seal_name())?.map(Zeroizing::new) else { return Ok(None) };
        let bytes = STANDARD.decode(text.as_str()).map(Zeroizing::new).map_err(|_| damaged())?;
        Ok(Some(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| damaged())?)))
    }

    fn seal_name(&self) -> String {
        format!("seal-{}-{}", self.id(), self.inner.account)
    }

    fn ring(&self) -> Result<BTreeMap<i64, Zeroizing<String>>> {
        let Some(text) = self.keys().get(&self.ring_name())?.map(Zeroizing::new) else {
            return Ok(BTreeMap::new());
        };
        let plain: BTreeMap<i64, String> = serde_json::from_str(&text).map_err(|_| damaged())?;
        Ok(few::filled(plain.into_iter().map(|(version, key)| (version, Zeroizing::new(key)))))
    }

    fn ring_name(&self) -> String {
        format!("shop-key-{}-{}", self.id(), self.inner.account)
    }
}

fn damaged() -> Error {
    Error::defect("secure storage holds no shop keys")
}

//! Who calls, and the keys by which that is known.

use crate::accounts::KeySet;
use crate::auth::token::Claims;
use crate::secret;
use uuid::Uuid;

/// Which of the hub's keys a request named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The key of every device.
    Anon,
    /// The key of the shop's own scripts.
    Service,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A device without a signed-in person.
    Anonymous,
    /// A script with the service key: may do everything.
    Service,
    /// A signed-in account. What it may do stands in the memberships, never in its token.
    Account {
        /// The account.
        id: Uuid,
        /// The session of the token.
        session: Uuid,
    },
}

impl From<Key> for Caller {
    fn from(key: Key) -> Caller {
        match key {
            Key::Anon => Caller::Anonymous,
            Key::Service => Caller::Service,
        }
    }
}

impl From<&Claims> for Caller {
    fn from(claims: &Claims) -> Caller {
        Caller::Account { id: claims.sub, session: claims.session_id }
    }
}

/// The keys that the gateway knows.
pub struct Keys {
    anon: String,
    service_hash: String,
}

impl Keys {
    /// The keys of a hub.
    pub fn new(stored: &KeySet) -> Keys {
        Keys { anon: stored.anon.clone(), service_hash: stored.service_hash.clone() }
    }

    /// Which key that is, if it is one of the hub's.
    pub fn which(&self, key: &str) -> Option<Key> {
        if secret::same(key.as_bytes(), self.anon.as_bytes()) {
            Some(Key::Anon)
        } else if secret::same(secret::sha256_hex(key.as_bytes()).as_bytes(), self.service_hash.as_bytes()) {
            Some(Key::Service)
        } else {
            None
        }
    }
}

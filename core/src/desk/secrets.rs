//! Device passcodes: each sealed with a key of its own, which the shop's key wraps. The shop's key lives in secure
//! storage ([`Shop::set_shop_key`]); the database, the queue, search, logs and errors never hold a passcode in the clear.

use super::ticket_view::of_ticket;
use crate::entity::{SecretReveal, Ticket, TicketId, TicketSecret, TicketSecretId};
use crate::error::{Error, Result};
use crate::schema::{Check, Entity, Invalid, Rule};
use crate::seal::{self, Key};
use crate::shop::{Edits, Shop};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use zeroize::Zeroizing;

/// How long after its ticket's end a passcode may be shown: as long as the schedule keeps it.
const KEPT_MS: i64 = 14 * 86_400_000;
/// How long a passcode may be.
const LONGEST: usize = 256;

/// A passcode in the clear. It is wiped from memory when dropped and never printed.
pub struct Passcode(Zeroizing<String>);

impl Passcode {
    /// The passcode, to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Passcode")
    }
}

impl Shop {
    /// Seals a device's passcode, in the place of an earlier one.
    pub fn set_passcode(&self, ticket: &TicketId, text: &str) -> Result<()> {
        self.alone(|edits| edits.set_passcode(ticket, text))
    }

    /// Shows a device's passcode to somebody who may see it, and logs that. Past its time it is refused, whether or
    /// not it was wiped already.
    pub fn reveal_passcode(&self, ticket: &TicketId) -> Result<Passcode> {
        self.alone(|edits| {
            // The log comes first: it is what asks for the right.
            edits.create(&SecretReveal { ticket_id: ticket.clone(), ..SecretReveal::default() })?;
            let ticket: Ticket = edits.existing(&ticket.0)?;
            let secret = secret_of(edits, &ticket.id)?.ok_or_else(|| Error::missing("passcode"))?;
            if is_past(&ticket, edits.now()) {
                return Err(gone());
            }
            let (sealed, wrapped) =
                secret.sealed.as_ref().zip(secret.wrapped_key.as_ref()).ok_or_else(gone)?;
            let shop_key = self.shop_key(Some(secret.key_version))?.1;
            let about = about(&ticket.id, &secret.id);
            let key = key_of(&opened(&shop_key, wrapped, &about)?)?;
            let plain = opened(&key, sealed, &about)?;
            let text = std::str::from_utf8(&plain).map_err(|_| unreadable())?;
            Ok(Passcode(Zeroizing::new(text.to_owned())))
        })
    }
}

impl Edits<'_> {
    pub(super) fn set_passcode(&self, ticket: &TicketId, text: &str) -> Result<()> {
        let limit = Check::Chars(1, LONGEST);
        if !(1..=LONGEST).contains(&text.chars().count()) {
            let wrong = Invalid::field("passcode", Rule::Limit(limit));
            return Err(wrong.of(TicketSecret::TABLE.name).into());
        }
        let ticket: Ticket = self.existing(&ticket.0)?;
        if is_past(&ticket, self.now()) {
            return Err(gone());
        }
        let shop = self.shop();
        let (version, shop_key) = shop.shop_key(None)?;
        let before = secret_of(self, &ticket.id)?;
        let id = before.as_ref().map_or_else(|| shop.env().new_id(), |secret| secret.id.0.clone());
        let id = TicketSecretId(id);
        let about = about(&ticket.id, &id);
        let key = seal::new_key(shop.env());
        let secret = TicketSecret {
            sealed: Some(sealed(shop, &key, text.as_bytes(), &about)?),
            wrapped_key: Some(sealed(shop, &shop_key, &*key, &about)?),
            key_version: version,
            ticket_id: ticket.id,
            id,
            ..TicketSecret::default()
        };
        match before {
            Some(before) => self.edit(&before, &TicketSecret { meta: before.meta.clone(), ..secret }),
            None => self.create(&secret).map(|_| ()),
        }
    }
}

fn gone() -> Error {
    Error::denied("ticket_secrets", "wiped")
}

/// Sealed for something else, or with another key than this device was given.
fn unreadable() -> Error {
    Invalid::field("sealed", Rule::Of("unreadable")).of(TicketSecret::TABLE.name).into()
}

/// The passcode that counts, if two devices each sealed one.
fn secret_of(edits: &Edits<'_>, ticket: &TicketId) -> Result<Option<TicketSecret>> {
    Ok(of_ticket::<TicketSecret>(edits, ticket)?.pop())
}

fn is_past(ticket: &Ticket, now: i64) -> bool {
    !ticket.status.is_open()
        && ticket.closed_at.is_some_and(|at| at.timestamp_millis().saturating_add(KEPT_MS) <= now)
}

/// What a seal is bound to: moved to another ticket or another row, it does not open.
fn about(ticket: &TicketId, secret: &TicketSecretId) -> String {
    format!("{ticket}/{secret}")
}

fn sealed(shop: &Shop, key: &Key, plain: &[u8], about: &str) -> Result<String> {
    Ok(STANDARD.encode(seal::seal(shop.env(), key, plain, about)?))
}

fn opened(key: &Key, sealed: &str, about: &str) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD.decode(sealed).map_err(|_| unreadable())?;
    seal::open(key, &bytes, about).ok_or_else(unreadable)
}

fn key_of(bytes: &[u8]) -> Result<Key> {
    bytes.try_into().map(Zeroizing::new).map_err(|_| unreadable())
}

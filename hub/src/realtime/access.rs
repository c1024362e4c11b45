//! Who may listen and speak on which topic.
//!
//! `shop:<id>` carries the hub's pokes, `presence:<id>` shows who is there; both belong to the active members of that
//! shop, and to nobody else. The poke itself is the hub's own: a member cannot forge one.

use super::topics::POKE;
use crate::accounts::StoreError;
use crate::caller::Caller;
use crate::hub::Hub;
use uuid::Uuid;

/// What stands before a topic on the wire.
const PREFIX: &str = "realtime:";

/// A private topic of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where the hub pokes.
    Shop(Uuid),
    /// Where people show themselves.
    Presence(Uuid),
}

impl Place {
    fn parse(subtopic: &str) -> Option<Place> {
        let (kind, shop) = subtopic.split_once(':')?;
        let shop = Uuid::parse_str(shop).ok()?;
        match kind {
            "shop" => Some(Place::Shop(shop)),
            "presence" => Some(Place::Presence(shop)),
            _ => None,
        }
    }
}

/// The topic without what stands before it on the wire.
pub(super) fn subtopic(topic: &str) -> Option<&str> {
    topic.strip_prefix(PREFIX).filter(|subtopic| !subtopic.is_empty())
}

/// The topic as it stands on the wire.
pub(super) fn wire_topic(subtopic: &str) -> String {
    format!("{PREFIX}{subtopic}")
}

/// Whether the caller may listen to a topic, and show presence on it.
pub(super) async fn may_listen(hub: &Hub, caller: &Caller, subtopic: &str) -> Result<bool, StoreError> {
    let account = match caller {
        Caller::Anonymous => return Ok(false),
        Caller::Service => return Ok(true),
        Caller::Account { id, .. } => *id,
    };
    let Some(Place::Shop(shop) | Place::Presence(shop)) = Place::parse(subtopic) else { return Ok(false) };
    hub.accounts.is_member(shop, account).await
}

/// Whether someone who may listen may also send this event.
pub(super) fn may_send(caller: &Caller, subtopic: &str, event: &str) -> bool {
    match caller {
        Caller::Anonymous => false,
        Caller::Service => true,
        Caller::Account { .. } => !(event == POKE && matches!(Place::parse(subtopic), Some(Place::Shop(_)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_cannot_forge_a_poke() {
        let member = Caller::Account { id: Uuid::from_u128(1), session: Uuid::from_u128(2) };
        let shop = format!("shop:{}", Uuid::from_u128(3));
        assert!(!may_send(&member, &shop, POKE));
        assert!(may_send(&member, &shop, "hello"));
        assert!(may_send(&Caller::Service, &shop, POKE));
        assert!(!may_send(&Caller::Anonymous, &shop, "hello"));
    }

    #[test]
    fn only_topics_of_a_shop_are_places() {
        let id = Uuid::from_u128(3);
        assert_eq!(Some(Place::Shop(id)), Place::parse(&format!("shop:{id}")));
        assert_eq!(Some(Place::Presence(id)), Place::parse(&format!("presence:{id}")));
        for strange in ["", "shop", "shop:", "shop:1", &format!("till:{id}"), &format!("shop:{id}:x")] {
            assert_eq!(None, Place::parse(strange));
        }
    }
}

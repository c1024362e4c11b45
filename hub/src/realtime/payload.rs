//! What clients put into their frames. A malformed part counts as absent, as it does at Supabase.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What a client asks for when it joins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Join {
    pub(super) private: bool,
    pub(super) ack: bool,
    pub(super) to_self: bool,
    pub(super) presence: bool,
    pub(super) presence_key: Option<String>,
    pub(super) token: Option<String>,
}

/// The longest key under which a channel shows presence.
const LONGEST_KEY: usize = 255;

impl Join {
    pub(super) fn read(payload: &RawValue) -> Join {
        let payload: Value = serde_json::from_str(payload.get()).unwrap_or_default();
        let config = &payload["config"];
        let key = config["presence"]["key"].as_str();
        Join {
            private: flag(&config["private"]).unwrap_or(false),
            ack: flag(&config["broadcast"]["ack"]).unwrap_or(false),
            to_self: flag(&config["broadcast"]["self"]).unwrap_or(false),
            presence: flag(&config["presence"]["enabled"]).unwrap_or(true),
            presence_key: key.filter(|key| (1..=LONGEST_KEY).contains(&key.len())).map(str::to_owned),
            token: token(&payload["access_token"]).or_else(|| token(&payload["user_token"])),
        }
    }
}

/// A flag, which clients also send as text.
fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// A person's access token; a key in its place is none.
fn token(value: &Value) -> Option<String> {
    value.as_str().filter(|token| !token.is_empty() && !token.starts_with("sb_")).map(str::to_owned)
}

/// The token of an `access_token` event.
pub(super) fn new_token(payload: &RawValue) -> Option<String> {
    let payload: Value = serde_json::from_str(payload.get()).unwrap_or_default();
    token(&payload["access_token"])
}

/// A broadcast in a text frame.
#[derive(Deserialize)]
pub(super) struct TextBroadcast {
    pub(super) event: String,
    #[serde(default)]
    pub(super) payload: Option<Box<RawValue>>,
}

/// A presence event.
pub(super) enum PresenceCall {
    Track(Map<String, Value>),
    Untrack,
    NotAMap,
    Unknown,
}

impl PresenceCall {
    pub(super) fn read(payload: &RawValue) -> PresenceCall {
        let mut payload: Value = serde_json::from_str(payload.get()).unwrap_or_default();
        match payload["event"].as_str() {
            Some("track") => match payload.get_mut("payload").map(Value::take) {
                Some(Value::Object(map)) => PresenceCall::Track(map),
                None => PresenceCall::Track(Map::new()),
                Some(_) => PresenceCall::NotAMap,
            },
            Some("untrack") => PresenceCall::Untrack,
            Some(_) | None => PresenceCall::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_config_counts_as_none() {
        for strange in ["null", "[]", "{\"config\":3}", "{\"config\":{\"broadcast\":[],\"presence\":1}}"] {
            let join = Join::read(serde_json::from_str(strange).unwrap());
            assert_eq!(
                (false, false, true, None),
                (join.ack, join.private, join.presence, join.presence_key)
            );
        }
    }

    #[test]
    fn flags_may_be_words_and_a_key_is_no_token() {
        let text =
            r#"{"config":{"private":"true","broadcast":{"self":true}},"access_token":"sb_publishable_x"}"#;
        let join = Join::read(serde_json::from_str(text).unwrap());
        assert_eq!((true, true, None), (join.private, join.to_self, join.token));
    }
}

//! Who is present on one topic, and the differences that its members are told.

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// What one channel tracks under its key.
#[derive(Clone, Debug, PartialEq)]
struct Tracked {
    key: String,
    payload: Map<String, Value>,
    phx_ref: String,
}

/// Everyone present, by key.
pub(super) type People = BTreeMap<String, Metas>;

/// What all channels of one key track.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Metas {
    metas: Vec<Map<String, Value>>,
}

/// What members are told when someone comes, goes or changes.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Diff {
    joins: People,
    leaves: People,
}

/// The presence of one topic.
#[derive(Default)]
pub(super) struct Presence {
    tracked: HashMap<u64, Tracked>,
}

impl Presence {
    /// Tracks a payload for a channel; the same payload again changes nothing.
    pub(super) fn track(
        &mut self,
        channel: u64,
        key: &str,
        payload: Map<String, Value>,
        phx_ref: String,
    ) -> Option<Diff> {
        let before = self.tracked.get(&channel);
        if before.is_some_and(|before| before.payload == payload) {
            return None;
        }
        let previous = before.map(|before| before.phx_ref.clone());
        let now = Tracked { key: key.to_owned(), payload, phx_ref };
        let mut joined = meta(&now);
        if let Some(previous) = previous {
            joined.insert("phx_ref_prev".to_owned(), Value::String(previous));
        }
        let joins = person(key, joined);
        let leaves = match self.tracked.insert(channel, now) {
            Some(before) => person(&before.key, meta(&before)),
            None => People::new(),
        };
        Some(Diff { joins, leaves })
    }

    /// Stops tracking a channel.
    pub(super) fn untrack(&mut self, channel: u64) -> Option<Diff> {
        let before = self.tracked.remove(&channel)?;
        Some(Diff { joins: People::new(), leaves: person(&before.key, meta(&before)) })
    }

    /// Everyone present.
    pub(super) fn people(&self) -> People {
        let mut people = People::new();
        for tracked in self.tracked.values() {
            people.entry(tracked.key.clone()).or_default().metas.push(meta(tracked));
        }
        people
    }
}

fn meta(tracked: &Tracked) -> Map<String, Value> {
    let mut meta = tracked.payload.clone();
    meta.insert("phx_ref".to_owned(), Value::String(tracked.phx_ref.clone()));
    meta
}

fn person(key: &str, meta: Map<String, Value>) -> People {
    People::from([(key.to_owned(), Metas { metas: vec![meta] })])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn payload(ticket: &str) -> Map<String, Value> {
        Map::from_iter([("ticket".to_owned(), json!(ticket))])
    }

    fn shown(diff: Option<Diff>) -> Value {
        serde_json::to_value(diff).unwrap()
    }

    #[test]
    fn coming_changing_and_going_are_told_as_differences() {
        let mut presence = Presence::default();
        assert_eq!(
            json!({"joins": {"ada": {"metas": [{"ticket": "1", "phx_ref": "a"}]}}, "leaves": {}}),
            shown(presence.track(7, "ada", payload("1"), "a".into()))
        );
        assert_eq!(Value::Null, shown(presence.track(7, "ada", payload("1"), "b".into())));
        assert_eq!(
            json!({
                "joins": {"ada": {"metas": [{"ticket": "2", "phx_ref": "b", "phx_ref_prev": "a"}]}},
                "leaves": {"ada": {"metas": [{"ticket": "1", "phx_ref": "a"}]}},
            }),
            shown(presence.track(7, "ada", payload("2"), "b".into()))
        );
        assert_eq!(
            json!({"joins": {}, "leaves": {"ada": {"metas": [{"ticket": "2", "phx_ref": "b"}]}}}),
            shown(presence.untrack(7))
        );
        assert_eq!(Value::Null, shown(presence.untrack(7)));
    }

    #[test]
    fn sockets_that_share_a_key_are_one_person() {
        let mut presence = Presence::default();
        presence.track(1, "ada", payload("1"), "a".into());
        presence.track(2, "ada", payload("2"), "b".into());
        let people = presence.people();
        assert_eq!((1, 2), (people.len(), people["ada"].metas.len()));
    }
}

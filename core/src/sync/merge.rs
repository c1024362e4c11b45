//! Merging, pure: what becomes of one field when an operation meets what others did since. It runs on the server.
//!
//! A field that no other device changed since the operation's base applies. Otherwise the field's policy decides.

use crate::outbox::EditKind;
use crate::schema::{Element, Json, Policy};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the server keeps of a field beside its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldState {
    /// The commit that set it.
    #[serde(default)]
    pub stamp: i64,
    /// When it was edited, within what the server could believe.
    #[serde(default)]
    pub at: i64,
    /// The device that set it; empty where it was set on the server.
    #[serde(default)]
    pub device: String,
    /// For a set: when each element came in, by its normal form.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elements: BTreeMap<String, Added>,
}

/// When an element came into a set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The commit.
    pub stamp: i64,
    /// The device.
    pub device: String,
}

/// One field of an operation as it arrives.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// What it wants.
    pub edit: &'a EditKind,
    /// The version that the person began on; 0 where there was none, or where it was of another epoch.
    pub on: i64,
    /// When the person did it, already clamped between the base's commit and the arrival.
    pub at: i64,
    /// The device.
    pub device: &'a str,
    /// The commit that would hold it.
    pub stamp: i64,
}

/// What becomes of the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It takes this value.
    Becomes(Json),
    /// It stays as it is, and there is nothing to tell: the operation wanted the same.
    Same,
    /// It stays as it is; what the operation wanted goes into receipt and audit.
    Lost,
    /// It stays as it is, and a person chooses.
    Conflict,
}

/// Decides about one field. `value` is what the server has; of a set, the elements decide one by one.
pub fn merge(
    policy: Policy,
    element: Option<Element>,
    value: &Json,
    state: &FieldState,
    incoming: Incoming<'_>,
) -> (Verdict, FieldState) {
    let wanted = match (incoming.edit, element) {
        (EditKind::Elements { add, remove }, Some(element)) => {
            return merge_set(element, value, state, incoming, add, remove);
        }
        (EditKind::To(list @ Json::Array(items)), Some(element)) if policy == Policy::Set => {
            // A whole list is what a new row brings: all of it comes in.
            return match list == value {
                true => (Verdict::Same, state.clone()),
                false => merge_set(element, value, state, incoming, items, &[]),
            };
        }
        (EditKind::To(wanted), _) => wanted,
        (EditKind::Elements { .. }, None) => return (Verdict::Lost, state.clone()),
    };
    let after = FieldState {
        stamp: incoming.stamp,
        at: incoming.at,
        device: incoming.device.to_owned(),
        ..FieldState::default()
    };
    let concurrent = state.stamp > incoming.on && state.device != incoming.device;
    if wanted == value {
        // Where both agree, the later knowledge stands.
        return (Verdict::Same, if concurrent { state.clone() } else { after });
    }
    let becomes = (Verdict::Becomes(wanted.clone()), after);
    if !concurrent {
        return becomes;
    }
    let stays = |verdict| (verdict, state.clone());
    match policy {
        Policy::Latest | Policy::Order | Policy::Set => {
            let later = (incoming.at, incoming.device) > (state.at, state.device.as_str());
            if later { becomes } else { stays(Verdict::Lost) }
        }
        Policy::TrueWins if *wanted == Json::Bool(true) => becomes,
        Policy::Client => becomes,
        Policy::Manual => stays(Verdict::Conflict),
        Policy::TrueWins | Policy::Server | Policy::Counter | Policy::Event | Policy::Fixed => {
            stays(Verdict::Lost)
        }
    }
}

/// Elements come in and go out one by one. One that another device brought in meanwhile does not go out.
fn merge_set(
    element: Element,
    value: &Json,
    state: &FieldState,
    incoming: Incoming<'_>,
    add: &[Json],
    remove: &[Json],
) -> (Verdict, FieldState) {
    let mut items: BTreeMap<String, Json> = BTreeMap::new();
    for item in value.as_array().into_iter().flatten() {
        items.insert(element.normal(item), item.clone());
    }
    let before = items.clone();
    let mut after = state.clone();
    let mut lost = false;
    for item in remove {
        let name = element.normal(item);
        let added = state.elements.get(&name);
        if added.is_some_and(|added| added.stamp > incoming.on && added.device != incoming.device) {
            lost = true;
        } else {
            items.remove(&name);
            after.elements.remove(&name);
        }
    }
    for item in add {
        let name = element.normal(item);
        after
            .elements
            .insert(name.clone(), Added { stamp: incoming.stamp, device: incoming.device.to_owned() });
        items.insert(name, item.clone());
    }
    if items == before {
        return (if lost { Verdict::Lost } else { Verdict::Same }, state.clone());
    }
    (after.stamp, after.at, after.device) = (incoming.stamp, incoming.at, incoming.device.to_owned());
    (Verdict::Becomes(Json::Array(items.into_values().collect())), after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn state(stamp: i64, at: i64, device: &str) -> FieldState {
        FieldState { stamp, at, device: device.into(), ..FieldState::default() }
    }

    fn verdict(policy: Policy, value: Json, state: &FieldState, to: Json, on: i64, at: i64) -> Verdict {
        let edit = EditKind::To(to);
        let incoming = Incoming { edit: &edit, on, at, device: "b", stamp: 9 };
        merge(policy, None, &value, state, incoming).0
    }

    #[test]
    fn a_field_that_nobody_else_changed_applies_under_every_writable_policy() {
        for policy in
            [Policy::Latest, Policy::TrueWins, Policy::Server, Policy::Client, Policy::Manual, Policy::Order]
        {
            let becomes = Verdict::Becomes(json!(false));
            assert_eq!(
                verdict(policy, json!(true), &state(5, 50, "a"), json!(false), 5, 10),
                becomes,
                "{policy:?}"
            );
            assert_eq!(
                verdict(policy, json!(true), &state(8, 50, "b"), json!(false), 5, 10),
                becomes,
                "own {policy:?}"
            );
        }
    }

    #[test]
    fn concurrent_values_are_decided_by_policy() {
        let other = state(7, 50, "a");
        let table = [
            (Policy::Latest, 60, Verdict::Becomes(json!("mine"))),
            (Policy::Latest, 40, Verdict::Lost),
            (Policy::Order, 60, Verdict::Becomes(json!("mine"))),
            (Policy::Server, 60, Verdict::Lost),
            (Policy::Client, 40, Verdict::Becomes(json!("mine"))),
            (Policy::Manual, 60, Verdict::Conflict),
            (Policy::Counter, 60, Verdict::Lost),
            (Policy::Event, 60, Verdict::Lost),
            (Policy::Fixed, 60, Verdict::Lost),
        ];
        for (policy, at, expected) in table {
            assert_eq!(
                verdict(policy, json!("theirs"), &other, json!("mine"), 5, at),
                expected,
                "{policy:?} at {at}"
            );
            assert_eq!(
                verdict(policy, json!("same"), &other, json!("same"), 5, at),
                Verdict::Same,
                "{policy:?}"
            );
        }
        assert_eq!(
            verdict(Policy::TrueWins, json!(false), &other, json!(true), 5, 1),
            Verdict::Becomes(json!(true))
        );
        assert_eq!(verdict(Policy::TrueWins, json!(true), &other, json!(false), 5, 99), Verdict::Lost);
    }

    #[test]
    fn equal_times_are_decided_alike_wherever_they_meet() {
        let lower = verdict(Policy::Latest, json!("theirs"), &state(7, 50, "a"), json!("mine"), 5, 50);
        let higher = verdict(Policy::Latest, json!("theirs"), &state(7, 50, "c"), json!("mine"), 5, 50);
        assert_eq!((lower, higher), (Verdict::Becomes(json!("mine")), Verdict::Lost));
    }

    #[test]
    fn an_element_that_another_device_brought_in_meanwhile_stays() {
        let mut current = state(7, 50, "a");
        current.elements.insert("red".into(), Added { stamp: 7, device: "a".into() });
        current.elements.insert("old".into(), Added { stamp: 3, device: "a".into() });
        let edit = EditKind::Elements { add: vec![json!("new")], remove: vec![json!("red"), json!("old")] };
        let incoming = Incoming { edit: &edit, on: 5, at: 1, device: "b", stamp: 9 };
        let (verdict, after) =
            merge(Policy::Set, Some(Element::Word), &json!(["old", "red"]), &current, incoming);
        assert_eq!(verdict, Verdict::Becomes(json!(["new", "red"])));
        assert_eq!(after.elements.keys().collect::<Vec<_>>(), ["new", "red"]);
        assert_eq!(after.stamp, 9);
    }
}

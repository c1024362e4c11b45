//! Who is there and what they look at, as the presence channel tells it. A hint for people, and never more: it comes
//! from other devices, so it is bounded and believed by nobody.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// More devices than any shop has: whoever comes after them is not shown.
const MOST_DEVICES: usize = 1_000;
/// Appearances of one device: it may still be leaving with one while it comes with another.
const MOST_METAS: usize = 8;
/// Changes that are held back until everybody who is there has been told.
const MOST_EARLY: usize = 100;
/// Longer than any id.
const LONGEST: usize = 64;

/// What a person shows of themselves to the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Showing {
    /// The employee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee: Option<String>,
    /// The ticket that they look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// Somebody who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Present {
    /// On which device.
    pub device: String,
    /// What they show.
    pub showing: Showing,
}

#[derive(Clone)]
struct Meta {
    phx_ref: String,
    showing: Showing,
}

/// One that cannot be read, as a newer app may write it, hides nobody else.
#[derive(Deserialize)]
struct Metas {
    metas: Vec<Value>,
}

type State = BTreeMap<String, Metas>;

#[derive(Deserialize)]
struct Diff {
    #[serde(default)]
    joins: State,
    #[serde(default)]
    leaves: State,
}

/// Everybody who is there.
#[derive(Default)]
pub(super) struct Roster {
    devices: BTreeMap<String, Vec<Meta>>,
    told: bool,
    early: Vec<Diff>,
}

impl Roster {
    /// Takes in who is there; says whether it could be read.
    pub(super) fn tell(&mut self, state: &RawValue) -> bool {
        let Ok(state) = serde_json::from_str::<State>(state.get()) else { return false };
        self.devices.clear();
        self.told = true;
        self.come(state);
        for diff in std::mem::take(&mut self.early) {
            self.follow(diff);
        }
        true
    }

    /// Takes in who came and went; says whether that is known to be all.
    pub(super) fn change(&mut self, diff: &RawValue) -> bool {
        let Ok(diff) = serde_json::from_str::<Diff>(diff.get()) else { return false };
        if self.told {
            self.follow(diff);
        } else if self.early.len() < MOST_EARLY {
            self.early.push(diff);
        }
        self.told
    }

    /// Everybody who is there, by device: the latest that each shows.
    pub(super) fn present(&self) -> Vec<Present> {
        let latest = |(device, metas): (&String, &Vec<Meta>)| {
            let showing = metas.last()?.showing.clone();
            Some(Present { device: device.clone(), showing })
        };
        self.devices.iter().filter_map(latest).collect()
    }

    fn follow(&mut self, Diff { joins, leaves }: Diff) {
        for (device, Metas { metas: gone }) in leaves {
            if let Some(metas) = self.devices.get_mut(&device) {
                metas.retain(|meta| !gone.iter().any(|gone| gone["phx_ref"] == meta.phx_ref));
            }
        }
        self.devices.retain(|_, metas| !metas.is_empty());
        self.come(joins);
    }

    fn come(&mut self, joins: State) {
        for (device, Metas { metas: new }) in joins {
            let full = self.devices.len() >= MOST_DEVICES && !self.devices.contains_key(&device);
            if full || device.len() > LONGEST {
                continue;
            }
            let metas = self.devices.entry(device).or_default();
            let readable = new.iter().filter_map(Meta::read);
            for meta in readable.filter(Meta::is_bounded) {
                metas.retain(|old| old.phx_ref != meta.phx_ref);
                metas.push(meta);
            }
            let too_many = metas.len().saturating_sub(MOST_METAS);
            metas.drain(..too_many);
        }
        self.devices.retain(|_, metas| !metas.is_empty());
    }
}

impl Meta {
    fn read(meta: &Value) -> Option<Meta> {
        let phx_ref = meta["phx_ref"].as_str()?.to_owned();
        let showing = Showing::deserialize(meta).ok()?;
        Some(Meta { phx_ref, showing })
    }

    fn is_bounded(&self) -> bool {
        let short = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= LONGEST);
        self.phx_ref.len() <= LONGEST && short(&self.showing.employee) && short(&self.showing.ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, value::to_raw_value};

    fn metas(reference: &str, ticket: &str) -> Value {
        json!({"metas": [{"phx_ref": reference, "employee": "e", "ticket": ticket, "new": 1}]})
    }

    fn raw(value: &Value) -> Box<RawValue> {
        to_raw_value(value).unwrap()
    }

    fn seen(roster: &Roster) -> Vec<(String, String)> {
        let ticket = |present: Present| (present.device, present.showing.ticket.unwrap_or_default());
        roster.present().into_iter().map(ticket).collect()
    }

    fn pair(device: &str, ticket: &str) -> (String, String) {
        (device.to_owned(), ticket.to_owned())
    }

    #[test]
    fn people_come_change_and_go() {
        let mut roster = Roster::default();
        assert!(roster.tell(&raw(&json!({"a": metas("1", "T1"), "b": metas("2", "T2")}))));
        assert_eq!(vec![pair("a", "T1"), pair("b", "T2")], seen(&roster));
        let update = json!({"joins": {"a": metas("3", "T9")}, "leaves": {"a": metas("1", "T1")}});
        assert!(roster.change(&raw(&update)));
        assert_eq!(vec![pair("a", "T9"), pair("b", "T2")], seen(&roster));
        assert!(roster.change(&raw(&json!({"joins": {}, "leaves": {"b": metas("2", "T2")}}))));
        assert_eq!(vec![pair("a", "T9")], seen(&roster));
    }

    #[test]
    fn a_change_that_comes_before_the_state_is_not_lost() {
        let mut roster = Roster::default();
        let update = json!({"joins": {"a": metas("3", "T9")}, "leaves": {"a": metas("1", "T1")}});
        assert!(!roster.change(&raw(&update)));
        assert!(seen(&roster).is_empty());
        assert!(roster.tell(&raw(&json!({"a": metas("1", "T1")}))));
        assert_eq!(vec![pair("a", "T9")], seen(&roster));
    }

    #[test]
    fn one_device_is_one_person_however_often_it_appears() {
        let mut roster = Roster::default();
        roster.tell(&raw(&json!({})));
        for n in 0..20 {
            roster.change(&raw(&json!({"joins": {"a": metas(&n.to_string(), &n.to_string())}})));
        }
        assert_eq!(vec![pair("a", "19")], seen(&roster));
        assert_eq!(MOST_METAS, roster.devices["a"].len());
    }

    #[test]
    fn what_strangers_send_stays_bounded() {
        let mut roster = Roster::default();
        let crowd: serde_json::Map<_, _> = (0..1_500).map(|n| (n.to_string(), metas("1", "T"))).collect();
        assert!(roster.tell(&raw(&Value::Object(crowd))));
        assert_eq!(MOST_DEVICES, roster.present().len());
        let long = "x".repeat(LONGEST + 1);
        roster.tell(&raw(&json!({"a": metas("1", &long), long.as_str(): metas("1", "T")})));
        assert!(seen(&roster).is_empty());
        let newer = json!({"a": {"metas": [{"phx_ref": "1", "ticket": {"id": 7}}]}, "b": metas("2", "T2")});
        roster.tell(&raw(&newer));
        assert_eq!(vec![pair("b", "T2")], seen(&roster));
        for strange in [json!([]), json!({"a": 5}), json!({"a": {"metas": 7}})] {
            assert!(!roster.tell(&raw(&strange)));
        }
    }
}

//! Merging in SQL decides as the engine's own `merge` does: one file of cases, `tests/fixtures/merge_vectors.jsonl`, goes
//! through both. With `WRITE_MERGE_VECTORS=1` set, this suite writes it anew from its seed; only what both decide alike
//! becomes a case.
//!
//! A line is a case: `[policy, element, stored, edit, incoming, outcome]`. `stored` is `[value, state]`, a state
//! `[stamp, at, device, {element: [stamp, device]}]`, `incoming` `[on, at, device]`, and `outcome` `[word, value, state]`,
//! the state left out where it stays. Every case would be commit 9.

use crate::schema::{element, policy};
use counterpart_core::outbox::EditKind;
use counterpart_core::schema::{Element, Json, Policy};
use counterpart_core::sync::{Added, FieldState, Incoming, Verdict, merge};
use counterpart_tests::postgres::Cluster;
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

const CASES: usize = 5_000;
/// The commit that every case would be.
const COMMIT: i64 = 9;
const POLICIES: [Policy; 10] = [
    Policy::Latest,
    Policy::Set,
    Policy::Counter,
    Policy::TrueWins,
    Policy::Server,
    Policy::Client,
    Policy::Manual,
    Policy::Order,
    Policy::Event,
    Policy::Fixed,
];
const ELEMENTS: [Element; 3] = [Element::Word, Element::Email, Element::Phone];
const DEVICES: [&str; 4] = ["", "a", "b", "Z"];

/// What is stored, and what comes.
#[derive(Debug)]
struct Case {
    policy: Policy,
    element: Option<Element>,
    value: Json,
    state: FieldState,
    edit: EditKind,
    on: i64,
    at: i64,
    device: String,
}

fn value(rng: &mut Rng) -> Json {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(7),
        json!("mine"),
        json!("Ünï\"\n\u{1f600}"),
        json!({ "street": "Long", "city": "" }),
    ];
    values[rng.usize(..values.len())].clone()
}

fn item(rng: &mut Rng, element: Element) -> Json {
    match element {
        Element::Word => json!(["red", " red ", "vip", "zwölf\u{a0}", "Red"][rng.usize(..5)]),
        Element::Email => {
            json!(
                ["a@b.example", " A@B.example", "ÉA@b.example", "éa@b.example", "z@z.example"]
                    [rng.usize(..5)]
            )
        }
        Element::Phone => {
            let number = ["+49301", "+15551", "+49302"][rng.usize(..3)];
            let label = ["", "work"][rng.usize(..2)];
            json!({ "number": number, "label": label })
        }
    }
}

fn items(rng: &mut Rng, element: Element) -> Vec<Json> {
    (0..rng.usize(..4)).map(|_| item(rng, element)).collect()
}

fn drawn(rng: &mut Rng) -> Case {
    let policy = POLICIES[rng.usize(..POLICIES.len())];
    let element = (policy == Policy::Set || rng.u8(..8) == 0).then(|| ELEMENTS[rng.usize(..3)]);
    let mut state = FieldState {
        stamp: rng.i64(0..6),
        at: rng.i64(0..4),
        device: DEVICES[rng.usize(..4)].into(),
        ..FieldState::default()
    };
    let Some(element) = element else {
        let edit = if rng.u8(..20) == 0 {
            EditKind::Elements { add: vec![json!("x")], remove: vec![] }
        } else {
            EditKind::To(value(rng))
        };
        let (on, at, device) = (rng.i64(0..6), rng.i64(0..4), DEVICES[rng.usize(1..4)].into());
        return Case { policy, element: None, value: value(rng), state, edit, on, at, device };
    };
    let kept = items(rng, element);
    for one in &kept {
        let added = Added { stamp: rng.i64(0..6), device: DEVICES[rng.usize(..4)].into() };
        state.elements.insert(element.normal(one), added);
    }
    let edit = match rng.u8(..4) {
        0 => EditKind::To(Json::Array(items(rng, element))),
        1 => EditKind::To(value(rng)),
        _ => EditKind::Elements { add: items(rng, element), remove: items(rng, element) },
    };
    let value = if kept.is_empty() { Json::Null } else { Json::Array(kept) };
    let (on, at, device) = (rng.i64(0..6), rng.i64(0..4), DEVICES[rng.usize(1..4)].into());
    Case { policy, element: Some(element), value, state, edit, on, at, device }
}

/// What becomes of a case.
#[derive(Debug, PartialEq)]
struct Outcome {
    word: String,
    value: Json,
    state: FieldState,
}

fn in_the_engine(case: &Case) -> Outcome {
    let Case { policy, element, value, state, edit, on, at, device } = case;
    let incoming = Incoming { edit, on: *on, at: *at, device, stamp: COMMIT };
    let (verdict, state) = merge(*policy, *element, value, state, incoming);
    let (word, value) = match verdict {
        Verdict::Becomes(value) => ("becomes", value),
        Verdict::Same => ("same", Json::Null),
        Verdict::Lost => ("lost", Json::Null),
        Verdict::Conflict => ("conflict", Json::Null),
    };
    Outcome { word: word.into(), value, state }
}

fn in_sql<'a>(cases: impl Iterator<Item = &'a Case>) -> Vec<Outcome> {
    let asked = cases.map(|case| {
        json!({
            "policy": policy(case.policy), "element": element(case.element), "value": case.value,
            "state": case.state, "edit": case.edit, "on": case.on, "at": case.at, "device": case.device,
        })
    });
    let asks = "select to_jsonb(counterpart.merge(c ->> 'policy', c ->> 'element', c -> 'value', c -> 'state', c -> 'edit',
                  (c ->> 'on')::bigint, (c ->> 'at')::bigint, c ->> 'device', $2))
                from jsonb_array_elements($1::jsonb) with ordinality as e(c, place) order by place";
    let found = Cluster::shared().database().admin().query(asks, &[&Json::Array(asked.collect()), &COMMIT]);
    let outcomes = found.unwrap().into_iter().map(|row| {
        let found: Json = row.get(0);
        let (word, state) =
            (found["word"].as_str().unwrap(), FieldState::deserialize(&found["state"]).unwrap());
        assert_eq!(json!(state), found["state"], "it is written as the engine writes it");
        Outcome { word: word.into(), value: found["value"].clone(), state }
    });
    outcomes.collect()
}

/// A state, as the file has it.
#[derive(Serialize, Deserialize)]
struct State(
    i64,
    i64,
    String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")] BTreeMap<String, (i64, String)>,
);

impl State {
    fn of(state: &FieldState) -> State {
        let FieldState { stamp, at, device, elements } = state;
        let elements =
            elements.iter().map(|(name, added)| (name.clone(), (added.stamp, added.device.clone())));
        State(*stamp, *at, device.clone(), elements.collect())
    }

    fn read(self) -> FieldState {
        let State(stamp, at, device, elements) = self;
        let elements = elements.into_iter().map(|(name, (stamp, device))| (name, Added { stamp, device }));
        FieldState { stamp, at, device, elements: elements.collect() }
    }
}

#[derive(Serialize, Deserialize)]
struct End(String, Json, #[serde(default, skip_serializing_if = "Option::is_none")] Option<State>);

/// A case and what becomes of it, as the file has them.
#[derive(Serialize, Deserialize)]
struct Line(String, Option<String>, (Json, State), EditKind, (i64, i64, String), End);

fn written(case: &Case, outcome: &Outcome) -> String {
    let moved = (outcome.state != case.state).then(|| State::of(&outcome.state));
    let line = Line(
        policy(case.policy).into(),
        element(case.element).map(Into::into),
        (case.value.clone(), State::of(&case.state)),
        case.edit.clone(),
        (case.on, case.at, case.device.clone()),
        End(outcome.word.clone(), outcome.value.clone(), moved),
    );
    serde_json::to_string(&line).unwrap() + "\n"
}

fn read(line: &str) -> (Case, Outcome) {
    let Line(named, of, (value, state), edit, (on, at, device), End(word, after, moved)) =
        serde_json::from_str(line).unwrap();
    let state = state.read();
    let outcome = Outcome { word, value: after, state: moved.map_or_else(|| state.clone(), State::read) };
    let policy = POLICIES.into_iter().find(|known| policy(*known) == named).unwrap();
    let element = of.map(|of| ELEMENTS.into_iter().find(|known| element(Some(*known)) == Some(&of)).unwrap());
    (Case { policy, element, value, state, edit, on, at, device }, outcome)
}

fn file() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/merge_vectors.jsonl"))
}

fn cases_of_the_file() -> Vec<(Case, Outcome)> {
    let text = fs::read_to_string(file()).unwrap();
    let cases: Vec<_> = text.lines().map(read).collect();
    assert_eq!(cases.len(), CASES);
    cases
}

/// The file's text as its seed gives it today, no case twice. The engine says what becomes of each.
fn text_of_the_seed() -> String {
    let (mut rng, mut known) = (Rng::with_seed(20_261_121), BTreeSet::new());
    let lines = std::iter::repeat_with(|| {
        let case = drawn(&mut rng);
        written(&case, &in_the_engine(&case))
    });
    lines.filter(|line| known.insert(line.clone())).take(CASES).collect()
}

#[test]
fn the_file_of_cases_is_what_its_seed_gives() {
    let today = text_of_the_seed();
    if std::env::var_os("WRITE_MERGE_VECTORS").is_some() {
        let (cases, outcomes): (Vec<_>, Vec<_>) = today.lines().map(read).unzip();
        assert_eq!(in_sql(cases.iter()), outcomes);
        fs::write(file(), &today).unwrap();
    }
    let kept = fs::read_to_string(file()).unwrap();
    let first = kept.lines().zip(today.lines()).find(|(kept, today)| kept != today);
    assert_eq!(first, None, "a case of the file, and what its seed gives");
    assert_eq!(kept.len(), today.len());
}

#[test]
fn every_case_of_the_file_is_merged_in_the_engine_as_it_says() {
    for (case, outcome) in cases_of_the_file() {
        assert_eq!(in_the_engine(&case), outcome, "{case:?}");
    }
}

#[test]
fn every_case_of_the_file_is_merged_in_sql_as_it_says() {
    let cases = cases_of_the_file();
    let found = in_sql(cases.iter().map(|(case, _)| case));
    assert_eq!(found.len(), CASES);
    for ((case, outcome), found) in cases.iter().zip(&found) {
        assert_eq!(found, outcome, "{case:?}");
    }
}

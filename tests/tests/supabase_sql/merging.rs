//! Merging in SQL decides as the engine's own `merge` does, over thousands of cases from a seed.

use crate::schema::{element, policy};
use counterpart_core::outbox::EditKind;
use counterpart_core::schema::{Element, Json, Policy};
use counterpart_core::sync::{Added, FieldState, Incoming, Verdict, merge};
use counterpart_tests::postgres::Cluster;
use fastrand::Rng;
use serde_json::json;

const CASES: usize = 6_000;
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
const DEVICES: [&str; 4] = ["", "a", "b", "Z"];

struct Case {
    policy: Policy,
    element: Option<Element>,
    value: Json,
    state: FieldState,
    edit: EditKind,
    on: i64,
    at: i64,
    device: &'static str,
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
            let number = ["+4930123456", "+15550001111", "+4930123457"][rng.usize(..3)];
            let label = ["", "work"][rng.usize(..2)];
            json!({ "number": number, "label": label })
        }
    }
}

fn items(rng: &mut Rng, element: Element) -> Vec<Json> {
    (0..rng.usize(..4)).map(|_| item(rng, element)).collect()
}

fn case(rng: &mut Rng) -> Case {
    let policy = POLICIES[rng.usize(..POLICIES.len())];
    let element = (policy == Policy::Set || rng.u8(..8) == 0)
        .then(|| [Element::Word, Element::Email, Element::Phone][rng.usize(..3)]);
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
        let (on, at, device) = (rng.i64(0..6), rng.i64(0..4), DEVICES[rng.usize(1..4)]);
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
    let (on, at, device) = (rng.i64(0..6), rng.i64(0..4), DEVICES[rng.usize(1..4)]);
    Case { policy, element: Some(element), value, state, edit, on, at, device }
}

fn expected(case: &Case) -> Json {
    let Case { policy, element, value, state, edit, on, at, device } = case;
    let incoming = Incoming { edit, on: *on, at: *at, device, stamp: 9 };
    let (verdict, state) = merge(*policy, *element, value, state, incoming);
    let (word, value) = match verdict {
        Verdict::Becomes(value) => ("becomes", value),
        Verdict::Same => ("same", Json::Null),
        Verdict::Lost => ("lost", Json::Null),
        Verdict::Conflict => ("conflict", Json::Null),
    };
    json!({ "word": word, "value": value, "state": state })
}

#[test]
fn every_case_is_merged_in_sql_as_in_the_engine() {
    let mut sql = Cluster::shared().database().admin();
    let mut rng = Rng::with_seed(20_261_121);
    let cases: Vec<Case> = (0..CASES).map(|_| case(&mut rng)).collect();
    let asked: Vec<Json> = cases
        .iter()
        .map(|case| {
            json!({
                "policy": policy(case.policy), "element": element(case.element), "value": case.value,
                "state": case.state, "edit": case.edit, "on": case.on, "at": case.at, "device": case.device,
            })
        })
        .collect();
    let asks = "select to_jsonb(counterpart.merge(c ->> 'policy', c ->> 'element', c -> 'value', c -> 'state', c -> 'edit',
                  (c ->> 'on')::bigint, (c ->> 'at')::bigint, c ->> 'device', 9))
                from jsonb_array_elements($1::jsonb) with ordinality as e(c, place) order by place";
    let found = sql.query(asks, &[&Json::Array(asked.clone())]).unwrap();
    assert_eq!(found.len(), CASES);
    for ((case, asked), row) in cases.iter().zip(&asked).zip(&found) {
        assert_eq!(row.get::<_, Json>(0), expected(case), "{asked}");
    }
}

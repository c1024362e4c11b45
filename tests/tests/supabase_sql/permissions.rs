//! The permission table in SQL is the schema's own: every role, every table, every verb, every field set by itself.

use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Attempt, Field, Json, Row, Table, Type, Verb, Who};
use counterpart_tests::postgres::Cluster;
use serde_json::json;

const ROLES: [&str; 6] = ["owner", "admin", "manager", "technician", "front_desk", "role_of_tomorrow"];

fn people() -> Vec<Who> {
    let who = |role: &str, station: bool, actor: Option<&str>, actor_role: Option<&str>| Who {
        account: "me".into(),
        role: role.into(),
        station,
        actor: actor.map(Into::into),
        actor_role: actor_role.map(Into::into),
    };
    let mut people: Vec<Who> = ROLES.iter().map(|role| who(role, false, Some("me"), None)).collect();
    people.extend(["manager", "technician", ""].map(|actor| who("owner", false, Some("you"), Some(actor))));
    people.extend(ROLES.map(|actor| who("owner", true, Some("you"), Some(actor))));
    people.push(who("front_desk", true, None, None));
    people.push(who("technician", false, None, None));
    people
}

/// What a field may be: nothing that a new row has, and what permissions look at.
fn samples(field: &Field) -> Vec<Json> {
    match field.kind {
        Type::Text | Type::Id => vec![json!("me"), json!("you")],
        Type::Int => vec![json!(0), json!(5)],
        Type::Bool => vec![json!(true), json!(false)],
        Type::Time => vec![json!("2026-11-21T10:00:00.000Z")],
        Type::Word(words) => words.iter().map(|word| json!(word)).collect(),
        Type::Json | Type::Map(_) => vec![json!({ "a": "b" })],
        Type::Set(_) => vec![json!(["+4930123456"])],
    }
}

struct Case {
    table: &'static Table,
    verb: Verb,
    before: Option<Row>,
    after: Row,
    changed: Vec<&'static str>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for table in REPAIR_SHOP.all_tables() {
        let blank = Row::blank(table, "r1");
        for field in table.fields {
            for sample in samples(field) {
                let mut object = blank.to_json();
                if field.name != "emails" {
                    object.insert(field.name.into(), sample);
                }
                let row = Row::from_json(table, &object).unwrap();
                let mut push = |verb, before: Option<&Row>, after: &Row, changed: &[&'static str]| {
                    let (before, after) = (before.cloned(), after.clone());
                    cases.push(Case { table, verb, before, after, changed: changed.to_vec() });
                };
                push(Verb::Create, None, &row, &[]);
                push(Verb::Change, Some(&blank), &row, &[field.name]);
                push(Verb::Change, Some(&row), &blank, &[field.name]);
                push(Verb::Change, Some(&row), &row, &[]);
                push(Verb::Delete, Some(&row), &row, &[]);
            }
        }
    }
    cases
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "create",
        Verb::Change => "change",
        Verb::Delete => "delete",
    }
}

#[test]
fn whoever_may_on_the_device_may_in_sql_and_nobody_else() {
    let mut sql = Cluster::shared().database().admin();
    let cases = cases();
    assert!(cases.len() > 1_000);
    let rows: Vec<Json> = cases
        .iter()
        .map(|case| {
            let before = case.before.as_ref().map(Row::to_json);
            json!({ "table": case.table.name, "verb": word(case.verb), "before": before,
                    "after": case.after.to_json(), "changed": case.changed })
        })
        .collect();
    let rows = Json::Array(rows);
    let asks = "select counterpart.missing_right(c ->> 'table', c ->> 'verb', nullif(c -> 'before', 'null'), c -> 'after',
                  array(select jsonb_array_elements_text(c -> 'changed')), jsonb_populate_record(null::counterpart.who, $2))
                from jsonb_array_elements($1::jsonb) with ordinality as e(c, place) order by place";
    let may = "select to_jsonb(counterpart.rights(jsonb_populate_record(null::counterpart.who, $1)))";
    for who in people() {
        let mut me = json!({ "account": who.account, "role": who.role, "station": who.station, "actor": who.actor,
                             "actor_role": who.actor_role });
        me["rights"] = sql.query_one(may, &[&me]).unwrap().get(0);
        let found = sql.query(asks, &[&rows, &me]).unwrap();
        for (case, row) in cases.iter().zip(&found) {
            let attempt = Attempt {
                table: case.table,
                verb: case.verb,
                before: case.before.as_ref(),
                after: &case.after,
                fields: &case.changed,
                now: 0,
            };
            let wanted = (REPAIR_SHOP.permit)(&who, &attempt).err().map(|denied| denied.rule);
            let row: Option<&str> = row.get(0);
            let name = case.table.name;
            assert_eq!(row, wanted, "{who:?} {:?} {name} {:?} {:?}", case.verb, case.changed, case.after);
        }
    }
}

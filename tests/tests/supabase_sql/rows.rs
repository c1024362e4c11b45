//! Rows of every table, made from the entity files: one that keeps every limit, and what each of its fields may become.

use counterpart_core::schema::{Field, Json, Row, Table, Type};
use serde_json::{Map, json};

/// What every row refers to that has to refer to something.
pub(crate) const PARENT: &str = "r1";
/// A row that none refers to.
pub(crate) const ALONE: &str = "r2";

/// Texts of which every field may hold one.
const TEXTS: [&str; 10] = [
    "changed",
    "+4930123456",
    "a@b.example",
    "490154203237518",
    "4006381333931",
    "#1a2b3c",
    "CHF",
    "UTC",
    "Europe/Berlin",
    "x",
];

/// A row that keeps every limit. Where it names somebody who works in the shop, it is that person, or nobody.
pub(crate) fn sound(table: &'static Table, id: &str, person: Option<&str>) -> Row {
    let mut object = Row::blank(table, id).to_json();
    for field in table.fields {
        // A conflict says by name who wrote each of its versions.
        let names_somebody = field.refers == Some("employees") || field.name.ends_with("_by");
        let value = match (field.kind, field.name) {
            (Type::Text | Type::Id, _) if names_somebody && person.is_some() => json!(person),
            _ if field.optional || field.is_kept_by_events() => continue,
            (Type::Text, "time_zone") => json!("Europe/Berlin"),
            (Type::Text, "currency") => json!("EUR"),
            (Type::Time, "ends_at") => json!("2026-11-21T11:00:00.000Z"),
            (Type::Time, _) => json!("2026-11-21T10:00:00.000Z"),
            (Type::Text, _) => json!("x"),
            (Type::Id, _) => json!(PARENT),
            (Type::Int, "quantity") => json!(1),
            (Type::Int | Type::Bool | Type::Word(_) | Type::Json | Type::Map(_) | Type::Set(_), _) => {
                continue;
            }
        };
        object.insert(field.name.into(), value);
    }
    if table.field("last_name").is_some() {
        object.insert("last_name".into(), json!("Okafor"));
    }
    let row = Row::from_json(table, &object).unwrap();
    assert_eq!(table.check(&row), Ok(()), "{}", table.name);
    row
}

/// What becomes of a row when one of its fields does: each value that permissions may look at, one of any other kind. It
/// keeps every limit.
pub(crate) fn variants(table: &'static Table, base: &Row, field: &Field, person: &str) -> Vec<Row> {
    let object = |value: &str| json!({ "a": value });
    let tries: Vec<Json> = match field.kind {
        Type::Word(words) => words.iter().map(|word| json!(word)).collect(),
        Type::Id if field.refers == Some("employees") => vec![json!(person), json!(PARENT)],
        Type::Id => vec![json!(ALONE)],
        Type::Bool => vec![json!(true), json!(false)],
        Type::Text => TEXTS.iter().map(|text| json!(text)).collect(),
        Type::Int => vec![json!(5)],
        Type::Time => vec![json!("2026-11-21T10:30:00.000Z")],
        Type::Json | Type::Map(_) => vec![object("pass"), object("x"), json!({ "a": 5 })],
        Type::Set(_) => vec![json!(["+4930123456"]), json!(["a@b.example"]), json!(["x"])],
    };
    let rows = tries.into_iter().filter_map(|value| {
        let mut object = base.to_json();
        object.insert(field.name.into(), value);
        counts_what_it_says(table, field, &mut object);
        let row = Row::from_json(table, &object).ok()?;
        (table.check(&row).is_ok() && row.get(field.name) != base.get(field.name)).then_some(row)
    });
    match field.kind {
        Type::Word(_) | Type::Id | Type::Bool => rows.collect(),
        Type::Text | Type::Int | Type::Time | Type::Json | Type::Map(_) | Type::Set(_) => {
            rows.take(1).collect()
        }
    }
}

/// A count is of so many, where so many were shown, and nothing else is.
fn counts_what_it_says(table: &Table, field: &Field, row: &mut Map<String, Json>) {
    if table.name == "stock_movements"
        && (row["kind"] == json!("count") || ["counted", "shown"].contains(&field.name))
    {
        let (counted, shown) = if field.name == "shown" { (6, 5) } else { (5, 4) };
        row.insert("kind".into(), json!("count"));
        for (name, value) in [("counted", counted), ("shown", shown), ("quantity", 1)] {
            row.insert(name.into(), json!(value));
        }
    }
}

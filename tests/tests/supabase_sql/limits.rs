//! A value that the engine refuses is refused by the tables, under the same code, and no other.

use crate::rows::sound;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Check, Field, Json, Row, Table, Type};
use counterpart_tests::postgres::Cluster;
use serde_json::json;

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "x",
        "+4930123456",
        "030",
        "+0123456789",
        "+123456789012345",
        "+1234567890123456",
        "a@b.example",
        "a@b@c",
        "a@.b",
        "a@b..c",
        "a b@c",
        "é@ü.example",
        "490154203237518",
        "490154203237519",
        "49015420323751",
        "4006381333931",
        "4006381333932",
        "12345",
        "SHELF-12",
        "#1a2b3c",
        "#1A2B3C",
        "1a2b3c",
        "#12345",
        "EUR",
        "eur",
        "Europe/Berlin",
        "UTC",
        "no zone",
        "count",
        "use",
        "ready",
        "a\nb",
    ]
    .map(str::to_owned)
    .into();
    for length in
        [32, 60, 64, 65, 120, 121, 200, 201, 500, 501, 512, 513, 1_000, 1_001, 4_000, 4_001, 8_001, 10_001]
    {
        texts.push("ü".repeat(length));
    }
    texts
}

fn candidates(field: &Field) -> Vec<Json> {
    let mut values = vec![Json::Null];
    match field.kind {
        Type::Text | Type::Word(_) => values.extend(texts().into_iter().map(Json::String)),
        Type::Id => {
            values.extend(["", "x", &"x".repeat(64), &"x".repeat(65), &"ü".repeat(33)].map(|id| json!(id)))
        }
        Type::Int => {
            values.extend(
                [-1_000_000_001, -1, 0, 1, 10_000, 10_001, 1_000_000_001, i64::MAX]
                    .map(|number| json!(number)),
            );
            for check in field.checks {
                if let Check::Range(least, most) = check {
                    let around = [least.saturating_sub(1), *least, *most, most.saturating_add(1)];
                    values.extend(around.map(|number| json!(number)));
                }
            }
        }
        Type::Bool => values.extend([json!(true), json!(false)]),
        Type::Time => values.extend(
            [
                "2026-11-21T09:00:00Z",
                "2026-11-21T10:00:00+00:00",
                "2026-11-21T22:00:00Z",
                "2026-11-21T22:00:00.001Z",
                // Moments to PostgreSQL, and to no device.
                "infinity",
                "-infinity",
                "20000-01-01T00:00:00Z",
                "0044-03-15T00:00:00Z BC",
            ]
            .map(|time| json!(time)),
        ),
        Type::Map(_) | Type::Json => {
            let many = |many: usize| -> Json {
                Json::Object((0..many).map(|at| (format!("k{at}"), json!("pass"))).collect())
            };
            values.extend([many(1), many(50), many(51), many(100), many(101), many(201)]);
            values.extend([
                json!({ "a/b": "pass" }),
                json!({ "": "pass" }),
                json!({ "a": "" }),
                json!({ "a": "nope" }),
            ]);
            values.extend([json!({ "a": 100 }), json!({ "a": 101 }), json!({ "a": -1 }), json!({})]);
        }
        Type::Set(_) => {
            let words = |many: usize| Json::Array((0..many).map(|at| json!(format!("w{at}"))).collect());
            let phones =
                |many: usize| Json::Array((0..many).map(|at| json!(format!("+49301234{at:03}"))).collect());
            values.extend([
                words(1),
                words(50),
                words(51),
                words(200),
                words(201),
                phones(20),
                phones(21),
                json!([]),
            ]);
        }
    }
    values
}

/// What the engine says of a row with that value: the code of its refusal, or nothing.
fn wanted(table: &'static Table, row: &Row, field: &Field, value: &Json) -> Option<(String, String)> {
    let mut object = row.to_json();
    object.insert(field.name.into(), value.clone());
    let told =
        |wrong: counterpart_core::schema::Invalid| (wrong.field.to_owned(), wrong.rule.code().to_owned());
    match Row::from_json(table, &object) {
        Err(wrong) => Some(told(wrong)),
        Ok(row) => table.check(&row).err().map(told),
    }
}

/// Whether that value breaks a rule over several fields too.
fn breaks_a_rule(table: &'static Table, row: &Row, field: &Field, value: &Json) -> bool {
    let mut object = row.to_json();
    object.insert(field.name.into(), value.clone());
    Row::from_json(table, &object).is_ok_and(|row| (table.rule)(&row).is_err())
}

#[test]
fn what_the_engine_refuses_the_tables_refuse_for_the_same_reason() {
    let mut sql = Cluster::shared().database().admin();
    // A write of the shop's own, without permissions: only limits are left.
    let try_it = "create function pg_temp.try(tbl text, body jsonb) returns text language plpgsql as $$
        declare state text; named text; col text;
        begin
          execute format('insert into public.%1$I select * from jsonb_populate_record(null::public.%1$I, $1)', tbl) using body;
          raise sqlstate 'ZZ000';
        exception when others then
          get stacked diagnostics state = returned_sqlstate, named = constraint_name, col = column_name;
          return case state when 'ZZ000' then null when '23514' then named when '23502' then col || '__required'
            else state || ' ' || sqlerrm end;
        end $$";
    sql.batch_execute(try_it).unwrap();
    let shop: String = sql.query_one("select public.found_shop('Limits')::text", &[]).unwrap().get(0);
    let mut tried = 0;
    for table in REPAIR_SHOP.all_tables() {
        sql.batch_execute(&format!("alter table public.{} disable trigger user", table.name)).unwrap();
        sql.batch_execute(&format!("alter table public.{0} enable trigger d_spell", table.name)).unwrap();
        let row = sound(table, "r1", None);
        for field in table.fields {
            for value in candidates(field) {
                let mut body = row.to_json();
                body.insert(field.name.into(), value.clone());
                body.insert("shop_id".into(), json!(shop));
                body.insert("states".into(), json!({}));
                let told: Option<String> = sql
                    .query_one("select pg_temp.try($1, $2)", &[&table.name, &Json::Object(body)])
                    .unwrap()
                    .get(0);
                let wanted =
                    wanted(table, &row, field, &value).map(|(field, code)| format!("{field}__{code}"));
                // An optional word that follows from events may be empty on a device; here it has its default.
                let kept = field.is_kept_by_events() && value.is_null() && !field.optional;
                let same = told.is_some() == wanted.is_some() || kept;
                assert!(same, "{}.{} {value}: {told:?} instead of {wanted:?}", table.name, field.name);
                if let (Some(told), Some(wanted)) = (&told, &wanted) {
                    // Where a value breaks several limits, which of them is told is left open.
                    let of = |text: &str| text.split("__").next().unwrap_or_default().to_owned();
                    // A moment that nobody can read lies before or after every other.
                    let nobody_reads = field.kind == Type::Time && wanted.ends_with("__kind");
                    let one =
                        nobody_reads || of(told) == of(wanted) || breaks_a_rule(table, &row, field, &value);
                    assert!(one, "{}.{} {value}: {told}, {wanted}", table.name, field.name);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 2_000, "{tried}");
}

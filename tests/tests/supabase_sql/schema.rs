//! The tables are those of the entity files: their fields as columns, and what merging is told of them.

use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Check, Element, Field, Policy, Readers, Type};
use counterpart_tests::postgres::Cluster;
use serde_json::{Value as Json, json};

fn kind(field: &Field) -> &'static str {
    match field.kind {
        Type::Text => "text",
        Type::Int => "int",
        Type::Bool => "bool",
        Type::Time => "time",
        Type::Id => "id",
        Type::Word(_) => "word",
        Type::Json => "json",
        Type::Map(_) => "map",
        Type::Set(_) => "set",
    }
}

fn column(field: &Field) -> &'static str {
    match field.kind {
        Type::Text | Type::Word(_) => "text",
        Type::Id => "text collate \"C\"",
        Type::Int => "bigint",
        Type::Bool => "boolean",
        Type::Time => "timestamp(3) with time zone",
        Type::Json | Type::Map(_) | Type::Set(_) => "jsonb",
    }
}

/// A policy in the SQL's words.
pub(crate) fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Latest => "latest",
        Policy::Set => "set",
        Policy::Counter => "counter",
        Policy::TrueWins => "true_wins",
        Policy::Server => "server",
        Policy::Client => "client",
        Policy::Manual => "manual",
        Policy::Order => "order",
        Policy::Event => "event",
        Policy::Fixed => "fixed",
    }
}

/// An element in the SQL's words.
pub(crate) fn element(element: Option<Element>) -> Option<&'static str> {
    element.map(|element| match element {
        Element::Word => "word",
        Element::Email => "email",
        Element::Phone => "phone",
    })
}

fn words(field: &Field) -> Option<&'static [&'static str]> {
    match field.kind {
        Type::Word(words) | Type::Map(words) => Some(words),
        Type::Text | Type::Int | Type::Bool | Type::Time | Type::Id | Type::Json | Type::Set(_) => None,
    }
}

fn limit(field: &Field) -> (Option<i64>, Option<i64>) {
    let number = |many: usize| i64::try_from(many).ok();
    let limits = field.checks.iter().find_map(|check| match check {
        Check::Chars(least, most) => Some((number(*least), number(*most))),
        Check::Range(least, most) => Some((Some(*least), Some(*most))),
        Check::Items(most) => Some((None, number(*most))),
        Check::NotZero
        | Check::E164
        | Check::Email
        | Check::Imei
        | Check::Gtin
        | Check::Colour
        | Check::Currency
        | Check::Zone => None,
    });
    limits.unwrap_or_default()
}

fn wanted_fields() -> Vec<Json> {
    let fields = |table: &'static counterpart_core::schema::Table| {
        table.fields.iter().enumerate().map(move |(place, field)| {
            let (least, most) = limit(field);
            json!({
                "tbl": table.name, "name": field.name, "place": place, "kind": kind(field),
                "optional": field.optional, "policy": policy(field.policy),
                "element": element(field.kind.element()), "words": words(field), "least": least, "most": most,
            })
        })
    };
    REPAIR_SHOP.all_tables().flat_map(fields).collect()
}

#[test]
fn what_merging_is_told_of_a_field_is_what_its_entity_file_says() {
    let mut sql = Cluster::shared().database().admin();
    let asks =
        "select to_jsonb(f) from counterpart.fields as f join counterpart.tables as t on t.name = f.tbl
                order by t.place, f.place";
    let found: Vec<Json> = sql.query(asks, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(found, wanted_fields());
}

#[test]
fn what_is_told_of_a_table_is_what_its_entity_file_says() {
    let mut sql = Cluster::shared().database().admin();
    let asks = "select to_jsonb(t) from counterpart.tables as t order by t.place";
    let found: Vec<Json> = sql.query(asks, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    let wanted: Vec<Json> = REPAIR_SHOP
        .all_tables()
        .enumerate()
        .map(|(place, table)| {
            let readers = match table.readers {
                Readers::Members => "members",
                Readers::Roles(_) => "managers",
                Readers::RolesAndOwn(..) => "stations_and_own",
            };
            let parents = table.parent.and_then(|field| table.field(field)).and_then(|field| field.refers);
            json!({
                "name": table.name, "place": place, "append_only": table.append_only, "secret": table.secret,
                "parent": table.parent, "parents": parents, "readers": readers,
                "outside": table.window.map(|window| window.outside), "days": table.window.map(|window| window.days),
                "one_of_a_kind": table.unique.first(),
            })
        })
        .collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_field_is_a_column_of_its_type() {
    let mut sql = Cluster::shared().database().admin();
    let asks = "select a.attname::text || ' ' || format_type(a.atttypid, a.atttypmod)
                  || case when c.collname = 'C' then ' collate \"C\"' else '' end
                  || case when a.attnotnull then ' not null' else '' end
                from pg_attribute as a left join pg_collation as c on c.oid = a.attcollation
                where a.attrelid = ('public.' || $1)::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum";
    for table in REPAIR_SHOP.all_tables() {
        let found: Vec<String> =
            sql.query(asks, &[&table.name]).unwrap().iter().map(|row| row.get(0)).collect();
        let mut wanted: Vec<String> =
            vec!["shop_id uuid not null".into(), "id text collate \"C\" not null".into()];
        wanted.extend(table.fields.iter().map(|field| {
            let null = if field.optional { "" } else { " not null" };
            format!("{} {}{null}", field.name, column(field))
        }));
        wanted.extend(
            [
                "created_at timestamp(3) with time zone not null",
                "created_by text collate \"C\"",
                "updated_at timestamp(3) with time zone not null",
                "updated_by text collate \"C\"",
                "stamp bigint not null",
                "deleted_at timestamp(3) with time zone",
                "states jsonb not null",
                "wire text not null",
            ]
            .map(str::to_owned),
        );
        assert_eq!(found, wanted, "{}", table.name);
    }
}

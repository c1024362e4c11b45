//! Struct, row and JSON hold the same, whatever a newer app wrote.

use super::{sample, table};
use crate::entity::*;
use crate::schema::{Element, Entity, Json, Meta, Row, Type, Value, time_from_ms};
use serde_json::json;

/// A row with something in every field, words that no version knows among them.
fn full<E: Entity>() -> Row {
    let table = E::TABLE;
    let mut row = Row::empty(table, "0198-id");
    for (at, field) in table.fields.iter().enumerate() {
        let text = |text: &str| Value::Text(text.into());
        let value = match (field.kind, field.name) {
            (Type::Int, _) => Value::Int(at as i64 - 3),
            (Type::Bool, _) => Value::Int(1),
            (Type::Time, _) => Value::Int(1_767_225_600_123 + at as i64),
            (Type::Text | Type::Id, name) => text(name),
            (Type::Word(_), _) => text("word_of_tomorrow"),
            (Type::Json, "address") => text(
                r#"{"city":"Bonn","country":"DE","postal_code":"53111","region":"","street":"Am Hof 1"}"#,
            ),
            (Type::Json, "status_labels") => text(r#"{"ready":"Fertig","received":"Da"}"#),
            (Type::Json, "feature_flags") => text(r#"{"a":5,"b":100}"#),
            (Type::Json, other) => panic!("no sample of {other}"),
            (Type::Map(_), _) => text(r#"{"camera":"singed","screen":"pass","touch":"fail"}"#),
            (Type::Set(Element::Word), _) => text(r#"["a","b"]"#),
            (Type::Set(Element::Email), _) => text(r#"["a@b.example"]"#),
            (Type::Set(Element::Phone), _) => text(r#"[{"label":"work","number":"+4930123456"}]"#),
        };
        row.set(field.name, value);
    }
    row.meta = Meta {
        created_at: time_from_ms(1_767_225_600_001),
        created_by: Some("e1".into()),
        updated_at: time_from_ms(1_767_225_600_002),
        updated_by: Some("e2".into()),
        stamp: 7,
        deleted_at: Some(time_from_ms(1_767_225_600_003)),
    };
    row
}

fn round_trip<E: Entity + Default>() {
    let mut rows = vec![full::<E>(), E::default().to_row()];
    let known = Row::from_json(E::TABLE, &sample(E::TABLE.name)).unwrap();
    rows.push(known.clone());
    for mut row in rows {
        let entity = E::from_row(&row);
        let back = entity.map(|entity| (entity.id().to_owned(), entity.to_row()));
        assert_eq!(back, Ok((row.id.clone(), row.clone())), "{} as a struct", E::TABLE.name);
        row.extra = Some(r#"{"column_of_tomorrow":[1,{"a":null}]}"#.into());
        let json = row.to_json();
        assert_eq!(json["column_of_tomorrow"], json!([1, {"a": null}]));
        assert_eq!(Row::from_json(E::TABLE, &json), Ok(row), "{} as JSON", E::TABLE.name);
    }
}

#[test]
fn every_entity_round_trips_with_words_and_columns_of_tomorrow() {
    round_trip::<ShopSettings>();
    round_trip::<Employee>();
    round_trip::<EmployeePay>();
    round_trip::<EmployeePin>();
    round_trip::<Customer>();
    round_trip::<InventoryItem>();
    round_trip::<ItemCost>();
    round_trip::<Ticket>();
    round_trip::<TicketNote>();
    round_trip::<TicketEvent>();
    round_trip::<TicketLine>();
    round_trip::<TicketSecret>();
    round_trip::<SecretReveal>();
    round_trip::<StockMovement>();
    round_trip::<Appointment>();
    assert_eq!(REPAIR_SHOP.tables.len(), 15, "a new entity round-trips here too");
}

#[test]
fn people_find_tickets_items_and_employees_by_their_words_and_keys() {
    let found = |name: &str, changes: Json| {
        let row = super::row(name, changes);
        let search = table(name).search.unwrap();
        ((search.text)(&row), (search.keys)(&row))
    };
    let (text, keys) = found(
        "tickets",
        json!({"number": "A-12", "imei": "490154203237518", "tags": ["rush"], "accessories": ["case"]}),
    );
    for word in ["A-12", "Broken", "490154203237518", "rush", "case"] {
        assert!(text.contains(word), "{word}");
    }
    assert_eq!(keys, [("number", "a-12".to_owned())]);
    assert_eq!(found("tickets", json!({})).1, []);
    let (text, keys) = found("inventory_items", json!({"sku": "SCR-1", "compatible_models": ["X 12"]}));
    assert!(text.contains("X 12"));
    assert_eq!(keys, [("name", "screen".to_owned()), ("sku", "scr-1".to_owned())]);
    let (_, keys) = found("employees", json!({"last_name": "Öberg"}));
    assert_eq!(keys, [("name", "oberg asa".to_owned()), ("name", "asa oberg".to_owned())]);
}

#[test]
fn passcodes_and_pins_stay_out_of_exports_and_search() {
    for table in REPAIR_SHOP.tables {
        assert_eq!(table.secret, ["ticket_secrets", "employee_pins"].contains(&table.name), "{}", table.name);
        assert!(!(table.secret && table.search.is_some()));
    }
}

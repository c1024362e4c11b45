//! A push says the same however its operations were put together: many at once, or one after another.

use crate::shops::{Device, OWNER, shops};
use serde_json::{Value as Json, json};

/// What a shop goes through, in order; every so many rounds hold something that is refused.
fn operations(bad: usize) -> Vec<Json> {
    let mut operations = Vec::new();
    let mut add = |row: String, table: &str, kind: &str, fields: Json, more: Json| {
        let edits: serde_json::Map<String, Json> = fields
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), json!({ "to": value })))
            .collect();
        let at = 1_700_000_000_000_i64 + i64::try_from(operations.len()).unwrap();
        let mut operation = json!({
            "id": format!("op-{row}"), "seq": 1, "at": at, "account": OWNER.to_string(), "actor": OWNER.to_string(),
            "table": table, "row": row, "kind": kind, "fields": edits,
        });
        operation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        operations.push(operation);
    };
    for round in 0..12_usize {
        let name = if round % bad == bad - 1 { String::new() } else { format!("Okafor {round}") };
        let customer = json!({
            "last_name": name, "phones": ["+4930123456"], "tags": [" b", "a"], "sms_opt_out": false, "address": { "city": "Lagos" },
        });
        add(format!("c{round}"), "customers", "insert", customer, json!({}));
        let ticket = json!({ "customer_id": format!("c{round}"), "subject": "Screen", "due_at": "2026-11-21T10:00:00+01:00" });
        add(format!("t{round}"), "tickets", "insert", ticket, json!({ "needs": [format!("op-c{round}")] }));
        let note = json!({ "ticket_id": format!("t{round}"), "kind": "internal", "body": "dropped" });
        add(format!("n{round}"), "ticket_notes", "append", note, json!({}));
        for (step, (from, to)) in
            [("received", "diagnosing"), ("diagnosing", "in_repair"), ("received", "diagnosing")]
                .into_iter()
                .enumerate()
        {
            let event = json!({ "ticket_id": format!("t{round}"), "from": from, "to": to });
            add(format!("e{round}-{step}"), "ticket_events", "append", event, json!({}));
        }
        let line = json!({ "ticket_id": format!("t{round}"), "kind": "part", "quantity": 2 });
        add(format!("l{round}"), "ticket_lines", "insert", line, json!({}));
    }
    operations
}

/// Receipts and rows without what depends on how often was pushed.
fn outcome(device: &mut Device, receipts: Vec<Json>) -> (Vec<Json>, Vec<Json>) {
    let answer = device.pull(&json!({ "epoch": "", "n": 0, "tag": "" }));
    let tables = answer["rows"].as_array().unwrap().iter();
    let mut rows: Vec<Json> = tables
        .filter(|table| !["shop_settings", "employees"].contains(&table["table"].as_str().unwrap()))
        .flat_map(|table| table["rows"].as_array().unwrap().iter())
        .map(|row| {
            let mut row = row.clone();
            row["stamp"] = json!(0);
            row
        })
        .collect();
    rows.sort_by_key(|row| row["id"].as_str().unwrap().to_owned());
    let receipts = receipts.into_iter().map(|mut receipt| {
        receipt.as_object_mut().unwrap().remove("n");
        receipt
    });
    (receipts.collect(), rows)
}

fn same_at_once_and_one_after_another(operations: &[Json], refused: usize) {
    let (database, shops) = shops(2);
    let (mut one, mut all) =
        (Device::open(&database, &shops[0], "d"), Device::open(&database, &shops[1], "d"));
    let mut told = Vec::new();
    for operation in operations {
        told.extend(one.push_all(std::slice::from_ref(operation))["receipts"].as_array().unwrap().clone());
    }
    let together = all.push_all(operations)["receipts"].as_array().unwrap().clone();
    let again = all.push_all(operations)["receipts"].as_array().unwrap().clone();
    let kept = |receipts: &[Json]| -> Vec<Json> {
        receipts.iter().filter(|receipt| receipt["outcome"] != json!("held")).cloned().collect()
    };
    assert_eq!(
        together.len() - kept(&together).len(),
        refused,
        "the ticket of each customer without a name is held"
    );
    assert_eq!(kept(&again), kept(&together));
    let late = |receipt: &&Json| receipt["code"] == json!("history");
    assert_eq!(together.iter().filter(late).count(), 12 - refused);
    assert_eq!(outcome(&mut one, told), outcome(&mut all, together));
    let mut sql = database.admin();
    // The stamps are of different commits; all else that merging knows is the same.
    let differing = "select count(*) from public.customers as a join public.customers as b
          on b.shop_id = $2::text::uuid and b.id = a.id
        where a.shop_id = $1::text::uuid
          and regexp_replace(a.states::text, '\"stamp\": [0-9]+', '', 'g') <> regexp_replace(b.states::text, '\"stamp\": [0-9]+', '', 'g')";
    assert_eq!(sql.query_one(differing, &[&shops[0], &shops[1]]).unwrap().get::<_, i64>(0), 0);
    let audited = "select coalesce(json_agg(json_build_array(tbl, id, field, was, became, kept, actor, at)
          order by tbl, id, field)::text, '') from public.audit where shop_id = $1::text::uuid and device = 'd'";
    let mut audit = |shop: &String| sql.query_one(audited, &[shop]).unwrap().get::<_, String>(0);
    assert_eq!(audit(&shops[0]), audit(&shops[1]));
}

#[test]
fn many_new_rows_at_once_become_what_they_become_one_after_another() {
    same_at_once_and_one_after_another(&operations(100), 0);
}

#[test]
fn also_where_some_of_them_are_refused() {
    same_at_once_and_one_after_another(&operations(5), 2);
    same_at_once_and_one_after_another(&operations(1), 12);
}

#[test]
fn whoever_loses_a_role_in_a_push_has_lost_it_for_the_rest_of_it() {
    let (database, shops) = shops(1);
    let mut device = Device::open(&database, &shops[0], "d");
    let operation = |id: &str, table: &str, row: &str, kind: &str, fields: Json| {
        json!({ "id": id, "seq": 1, "at": 1, "account": OWNER.to_string(), "actor": OWNER.to_string(),
                "table": table, "row": row, "kind": kind, "fields": fields })
    };
    let price = |id: &str, cents: i64| {
        operation(id, "inventory_items", "i1", "patch", json!({ "price_cents": { "to": cents } }))
    };
    let me = OWNER.to_string();
    let head = device.pull(&json!({ "epoch": "", "n": 0, "tag": "" }))["head"]["n"].clone();
    let receipts = device.push_all(&[
        operation("i", "inventory_items", "i1", "insert", json!({ "name": { "to": "Display" } })),
        price("p1", 1),
        operation("e", "employees", &me, "patch", json!({ "role": { "to": "technician", "on": head } })),
        price("p2", 2),
    ])["receipts"]
        .clone();
    let outcomes: Vec<&Json> =
        receipts.as_array().unwrap().iter().map(|receipt| &receipt["outcome"]).collect();
    assert_eq!(outcomes, ["applied", "applied", "applied", "rejected"], "{receipts}");
    assert_eq!(receipts[3]["code"], json!("denied"));
}

//! A push says the same however its operations were put together: many at once, or one after another.

use crate::shops::{Device, OWNER, shops};
use ::postgres::Client;
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
            // A conflict says when it was opened, and on which commit.
            if table_of_conflicts(&row) {
                for name in ["created_at", "updated_at", "on_stamp"] {
                    row[name] = json!(0);
                }
            }
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

fn table_of_conflicts(row: &Json) -> bool {
    row.get("theirs").is_some()
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
    same_books(&mut database.admin(), &shops);
}

/// What merging knows of the rows, and the audit, are the same in both shops, but for the numbers and moments of their
/// commits. What was entered says itself when.
fn same_books(sql: &mut Client, shops: &[String]) {
    let states = "regexp_replace(regexp_replace(t.states::text, '\"stamp\": [0-9]+', '', 'g'),
                    '\"at\": (?!17000)[0-9]+', '\"at\": \"of the commit\"', 'g')";
    let mut all = |shop: &String, asks: &str| sql.query_one(asks, &[shop]).unwrap().get::<_, String>(0);
    for table in ["customers", "tickets", "ticket_lines", "inventory_items", "conflicts"] {
        let known = format!(
            "select coalesce(json_agg(json_build_array(t.id, {states}) order by t.id)::text, '')
             from public.{table} as t where t.shop_id = $1::text::uuid"
        );
        assert_eq!(all(&shops[0], &known), all(&shops[1], &known), "{table}");
    }
    let audited = "select coalesce(json_agg(json_build_array(tbl, id, field, was, became, kept, actor, at)
          order by tbl, id, field, at)::text, '') from public.audit where shop_id = $1::text::uuid and device = 'd'";
    assert_eq!(all(&shops[0], audited), all(&shops[1], audited));
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

fn edit(id: usize, table: &str, row: &str, fields: Json) -> Json {
    let at = 1_700_000_900_000_i64 + i64::try_from(id).unwrap();
    json!({ "id": format!("edit-{id}"), "seq": 1, "at": at, "account": OWNER.to_string(), "actor": OWNER.to_string(),
            "table": table, "row": row, "kind": "patch", "fields": fields })
}

/// Edits by one who knew the shop as it was first entered; every so many meet something.
fn edits(head: &Json, met: usize) -> Vec<Json> {
    let mut edits = Vec::new();
    let mut add = |table: &str, row: String, fields: Json| edits.push(edit(edits.len(), table, &row, fields));
    let to = |value: &str| json!({ "to": value, "on": head });
    for round in 0..12 {
        let (customer, ticket, line) = (format!("c{round}"), format!("t{round}"), format!("l{round}"));
        let other = json!({ "elements": { "add": ["vip"], "remove": ["a"] }, "on": head });
        add("customers", customer.clone(), json!({ "company": to("Menders"), "tags": other }));
        add("tickets", ticket.clone(), json!({ "subject": to("Battery"), "priority": { "to": "high" } }));
        add("ticket_lines", line, json!({ "quantity": { "to": 3, "on": head }, "tax_bp": { "to": 1_900 } }));
        add(
            "inventory_items",
            format!("i{round}"),
            json!({ "bin": to("A3"), "price_cents": { "to": 9_900, "on": head } }),
        );
        if round % met == met - 1 {
            // Somebody else's word, a sum, a limit, a part number, an entry of a map, a row again, one that is not there.
            add("customers", customer.clone(), json!({ "notes": to("mine"), "last_name": to("Eze") }));
            add("inventory_items", format!("i{round}"), json!({ "quantity": { "to": 9 } }));
            add("customers", customer.clone(), json!({ "phones": { "to": ["030"], "on": head } }));
            add("inventory_items", format!("i{round}"), json!({ "sku": to("S-1") }));
            add(
                "tickets",
                ticket.clone(),
                json!({ "intake_checklist/screen": { "to": "pass", "on": head } }),
            );
            add("tickets", ticket, json!({ "due_at": { "to": "2026-11-22T10:00:00+01:00", "on": head } }));
            add("customers", "nobody".into(), json!({ "company": to("x") }));
            add("appointments", "a1".into(), json!({ "state": to("arrived") }));
        }
    }
    // Rows that this push has changed before, one by one or at once.
    for round in 0..12 {
        add("customers", format!("c{round}"), json!({ "email_opt_out": { "to": true, "on": head } }));
    }
    edits
}

/// The shop as it was first entered, and what another device did since. Gives back the version before that.
fn lived(device: &mut Device, other: &mut Device) -> Json {
    let mut entered = operations(100);
    for round in 0..12_usize {
        let mut item =
            edit(round, "inventory_items", &format!("i{round}"), json!({ "name": { "to": "Display" } }));
        (item["id"], item["kind"]) = (json!(format!("op-i{round}")), json!("insert"));
        entered.push(item);
    }
    let taken = device.push_all(&entered);
    assert!(
        taken["receipts"].as_array().unwrap().iter().all(|receipt| receipt["outcome"] == json!("applied"))
    );
    let head = device.pull(&json!({ "epoch": "", "n": 0, "tag": "" }))["head"]["n"].clone();
    let mut since =
        edit(0, "customers", "c2", json!({ "notes": { "to": "theirs" }, "last_name": { "to": "Ode" } }));
    since["id"] = json!("of-another");
    let mut company =
        edit(1, "customers", "c9", json!({ "company": { "to": "Theirs", "at": 9_000_000_000_000_i64 } }));
    company["id"] = json!("of-another-too");
    other.push_all(&[since, company]);
    head
}

fn edits_say_the_same(met: usize, outcomes: &[(&str, usize)]) {
    let (database, shops) = shops(2);
    let open = |shop: usize, name: &str| Device::open(&database, &shops[shop], name);
    let [mut one, mut all] = [0, 1].map(|shop| open(shop, "d"));
    let heads = [lived(&mut one, &mut open(0, "o")), lived(&mut all, &mut open(1, "o"))];
    assert_eq!(heads[0], heads[1]);
    let edits = edits(&heads[0], met);
    let mut told = Vec::new();
    for edit in &edits {
        told.extend(one.push_all(std::slice::from_ref(edit))["receipts"].as_array().unwrap().clone());
    }
    let together = all.push_all(&edits)["receipts"].as_array().unwrap().clone();
    for (outcome, wanted) in outcomes {
        let many = together.iter().filter(|receipt| receipt["outcome"] == json!(outcome)).count();
        assert_eq!(many, *wanted, "{outcome}: {together:?}");
    }
    assert_eq!(all.push_all(&edits)["receipts"].as_array().unwrap(), &together);
    assert_eq!(outcome(&mut one, told), outcome(&mut all, together));
    same_books(&mut database.admin(), &shops);
}

#[test]
fn many_edits_at_once_become_what_they_become_one_after_another() {
    edits_say_the_same(100, &[("applied", 59), ("merged", 1)]);
}

#[test]
fn also_where_some_of_them_meet_somebody_elses() {
    edits_say_the_same(3, &[("conflict", 4), ("rejected", 16)]);
}

#[test]
fn edits_that_meet_nothing_are_one_statement_for_each_table_and_set_of_fields() {
    let (database, shops) = shops(1);
    let mut device = Device::open(&database, &shops[0], "d");
    let head = lived(&mut device, &mut Device::open(&database, &shops[0], "o"));
    let edits: Vec<Json> = (0..12)
        .filter(|round| ![2, 9].contains(round))
        .map(|round| {
            edit(round, "customers", &format!("c{round}"), json!({ "company": { "to": "x", "on": head } }))
        })
        .collect();
    device.push_all(&edits);
    // What is written group by group is written by a transaction of its own within the push.
    let writers = "select count(distinct xmin::text) from public.customers where company = 'x'";
    assert_eq!(database.admin().query_one(writers, &[]).unwrap().get::<_, i64>(0), 1);
}

//! What is looked after: rows written with triggers off, rows deleted long ago, receipts that have arrived, and tickets that
//! were deleted before somebody worked on them.

use crate::shops::{Device, OWNER, shops};
use ::postgres::Client;
use serde_json::{Value as Json, json};

fn operation(id: &str, table: &str, row: &str, kind: &str, fields: Json) -> Json {
    let edits =
        fields.as_object().unwrap().iter().map(|(name, value)| (name.clone(), json!({ "to": value })));
    json!({
        "id": id, "seq": 1, "at": 1, "account": OWNER.to_string(), "actor": OWNER.to_string(),
        "table": table, "row": row, "kind": kind, "fields": edits.collect::<serde_json::Map<_, _>>(),
    })
}

/// Pushes one operation; how its receipt judges it.
fn judged(device: &mut Device, operation: Json) -> (Json, Json, Json) {
    let receipt = device.push_all(&[operation])["receipts"][0].clone();
    (receipt["outcome"].clone(), receipt["code"].clone(), receipt["field"].clone())
}

fn rows<'a>(answer: &'a Json, table: &str) -> Vec<&'a Json> {
    let tables = answer["rows"].as_array().unwrap().iter().filter(|rows| rows["table"] == json!(table));
    tables.flat_map(|rows| rows["rows"].as_array().unwrap()).collect()
}

fn beginning() -> Json {
    json!({ "epoch": "", "n": 0, "tag": "" })
}

fn number(sql: &mut Client, asks: &str) -> i64 {
    sql.query_one(asks, &[]).unwrap().get(0)
}

const UNSEEN: &str =
    "select coalesce(sum(many), 0)::bigint from public.look_over() where code = 'rows_without_stamp'";

#[test]
fn what_was_written_with_triggers_off_reaches_the_devices_once_it_is_restamped() {
    let (database, shops) = shops(2);
    let mut device = Device::open(&database, &shops[0], "d");
    device.push("c1");
    let seen = device.pull(&beginning())["head"].clone();
    let mut sql = database.admin();
    let gone = "00000000-0000-4000-8000-00000000000e";
    sql.execute("insert into auth.users (id) values ($1::text::uuid)", &[&gone]).unwrap();
    let takes = "select public.take_in($1::text::uuid, $2::text::uuid, 'e@shop.example', 'technician')";
    sql.execute(takes, &[&shops[1], &gone]).unwrap();
    assert_eq!(number(&mut sql, "select count(*) from public.look_over()"), 0);
    let load = "set session_replication_role = replica;
        insert into public.customers (shop_id, id, last_name, created_at, updated_at, stamp, wire)
          select shop_id, 'loaded', 'Ode', now(), now(), 0, '' from public.customers where id = 'c1';
        update public.customers set last_name = 'Eze' where id = 'c1';
        update public.employees set active = false where id = '00000000-0000-4000-8000-00000000000e';
        reset session_replication_role";
    sql.batch_execute(load).unwrap();
    assert_eq!(device.pull(&seen)["rows"], json!([]), "nobody has heard of it");
    assert_eq!(number(&mut sql, UNSEEN), 3);
    assert_eq!(number(&mut sql, "select public.restamp()"), 3);
    let answer = device.pull(&seen);
    assert_eq!(answer["head"]["n"], json!(seen["n"].as_i64().unwrap() + 1));
    let names: Vec<&Json> = rows(&answer, "customers").iter().map(|row| &row["last_name"]).collect();
    assert_eq!(names, ["Eze", "Ode"]);
    let works = "select count(*) from public.members where account::text = '00000000-0000-4000-8000-00000000000e' and active";
    assert_eq!(number(&mut sql, works), 0, "and who was put out of the shop is out of it");
    assert_eq!(number(&mut sql, UNSEEN), 0);
    assert_eq!(number(&mut sql, "select public.restamp()"), 0);
}

#[test]
fn of_what_was_deleted_long_ago_only_that_is_kept_and_it_never_comes_back() {
    let (database, shops) = shops(1);
    let mut device = Device::open(&database, &shops[0], "d");
    device.push("c1");
    let item = json!({ "name": "Display", "sku": "S-1", "price_cents": 9900 });
    assert_eq!(judged(&mut device, operation("i", "inventory_items", "i1", "insert", item)).0, "applied");
    assert_eq!(judged(&mut device, operation("x", "customers", "c1", "delete", json!({}))).0, "applied");
    assert_eq!(
        judged(&mut device, operation("y", "inventory_items", "i1", "delete", json!({}))).0,
        "applied"
    );
    let mut sql = database.admin();
    assert_eq!(number(&mut sql, "select public.forget_deleted()"), 0, "they were deleted just now");
    let before = device.pull(&beginning());
    let ages = "set session_replication_role = replica;
        update public.customers set deleted_at = now() - interval '181 days';
        update public.inventory_items set deleted_at = now() - interval '181 days';
        reset session_replication_role";
    sql.batch_execute(ages).unwrap();
    assert_eq!(number(&mut sql, "select public.forget_deleted()"), 2);
    let after = device.pull(&beginning());
    assert_eq!(after["head"], before["head"], "it is no commit");
    let (customer, item) = (rows(&after, "customers")[0], rows(&after, "inventory_items")[0]);
    assert!(customer["deleted_at"].is_string() && !customer.to_string().contains("Okafor"), "{customer}");
    assert!(item["deleted_at"].is_string() && !item.to_string().contains("Display"), "{item}");
    let edit = operation("e", "customers", "c1", "patch", json!({ "company": "Menders" }));
    assert_eq!(judged(&mut device, edit), (json!("rejected"), json!("deleted"), Json::Null));
    let moved = operation(
        "m",
        "stock_movements",
        "m1",
        "append",
        json!({ "item_id": "i1", "kind": "use", "quantity": -1 }),
    );
    assert_eq!(judged(&mut device, moved), (json!("rejected"), json!("deleted"), json!("item_id")));
    // Made anew under its id it is another row.
    let anew = operation("n", "customers", "c1", "insert", json!({ "last_name": "Eze" }));
    assert_eq!(judged(&mut device, anew).0, "applied");
}

#[test]
fn work_on_a_deleted_ticket_takes_it_along_and_on_none_is_refused() {
    let (database, shops) = shops(1);
    let (mut device, mut other) =
        (Device::open(&database, &shops[0], "d"), Device::open(&database, &shops[0], "o"));
    device.push("c1");
    let ticket = json!({ "customer_id": "c1", "subject": "Screen" });
    assert_eq!(judged(&mut device, operation("t", "tickets", "t1", "insert", ticket)).0, "applied");
    assert_eq!(judged(&mut device, operation("x", "tickets", "t1", "delete", json!({}))).0, "applied");
    let seen = device.pull(&beginning())["head"].clone();
    let note = |id: &str, ticket: &str| {
        operation(
            id,
            "ticket_notes",
            id,
            "append",
            json!({ "ticket_id": ticket, "kind": "internal", "body": "late" }),
        )
    };
    assert_eq!(judged(&mut other, note("n1", "t1")).0, "applied");
    let answer = device.pull(&seen);
    assert_eq!(rows(&answer, "ticket_notes").len(), 1);
    assert!(rows(&answer, "tickets")[0]["deleted_at"].is_string(), "{answer}");
    assert_eq!(
        judged(&mut other, note("n2", "t9")),
        (json!("rejected"), json!("not_found"), json!("ticket_id"))
    );
    let line = json!({ "ticket_id": "t9", "kind": "part", "quantity": 1 });
    let line = judged(&mut other, operation("l", "ticket_lines", "l1", "insert", line));
    assert_eq!(line, (json!("rejected"), json!("not_found"), json!("ticket_id")));
}

#[test]
fn why_an_operation_was_refused_is_kept_until_its_device_has_heard() {
    let (database, shops) = shops(1);
    let mut device = Device::open(&database, &shops[0], "d");
    let bad = operation("bad", "customers", "c1", "insert", json!({ "last_name": "x", "phones": ["030"] }));
    assert_eq!(judged(&mut device, bad.clone()), (json!("rejected"), json!("phone"), json!("phones")));
    assert_eq!(judged(&mut device, bad.clone()).1, "phone", "asked again, it is told again");
    device.acked = device.pull(&beginning())["head"]["n"].as_i64().unwrap();
    device.push("c2");
    assert_eq!(judged(&mut device, bad), (json!("rejected"), Json::Null, Json::Null));
}

//! Attacks on the tables and functions as PostgREST lets them through: another shop's member, nobody, somebody whose
//! membership ended, somebody of a low role. Generated from the schema, so that a new table is attacked by itself.

use ::postgres::Client;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Reach, Readers};
use counterpart_tests::postgres::{Cluster, Database};
use serde_json::json;
use uuid::Uuid;

const PEOPLE: [(&str, u128); 7] = [
    ("owner", 1),
    ("manager", 2),
    ("technician", 3),
    ("front_desk", 4),
    ("tablet", 5),
    ("former", 6),
    ("stranger", 7),
];

fn account(name: &str) -> String {
    let (_, number) = PEOPLE.iter().find(|(known, _)| *known == name).unwrap();
    Uuid::from_u128(0x7000_8000_0000_0000_0000 + number).to_string()
}

/// Two shops with a row in every table.
fn two_shops() -> (Database, String) {
    let database = Cluster::shared().database();
    let mut sql = database.admin();
    let mut found = |name: &str| -> String {
        sql.query_one("select public.found_shop($1)::text", &[&name]).unwrap().get(0)
    };
    let (shop, other) = (found("Ours"), found("Elsewhere"));
    for (name, _) in PEOPLE {
        let (id, email) = (account(name), format!("{name}@shop.example"));
        sql.execute("insert into auth.users (id, email) values ($1::text::uuid, $2)", &[&id, &email])
            .unwrap();
        let at = if name == "stranger" { &other } else { &shop };
        let role = match name {
            "tablet" | "former" => "front_desk",
            "stranger" => "owner",
            own => own,
        };
        let takes = "select public.take_in($1::text::uuid, $2::text::uuid, $3, $4, $5)";
        sql.execute(takes, &[at, &id, &email, &role, &(name == "tablet")]).unwrap();
    }
    sql.execute("update public.members set active = false where account::text = $1", &[&account("former")])
        .unwrap();
    for at in [&shop, &other] {
        fill(&mut sql, at);
    }
    (database, shop)
}

fn fill(sql: &mut Client, shop: &str) {
    let rows = [
        ("customers", json!({ "last_name": "Okafor" })),
        ("inventory_items", json!({ "name": "Display" })),
        ("item_costs", json!({ "item_id": "r1" })),
        ("employee_pay", json!({ "employee_id": "r1" })),
        ("employee_pins", json!({ "employee_id": account("technician"), "verifier": "v" })),
        ("tickets", json!({ "customer_id": "r1", "subject": "Screen" })),
        ("ticket_notes", json!({ "ticket_id": "r1", "body": "b", "kind": "internal" })),
        ("ticket_events", json!({ "ticket_id": "r1", "from": "received", "to": "diagnosing" })),
        ("ticket_lines", json!({ "ticket_id": "r1", "quantity": 1 })),
        ("ticket_secrets", json!({ "ticket_id": "r1" })),
        ("secret_reveals", json!({ "ticket_id": "r1" })),
        ("stock_movements", json!({ "item_id": "r1", "quantity": 1, "kind": "receive" })),
        (
            "appointments",
            json!({ "customer_id": "r1", "kind": "drop_off", "starts_at": "2026-11-21T10:00:00Z",
                                 "ends_at": "2026-11-21T11:00:00Z", "time_zone": "UTC" }),
        ),
        ("conflicts", json!({ "tbl": "customers", "row_id": "r1", "field": "notes", "open": true })),
    ];
    let mut transaction = sql.transaction().unwrap();
    transaction.execute("select public.lock_shops(array[$1::text::uuid])", &[&shop]).unwrap();
    for (table, mut row) in rows {
        row["shop_id"] = json!(shop);
        row["id"] = json!("r1");
        let columns: Vec<String> =
            row.as_object().unwrap().keys().map(|name| format!("\"{name}\"")).collect();
        let columns = columns.join(", ");
        let enters = format!(
            "insert into public.{table} ({columns}) select {columns} from jsonb_populate_record(null::public.{table}, $1)"
        );
        transaction.execute(&enters, &[&row]).unwrap_or_else(|error| panic!("{table}: {error:?}"));
    }
    transaction.commit().unwrap();
}

fn count(client: &mut Client, table: &str, shop: &str) -> i64 {
    let counts = format!("select count(id) from public.{table} where shop_id = $1::text::uuid");
    client.query_one(&counts, &[&shop]).unwrap().get(0)
}

#[test]
fn everybody_sees_what_the_schema_lets_travel_to_them() {
    let (database, shop) = two_shops();
    for (name, _) in PEOPLE {
        let mut client = database.as_account("authenticated", Some(&account(name)));
        let role = if name == "tablet" { "station" } else { name };
        for table in REPAIR_SHOP.all_tables() {
            let outside = ["former", "stranger"].contains(&name);
            let seen = count(&mut client, table.name, &shop) > 0;
            let wanted = !outside
                && match table.readers {
                    // That there is a PIN everybody of the shop sees; its verifier nobody selects.
                    Readers::RolesAndOwn(..) => true,
                    Readers::Members | Readers::Roles(_) => table.readers.reach(role) == Reach::Everything,
                };
            assert_eq!(seen, wanted, "{name} sees {}", table.name);
        }
        let verifiers = client.query("select verifier from public.employee_pins", &[]);
        assert!(verifiers.is_err(), "{name} selects verifiers");
        assert!(client.query("select wire from public.employee_pins", &[]).is_err());
    }
}

#[test]
fn another_shops_people_and_former_ones_change_nothing() {
    let (database, shop) = two_shops();
    for name in ["stranger", "former"] {
        for table in REPAIR_SHOP.all_tables() {
            let mut client = database.as_account("authenticated", Some(&account(name)));
            let stamp = format!("select max(stamp) from public.{}", table.name);
            let before: i64 = database.admin().query_one(&stamp, &[]).unwrap().get(0);
            for attack in [
                format!("update public.{} set deleted_at = now() where shop_id = '{shop}'", table.name),
                format!("delete from public.{} where shop_id = '{shop}'", table.name),
                format!("insert into public.{} (shop_id, id) values ('{shop}', 'forged')", table.name),
                format!("truncate public.{}", table.name),
                format!("select public.lock_shops(array['{shop}'::uuid])"),
            ] {
                let touched = client.execute(&attack, &[]).unwrap_or(0);
                assert_eq!(touched, 0, "{name}: {attack}");
            }
            let after: i64 = database.admin().query_one(&stamp, &[]).unwrap().get(0);
            assert_eq!(after, before, "{name} changed {}", table.name);
        }
    }
}

#[test]
fn another_shops_people_and_former_ones_are_turned_away_by_every_function() {
    let (database, shop) = two_shops();
    let asked = "select p.proname::text, p.proargtypes[0]::regtype::text from pg_proc as p
        where p.pronamespace = 'public'::regnamespace and p.pronargs = 1 and p.proargtypes[0]::regtype::text like 'json%'
          and has_function_privilege('authenticated', p.oid, 'execute') order by 1";
    let functions = database.admin().query(asked, &[]).unwrap();
    assert!(functions.len() >= 8, "{}", functions.len());
    let body = json!({
        "shop": shop, "device": "d", "generation": 1, "epoch": "", "attempt": "a", "numbers_left": 0, "unsent": 0, "ops": [],
        "cursor": { "epoch": "", "n": 0, "tag": "" }, "limit": 10, "what": { "windows": {} },
    });
    for name in ["stranger", "former"] {
        let mut client = database.as_account("authenticated", Some(&account(name)));
        for function in &functions {
            let (function, takes): (&str, &str) = (function.get(0), function.get(1));
            let call = format!("select public.{function}($1::text::{takes})::text");
            let refused = client.query(&call, &[&body.to_string()]).expect_err(function);
            assert_eq!(refused.as_db_error().unwrap().code().code(), "PT403", "{name}: {function}");
        }
    }
}

#[test]
fn nobody_without_an_account_reads_or_calls_anything() {
    let (database, _) = two_shops();
    let mut client = database.as_account("anon", None);
    for table in REPAIR_SHOP.all_tables().map(|table| table.name).chain(["shops", "members", "audit"]) {
        assert!(client.query(&format!("select from public.{table}"), &[]).is_err(), "{table}");
    }
    let open = "select p.proname::text from pg_proc as p
        where p.pronamespace in ('public'::regnamespace, 'counterpart'::regnamespace)
          and has_function_privilege('anon', p.oid, 'execute')";
    let open: Vec<String> = database.admin().query(open, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(open, Vec::<String>::new());
    let keyed = "select p.proname::text from pg_proc as p where p.pronamespace = 'public'::regnamespace
        and not has_function_privilege('authenticated', p.oid, 'execute') order by 1";
    let keyed: Vec<String> =
        database.admin().query(keyed, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    let service = [
        "begin_another_history",
        "forget_deleted",
        "found_shop",
        "look_over",
        "restamp",
        "station_granted",
        "station_try",
        "take_in",
    ];
    assert_eq!(keyed, service);
}

#[test]
fn a_claim_gives_no_role_that_the_tables_do_not() {
    let (database, shop) = two_shops();
    let mut client = database.as_account("authenticated", Some(&account("technician")));
    let forged = json!({ "sub": account("technician"), "role": "authenticated", "app_metadata": { "role": "owner" },
                         "shop": shop, "user_role": "owner" });
    client.execute("select set_config('request.jwt.claims', $1, false)", &[&forged.to_string()]).unwrap();
    assert_eq!(count(&mut client, "item_costs", &shop), 0);
    let raises = "update public.employees set role = 'owner' where shop_id = $1::text::uuid and id = $2";
    assert!(client.execute(raises, &[&shop, &account("technician")]).is_err());
}

#[test]
fn a_direct_write_obeys_the_permission_table_and_reaches_the_devices() {
    let (database, shop) = two_shops();
    let mut tess = database.as_account("authenticated", Some(&account("technician")));
    let head = "select head from counterpart.heads where shop_id = $1::text::uuid";
    let before: i64 = database.admin().query_one(head, &[&shop]).unwrap().get(0);
    let set = |column: &str| {
        format!("update public.inventory_items set {column} where shop_id = '{shop}' and id = 'r1'")
    };
    assert_eq!(tess.execute(&set("bin = 'A3'"), &[]).unwrap(), 1);
    for refused in ["price_cents = 1", "quantity = 900", "deleted_at = now()", "shop_id = gen_random_uuid()"]
    {
        assert!(tess.execute(&set(refused), &[]).is_err(), "{refused}");
    }
    let after: i64 = database.admin().query_one(head, &[&shop]).unwrap().get(0);
    assert_eq!(after, before + 1);
    let mut admin = database.admin();
    let row = "select stamp = $2 and wire::json ->> 'bin' = 'A3' and states -> 'bin' ->> 'device' = '' and updated_by = $3
               from public.inventory_items where shop_id = $1::text::uuid and id = 'r1'";
    assert!(admin.query_one(row, &[&shop, &after, &account("technician")]).unwrap().get::<_, bool>(0));
    let audited = "select count(*) from public.audit where n = $1 and field = 'bin' and became = '\"A3\"' and actor = $2";
    assert_eq!(admin.query_one(audited, &[&after, &account("technician")]).unwrap().get::<_, i64>(0), 1);
    let poked = "select count(*) from realtime.messages where topic = 'shop:' || $1 and (payload ->> 'n')::bigint = $2";
    assert_eq!(admin.query_one(poked, &[&shop, &after]).unwrap().get::<_, i64>(0), 1);
}

#[test]
fn a_deletion_in_sql_leaves_a_tombstone_and_a_truncation_is_refused() {
    let (database, shop) = two_shops();
    let mut owner = database.as_account("authenticated", Some(&account("owner")));
    let deletes = "delete from public.appointments where shop_id = $1::text::uuid";
    owner.execute(deletes, &[&shop]).unwrap();
    let mut admin = database.admin();
    let gone =
        "select deleted_at is not null and wire::json ->> 'deleted_at' is not null from public.appointments
                where shop_id = $1::text::uuid";
    assert!(admin.query_one(gone, &[&shop]).unwrap().get::<_, bool>(0));
    assert!(admin.execute("truncate public.appointments", &[]).is_err());
    let unnamed = admin.execute("update public.customers set notes = 'x'", &[]);
    assert_eq!(unnamed.unwrap_err().as_db_error().unwrap().code().code(), "55000");
}

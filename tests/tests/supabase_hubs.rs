//! Several hubs over one PostgreSQL, and what goes wrong between them: one is killed, the database hangs up, is slow or
//! full. Whatever was pushed takes effect once, and nobody waits for a neighbour. Hub and PostgREST refuse alike.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use counterpart_tests::scenarios::backend::{Address, Backend, Who};
use counterpart_tests::scenarios::device::Device;
use counterpart_tests::scenarios::hand::Hand;
use counterpart_tests::scenarios::hub_postgres::{HubPostgres, Template};
use counterpart_tests::scenarios::hub_sqlite;
use counterpart_tests::scenarios::postgrest::OnPostgrest;
use counterpart_tests::scenarios::wire::Caller;
use counterpart_tests::scenarios::{Programs, Stage};
use postgres::Client;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::OnceLock;
use std::thread;

fn programs() -> Programs {
    Programs { device: env!("CARGO_BIN_EXE_device").into(), hub: env!("CARGO_BIN_EXE_hub").into() }
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| Template::make(Path::new(&programs().hub)))
}

/// The owner's device, by hand.
fn owners(backend: &dyn Backend, address: &Address) -> Hand {
    Hand::at(address, &backend.login(Who::Owner), &backend.shop())
}

/// How far the shop's commits are, and how many customers and receipts it has.
fn books(sql: &mut Client, shop: &str) -> (i64, i64, i64) {
    let asks = "select h.head, (select count(*) from public.customers as c where c.shop_id = h.shop_id),
                       (select count(*) from counterpart.receipts as r where r.shop_id = h.shop_id)
                from counterpart.heads as h where h.shop_id = $1::text::uuid";
    let row = sql.query_one(asks, &[&shop]).unwrap();
    (row.get(0), row.get(1), row.get(2))
}

/// Whether somebody waits for the lock of that table.
const WAITS_FOR_CUSTOMERS: &str = "select exists (select from pg_locks as l where not l.granted
    and l.relation = 'public.customers'::regclass
    and l.database = (select oid from pg_database where datname = current_database()))";

/// Calls `meanwhile` while a push hangs in the middle, its shop locked and its rows not yet written. Gives back the push's
/// answer.
fn while_a_push_hangs(
    hubs: &mut HubPostgres,
    hand: &Hand,
    row: &str,
    meanwhile: impl FnOnce(&mut HubPostgres),
) -> (u16, Json) {
    let (mut holding, mut looking) = (hubs.database().admin(), hubs.database().admin());
    let mut held = holding.transaction().unwrap();
    held.execute("lock table public.customers in share mode", &[]).unwrap();
    thread::scope(|scope| {
        let push = scope.spawn(|| hand.push(row));
        while !looking.query_one(WAITS_FOR_CUSTOMERS, &[]).unwrap().get::<_, bool>(0) {}
        meanwhile(hubs);
        held.commit().unwrap();
        push.join().unwrap()
    })
}

#[test]
fn what_a_killed_hub_was_taking_in_takes_effect_once_at_the_other() {
    let mut hubs = template().open();
    let (shop, mut sql) = (hubs.shop(), hubs.database().admin());
    let mut hand = owners(&hubs, &hubs.address_of(0));
    let (head, customers, receipts) = books(&mut sql, &shop);
    let (status, _) = while_a_push_hangs(&mut hubs, &hand, "c1", |hubs| hubs.kill_one(0));
    assert_eq!(status, 0, "a hub that was killed answers nothing");
    hand.moves_to(&hubs.address_of(1));
    hand.push_until_taken("c1");
    assert_eq!(books(&mut sql, &shop), (head + 1, customers + 1, receipts + 1));
    hubs.start_one(0);
    hand.moves_to(&hubs.address_of(0));
    hand.push_until_taken("c1");
    assert_eq!(books(&mut sql, &shop), (head + 1, customers + 1, receipts + 1));
}

#[test]
fn a_connection_lost_in_the_middle_of_a_push_is_busy_and_doubles_nothing() {
    let mut hubs = template().open();
    let (shop, mut sql) = (hubs.shop(), hubs.database().admin());
    let hand = owners(&hubs, &hubs.address_of(0));
    let (head, customers, receipts) = books(&mut sql, &shop);
    let (status, answer) = while_a_push_hangs(&mut hubs, &hand, "c1", |hubs| hang_up(hubs));
    assert_eq!((status, &answer["code"]), (503, &json!("PGRST001")), "{answer}");
    assert_eq!(books(&mut sql, &shop), (head, customers, receipts));
    hand.push_until_taken("c1");
    assert_eq!(books(&mut sql, &shop), (head + 1, customers + 1, receipts + 1));
}

/// Ends every connection that the hubs have.
fn hang_up(hubs: &HubPostgres) {
    let ends = "select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and usename = 'keeper'";
    hubs.database().admin().query(ends, &[]).unwrap();
}

#[test]
fn a_connection_lost_behind_postgrest_or_a_slow_statement_there_doubles_nothing() {
    let rest = OnPostgrest::open(template());
    let (shop, mut sql) = (rest.shop(), rest.database().admin());
    let hand = owners(&rest, &rest.address());
    let (head, customers, receipts) = books(&mut sql, &shop);
    let ends = |how: &str| {
        format!(
            "select {how}(pid) from pg_stat_activity where datname = current_database() and usename = 'authenticator'
               and wait_event_type = 'Lock'"
        )
    };
    // The second is what the role's limit of its statements does.
    for (how, codes) in
        [("pg_terminate_backend", ["PGRST001", "57P01"]), ("pg_cancel_backend", ["57014", "57014"])]
    {
        let mut holding = rest.database().admin();
        let mut held = holding.transaction().unwrap();
        held.execute("lock table public.customers in share mode", &[]).unwrap();
        thread::scope(|scope| {
            let push = scope.spawn(|| hand.push("c1"));
            while !sql.query_one(WAITS_FOR_CUSTOMERS, &[]).unwrap().get::<_, bool>(0) {}
            sql.query(&ends(how), &[]).unwrap();
            let (status, answer) = push.join().unwrap();
            assert!(
                status >= 500 && codes.contains(&answer["code"].as_str().unwrap_or_default()),
                "{status} {answer}"
            );
        });
        held.commit().unwrap();
        assert_eq!(books(&mut sql, &shop), (head, customers, receipts));
    }
    hand.push_until_taken("c1");
    assert_eq!(books(&mut sql, &shop), (head + 1, customers + 1, receipts + 1));
    hand.push_until_taken("c1");
    assert_eq!(books(&mut sql, &shop), (head + 1, customers + 1, receipts + 1));
}

#[test]
fn a_statement_that_takes_too_long_says_so_and_doubles_nothing() {
    let mut hubs = template().open();
    let (shop, mut sql) = (hubs.shop(), hubs.database().admin());
    let hand = owners(&hubs, &hubs.address_of(0));
    sql.batch_execute(&hubs.database().sets("role authenticated", "statement_timeout = '2s'")).unwrap();
    hubs.kill();
    hubs.start();
    let (head, customers, receipts) = books(&mut sql, &shop);
    let mut held = hubs.database().admin();
    let mut held = held.transaction().unwrap();
    held.execute("lock table public.customers in share mode", &[]).unwrap();
    let (status, answer) = hand.push("c1");
    assert_eq!((status, &answer["code"]), (500, &json!("57014")), "{answer}");
    held.commit().unwrap();
    assert_eq!(books(&mut sql, &shop), (head, customers, receipts));
    hand.push_until_taken("c1");
    assert_eq!(books(&mut sql, &shop), (head + 1, customers + 1, receipts + 1));
}

#[test]
fn a_deadlock_with_somebody_who_locks_tables_by_hand_doubles_nothing() {
    let hubs = template().open();
    let (shop, mut sql) = (hubs.shop(), hubs.database().admin());
    let hand = owners(&hubs, &hubs.address_of(0));
    let (head, customers, receipts) = books(&mut sql, &shop);
    let mut holding = hubs.database().admin();
    let mut held = holding.transaction().unwrap();
    held.execute("lock table public.customers in share mode", &[]).unwrap();
    thread::scope(|scope| {
        let push = scope.spawn(|| hand.push("c1"));
        while !sql.query_one(WAITS_FOR_CUSTOMERS, &[]).unwrap().get::<_, bool>(0) {}
        // The push has the shop and waits for the table; now this waits for the shop. PostgreSQL ends one of them.
        let ended = held.execute("select public.lock_shops(array[$1::text::uuid])", &[&shop]);
        held.rollback().unwrap();
        let (status, answer) = push.join().unwrap();
        if ended.is_ok() {
            assert_eq!((status, &answer["code"]), (500, &json!("40P01")), "{answer}");
        } else {
            assert_eq!(answer["receipts"][0]["outcome"], json!("applied"), "{answer}");
        }
    });
    hand.push_until_taken("c1");
    assert_eq!(books(&mut sql, &shop), (head + 1, customers + 1, receipts + 1));
}

#[test]
fn a_database_without_a_free_connection_is_busy() {
    let hubs = template().open();
    let hand = owners(&hubs, &hubs.address_of(0));
    let mut sql = hubs.database().admin();
    sql.batch_execute(&hubs.database().limits_connections(0)).unwrap();
    hang_up(&hubs);
    // A connection that is just ending may still be tried once.
    let answer = loop {
        let (status, answer) = hand.push("c1");
        if status == 200 {
            break answer;
        }
        assert_eq!((status, &answer["code"]), (503, &json!("PGRST001")), "{answer}");
    };
    assert_eq!(answer, json!({ "busy": true, "retry_after_ms": 300 }));
    sql.batch_execute(&hubs.database().limits_connections(-1)).unwrap();
    hand.push_until_taken("c1");
}

#[test]
fn a_hub_without_a_free_connection_is_busy() {
    let mut hubs = template().open();
    hubs.restart_with(&["--database-connections", "1"]);
    let hand = owners(&hubs, &hubs.address_of(0));
    let neighbour = Caller::signed_in(&hubs.address_of(0), &hubs.login(Who::Stranger));
    let mut told = (0, Json::Null);
    let (status, answer) = while_a_push_hangs(&mut hubs, &hand, "c1", |_| {
        told = neighbour.call("my_shops", &json!({}));
    });
    assert_eq!(told, (200, json!({ "busy": true, "retry_after_ms": 300 })));
    assert_eq!((status, &answer["receipts"][0]["outcome"]), (200, &json!("applied")), "{answer}");
    assert_eq!(neighbour.call("my_shops", &json!({})).1["shops"][0]["id"], json!(hubs.other_shop()));
}

/// Whoever calls this has a connection for as long as somebody else has the gate.
const HOLDS: &str = "create function public.holds() returns void language sql volatile
       set statement_timeout = 0 set lock_timeout = 0 as 'select pg_advisory_xact_lock(7)';
     grant execute on function public.holds() to authenticated";
/// Whether somebody stands at it.
const IS_HELD: &str =
    "select exists (select from pg_locks as l where l.locktype = 'advisory' and not l.granted and l.objid = 7
    and l.database = (select oid from pg_database where datname = current_database()))";

/// How a device's calls failed, by code, the newest first.
fn failures(device: &mut Device) -> Vec<Json> {
    let failed = device.ok("sync_log", json!({ "kind": "failed", "limit": 100 }));
    failed.as_array().unwrap().iter().map(|event| event["code"].clone()).collect()
}

#[test]
fn a_postgrest_without_a_free_connection_is_busy_and_costs_a_device_nothing() {
    let mut rest = OnPostgrest::open(template());
    let (shop, mut sql, mut gate) = (rest.shop(), rest.database().admin(), rest.database().admin());
    let hand = owners(&rest, &rest.address());
    sql.batch_execute(HOLDS).unwrap();
    rest.restart_with(&["db-pool = 1", "db-pool-acquisition-timeout = 1"]);
    let mut stage = Stage::new(Box::new(rest), &programs());
    let mut tess = stage.device(Who::Tess);
    let (head, customers, receipts) = books(&mut sql, &shop);
    let before = failures(&mut tess).len();
    let mut held = gate.transaction().unwrap();
    held.execute("select pg_advisory_xact_lock(7)", &[]).unwrap();
    let customer = thread::scope(|scope| {
        let holder = scope.spawn(|| hand.caller.call("holds", &json!({})));
        while !sql.query_one(IS_HELD, &[]).unwrap().get::<_, bool>(0) {}
        let (status, answer) = hand.push("c1");
        assert_eq!((status, &answer["code"]), (504, &json!("PGRST003")), "{answer}");
        let customer = tess.customer("Okafor");
        let mut told = Vec::new();
        while told.len() < 3 {
            told = failures(&mut tess);
            told.truncate(told.len() - before);
            assert!(told.iter().all(|code| *code == json!("busy")), "{told:?}");
        }
        // Had one of them cost a retry, the next try would have been noted as one.
        assert_eq!(tess.ok("sync_log", json!({ "kind": "retried", "limit": 100 })), json!([]));
        let state = tess.state();
        let standing = ["online", "reachable", "pending", "failed"].map(|name| state[name].clone());
        assert_eq!(standing, [json!(true), json!(true), json!(1), json!(0)], "{state}");
        assert_eq!((tess.parked().len(), books(&mut sql, &shop)), (0, (head, customers, receipts)));
        held.commit().unwrap();
        assert_eq!(holder.join().unwrap().0, 204);
        customer
    });
    tess.idle();
    for _ in 0..2 {
        hand.push_until_taken("c1");
    }
    assert_eq!(books(&mut sql, &shop), (head + 2, customers + 2, receipts + 2));
    assert_eq!(
        (tess.get("customers", &customer)["status"].clone(), tess.parked().len()),
        (json!("synced"), 0)
    );
}

/// Waits until a device was told of a row and has it. Nobody asks it to sync.
fn sees(device: &mut Device, id: &str) {
    device.event(|event| {
        event["changed"]["rows"].as_array().is_some_and(|rows| rows.iter().any(|row| row["id"] == json!(id)))
    });
}

#[test]
fn devices_of_both_hubs_are_poked_by_a_push_and_by_a_writer_in_sql() {
    let hubs = template().open();
    let (shop, mut sql) = (hubs.shop(), hubs.database().admin());
    let mut stage = Stage::new(Box::new(hubs), &programs());
    // One after the other go to one hub after the other.
    let mut devices = [stage.device(Who::Tess), stage.device(Who::Theo)];
    for device in &mut devices {
        device.ok("watch", json!({}));
    }
    let [tess, theo] = &mut devices;
    let customer = tess.customer("Okafor");
    sees(theo, &customer);
    let mut writer = sql.transaction().unwrap();
    writer.execute("select public.lock_shops(array[$1::text::uuid])", &[&shop]).unwrap();
    let enters =
        "insert into public.customers (shop_id, id, last_name) values ($1::text::uuid, 'in-sql', 'Ode')";
    writer.execute(enters, &[&shop]).unwrap();
    writer.commit().unwrap();
    for device in [tess, theo] {
        sees(device, "in-sql");
    }
}

#[test]
fn a_second_shop_in_the_database_is_refused_and_changes_nothing() {
    let hubs = template().open();
    let shops = "select count(*) from public.shops";
    let mut sql = hubs.database().admin();
    let before: i64 = sql.query_one(shops, &[]).unwrap().get(0);
    let again = std::process::Command::new(programs().hub)
        .args(["init", "--json", "--database", &hubs.database().keepers_uri()])
        .output()
        .unwrap();
    assert!(!again.status.success() && again.stdout.is_empty());
    assert_eq!(before, sql.query_one(shops, &[]).unwrap().get::<_, i64>(0));
}

#[test]
fn no_function_is_reached_through_a_hub_but_those_that_devices_call() {
    let hubs = template().open();
    let hand = owners(&hubs, &hubs.address_of(0));
    // What a transaction by hand begins with is no call.
    let others = "select distinct p.proname::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname not in ('pg_catalog', 'information_schema') and (p.proname = 'lock_shops' or p.proname not in (
          select q.proname from pg_proc as q where q.pronamespace = 'public'::regnamespace
            and has_function_privilege('authenticated', q.oid, 'execute')))";
    let others = hubs.database().admin().query(others, &[]).unwrap();
    assert!(others.len() > 100, "{}", others.len());
    for function in &others {
        let function: &str = function.get(0);
        let (status, answer) =
            hand.caller.call(function, &json!({ "shop": hubs.shop(), "ids": [hubs.shop()] }));
        assert_eq!((status, &answer["code"]), (404, &json!("PGRST202")), "{function}: {answer}");
    }
}

/// Requests that are refused, and some that are not: the function, and what it is sent.
fn requests(backend: &dyn Backend, hand: &Hand) -> Vec<(&'static str, Json)> {
    let with = |changes: Json| {
        let mut asks = hand.session.clone();
        asks["ops"] = json!([]);
        for (name, value) in changes.as_object().unwrap() {
            asks[name] = value.clone();
        }
        asks
    };
    let operation = |fields: Json| {
        json!({ "ops": [{ "id": "x", "seq": 1, "at": 1, "account": hand.account, "actor": hand.account,
                          "table": "customers", "row": "x1", "kind": "insert", "fields": fields }] })
    };
    let nowhere = "00000000-0000-4000-8000-000000000000";
    let cursor = json!({ "epoch": "", "n": 0, "tag": "" });
    let of = |what: Json| json!({ "shop": backend.shop(), "device": "by-hand", "what": what, "limit": 10 });
    vec![
        ("sync_push", with(json!({}))),
        ("sync_push", with(json!({ "epoch": "another" }))),
        ("sync_push", with(json!({ "generation": 99 }))),
        ("sync_push", with(json!({ "device": "nobody" }))),
        ("sync_push", with(json!({ "shop": nowhere }))),
        ("sync_push", with(json!({ "shop": backend.other_shop() }))),
        ("sync_push", with(json!({ "shop": 7 }))),
        ("sync_push", with(json!({ "ops": 7 }))),
        ("sync_push", with(json!({ "ops": [{ "id": "x" }] }))),
        ("sync_push", with(operation(json!({ "last_name": { "to": "x".repeat(5_000) } })))),
        ("sync_pull", json!({ "shop": backend.shop(), "device": "by-hand", "cursor": cursor, "limit": 10 })),
        ("sync_pull", json!({ "shop": backend.shop(), "device": "nobody", "cursor": cursor, "limit": 10 })),
        ("sync_pull", json!({ "shop": nowhere, "device": "by-hand", "cursor": cursor, "limit": 10 })),
        ("sync_pull", json!({})),
        (
            "sync_range",
            json!({ "shop": nowhere, "device": "by-hand", "what": { "tables": ["customers"] }, "limit": 10 }),
        ),
        (
            "sync_range",
            json!({ "shop": backend.shop(), "device": "by-hand", "what": { "tables": ["customers"] }, "limit": 10 }),
        ),
        (
            "sync_range",
            of(json!({ "between": { "table": "tickets", "from": 0, "until": 1_700_000_000_000_i64 } })),
        ),
        ("sync_range", of(json!({ "between": { "table": "tickets", "from": "0" } }))),
        ("sync_checksums", json!({ "shop": backend.shop() })),
        ("sync_checksums", json!({ "shop": nowhere })),
        ("sync_counts", json!({ "shop": backend.shop() })),
        ("sync_counts", json!({ "shop": nowhere })),
        ("sync_counts", json!({ "shop": backend.other_shop() })),
        ("sync_counts", json!({ "shop": 7 })),
        ("sync_standing", json!({ "shop": backend.shop() })),
        ("sync_standing", json!({ "shop": "no id at all" })),
        ("sync_trail", json!({ "shop": backend.shop(), "table": "customers", "id": "x", "limit": 10 })),
        ("sync_trail", json!({ "shop": backend.shop(), "table": "ticket_secrets", "id": "x", "limit": 10 })),
        ("sync_trail", json!({ "shop": backend.shop(), "table": "employee_pins", "id": "x", "limit": 10 })),
        ("sync_trail", json!({ "shop": backend.shop(), "table": "nothing", "id": "x", "limit": 10 })),
        ("sync_trail", json!({ "shop": backend.shop(), "table": "customers" })),
        ("sync_trail", json!({ "shop": backend.other_shop(), "table": "customers", "id": "x", "limit": 10 })),
        ("shop_key", json!({ "shop": backend.shop() })),
        ("shop_key", json!({ "shop": backend.other_shop() })),
        ("lease_numbers", json!({ "shop": backend.shop(), "device": "nobody", "generation": 1 })),
        ("my_shops", json!({})),
        ("shop_overview", json!({})),
        ("sync_snapshot", json!({ "shop": backend.shop() })),
        ("no_such_function", json!({})),
    ]
}

/// What tells a client how it was answered: the status, the code, the word of the protocol, and which members there are.
fn shape((status, answer): (u16, Json)) -> String {
    let members = |json: &Json| {
        let mut names: Vec<String> =
            json.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect();
        names.sort();
        names.join(",")
    };
    if status == 200 {
        let receipt = &answer["receipts"][0];
        let receipt: Vec<&Json> = ["outcome", "code", "field"].iter().map(|name| &receipt[*name]).collect();
        return format!("200 {} {receipt:?}", members(&answer));
    }
    let word = answer["details"].as_str().filter(|details| !details.contains(' ')).unwrap_or_default();
    format!("{status} {} {word} {}", answer["code"], members(&answer))
}

#[test]
fn hubs_and_postgrest_answer_alike() {
    let sqlite = hub_sqlite::Template::make(Path::new(&programs().hub)).open();
    let (hubs, rest) = (template().open(), OnPostgrest::open(template()));
    let backends: [&dyn Backend; 3] = [&sqlite, &hubs, &rest];
    let mut answers: Vec<Vec<String>> = Vec::new();
    for backend in backends {
        let address = backend.address();
        let hand = owners(backend, &address);
        let mut answered = Vec::new();
        for (function, asks) in requests(backend, &hand) {
            answered.push(format!("{function} {}", shape(hand.caller.call(function, &asks))));
        }
        let nobody = Caller::with(&address, &address.anon_key);
        for function in ["sync_push", "my_shops"] {
            let (status, answer) = nobody.call(function, &json!({}));
            answered.push(format!("nobody {function} {status} {}", answer["code"]));
        }
        let forged = Caller::with(&address, "eyJhbGciOiJub25lIn0.e30.");
        answered.push(format!("forged {}", forged.call("my_shops", &json!({})).0));
        let (status, answer) = hand.caller.post("/rest/v1/rpc/sync_pull", "{");
        answered.push(format!("broken {status} {}", answer["code"]));
        answers.push(answered);
    }
    let [sqlite, hub, rest] = &answers[..] else { panic!() };
    // The file that a new device begins with is SQLite's alone.
    let differs = |other: &[String]| {
        let pairs = hub.iter().zip(other).filter(|(_, line)| !line.starts_with("sync_snapshot"));
        pairs
            .filter(|(hub, other)| hub != other)
            .map(|(hub, other)| format!("{hub} / {other}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(differs(rest), Vec::<String>::new(), "hub on PostgreSQL / PostgREST");
    assert_eq!(differs(sqlite), Vec::<String>::new(), "hub on PostgreSQL / hub on SQLite");
}

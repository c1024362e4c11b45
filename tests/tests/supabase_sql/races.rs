//! Many at once: nothing is skipped, nobody waits for a stuck neighbour, a foreign writer and a push never deadlock.

use crate::shops::{Device, OWNER, shops};
use ::postgres::IsolationLevel;
use ::postgres::error::SqlState;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const WRITERS: usize = 3;
const ROWS: usize = 150;

fn customers(answer: &Json) -> Vec<String> {
    let tables = answer["rows"].as_array().unwrap().iter().filter(|table| table["table"] == "customers");
    tables
        .flat_map(|table| table["rows"].as_array().unwrap())
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn whoever_pulls_while_others_commit_misses_nothing() {
    let (database, shops) = shops(1);
    let (shop, done) = (&shops[0], AtomicBool::new(false));
    let seen: Vec<BTreeSet<String>> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let database = &database;
                scope.spawn(move || {
                    let mut device = Device::open(database, shop, &format!("writer-{writer}"));
                    let mut foreign = database.as_account("authenticated", Some(&OWNER.to_string()));
                    for row in 0..ROWS {
                        let id = format!("{writer}-{row}");
                        if row % 2 == 0 {
                            let enters = "insert into public.customers (shop_id, id, last_name)
                                          values ($1::text::uuid, $2, 'Okafor')";
                            foreign.execute(enters, &[shop, &id]).unwrap();
                        } else {
                            while device.push(&id)["busy"] == json!(true) {}
                        }
                    }
                })
            })
            .collect();
        let pullers: Vec<_> = (0..2)
            .map(|puller| {
                let (database, done) = (&database, &done);
                scope.spawn(move || {
                    let mut device = Device::open(database, shop, &format!("puller-{puller}"));
                    let mut cursor = json!({ "epoch": "", "n": 0, "tag": "" });
                    let mut seen = BTreeSet::new();
                    loop {
                        let last = done.load(Ordering::SeqCst);
                        let answer = device.pull(&cursor);
                        assert_eq!((&answer["reset"], &answer["next"]), (&json!(false), &Json::Null));
                        for id in customers(&answer) {
                            assert!(seen.insert(id), "a row came twice");
                        }
                        cursor = answer["head"].clone();
                        if last {
                            return seen;
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::SeqCst);
        pullers.into_iter().map(|puller| puller.join().unwrap()).collect()
    });
    for seen in seen {
        assert_eq!(seen.len(), WRITERS * ROWS);
    }
}

#[test]
fn a_transaction_left_open_in_one_shop_delays_no_other() {
    let (database, shops) = shops(2);
    let (mut stuck, mut free) =
        (Device::open(&database, &shops[0], "a"), Device::open(&database, &shops[1], "b"));
    let mut other = database.admin();
    let mut open = other.transaction().unwrap();
    open.execute("select public.lock_shops(array[$1::text::uuid])", &[&shops[0]]).unwrap();
    open.execute(
        "insert into public.customers (shop_id, id, last_name) values ($1::text::uuid, 'x', 'y')",
        &[&shops[0]],
    )
    .unwrap();
    assert_eq!(free.push("c1")["receipts"][0]["outcome"], json!("applied"));
    let answer = stuck.push("c1");
    assert_eq!(answer, json!({ "busy": true, "retry_after_ms": 300 }));
    open.commit().unwrap();
    assert_eq!(stuck.push("c1")["receipts"][0]["outcome"], json!("applied"));
}

#[test]
fn a_foreign_update_and_pushes_on_the_same_rows_never_deadlock() {
    let (database, shops) = shops(2);
    let pushing = AtomicUsize::new(shops.len());
    thread::scope(|scope| {
        for (shop, name) in shops.iter().zip(["p", "q"]) {
            let (database, pushing) = (&database, &pushing);
            scope.spawn(move || {
                let mut device = Device::open(database, shop, name);
                for row in 0..ROWS / 3 {
                    let answer = device.push(&format!("{name}-{row}"));
                    let outcome = &answer["receipts"][0]["outcome"];
                    assert!(answer["busy"] == json!(true) || *outcome == json!("applied"), "{answer}");
                }
                pushing.fetch_sub(1, Ordering::SeqCst);
            });
            scope.spawn(move || {
                let mut foreign = database.as_account("authenticated", Some(&OWNER.to_string()));
                while pushing.load(Ordering::SeqCst) > 0 {
                    // Rows of both shops at once, in whatever order the table has them.
                    foreign.execute("update public.customers set company = 'Menders'", &[]).unwrap();
                }
            });
        }
    });
}

#[test]
fn a_push_that_was_cut_off_left_nothing_and_comes_again() {
    let (database, shops) = shops(1);
    let mut device = Device::open(&database, &shops[0], "d");
    device.sql.batch_execute("begin").unwrap();
    assert_eq!(device.push("c1")["receipts"][0]["outcome"], json!("applied"));
    device.sql.batch_execute("rollback").unwrap();
    let cursor = json!({ "epoch": "", "n": 0, "tag": "" });
    assert_eq!(customers(&device.pull(&cursor)), Vec::<String>::new());
    assert_eq!(device.push("c1")["receipts"][0]["outcome"], json!("applied"));
    assert_eq!(customers(&device.pull(&cursor)), ["c1"]);
}

#[test]
fn one_transaction_over_two_shops_is_a_commit_in_each_and_a_poke_for_each() {
    let (database, shops) = shops(2);
    let mut sql = database.admin();
    let heads = "select head from counterpart.heads order by shop_id";
    let before: Vec<i64> = sql.query(heads, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    let mut both = sql.transaction().unwrap();
    both.execute("select public.lock_shops(array[$1::text::uuid, $2::text::uuid])", &[&shops[0], &shops[1]])
        .unwrap();
    for shop in &shops {
        for row in ["a", "b"] {
            let enters =
                "insert into public.customers (shop_id, id, last_name) values ($1::text::uuid, $2, 'x')";
            both.execute(enters, &[shop, &row]).unwrap();
        }
    }
    both.commit().unwrap();
    let after: Vec<i64> = sql.query(heads, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(after, before.iter().map(|head| head + 1).collect::<Vec<_>>());
    let pokes = "select count(*) from realtime.messages as m join counterpart.heads as h
                 on m.topic = 'shop:' || h.shop_id and (m.payload ->> 'n')::bigint = h.head and m.payload ->> 'tag' = h.tag";
    assert_eq!(sql.query_one(pokes, &[]).unwrap().get::<_, i64>(0), 2);
}

#[test]
fn a_repeatable_read_writer_that_was_overtaken_fails_whole_and_comes_again() {
    let (database, shops) = shops(1);
    let mut device = Device::open(&database, &shops[0], "d");
    let mut foreign = database.admin();
    let mut writes = |overtaken: &mut dyn FnMut()| -> Result<(), ::postgres::Error> {
        let mut slow = foreign.build_transaction().isolation_level(IsolationLevel::RepeatableRead).start()?;
        // What it sees from here on stays as it is.
        slow.query("select count(*) from public.customers", &[])?;
        overtaken();
        slow.execute("select public.lock_shops(array[$1::text::uuid])", &[&shops[0]])?;
        let enters =
            "insert into public.customers (shop_id, id, last_name) values ($1::text::uuid, 'slow', 'y')";
        slow.execute(enters, &[&shops[0]])?;
        slow.commit()
    };
    let refused = writes(&mut || {
        assert_eq!(device.push("c1")["receipts"][0]["outcome"], json!("applied"));
    });
    assert_eq!(refused.unwrap_err().code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE));
    let cursor = json!({ "epoch": "", "n": 0, "tag": "" });
    let seen = device.pull(&cursor);
    assert_eq!(customers(&seen), ["c1"]);
    writes(&mut || {}).unwrap();
    assert_eq!(customers(&device.pull(&seen["head"])), ["slow"]);
}

//! Many at once: nothing is skipped, nobody waits for a stuck neighbour, a foreign writer and a push never deadlock.

use crate::shops::{Device, OWNER, shops};
use ::postgres::error::SqlState;
use ::postgres::{Client, IsolationLevel};
use counterpart_tests::postgres::Database;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const WRITERS: usize = 3;
const PULLERS: usize = 2;
/// How often a writer is held just before its commit, at least. One pull comes while it stands there, one when it goes on.
const HOLDS: usize = 300;
/// How many pulls meet the writers, at least: others come all the time.
const PULLS: usize = 2_000;

/// Holds whoever is about to commit for as long as somebody else has the gate.
const GATE: &str = "create function public.hold() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(5); return null; end $$;
    create constraint trigger z_hold after update of head on counterpart.heads
      deferrable initially deferred for each row execute function public.hold()";
/// Whether somebody stands at it.
const HELD: &str =
    "select exists (select from pg_locks as l where l.locktype = 'advisory' and not l.granted and l.objid = 5
    and l.database = (select oid from pg_database where datname = current_database()))";

fn customers(answer: &Json) -> Vec<String> {
    let tables = answer["rows"].as_array().unwrap().iter().filter(|table| table["table"] == "customers");
    tables
        .flat_map(|table| table["rows"].as_array().unwrap())
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Says that something is over, also by a failure.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A device that pulls again and again.
struct Puller {
    device: Device,
    cursor: Json,
    seen: BTreeSet<String>,
}

impl Puller {
    fn open(database: &Database, shop: &str, name: &str) -> Puller {
        let device = Device::open(database, shop, name);
        Puller { device, cursor: json!({ "epoch": "", "n": 0, "tag": "" }), seen: BTreeSet::new() }
    }

    fn pull(&mut self) {
        let answer = self.device.pull(&self.cursor);
        assert_eq!((&answer["reset"], &answer["next"]), (&json!(false), &Json::Null));
        for id in customers(&answer) {
            assert!(self.seen.insert(id), "a row came twice");
        }
        self.cursor = answer["head"].clone();
    }
}

/// Enters customers, by hand and by push in turn, until it is enough. Their ids.
fn writes(database: &Database, shop: &str, writer: usize, enough: &AtomicBool) -> Vec<String> {
    let _over = Over(enough);
    let mut device = Device::open(database, shop, &format!("writer-{writer}"));
    let mut foreign = database.as_account("authenticated", Some(&OWNER.to_string()));
    let mut written = Vec::new();
    while !enough.load(Ordering::SeqCst) {
        let id = format!("{writer}-{}", written.len());
        if written.len().is_multiple_of(2) {
            let enters =
                "insert into public.customers (shop_id, id, last_name) values ($1::text::uuid, $2, 'Okafor')";
            foreign.execute(enters, &[&shop, &id]).unwrap();
        } else {
            while device.push(&id)["busy"] == json!(true) {}
        }
        written.push(id);
    }
    written
}

/// Holds one writer after another just before its commit and pulls then, and again while it commits.
fn pull_around_each_commit(gate: &mut Client, puller: &mut Puller, pulls: &AtomicUsize, enough: &AtomicBool) {
    for held in 0.. {
        if held >= HOLDS && pulls.load(Ordering::SeqCst) >= PULLS {
            return;
        }
        gate.execute("select pg_advisory_lock(5)", &[]).unwrap();
        while !gate.query_one(HELD, &[]).unwrap().get::<_, bool>(0) {
            assert!(!enough.load(Ordering::SeqCst), "a writer failed");
        }
        puller.pull();
        gate.execute("select pg_advisory_unlock(5)", &[]).unwrap();
        puller.pull();
        pulls.fetch_add(2, Ordering::SeqCst);
    }
}

#[test]
fn whoever_pulls_while_others_commit_misses_nothing() {
    let (database, shops) = shops(1);
    let (shop, pulls, enough, done) =
        (&shops[0], AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let mut gate = database.admin();
    gate.batch_execute(GATE).unwrap();
    thread::scope(|scope| {
        let (database, pulls, enough, done) = (&database, &pulls, &enough, &done);
        let _over = (Over(enough), Over(done));
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || writes(database, shop, writer, enough))).collect();
        let pullers: Vec<_> = (0..PULLERS)
            .map(|puller| {
                scope.spawn(move || {
                    let mut puller = Puller::open(database, shop, &format!("puller-{puller}"));
                    loop {
                        let last = done.load(Ordering::SeqCst);
                        puller.pull();
                        pulls.fetch_add(1, Ordering::SeqCst);
                        if last {
                            return puller.seen;
                        }
                    }
                })
            })
            .collect();
        let mut between = Puller::open(database, shop, "between");
        pull_around_each_commit(&mut gate, &mut between, pulls, enough);
        enough.store(true, Ordering::SeqCst);
        let written: BTreeSet<String> =
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        done.store(true, Ordering::SeqCst);
        between.pull();
        assert!(written.len() > HOLDS / 2, "{}", written.len());
        for seen in pullers.into_iter().map(|puller| puller.join().unwrap()).chain([between.seen]) {
            assert!(seen == written, "missed: {:?}", written.difference(&seen).collect::<Vec<_>>());
        }
    });
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
                for row in 0..50 {
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

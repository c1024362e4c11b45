//! The rows with PostgreSQL: a private cluster, the real PostgREST before it, the hub beside them; requests written by
//! hand, so that nothing of an engine is in the figures. Floors are statements on the same database, by pgbench or on a bare
//! connection.

use super::Failure;
use super::pairs::{interleave, timed};
use super::report::Row;
use crate::scenarios::backend::{Backend, Who};
use crate::scenarios::hand::Hand;
use crate::scenarios::hub_postgres::{HubPostgres, Template};
use crate::scenarios::postgrest::OnPostgrest;
use crate::scenarios::wire::Caller;
use ::postgres::Client;
use serde_json::{Value as Json, json};
use std::thread;
use std::time::Duration;

/// The owner at a shop's PostgREST, and a bare connection to what is behind it.
struct Bench {
    server: OnPostgrest,
    sql: Client,
}

impl Bench {
    fn open() -> Result<Bench, Failure> {
        let hub = std::env::current_exe()?.with_file_name("counterpart-hub");
        let server = OnPostgrest::open(&Template::make(&hub));
        let sql = server.database().admin();
        Ok(Bench { server, sql })
    }

    fn owner(&self) -> Caller {
        Caller::signed_in(&self.server.address(), &self.server.login(Who::Owner))
    }

    /// Another shop of the owner's.
    fn found_shop(&mut self, owner: &str) -> Result<String, Failure> {
        found_shop(&mut self.sql, owner)
    }

    /// The same push by pgbench: the statements that PostgREST sends, on a connection that has pushed before.
    fn pushes(&self, hand: &Hand, before: &[Json], operations: &[Json]) -> Result<Duration, Failure> {
        let push = |operations: &[Json]| {
            let mut asks = hand.session.clone();
            asks["ops"] = json!(operations);
            format!("select public.sync_push('{asks}'::json);\n")
        };
        let claims = json!({ "sub": hand.account, "role": "authenticated" });
        let signs = format!(
            "select set_config('role', 'authenticated', false), set_config('request.jwt.claims', '{claims}', false);\n"
        );
        self.server.database().slowest_statement(&[signs, push(before), push(operations)].concat())
    }
}

fn found_shop(sql: &mut Client, owner: &str) -> Result<String, Failure> {
    let shop: String = sql.query_one("select public.found_shop('Shop')::text", &[])?.get(0);
    let takes = "select public.take_in($1::text::uuid, $2::text::uuid, 'owner@shop.example', 'owner')";
    sql.execute(takes, &[&shop, &owner])?;
    Ok(shop)
}

/// A push of 1,000 new customers, twelve in a row on a database that was never analysed. Floor: the same statement by
/// pgbench.
pub(super) fn push() -> Result<Vec<Row>, Failure> {
    const OPERATIONS: usize = 1_000;
    let bench = Bench::open()?;
    let hand = Hand::with(bench.owner(), &bench.server.shop(), "bench");
    let batch = |side: &str, at: usize| -> Vec<Json> {
        (0..OPERATIONS).map(|row| hand.enters(&format!("{side}-{at}-{row}"))).collect()
    };
    let medians = interleave(
        12,
        |at| {
            let operations = batch("ours", at);
            let (answer, took) = timed(|| Ok(hand.push_all(&operations)))?;
            let applied = answer.1["receipts"].as_array().map_or(0, |receipts| {
                receipts.iter().filter(|receipt| receipt["outcome"] == json!("applied")).count()
            });
            if applied == OPERATIONS { Ok(took) } else { Err(format!("{applied} were applied").into()) }
        },
        |at| {
            let (before, operations) = (batch("before", at), batch("bare", at));
            bench.pushes(&hand, &before[..16], &operations)
        },
    )?;
    Ok(vec![Row::millis("postgrest_push_1000", medians)])
}

/// Every page of 100,000 customers, one after the other. Floor: the rows' texts in the same pages by their key.
pub(super) fn pull() -> Result<Vec<Row>, Failure> {
    const ROWS: usize = 100_000;
    const PAGE: usize = 2_000;
    let mut bench = Bench::open()?;
    let shop = bench.server.shop();
    let hand = Hand::with(bench.owner(), &shop, "bench");
    let mut tx = bench.sql.transaction()?;
    tx.execute("select public.lock_shops(array[$1::text::uuid])", &[&shop])?;
    let fills = "insert into public.customers (shop_id, id, first_name, last_name)
                 select $1::text::uuid, 'c' || lpad(i::text, 8, '0'), 'Ada', 'Okafor' from generate_series(1, $2::text::bigint) as i";
    tx.execute(fills, &[&shop, &ROWS.to_string()])?;
    tx.commit()?;
    let medians = interleave(
        3,
        |_| {
            let (rows, took) = timed(|| pages(&hand, PAGE))?;
            if rows < ROWS { Err(format!("{rows} rows came").into()) } else { Ok(took) }
        },
        |_| {
            let ((), took) = timed(|| {
                let mut after = String::new();
                loop {
                    let asks =
                        "select id, wire from public.customers where shop_id = $1::text::uuid and id > $2
                                order by id limit 2000";
                    let page = bench.sql.query(asks, &[&shop, &after])?;
                    let Some(last) = page.last() else { return Ok(()) };
                    after = last.get(0);
                }
            })?;
            Ok(took)
        },
    )?;
    Ok(vec![Row::millis("postgrest_pull_100k", medians)])
}

fn pages(hand: &Hand, page: usize) -> Result<usize, Failure> {
    let mut asks = json!({
        "shop": hand.session["shop"], "device": "bench", "cursor": { "epoch": "", "n": 0, "tag": "" }, "limit": page,
    });
    let mut rows = 0;
    loop {
        let (status, answer) = hand.caller.call("sync_pull", &asks);
        if status != 200 {
            return Err(format!("a page was answered {status}").into());
        }
        let tables = answer["rows"].as_array().into_iter().flatten();
        rows += tables.filter_map(|table| table["rows"].as_array()).map(Vec::len).sum::<usize>();
        if answer["next"].is_null() {
            return Ok(rows);
        }
        asks["token"] = answer["next"].clone();
    }
}

/// 50 devices of one shop push an edit each at once, until the last is taken. Floor: 50 devices of 50 shops.
pub(super) fn contention() -> Result<Vec<Row>, Failure> {
    const DEVICES: usize = 50;
    let mut bench = Bench::open()?;
    let (owner, shop) = (bench.owner(), bench.server.shop());
    let address = bench.server.address();
    let account = Hand::with(Caller::with(&address, &owner.token), &shop, "first").account;
    let hand = |shop: &str, at: usize| {
        Hand::with(Caller::with(&address, &owner.token), shop, &format!("device-{at}"))
    };
    let of_one: Vec<Hand> = (0..DEVICES).map(|at| hand(&shop, at)).collect();
    let shops = (0..DEVICES).map(|_| bench.found_shop(&account)).collect::<Result<Vec<_>, _>>()?;
    let of_many: Vec<Hand> = shops.iter().enumerate().map(|(at, shop)| hand(shop, at)).collect();
    let medians =
        interleave(11, |round| at_once(&of_one, "one", round), |round| at_once(&of_many, "many", round))?;
    Ok(vec![Row::millis("postgrest_contention", medians)])
}

/// 50 devices of 50 shops push an edit each at once, until the last is taken, at two hubs over one database. Floor: at one.
pub(super) fn instances() -> Result<Vec<Row>, Failure> {
    const DEVICES: usize = 50;
    let hubs: HubPostgres =
        Template::make(&std::env::current_exe()?.with_file_name("counterpart-hub")).open();
    let owner = Caller::signed_in(&hubs.address_of(0), &hubs.login(Who::Owner));
    let account = Hand::with(Caller::with(&hubs.address_of(0), &owner.token), &hubs.shop(), "first").account;
    let mut sql = hubs.database().admin();
    let shops = (0..DEVICES).map(|_| found_shop(&mut sql, &account)).collect::<Result<Vec<_>, _>>()?;
    let devices = |of: usize, name: &str| -> Vec<Hand> {
        let hand = |(at, shop): (usize, &String)| {
            Hand::with(Caller::with(&hubs.address_of(at % of), &owner.token), shop, &format!("{name}-{at}"))
        };
        shops.iter().enumerate().map(hand).collect()
    };
    let (at_two, at_one) = (devices(2, "two"), devices(1, "one"));
    let medians =
        interleave(11, |round| at_once(&at_two, "two", round), |round| at_once(&at_one, "one", round))?;
    Ok(vec![Row::millis("postgres_two_hubs", medians)])
}

/// How long a push takes until it is taken.
fn taken(hand: &Hand, row: &str) -> Result<Duration, Failure> {
    let ((), took) = timed(|| {
        hand.push_until_taken(row);
        Ok(())
    })?;
    Ok(took)
}

fn at_once(hands: &[Hand], side: &str, round: usize) -> Result<Duration, Failure> {
    let ((), took) = timed(|| {
        thread::scope(|scope| {
            for (at, hand) in hands.iter().enumerate() {
                scope.spawn(move || hand.push_until_taken(&format!("{side}-{round}-{at}")));
            }
        });
        Ok(())
    })?;
    Ok(took)
}

/// A push while a transaction is open in another shop and that shop's devices keep trying. Floor: the same push while
/// nothing is.
pub(super) fn neighbour() -> Result<Vec<Row>, Failure> {
    const TRYING: usize = 4;
    let mut bench = Bench::open()?;
    let (owner, shop) = (bench.owner(), bench.server.shop());
    let address = bench.server.address();
    let free = Hand::with(Caller::with(&address, &owner.token), &shop, "free");
    let stuck = bench.found_shop(&free.account)?;
    let trying: Vec<Hand> = (0..TRYING)
        .map(|at| Hand::with(Caller::with(&address, &owner.token), &stuck, &format!("stuck-{at}")))
        .collect();
    let mut holding = bench.server.database().admin();
    let medians = interleave(
        33,
        |at| {
            let mut held = holding.transaction()?;
            held.execute("select public.lock_shops(array[$1::text::uuid])", &[&stuck])?;
            let took = thread::scope(|scope| {
                for (place, hand) in trying.iter().enumerate() {
                    scope.spawn(move || hand.push(&format!("stuck-{at}-{place}")));
                }
                taken(&free, &format!("ours-{at}"))
            });
            held.rollback()?;
            took
        },
        |at| taken(&free, &format!("floor-{at}")),
    )?;
    Ok(vec![Row::millis("stuck_shop_neighbour", medians)])
}

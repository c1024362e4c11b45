//! The rows with PostgreSQL: a private cluster, the real PostgREST before it, the hub beside them; requests written by
//! hand, so that nothing of an engine is in the figures. Floors are statements on a bare connection to the same database.

use super::Failure;
use super::pairs::{interleave, timed};
use super::report::Row;
use crate::scenarios::backend::{Backend, Who};
use crate::scenarios::hand::Hand;
use crate::scenarios::hub_postgres::Template;
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
        let mut sql = server.database().admin();
        sql.batch_execute("create table bare_rows (id text primary key, body jsonb not null)")?;
        Ok(Bench { server, sql })
    }

    fn owner(&self) -> Caller {
        Caller::signed_in(&self.server.address(), &self.server.login(Who::Owner))
    }

    /// Another shop of the owner's.
    fn found_shop(&mut self, owner: &str) -> Result<String, Failure> {
        let shop: String = self.sql.query_one("select public.found_shop('Shop')::text", &[])?.get(0);
        let takes = "select public.take_in($1::text::uuid, $2::text::uuid, 'owner@shop.example', 'owner')";
        self.sql.execute(takes, &[&shop, &owner])?;
        Ok(shop)
    }
}

/// So many rows in one statement, in a transaction of its own.
fn bare_insert(sql: &mut Client, operations: &[Json]) -> Result<(), Failure> {
    let body = Json::from(operations).to_string();
    let enters = "insert into bare_rows select e ->> 'id', e from jsonb_array_elements($1::text::jsonb) as e";
    sql.execute(enters, &[&body])?;
    Ok(())
}

/// A push of 1,000 new customers, twelve in a row on a database that was never analysed. Floor: the same operations as
/// JSON into a bare table, one statement.
pub(super) fn push() -> Result<Vec<Row>, Failure> {
    const OPERATIONS: usize = 1_000;
    let mut bench = Bench::open()?;
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
            let operations = batch("bare", at);
            Ok(timed(|| bare_insert(&mut bench.sql, &operations))?.1)
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

//! The rows with PostgreSQL: a private cluster, the real PostgREST before it, the hub beside them; requests written by
//! hand, so that nothing of an engine is in the figures. Floors are the same calls on the same database, by pgbench.

use super::Failure;
use super::pairs::{interleave, timed};
use super::pgbench;
use super::report::Row;
use crate::postgres::Database;
use crate::scenarios::backend::{Address, Backend, Who};
use crate::scenarios::hand::Hand;
use crate::scenarios::hub_postgres::{HubPostgres, Template};
use crate::scenarios::postgrest::OnPostgrest;
use crate::scenarios::wire::Caller;
use ::postgres::Client;
use serde_json::{Value as Json, json};
use std::thread;
use std::time::Duration;

/// How many devices push at once, and how often.
const DEVICES: usize = 50;
const ROUNDS: usize = 11;
/// How many connections a PostgREST has to its database, and a hub, unless they are told otherwise.
const POSTGRESTS: usize = 10;
const HUBS: usize = 16;

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
            let before = pgbench::push(&hand, &before[..16]);
            let client = pgbench::Client { before, calls: pgbench::push(&hand, &operations) };
            pgbench::at_once(bench.server.database(), &[client])
        },
    )?;
    Ok(vec![Row::millis("postgrest_push_1000", medians)])
}

/// Every page of 100,000 customers, one after the other. Floor: the same pages by pgbench; then the rows' texts alone, by
/// their key, on a bare connection.
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
    let mut pull = |_| {
        let ((rows, _), took) = timed(|| pages(&hand, PAGE))?;
        if rows < ROWS { Err(format!("{rows} rows came").into()) } else { Ok(took) }
    };
    // Nobody writes, so that each page can be asked for again.
    let (_, asked) = pages(&hand, PAGE)?;
    let asked: Vec<String> = asked.iter().map(|asks| pgbench::page(&hand.account, asks)).collect();
    let by_pgbench = interleave(3, &mut pull, |_| {
        let client = pgbench::Client { before: asked[0].clone(), calls: asked.concat() };
        pgbench::at_once(bench.server.database(), &[client])
    })?;
    let by_key = interleave(3, pull, |_| {
        let ((), took) = timed(|| texts(&mut bench.sql, &shop))?;
        Ok(took)
    })?;
    Ok(vec![
        Row::millis("postgrest_pull_100k", by_pgbench),
        Row::millis("postgrest_pull_beside_texts", by_key),
    ])
}

/// The texts of a shop's customers, in pages by their key.
fn texts(sql: &mut Client, shop: &str) -> Result<(), Failure> {
    let asks = "select id, wire from public.customers where shop_id = $1::text::uuid and id > $2 order by id limit 2000";
    let mut after = String::new();
    loop {
        let page = sql.query(asks, &[&shop, &after])?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.get(0);
    }
}

/// Pulls all pages: how many rows came, and what was asked.
fn pages(hand: &Hand, page: usize) -> Result<(usize, Vec<Json>), Failure> {
    let mut asks = json!({
        "shop": hand.session["shop"], "device": "bench", "cursor": { "epoch": "", "n": 0, "tag": "" }, "limit": page,
    });
    let (mut rows, mut asked) = (0, Vec::new());
    loop {
        asked.push(asks.clone());
        let (status, answer) = hand.caller.call("sync_pull", &asks);
        if status != 200 {
            return Err(format!("a page was answered {status}").into());
        }
        let tables = answer["rows"].as_array().into_iter().flatten();
        rows += tables.filter_map(|table| table["rows"].as_array()).map(Vec::len).sum::<usize>();
        if answer["next"].is_null() {
            return Ok((rows, asked));
        }
        asks["token"] = answer["next"].clone();
    }
}

/// 50 devices push an edit each at once, until the last is taken: those of one shop, those of 50 shops. Floor: the same by
/// pgbench, on as many connections as PostgREST has; then one shop beside 50.
pub(super) fn contention() -> Result<Vec<Row>, Failure> {
    let mut bench = Bench::open()?;
    let (owner, shop) = (bench.owner(), bench.server.shop());
    let address = bench.server.address();
    let account = Hand::with(Caller::with(&address, &owner.token), &shop, "first").account;
    let shops = (0..DEVICES).map(|_| bench.found_shop(&account)).collect::<Result<Vec<_>, _>>()?;
    let devices = |shops: &[String]| spread(std::slice::from_ref(&address), &owner.token, shops);
    let (of_one, of_many) = (devices(&vec![shop; DEVICES]), devices(&shops));
    let database = bench.server.database();
    Ok(vec![
        beside_pgbench("postgrest_contention", database, POSTGRESTS, &of_one)?,
        beside_pgbench("postgrest_contention_50_shops", database, POSTGRESTS, &of_many)?,
        beside("postgrest_contention_beside_50_shops", &of_one, &of_many)?,
    ])
}

/// 50 devices push an edit each at once, until the last is taken, at one hub and at two over one database: those of one shop,
/// those of 50 shops. Floor: the same by pgbench, on as many connections as the hubs have; then two hubs beside one.
pub(super) fn instances() -> Result<Vec<Row>, Failure> {
    let hubs: HubPostgres =
        Template::make(&std::env::current_exe()?.with_file_name("counterpart-hub")).open();
    let addresses = [hubs.address_of(0), hubs.address_of(1)];
    let owner = Caller::signed_in(&addresses[0], &hubs.login(Who::Owner));
    let account = Hand::with(Caller::with(&addresses[0], &owner.token), &hubs.shop(), "first").account;
    let mut sql = hubs.database().admin();
    let shops = (0..DEVICES).map(|_| found_shop(&mut sql, &account)).collect::<Result<Vec<_>, _>>()?;
    let one_shop = vec![hubs.shop(); DEVICES];
    let devices = |hubs: usize, shops: &[String]| spread(&addresses[..hubs], &owner.token, shops);
    let (at_one, at_two) = (devices(1, &shops), devices(2, &shops));
    let database = hubs.database();
    Ok(vec![
        beside_pgbench("one_hub_one_shop", database, HUBS, &devices(1, &one_shop))?,
        beside_pgbench("two_hubs_one_shop", database, 2 * HUBS, &devices(2, &one_shop))?,
        beside_pgbench("one_hub_50_shops", database, HUBS, &at_one)?,
        beside_pgbench("two_hubs_50_shops", database, 2 * HUBS, &at_two)?,
        beside("two_hubs_beside_one", &at_two, &at_one)?,
    ])
}

/// Devices of one account, one for each shop that is named, spread over servers.
fn spread(addresses: &[Address], token: &str, shops: &[String]) -> Vec<Hand> {
    let hand = |(at, shop): (usize, &String)| {
        let caller = Caller::with(&addresses[at % addresses.len()], token);
        Hand::with(caller, shop, &format!("device-{}-{at}", addresses.len()))
    };
    shops.iter().enumerate().map(hand).collect()
}

/// A push of each device at once, beside the same by pgbench on so many connections.
fn beside_pgbench(
    name: &'static str,
    database: &Database,
    connections: usize,
    hands: &[Hand],
) -> Result<Row, Failure> {
    let medians = interleave(
        ROUNDS,
        |round| at_once(hands, name, round),
        |round| {
            let row = |at: usize| format!("floor-{name}-{round}-{at}");
            pgbench::at_once(database, &pgbench::pushes(hands, connections, row))
        },
    )?;
    Ok(Row::millis(name, medians))
}

/// A push of each device at once, beside one of each of others.
fn beside(name: &'static str, hands: &[Hand], others: &[Hand]) -> Result<Row, Failure> {
    let other = format!("{name}-other");
    let medians =
        interleave(ROUNDS, |round| at_once(hands, name, round), |round| at_once(others, &other, round))?;
    Ok(Row::millis(name, medians))
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

//! The floor of the rows with PostgreSQL: the same calls by pgbench, in transactions like those that PostgREST and the hub
//! make of them, on connections that have called before.

use super::Failure;
use super::pairs::timed;
use crate::postgres::Database;
use crate::scenarios::hand::Hand;
use counterpart_core::env::{Clock, SystemClock};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::time::Duration;

/// What all clients wait for before they begin.
const GATE: i64 = 7;
/// What they pass one after the other on the way there: those of one shop would be in each other's way.
const DOOR: i64 = 8;
/// How long they may take to get there.
const PATIENCE_MS: i64 = 60_000;
/// How often a client comes back to a busy shop before the measurement is given up.
const ATTEMPTS: usize = 12;

/// What one connection does.
pub(super) struct Client {
    /// What warms it up.
    pub(super) before: String,
    /// What is measured.
    pub(super) calls: String,
}

/// A call on behalf of an account. What its answer says of being busy is kept.
fn transaction(account: &str, call: &str) -> String {
    let claims = json!({ "sub": account, "role": "authenticated" });
    format!(
        "begin;
         select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{claims}', true);
         {call}
         commit;\n"
    )
}

/// A pull's page.
pub(super) fn page(account: &str, asks: &Json) -> String {
    transaction(account, &format!("select public.sync_pull('{asks}'::jsonb);"))
}

/// A push, until it is taken.
pub(super) fn push(hand: &Hand, operations: &[Json]) -> String {
    let mut asks = hand.session.clone();
    asks["ops"] = json!(operations);
    let call = format!(
        "select coalesce((public.sync_push('{asks}'::json) ->> 'busy')::boolean, false) as busy \\gset"
    );
    let attempt = transaction(&hand.account, &call);
    let given_up = "select 1 / 0;\n".to_owned();
    let again = (1..ATTEMPTS).fold(given_up, |rest, _| format!("{attempt}\\if :busy\n{rest}\\endif\n"));
    format!("{attempt}\\if :busy\n{again}\\endif\n")
}

/// The pushes of many devices, spread over so many connections.
pub(super) fn pushes(hands: &[Hand], connections: usize, row: impl Fn(usize) -> String) -> Vec<Client> {
    let mut clients: Vec<Client> = (0..connections.min(hands.len()))
        .map(|place| {
            let before = hands[place].enters(&format!("before-{}", row(place)));
            Client { before: push(&hands[place], &[before]), calls: String::new() }
        })
        .collect();
    for (at, hand) in hands.iter().enumerate() {
        clients[at % connections].calls += &push(hand, &[hand.enters(&row(at))]);
    }
    clients
}

/// How long it takes until all have made their calls: they begin at once.
pub(super) fn at_once(database: &Database, clients: &[Client]) -> Result<Duration, Failure> {
    let mut script = tempfile::NamedTempFile::new()?;
    for (at, Client { before, calls }) in clients.iter().enumerate() {
        let (enters, leaves) =
            ["lock", "unlock"].map(|does| format!("select pg_advisory_{does}({DOOR});")).into();
        let waits = format!("select pg_advisory_lock_shared({GATE});");
        writeln!(script, "\\if :client_id = {at}\n{enters}\n{before}\n{leaves}\n{waits}\n{calls}\n\\endif")?;
    }
    let mut gate = database.admin();
    // At the door it waits no longer than it does for all of them.
    gate.batch_execute(&format!("set lock_timeout = {PATIENCE_MS}"))?;
    gate.execute("select pg_advisory_lock($1)", &[&GATE])?;
    let mut bench = database.begin_pgbench(clients.len(), script.path())?;
    let waiting =
        "select count(*) from pg_locks where locktype = 'advisory' and not granted and mode = 'ShareLock'
                     and database = (select oid from pg_database where datname = current_database())";
    let late = SystemClock.awake_and_asleep() + PATIENCE_MS;
    while usize::try_from(gate.query_one(waiting, &[])?.get::<_, i64>(0))? < clients.len() {
        // Behind whoever is at the door: looking all the time would take from what warms them up.
        gate.execute("select pg_advisory_lock($1), pg_advisory_unlock($1)", &[&DOOR])?;
        if let Some(status) = bench.try_wait()? {
            return Err(format!("pgbench: {status}").into());
        }
        if SystemClock.awake_and_asleep() > late {
            bench.kill()?;
            return Err("not all of pgbench's clients were ready".into());
        }
    }
    let (status, took) = timed(|| {
        gate.execute("select pg_advisory_unlock($1)", &[&GATE])?;
        Ok(bench.wait()?)
    })?;
    if status.success() { Ok(took) } else { Err(format!("pgbench: {status}").into()) }
}

//! The rows: what is measured, on which file, how often.

use super::Failure;
use super::crowd;
use super::engine::{self, SEARCHES};
use super::first_sync;
use super::floor::Floor;
use super::memory::rest_memory;
use super::online;
use super::pairs::{interleave, timed};
use super::postgrest;
use super::report::Row;
use super::stage::Stage;
use crate::shopfloor::Shopfloor;
use counterpart_core::entity::{Customer, Ticket};
use counterpart_core::schema::Entity;
use counterpart_core::store::Durability::{self, Full, Normal};
use std::hint::black_box;
use std::time::Duration;

/// One measurement, of one row or of several on the same files.
struct Bench {
    rows: &'static [&'static str],
    tickets: usize,
    measure: fn(&mut Stage) -> Result<Vec<Row>, Failure>,
}

const BENCHES: &[Bench] = &[
    Bench {
        rows: &["write_full", "write_full_pending"],
        tickets: 10_000,
        measure: |stage| writes(stage, Full, 330, ["write_full", "write_full_pending"]),
    },
    Bench {
        rows: &["write_normal", "write_normal_pending"],
        tickets: 10_000,
        measure: |stage| writes(stage, Normal, 3_300, ["write_normal", "write_normal_pending"]),
    },
    Bench { rows: &["batch_10k"], tickets: 10_000, measure: batch },
    Bench { rows: &["get"], tickets: 10_000, measure: |stage| get(stage, "get") },
    Bench { rows: &["list_50"], tickets: 10_000, measure: |stage| list(stage, "list_50") },
    Bench { rows: &["search"], tickets: 10_000, measure: |stage| search(stage, "search") },
    Bench { rows: &["open_100k"], tickets: 100_000, measure: open },
    Bench {
        rows: &["rest_memory"],
        tickets: 100_000,
        measure: |stage| Ok(vec![rest_memory(&stage.copy()?, &stage.copy()?)?]),
    },
    Bench {
        rows: &["write_full_100k", "write_full_pending_100k"],
        tickets: 100_000,
        measure: |stage| writes(stage, Full, 330, ["write_full_100k", "write_full_pending_100k"]),
    },
    Bench {
        rows: &["write_normal_100k", "write_normal_pending_100k"],
        tickets: 100_000,
        measure: |stage| writes(stage, Normal, 3_300, ["write_normal_100k", "write_normal_pending_100k"]),
    },
    Bench { rows: &["get_100k"], tickets: 100_000, measure: |stage| get(stage, "get_100k") },
    Bench { rows: &["list_50_100k"], tickets: 100_000, measure: |stage| list(stage, "list_50_100k") },
    Bench { rows: &["search_100k"], tickets: 100_000, measure: |stage| search(stage, "search_100k") },
];

/// A measurement that needs a hub and no file of a stage.
struct Online {
    rows: &'static [&'static str],
    measure: fn() -> Result<Vec<Row>, Failure>,
}

const ONLINE: &[Online] = &[
    Online {
        rows: &["first_sync_rows_10k"],
        measure: || first_sync::with_rows("first_sync_rows_10k", 10_000, 11),
    },
    Online {
        rows: &["first_sync_rows_100k"],
        measure: || first_sync::with_rows("first_sync_rows_100k", 100_000, 3),
    },
    Online {
        rows: &["first_sync_snapshot_100k"],
        measure: || first_sync::with_snapshot("first_sync_snapshot_100k", 100_000, 11),
    },
    Online {
        rows: &["first_sync_memory_100k", "first_sync_memory_rows_100k"],
        measure: || first_sync::memory(100_000),
    },
    Online { rows: &["drain_10"], measure: || online::drain("drain_10", 10, 33) },
    Online { rows: &["drain_100"], measure: || online::drain("drain_100", 100, 22) },
    Online { rows: &["drain_500"], measure: || online::drain("drain_500", 500, 11) },
    Online { rows: &["drain_1000"], measure: || online::drain("drain_1000", 1_000, 11) },
    Online { rows: &["propagation_p50", "propagation_p99"], measure: online::propagation },
    Online { rows: &["storm_25"], measure: online::storm },
    Online { rows: &["connected_1000", "connected_1000_memory"], measure: crowd::connected },
    Online { rows: &["soak_7d"], measure: crowd::soak },
    Online { rows: &["postgrest_push_1000"], measure: postgrest::push },
    Online { rows: &["postgrest_pull_100k", "postgrest_pull_beside_texts"], measure: postgrest::pull },
    Online {
        rows: &[
            "postgrest_contention",
            "postgrest_contention_50_shops",
            "postgrest_contention_beside_50_shops",
        ],
        measure: postgrest::contention,
    },
    Online { rows: &["stuck_shop_neighbour"], measure: postgrest::neighbour },
    Online {
        rows: &[
            "one_hub_one_shop",
            "two_hubs_one_shop",
            "one_hub_50_shops",
            "two_hubs_50_shops",
            "two_hubs_beside_one",
        ],
        measure: postgrest::instances,
    },
];

/// The names of the rows that are measured in this language alone.
pub fn names() -> impl Iterator<Item = &'static str> {
    let rows = BENCHES.iter().map(|bench| bench.rows).chain(ONLINE.iter().map(|bench| bench.rows));
    rows.flatten().copied()
}

/// Measures the row of that name or, if there is none, every row whose name contains it, and hands each over as soon
/// as it is known.
pub fn run(filter: &str, mut report: impl FnMut(&Row) -> Result<(), Failure>) -> Result<(), Failure> {
    let exact = names().any(|row| row == filter);
    let wanted = |row: &str| if exact { row == filter } else { row.contains(filter) };
    let mut stage: Option<(usize, Stage)> = None;
    for bench in BENCHES.iter().filter(|bench| bench.rows.iter().any(|row| wanted(row))) {
        let (_, stage) = match stage.take().filter(|(tickets, _)| *tickets == bench.tickets) {
            Some(ready) => stage.insert(ready),
            None => stage.insert((bench.tickets, Stage::build(bench.tickets)?)),
        };
        for row in (bench.measure)(stage)?.iter().filter(|row| wanted(row.name)) {
            report(row)?;
        }
    }
    for bench in ONLINE.iter().filter(|bench| bench.rows.iter().any(|row| wanted(row))) {
        for row in (bench.measure)()?.iter().filter(|row| wanted(row.name)) {
            report(row)?;
        }
    }
    Ok(())
}

/// A technician's edit of a confirmed ticket, a different one each time; then a second edit of each, which joins the
/// operation that waits.
fn writes(
    stage: &mut Stage,
    durability: Durability,
    pairs: usize,
    [first, again]: [&'static str; 2],
) -> Result<Vec<Row>, Failure> {
    let (ours, floors) = (stage.copy()?, stage.copy()?);
    let shop = ours.shop(durability)?;
    let tickets = engine::some_tickets(&shop, pairs)?;
    let once: Vec<Ticket> = tickets.iter().map(|ticket| engine::diagnosed(ticket, 1)).collect();
    let twice: Vec<Ticket> = tickets.iter().map(|ticket| engine::diagnosed(ticket, 2)).collect();
    let mut floor = Floor::open(&floors.file, durability)?;
    let mut seqs = Vec::new();
    let medians = interleave(
        pairs,
        |at| edit(&shop, &tickets[at], &once[at]),
        |at| {
            let operation = engine::newest_operations(&shop, 1)?.pop().ok_or("the edit queued nothing")?;
            seqs.push(floor.next_seq());
            let edit = engine::as_edit(&shop, &once[at]);
            Ok(timed(|| floor.edit(&edit, &operation))?.1)
        },
    )?;
    let joined = interleave(
        pairs,
        |at| edit(&shop, &once[at], &twice[at]),
        |at| {
            let body = engine::body_of(&shop, twice[at].id())?;
            let edit = engine::as_edit(&shop, &twice[at]);
            Ok(timed(|| floor.edit_again(&edit, seqs[at], &body))?.1)
        },
    )?;
    shop.close()?;
    Ok(vec![Row::micros(first, medians), Row::micros(again, joined)])
}

fn edit(shop: &counterpart_core::Shop, before: &Ticket, after: &Ticket) -> Result<Duration, Failure> {
    Ok(timed(|| Ok(shop.edit(before, after)?))?.1)
}

/// 10,000 new customers with their operations in one transaction.
fn batch(stage: &mut Stage) -> Result<Vec<Row>, Failure> {
    const ROWS: usize = 10_000;
    const PAIRS: usize = 11;
    let (ours, floors) = (stage.copy()?, stage.copy()?);
    let shop = ours.shop(Full)?;
    let mut floor = Floor::open(&floors.file, Full)?;
    let medians = interleave(
        PAIRS,
        |at| {
            let customers = newcomers(at, ROWS);
            Ok(timed(|| engine::create_all(&shop, &customers))?.1)
        },
        |at| {
            let rows = newcomers(at, ROWS).into_iter().map(|customer| customer.to_row());
            let rows: Vec<_> = rows.zip(engine::newest_operations(&shop, ROWS)?).collect();
            Ok(timed(|| floor.create(&rows))?.1)
        },
    )?;
    shop.close()?;
    Ok(vec![Row::millis("batch_10k", medians)])
}

fn newcomers(seed: usize, rows: usize) -> Vec<Customer> {
    let mut floor = Shopfloor::new(u64::try_from(seed).unwrap_or(0), rows);
    (0..rows).map(|_| Customer { meta: Default::default(), ..floor.customer() }).collect()
}

/// A ticket by id, any of them.
fn get(stage: &mut Stage, name: &'static str) -> Result<Vec<Row>, Failure> {
    const AT_ONCE: usize = 10;
    let (ours, floors) = (stage.copy()?, stage.copy()?);
    let shop = ours.shop(Full)?;
    let floor = Floor::open(&floors.file, Full)?;
    let ids: Vec<String> =
        engine::some_tickets(&shop, 3_300)?.into_iter().map(|ticket| ticket.id.to_string()).collect();
    let some = |at: usize| ids.iter().cycle().skip(at * AT_ONCE % ids.len()).take(AT_ONCE);
    let medians = interleave(
        1_100,
        |at| {
            each(some(at), |id| {
                shop.get::<Ticket>(id).map(|ticket| drop(black_box(ticket))).map_err(Into::into)
            })
        },
        |at| each(some(at), |id| floor.get(id).map(|cells| drop(black_box(cells)))),
    )?;
    shop.close()?;
    Ok(vec![Row::micros(name, medians)])
}

/// How long one of several took that are too short to be timed alone.
fn each<'a>(
    ids: impl Iterator<Item = &'a String>,
    mut read: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<Duration, Failure> {
    let ids: Vec<&String> = ids.collect();
    let ((), took) = timed(|| ids.iter().try_for_each(|id| read(id)))?;
    Ok(took / u32::try_from(ids.len())?)
}

/// The board's first 50 open tickets.
fn list(stage: &mut Stage, name: &'static str) -> Result<Vec<Row>, Failure> {
    let (ours, floors) = (stage.copy()?, stage.copy()?);
    let shop = ours.shop(Full)?;
    let floor = Floor::open(&floors.file, Full)?;
    if engine::board(&shop)?.len() != 50 || floor.board()?.len() != 50 {
        return Err("the board does not show 50 tickets".into());
    }
    let medians = interleave(
        330,
        |_| Ok(timed(|| engine::board(&shop).map(black_box))?.1),
        |_| Ok(timed(|| floor.board().map(black_box))?.1),
    )?;
    shop.close()?;
    Ok(vec![Row::micros(name, medians)])
}

/// The 20 best tickets for what a person typed.
fn search(stage: &mut Stage, name: &'static str) -> Result<Vec<Row>, Failure> {
    const LIMIT: usize = 20;
    let (ours, floors) = (stage.copy()?, stage.copy()?);
    let shop = ours.shop(Full)?;
    let floor = Floor::open(&floors.file, Full)?;
    for (typed, query) in SEARCHES {
        let found = shop.search("tickets", typed, LIMIT)?;
        if found.is_empty() || found != floor.search(query, LIMIT)? {
            return Err(format!("the two sides do not find the same for {typed:?}").into());
        }
    }
    let words = |at: usize| SEARCHES[at % SEARCHES.len()];
    let medians = interleave(
        330,
        |at| Ok(timed(|| Ok(black_box(shop.search("tickets", words(at).0, LIMIT)?)))?.1),
        |at| Ok(timed(|| floor.search(words(at).1, LIMIT).map(black_box))?.1),
    )?;
    shop.close()?;
    Ok(vec![Row::micros(name, medians)])
}

/// Opening a file that is closed, until the first record is there.
fn open(stage: &mut Stage) -> Result<Vec<Row>, Failure> {
    let (ours, floors) = (stage.copy()?, stage.copy()?);
    let shop = ours.shop(Full)?;
    let id = engine::some_tickets(&shop, 1)?.pop().ok_or("no ticket")?.id.to_string();
    shop.close()?;
    let medians = interleave(
        55,
        |_| {
            let (shop, took) = timed(|| {
                let shop = ours.shop(Full)?;
                shop.get::<Ticket>(&id)?.ok_or("the ticket is missing")?;
                Ok(shop)
            })?;
            shop.close()?;
            Ok(took)
        },
        |_| {
            let opened = timed(|| {
                let floor = Floor::open(&floors.file, Full)?;
                floor.get(&id)?;
                Ok(floor)
            })?;
            Ok(opened.1)
        },
    )?;
    Ok(vec![Row::millis("open_100k", medians)])
}

//! The rows of the other languages: what a call costs from Swift or from Kotlin, beside the same call from Rust on a
//! copy of the same file.
//!
//! The other side is a program of that language, one for each row. It opens its copy through the package that an app
//! uses, is told on its standard input what to do next, and answers with the nanoseconds that it took by its own clock.

use super::Failure;
use super::pairs::{interleave, timed};
use super::report::Row;
use super::stage::{Copy, Stage};
use counterpart_core::Shop;
use counterpart_core::desk::{self, BoardFilter, BoardOrder, Key};
use counterpart_core::entity::{Ticket, TicketStatus};
use counterpart_core::store::{Durability, Live};
use std::fs;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Tickets of the shop that both sides work on.
const TICKETS: usize = 10_000;
/// Tickets that the two sides edit and read, one after the other.
const SOME: usize = 3_000;
/// Whole records that are read for one sample.
const AT_ONCE: usize = 10;
/// Rows in each window of `10k`, and in all of them together.
const WINDOW: u32 = 500;
const ROWS: usize = 10_000;

/// What one row measures: the word for it, how durable its writes are, how many samples warm up and how many count.
struct Call {
    word: &'static str,
    durability: Durability,
    warm_up: usize,
    pairs: usize,
}

const CALLS: [Call; 6] = [
    Call { word: "save", durability: Durability::Full, warm_up: 300, pairs: 330 },
    Call { word: "save", durability: Durability::Normal, warm_up: 1_500, pairs: 1_100 },
    Call { word: "get", durability: Durability::Full, warm_up: 500, pairs: 1_100 },
    Call { word: "list", durability: Durability::Full, warm_up: 1_000, pairs: 1_100 },
    Call { word: "observe", durability: Durability::Normal, warm_up: 1_000, pairs: 1_100 },
    Call { word: "rows", durability: Durability::Full, warm_up: 20, pairs: 55 },
];

/// The rows of each language, in the calls' order.
const NAMES: [(&str, [&str; CALLS.len()]); 2] = [
    (
        "swift",
        ["swift_save", "swift_save_normal", "swift_get", "swift_list_50", "swift_observe", "swift_10k"],
    ),
    (
        "kotlin",
        ["kotlin_save", "kotlin_save_normal", "kotlin_get", "kotlin_list_50", "kotlin_observe", "kotlin_10k"],
    ),
];

/// The names of all rows of the other languages.
pub fn names_beside() -> impl Iterator<Item = &'static str> {
    NAMES.iter().flat_map(|(_, names)| *names)
}

/// Measures the row of that name or, if there is none, every row of the language whose name contains it, and hands each
/// over as soon as it is known. The program's words are how it is started; the folder with its copy and what its writes
/// survive come after them.
pub fn beside(
    language: &str,
    filter: &str,
    program: &[&str],
    mut report: impl FnMut(&Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (_, names) = NAMES.iter().find(|(name, _)| *name == language).ok_or("no such language")?;
    let exact = names.contains(&filter);
    let wanted = |row: &str| if exact { row == filter } else { row.contains(filter) };
    let mut stage = Stage::build(TICKETS)?;
    for (name, call) in names.iter().zip(&CALLS).filter(|(name, _)| wanted(name)) {
        report(&measured(name, call, &mut stage, program)?)?;
    }
    Ok(())
}

fn measured(name: &'static str, call: &Call, stage: &mut Stage, program: &[&str]) -> Result<Row, Failure> {
    let (theirs, ours) = (stage.copy()?, stage.copy()?);
    let mut device = Device::start(program, &theirs, call.durability)?;
    let shop = ours.shop(call.durability)?;
    let mut rust = Rust::new(&shop)?;
    for at in 0..call.warm_up {
        device.does(call.word)?;
        rust.does(call.word, at)?;
    }
    let medians =
        interleave(call.pairs, |_| device.does(call.word), |at| rust.does(call.word, call.warm_up + at))?;
    device.end()?;
    drop(rust);
    shop.close()?;
    Ok(if call.word == "rows" { Row::millis(name, medians) } else { Row::micros(name, medians) })
}

/// The calls as Rust makes them.
struct Rust<'a> {
    shop: &'a Shop,
    tickets: Vec<Ticket>,
    board: Live<Vec<desk::TicketRow>>,
    runtime: Runtime,
}

impl<'a> Rust<'a> {
    fn new(shop: &'a Shop) -> Result<Rust<'a>, Failure> {
        let ids: Vec<String> = windows(shop, SOME)?.into_iter().map(|row| row.id.0).collect();
        let read = |id: &String| Ok(shop.get::<Ticket>(id)?.ok_or("a ticket is missing")?);
        let tickets = ids.iter().map(read).collect::<Result<_, Failure>>()?;
        let board = shop
            .live(&["tickets", "customers"], |reader| desk::board(reader, &BoardFilter::default(), None, 50));
        let runtime = Builder::new_current_thread().build()?;
        let rust = Rust { shop, tickets, board, runtime };
        rust.shown()?;
        Ok(rust)
    }

    fn shown(&self) -> Result<Vec<desk::TicketRow>, Failure> {
        Ok(self.runtime.block_on(self.board.next())?)
    }

    fn does(&mut self, word: &str, at: usize) -> Result<Duration, Failure> {
        let shop = self.shop;
        let before = &self.tickets[at % self.tickets.len()];
        match word {
            "save" => {
                let after = super::engine::diagnosed(before, i64::try_from(at)?);
                Ok(timed(|| Ok(shop.edit(before, &after)?))?.1)
            }
            "get" => {
                let ids = self.tickets.iter().cycle().skip(at * AT_ONCE % self.tickets.len()).take(AT_ONCE);
                let ids: Vec<&str> = ids.map(|ticket| ticket.id.0.as_str()).collect();
                let read = |id: &&str| shop.get::<Ticket>(id).map(black_box).map(drop);
                Ok(timed(|| Ok(ids.iter().try_for_each(read)?))?.1 / u32::try_from(AT_ONCE)?)
            }
            "list" => {
                let page = timed(|| Ok(shop.board(&BoardFilter::default(), None, 50)?))?;
                if page.0.len() == 50 { Ok(page.1) } else { Err("the board does not show 50 tickets".into()) }
            }
            "observe" => {
                let first = shop.board(&BoardFilter::default(), None, 1)?;
                let first = first.first().ok_or("the board is empty")?;
                let before = shop.get::<Ticket>(&first.id.0)?.ok_or("a ticket is missing")?;
                let after = Ticket { subject: format!("No. {at}"), ..before.clone() };
                let ((), took) = timed(|| {
                    shop.edit(&before, &after)?;
                    while self.shown()?.first().is_none_or(|row| row.subject != after.subject) {}
                    Ok(())
                })?;
                Ok(took)
            }
            "rows" => {
                let (rows, took) = timed(|| windows(shop, ROWS))?;
                if rows.len() >= ROWS { Ok(took) } else { Err("there are too few rows".into()) }
            }
            _ => Err("no such call".into()),
        }
    }
}

/// Rows of closed tickets, window after window, from the beginning again where they end.
fn windows(shop: &Shop, rows: usize) -> Result<Vec<desk::TicketRow>, Failure> {
    let statuses = vec![TicketStatus::PickedUp, TicketStatus::Cancelled, TicketStatus::Abandoned];
    let filter = BoardFilter { statuses, order: BoardOrder::Updated, ..BoardFilter::default() };
    let window = usize::try_from(WINDOW)?;
    let (mut read, mut after): (Vec<desk::TicketRow>, Option<Key>) = (Vec::new(), None);
    while read.len() < rows {
        let page = shop.board(&filter, after.as_ref(), window)?;
        after = if page.len() < window { None } else { page.last().map(|row| row.key(filter.order)) };
        if page.is_empty() && read.is_empty() {
            return Err("there are no closed tickets".into());
        }
        read.extend(page);
    }
    Ok(read)
}

/// The program of the other language.
struct Device {
    process: Child,
    tell: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Device {
    /// Starts it, and waits until it has its shop open.
    fn start(program: &[&str], copy: &Copy, durability: Durability) -> Result<Device, Failure> {
        let folder = copy.file.parent().ok_or("the copy lies nowhere")?.join("device");
        let (data, keys) = (folder.join("data"), folder.join("keys"));
        fs::create_dir_all(&data)?;
        fs::create_dir_all(&keys)?;
        // As a terminal lays its folder out: account and shop.
        fs::rename(&copy.file, data.join("ada_shop-1.db"))?;
        for entry in fs::read_dir(&copy.keys)? {
            let path = entry?.path();
            fs::copy(&path, keys.join(path.file_name().unwrap_or_default()))?;
        }
        let (name, words) = program.split_first().ok_or("no program is named")?;
        let survives = match durability {
            Durability::Full => "power-cuts",
            Durability::Normal => "kills",
        };
        let mut command = Command::new(name);
        command.args(words).arg(&folder).arg(survives).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let tell = process.stdin.take().ok_or("nothing can be told to it")?;
        let told = BufReader::new(process.stdout.take().ok_or("it says nothing")?);
        let mut device = Device { process, tell, told };
        match device.says()?.as_str() {
            "ready" => Ok(device),
            other => Err(format!("it began with {other:?}").into()),
        }
    }

    fn says(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        if self.told.read_line(&mut line)? == 0 {
            return Err("it ended before it answered".into());
        }
        Ok(line.trim().to_owned())
    }

    fn does(&mut self, word: &str) -> Result<Duration, Failure> {
        writeln!(self.tell, "{word}")?;
        self.tell.flush()?;
        Ok(Duration::from_nanos(self.says()?.parse()?))
    }

    fn end(mut self) -> Result<(), Failure> {
        writeln!(self.tell, "end")?;
        self.tell.flush()?;
        let ended = self.process.wait()?;
        if ended.success() { Ok(()) } else { Err(format!("it ended with {ended}").into()) }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // One that has ended is not there to be killed.
        self.process.kill().and_then(|()| self.process.wait().map(drop)).unwrap_or_default();
    }
}

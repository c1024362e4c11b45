//! The rows with a server: a hub process with its data on disk, devices in this process, real sockets between them.

use super::Failure;
use super::pairs::{Medians, interleave, timed};
use super::report::Row;
use crate::shopfloor::Shopfloor;
use counterpart_core::Terminal;
use counterpart_core::entity::{Customer, CustomerId, REPAIR_SHOP, Ticket, TicketStatus};
use counterpart_core::env::Env;
use counterpart_core::keys::MemoryKeys;
use counterpart_core::schema::{Entity, Row as Record};
use counterpart_core::sync::RetryPolicy;
use counterpart_core::terminal::{Address, Options};
use counterpart_hub::ledger::Ledger;
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;
use tempfile::TempDir;

/// The longest that anything here may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// Rows that one commit of the stage enters.
const COMMIT: usize = 5_000;

/// A hub at work, gone with its data when it is dropped.
pub(super) struct Hub {
    process: Child,
    pub(super) folder: TempDir,
    pub(super) address: Address,
    pub(super) email: String,
    pub(super) password: String,
    devices: std::cell::Cell<usize>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to keep.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn scratch() -> Result<TempDir, Failure> {
    // Beside the program and not in the system's temporary folder, which may be memory and never syncs.
    let program = std::env::current_exe()?;
    let folder = program.parent().unwrap_or(Path::new("."));
    Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(folder)?)
}

fn hub_program() -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.with_file_name("counterpart-hub"))
}

fn line_of_json(program: &Path, arguments: &[&str]) -> Result<Json, Failure> {
    let output = Command::new(program).args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Hub {
    /// A hub whose shop has that many records: two customers for three tickets, all within the windows.
    pub(super) fn with(records: usize) -> Result<Hub, Failure> {
        let folder = scratch()?;
        let data = folder.path().join("hub");
        let (program, data_text) = (hub_program()?, data.to_string_lossy().into_owned());
        let made = line_of_json(&program, &["init", "--data", &data_text, "--json"])?;
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let shop = text(&made["shop"]);
        fill(&data, &shop, records)?;
        let mut serve = Command::new(&program);
        serve.args(["serve", "--data", &data_text, "--listen", "127.0.0.1:0", "--json"]);
        // All devices of a row sign in from one address, some hundreds of them at once.
        serve.envs([("COUNTERPART_HUB_TOKEN_BURST", "5000"), ("COUNTERPART_HUB_TOKENS_PER_ADDRESS", "5000")]);
        let mut process = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut first = String::new();
        let out = process.stdout.take().ok_or("the hub has no output")?;
        BufReader::new(out).read_line(&mut first)?;
        let serving: Json = serde_json::from_str(&first)?;
        let address =
            Address { url: text(&serving["url"]), anon_key: text(&made["anon_key"]), root_sha256: None };
        let (email, password) = (text(&made["owner"]["email"]), text(&made["owner"]["password"]));
        Ok(Hub { process, folder, address, email, password, devices: 0.into() })
    }

    /// What the hub's process holds in memory now.
    pub(super) fn megabytes(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? / 1_024.0)
    }

    /// A new device, signed in, without a network.
    pub(super) fn device(&self) -> Result<Terminal, Failure> {
        self.device_with(RetryPolicy::default())
    }

    /// The same with a policy of its own.
    pub(super) fn device_with(&self, retry: RetryPolicy) -> Result<Terminal, Failure> {
        self.devices.set(self.devices.get() + 1);
        let folder = self.folder.path().join(format!("device-{}", self.devices.get()));
        sign_in(&folder, &self.address, &self.email, &self.password, retry)
    }

    /// A device that has all that the hub has.
    pub(super) fn caught_up(&self) -> Result<Terminal, Failure> {
        let terminal = self.device()?;
        online(&terminal)?;
        Ok(terminal)
    }
}

/// Puts records into the books of a hub that does not run.
fn fill(data: &Path, shop: &str, records: usize) -> Result<(), Failure> {
    let ledger = Ledger::open(&Ledger::path(data), &REPAIR_SHOP, Env::system())?;
    let mut floor = Shopfloor::new(7, records);
    let mut rows: Vec<Record> = Vec::with_capacity(COMMIT);
    for at in 0..records {
        rows.push(match at % 5 {
            0 | 1 => floor.customer().to_row(),
            _ => Ticket { status: TicketStatus::Diagnosing, closed_at: None, ..floor.ticket() }.to_row(),
        });
        if rows.len() == COMMIT || at + 1 == records {
            ledger.record(shop, &rows)?;
            rows.clear();
        }
    }
    Ok(())
}

/// A new device in a folder, signed in, without a network.
pub(super) fn sign_in(
    folder: &Path,
    address: &Address,
    email: &str,
    password: &str,
    retry: RetryPolicy,
) -> Result<Terminal, Failure> {
    let keys = Arc::new(MemoryKeys::default());
    let options = Options { retry, ..Options::default() };
    let terminal = Terminal::open(folder, &REPAIR_SHOP, keys, Env::system(), options)?;
    terminal.wait(terminal.sign_in(address, email, password, None))?;
    Ok(terminal)
}

pub(super) fn online(terminal: &Terminal) -> Result<(), Failure> {
    terminal.wait(terminal.network(true))?;
    Ok(terminal.wait(terminal.idle(PATIENCE))?)
}

fn offline(terminal: &Terminal) -> Result<(), Failure> {
    Ok(terminal.wait(terminal.network(false))?)
}

pub(super) fn count(terminal: &Terminal, table: &str) -> Result<usize, Failure> {
    let shop = terminal.shop().ok_or("no shop")?;
    let sql = format!("SELECT count(*) FROM {table}");
    let count: Option<u32> = shop.read(|reader| reader.one(&sql, [], |row| row.get(0)))?;
    Ok(count.unwrap_or_default() as usize)
}

/// Bytes over a loopback socket, read to the end.
pub(super) fn carry(body: &[u8]) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::scope(|scope| {
        let sender = scope.spawn(move || TcpStream::connect(address)?.write_all(body));
        let (mut stream, _) = listener.accept()?;
        let mut page = vec![0; 64 * 1024];
        while stream.read(&mut page)? > 0 {}
        sender.join().map_err(|_| "the sender failed")??;
        Ok(())
    })
}

/// That many operations queued offline, from the network's return until the server has all of them and the device has
/// seen so. Floor: their bytes over a socket, and a bare transaction with a row and a receipt for each.
pub(super) fn drain(name: &'static str, operations: usize, pairs: usize) -> Result<Vec<Row>, Failure> {
    let hub = Hub::with(100)?;
    let device = hub.caught_up()?;
    let shop = device.shop().ok_or("no shop")?;
    let bare = rusqlite::Connection::open(hub.folder.path().join("bare.db"))?;
    bare.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    bare.execute_batch(
        "PRAGMA synchronous = FULL; CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT);
         CREATE TABLE receipts (op TEXT PRIMARY KEY, hash TEXT)",
    )?;
    let bodies = std::cell::RefCell::new(Vec::new());
    let medians = interleave(
        pairs,
        |at| {
            offline(&device)?;
            let mut floor = Shopfloor::new(at as u64, operations);
            // Each by itself, as people work: a transaction of several is a group, which goes in one push.
            for _ in 0..operations {
                let customer = Customer { meta: Default::default(), ..floor.customer() };
                shop.create(&Customer { id: CustomerId::default(), ..customer })?;
            }
            let queued = shop.read(|reader| {
                reader.all("SELECT id, body FROM outbox", [], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })
            })?;
            if queued.len() != operations {
                return Err(format!("{} operations were queued", queued.len()).into());
            }
            bodies.replace(queued);
            let ((), took) = timed(|| online(&device))?;
            Ok(took)
        },
        |_| {
            let bodies = bodies.borrow();
            let bytes: Vec<u8> = bodies.iter().flat_map(|(_, body)| body.bytes()).collect();
            let ((), took) = timed(|| {
                carry(&bytes)?;
                bare.execute_batch("BEGIN IMMEDIATE")?;
                for (id, body) in bodies.iter() {
                    bare.prepare_cached("INSERT INTO rows VALUES (?1, ?2)")?.execute((id, body))?;
                    bare.prepare_cached("INSERT INTO receipts VALUES (?1, ?2)")?.execute((id, id))?;
                }
                Ok(bare.execute_batch("COMMIT")?)
            })?;
            Ok(took)
        },
    )?;
    device.close()?;
    Ok(vec![Row::millis(name, medians)])
}

/// From a save on one device that returned to its row on another, over 500 edits. Floor: two durable commits (the
/// device freezes what it sends, the server keeps it) and three trips over a socket with as many bytes.
pub(super) fn propagation() -> Result<Vec<Row>, Failure> {
    const EDITS: usize = 550;
    let hub = Hub::with(100)?;
    let (one, other) = (hub.caught_up()?, hub.caught_up()?);
    let (writer, reader) = (one.shop().ok_or("no shop")?, other.shop().ok_or("no shop")?);
    let (seen, sights) = channel();
    let _watch = reader.observe(move |batch| {
        if batch.changes().any(|change| change.table == "customers") {
            // Whoever does not listen any more has seen enough.
            seen.send(()).unwrap_or_default();
        }
    });
    let bare = rusqlite::Connection::open(hub.folder.path().join("bare.db"))?;
    bare.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    bare.execute_batch("PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")?;
    let mut echo = Echo::start()?;
    let mut floor = Shopfloor::new(3, EDITS);
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for at in 0..EDITS {
        let customer = Customer { meta: Default::default(), ..floor.customer() };
        writer.create(&Customer { id: CustomerId::default(), ..customer })?;
        let ((), took) = timed(|| Ok(sights.recv_timeout(PATIENCE)?))?;
        let ((), bare) = timed(|| {
            for _ in 0..2 {
                bare.execute("INSERT INTO rows (body) VALUES (?1)", ["x".repeat(500)])?;
            }
            (0..3).try_for_each(|_| echo.trip(700))
        })?;
        if at >= EDITS / 10 {
            ours.push(took);
            floors.push(bare);
        }
        one.wait(one.idle(PATIENCE))?;
        other.wait(other.idle(PATIENCE))?;
        while sights.try_recv().is_ok() {}
    }
    one.close()?;
    other.close()?;
    let mut at = |name, part: usize| {
        let nth = |times: &mut Vec<Duration>| {
            times.sort_unstable();
            times.get(times.len() * part / 100).copied().unwrap_or_default().as_secs_f64() * 1e6
        };
        let medians = Medians { ours: nth(&mut ours), floor: nth(&mut floors), pairs: EDITS - EDITS / 10 };
        Row::millis(name, medians)
    };
    Ok(vec![at("propagation_p50", 50), at("propagation_p99", 99)])
}

/// A socket that gives everything back.
struct Echo {
    stream: TcpStream,
}

impl Echo {
    fn start() -> Result<Echo, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        std::thread::spawn(move || -> std::io::Result<()> {
            let (mut stream, _) = listener.accept()?;
            stream.set_nodelay(true)?;
            let mut page = [0; 4096];
            loop {
                let read = stream.read(&mut page)?;
                if read == 0 {
                    return Ok(());
                }
                stream.write_all(&page[..read])?;
            }
        });
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Echo { stream })
    }

    fn trip(&mut self, bytes: usize) -> Result<(), Failure> {
        let mut page = vec![7; bytes];
        self.stream.write_all(&page)?;
        Ok(self.stream.read_exact(&mut page)?)
    }
}

/// 25 devices lose the network with an edit each, and all come back at once: until the last has everything. Floor: as
/// many bare durable commits, one after the other, and as many trips over a socket.
pub(super) fn storm() -> Result<Vec<Row>, Failure> {
    const DEVICES: usize = 25;
    let hub = Hub::with(100)?;
    let devices = (0..DEVICES).map(|_| hub.caught_up()).collect::<Result<Vec<_>, _>>()?;
    let bare = rusqlite::Connection::open(hub.folder.path().join("bare.db"))?;
    bare.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    bare.execute_batch("PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")?;
    let mut echo = Echo::start()?;
    let medians = interleave(
        11,
        |at| {
            for (place, device) in devices.iter().enumerate() {
                offline(device)?;
                let mut floor = Shopfloor::new((at * DEVICES + place) as u64, 10);
                let customer = Customer { meta: Default::default(), ..floor.customer() };
                let shop = device.shop().ok_or("no shop")?;
                shop.create(&Customer { id: CustomerId::default(), ..customer })?;
            }
            let wanted = count(devices.first().ok_or("no device")?, "customers")? + DEVICES - 1;
            let ((), took) = timed(|| {
                for device in &devices {
                    device.wait(device.network(true))?;
                }
                for device in &devices {
                    while count(device, "customers")? < wanted {
                        device.wait(device.sync())?;
                    }
                }
                Ok(())
            })?;
            Ok(took)
        },
        |_| {
            let ((), took) = timed(|| {
                for _ in 0..DEVICES {
                    bare.execute("INSERT INTO rows (body) VALUES (?1)", ["x".repeat(500)])?;
                    echo.trip(700)?;
                }
                Ok(())
            })?;
            Ok(took)
        },
    )?;
    for device in &devices {
        device.close()?;
    }
    Ok(vec![Row::millis("storm_25", medians)])
}

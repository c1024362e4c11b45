//! The first sync: from nothing to every record, on rows and with a snapshot, how long it takes and how much memory.

use super::Failure;
use super::online::{Hub, carry, count, online, sign_in};
use super::pairs::{interleave, timed};
use super::report::Row;
use counterpart_core::Terminal;
use counterpart_core::entity::{Customer, Ticket};
use counterpart_core::schema::{Entity, Row as Record};
use counterpart_core::sync::RetryPolicy;
use counterpart_core::terminal::Address;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How often memory is measured.
const TIMES: usize = 5;

/// A device that goes by ranges, whatever the server has.
fn by_rows() -> RetryPolicy {
    RetryPolicy { snapshots: false, ..RetryPolicy::default() }
}

fn whole(device: &Terminal, records: usize) -> Result<(), Failure> {
    let have = count(device, "customers")? + count(device, "tickets")?;
    if have == records { Ok(()) } else { Err(format!("{have} records came instead of {records}").into()) }
}

/// From nothing to every record, on rows. Floor: the bytes of the same rows over a socket, then the same rows through
/// a bare connection in one transaction.
pub(super) fn with_rows(name: &'static str, records: usize, pairs: usize) -> Result<Vec<Row>, Failure> {
    let hub = Hub::with(records)?;
    let model = hub.caught_up()?;
    let shop = model.shop().ok_or("no shop")?;
    whole(&model, records)?;
    let mut rows: Vec<Record> = Vec::with_capacity(records);
    shop.read(|reader| {
        for table in [Customer::TABLE, Ticket::TABLE] {
            reader.each_row(table, "", [], |row| {
                rows.push(row);
                Ok(true)
            })?;
        }
        Ok(())
    })?;
    let body: Vec<u8> =
        rows.iter().flat_map(|row| row.to_json_text().unwrap_or_default().into_bytes()).collect();
    let bare = Bare::like(&shop, hub.folder.path())?;
    // What it still reads for its search would take from both sides.
    model.close()?;
    let medians = interleave(
        pairs,
        |_| {
            let device = hub.device_with(by_rows())?;
            let ((), took) = timed(|| online(&device))?;
            device.close()?;
            Ok(took)
        },
        |at| Ok(timed(|| carry(&body).and_then(|()| bare.insert(&rows, at)))?.1),
    )?;
    Ok(vec![Row::millis(name, medians)])
}

/// Empty databases with the tables and indexes of a device's file.
struct Bare {
    folder: PathBuf,
    schema: Vec<String>,
}

impl Bare {
    fn like(shop: &counterpart_core::Shop, folder: &Path) -> Result<Bare, Failure> {
        let sql =
            "SELECT sql FROM sqlite_schema WHERE tbl_name IN ('customers', 'tickets') AND sql IS NOT NULL
                   ORDER BY type = 'index'";
        let schema = shop.read(|reader| reader.all(sql, [], |row| row.get(0)))?;
        Ok(Bare { folder: folder.to_owned(), schema })
    }

    fn insert(&self, rows: &[Record], at: usize) -> Result<(), Failure> {
        let mut connection = rusqlite::Connection::open(self.folder.join(format!("bare-{at}.db")))?;
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        for sql in &self.schema {
            connection.execute_batch(sql)?;
        }
        let tx = connection.transaction()?;
        for row in rows {
            let names: Vec<&str> = row.table.fields.iter().map(|field| field.name).collect();
            let marks: Vec<String> = (5..names.len() + 5).map(|place| format!("?{place}")).collect();
            let sql = format!(
                "INSERT INTO {} (id, created_at, updated_at, stamp, \"{}\") VALUES (?1, ?2, ?3, ?4, {})",
                row.table.name,
                names.join("\", \""),
                marks.join(", ")
            );
            let mut statement = tx.prepare_cached(&sql)?;
            statement.raw_bind_parameter(1, &row.id)?;
            statement.raw_bind_parameter(2, row.meta.created_at.timestamp_millis())?;
            statement.raw_bind_parameter(3, row.meta.updated_at.timestamp_millis())?;
            statement.raw_bind_parameter(4, row.meta.stamp)?;
            for (place, value) in row.values.iter().enumerate() {
                statement.raw_bind_parameter(place + 5, value)?;
            }
            statement.raw_execute()?;
        }
        Ok(tx.commit()?)
    }
}

/// The same with a snapshot that is ready: a shop's second device on a day. Floor: the bytes of the file over a socket
/// and to the disk, under another name once they are there, opened and read.
pub(super) fn with_snapshot(name: &'static str, records: usize, pairs: usize) -> Result<Vec<Row>, Failure> {
    let hub = Hub::with(records)?;
    // The first device of all waits until the file is built.
    let model = hub.caught_up()?;
    whole(&model, records)?;
    model.close()?;
    let file = fs::read(snapshot_of(&hub)?)?;
    let medians = interleave(
        pairs,
        |_| {
            let device = hub.device()?;
            let ((), took) = timed(|| online(&device))?;
            whole(&device, records)?;
            device.close()?;
            Ok(took)
        },
        |at| Ok(timed(|| move_in(&file, &hub.folder.path().join(format!("bare-{at}.db")), records))?.1),
    )?;
    Ok(vec![Row::millis(name, medians)])
}

/// The file that the hub has ready.
fn snapshot_of(hub: &Hub) -> Result<PathBuf, Failure> {
    let folder = fs::read_dir(hub.folder.path().join("hub").join("snapshots"))?;
    let files = folder.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Failure>>()?;
    Ok(files.into_iter().next().ok_or("the hub has no snapshot")?)
}

fn move_in(file: &[u8], to: &Path, records: usize) -> Result<(), Failure> {
    let beside = to.with_extension("new");
    carry(file)?;
    fs::write(&beside, file)?;
    File::open(&beside)?.sync_all()?;
    fs::rename(&beside, to)?;
    let connection = rusqlite::Connection::open(to)?;
    let sql = "SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM tickets)";
    let have: usize = connection.query_row(sql, [], |row| row.get::<_, u32>(0))? as usize;
    if have == records { Ok(()) } else { Err(format!("{have} records instead of {records}").into()) }
}

/// The most memory that a process ever held that makes a first sync, with a snapshot and on rows. Floor: the most that
/// one held that opens the finished database and reads it.
pub(super) fn memory(records: usize) -> Result<Vec<Row>, Failure> {
    let hub = Hub::with(records)?;
    let model = hub.caught_up()?;
    whole(&model, records)?;
    model.close()?;
    let file = snapshot_of(&hub)?.to_string_lossy().into_owned();
    let Address { url, anon_key, .. } = &hub.address;
    let mut devices = 0;
    let mut synced = |way: &str| {
        devices += 1;
        let folder = hub.folder.path().join(format!("child-{devices}")).to_string_lossy().into_owned();
        in_a_process(&[way, &records.to_string(), &folder, url, anon_key, &hub.email, &hub.password])
    };
    let (mut snapshot, mut rows, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TIMES {
        snapshot.push(synced("snapshot")?);
        rows.push(synced("rows")?);
        bare.push(in_a_process(&["bare", &records.to_string(), &file])?);
    }
    let [snapshot, rows, bare] = [&mut snapshot, &mut rows, &mut bare].map(|side| median(side));
    Ok(vec![
        Row::new("first_sync_memory_100k", "MB", snapshot, bare, TIMES),
        Row::new("first_sync_memory_rows_100k", "MB", rows, bare, TIMES),
    ])
}

fn median(megabytes: &mut [f64]) -> f64 {
    megabytes.sort_by(f64::total_cmp);
    megabytes.get(megabytes.len() / 2).copied().unwrap_or_default()
}

fn in_a_process(words: &[&str]) -> Result<f64, Failure> {
    let output = Command::new(std::env::current_exe()?).arg("--first-sync").args(words).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// What such a process does: has every record in the end, and prints the most memory that it ever held.
pub fn first_sync(words: &[&str]) -> Result<(), Failure> {
    match words {
        ["bare", records, file] => {
            let connection = rusqlite::Connection::open(file)?;
            let read = |table: &str| -> Result<usize, Failure> {
                let mut rows = 0;
                let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
                let mut found = statement.query([])?;
                while found.next()?.is_some() {
                    rows += 1;
                }
                Ok(rows)
            };
            let have = read("customers")? + read("tickets")?;
            if have != records.parse::<usize>()? {
                return Err(format!("{have} records instead of {records}").into());
            }
        }
        [way @ ("snapshot" | "rows"), records, folder, url, anon_key, email, password] => {
            let text = |word: &&str| (*word).to_owned();
            let address = Address { url: text(url), anon_key: text(anon_key), root_sha256: None };
            let retry = if *way == "rows" { by_rows() } else { RetryPolicy::default() };
            let device = sign_in(Path::new(folder), &address, email, password, retry)?;
            online(&device)?;
            whole(&device, records.parse()?)?;
            device.close()?;
        }
        _ => return Err("no such side".into()),
    }
    println!("{}", peak()?);
    Ok(())
}

/// The most memory that this process ever held, in megabytes.
fn peak() -> Result<f64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .ok_or("the system does not say how much memory was used")?;
    Ok(kilobytes.trim().parse::<f64>()? / 1_024.0)
}

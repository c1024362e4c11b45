//! Opening a file that is not as it should be, for real: each a typed error or a notice, and nothing lost.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copies;

use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::outbox::Status;
use counterpart_core::schema::{Migration, Schema};
use counterpart_core::shop::Finding;
use counterpart_core::sync::{Call, Event};
use counterpart_core::{Account, Error, Fault, NotNow, Opening, Result, Shop, StorageFault};
use counterpart_tests::courtesy::{answered, session};
use counterpart_tests::device::{Device, count, scratch};
use counterpart_tests::workbench::WORKBENCH;
use rusqlite::Connection;
use serde_json::{Map, Value as Json, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn row(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap()
}

/// A device with so many pieces in its queue, and closed.
fn filled(seed: u64, pieces: usize) -> (Device, Vec<String>) {
    let device = Device::new(&WORKBENCH, seed);
    let shop = device.open().unwrap();
    let ids = (0..pieces).map(|number| {
        shop.save("pieces", &row(json!({ "title": format!("piece {number}"), "notes": "n".repeat(300) })))
            .unwrap()
    });
    let ids = ids.collect();
    shop.store().checkpoint().unwrap();
    shop.close().unwrap();
    (device, ids)
}

fn beside(path: &Path, word: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(path.parent().unwrap()).unwrap();
    all.map(|entry| entry.unwrap().path()).filter(|path| path.to_string_lossy().contains(word)).collect()
}

fn error_of(opened: Result<Shop>) -> Error {
    opened.err().unwrap()
}

#[test]
fn a_file_of_a_newer_app_is_refused_and_left_as_it_is() {
    let (device, ids) = filled(1, 3);
    let connection = Connection::open(device.path()).unwrap();
    connection.execute("UPDATE facts SET value = '99' WHERE name = 'engine_version'", []).unwrap();
    let refused = error_of(device.open());
    assert!(matches!(refused.fault(), Fault::Storage(StorageFault::Newer { found: 99, .. })), "{refused}");
    connection
        .execute("UPDATE facts SET value = ?1 WHERE name = 'engine_version'", [engine_version()])
        .unwrap();
    connection.close().unwrap();
    let shop = device.open().unwrap();
    assert!(ids.iter().all(|id| shop.record("pieces", id).unwrap().is_some()));
}

fn engine_version() -> String {
    let shop = Device::new(&WORKBENCH, 99).open().unwrap();
    shop.read(|reader| reader.fact("engine_version")).unwrap().unwrap()
}

#[test]
fn a_file_of_another_schema_account_or_app_is_refused_and_left_as_it_is() {
    let (device, _) = filled(2, 3);
    let other = Opening { schema: &REPAIR_SHOP, ..device.opening.clone() };
    let before = schema_of(&device.path());
    assert_eq!(error_of(Shop::open(other)), Error::storage(StorageFault::Foreign));
    assert_eq!(schema_of(&device.path()), before);

    let other = Opening { account: Account::new("mallory", "owner"), ..device.opening.clone() };
    assert_eq!(error_of(Shop::open(other)), Error::storage(StorageFault::Foreign));
    let other = Opening { shop: "shop-2".into(), ..device.opening.clone() };
    assert_eq!(error_of(Shop::open(other)), Error::storage(StorageFault::Foreign));
    assert_eq!(count(&device.open().unwrap(), "SELECT count(*) FROM outbox"), 3);

    let device = Device::new(&WORKBENCH, 3);
    let connection = Connection::open(device.path()).unwrap();
    connection
        .execute_batch("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')")
        .unwrap();
    connection.close().unwrap();
    let before = fs::read(device.path()).unwrap();
    assert_eq!(error_of(device.open()), Error::storage(StorageFault::Foreign));
    assert_eq!(fs::read(device.path()).unwrap(), before, "not a byte of it changed");
}

fn schema_of(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement =
        connection.prepare("SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn garbage_is_set_aside_and_reported_and_kept() {
    let device = Device::new(&WORKBENCH, 4);
    fs::write(
        device.path(),
        b"this is no database, and never was one; it is long enough to be looked at, though",
    )
    .unwrap();
    let shop = device.open().unwrap();
    let [Finding::Damaged(salvage)] = shop.findings() else { panic!("{:?}", shop.findings()) };
    assert_eq!((salvage.operations, salvage.complete), (0, false));
    assert!(fs::read(&salvage.aside).unwrap().starts_with(b"this is no database"));
    shop.save("pieces", &row(json!({ "title": "chair" }))).unwrap();
}

#[test]
fn two_damaged_files_of_one_moment_are_both_kept() {
    let device = Device::new(&WORKBENCH, 5);
    for text in ["first, which is no database at all", "second, which is none either, nor ever was"] {
        fs::write(device.path(), text).unwrap();
        device.open().unwrap().close().unwrap();
    }
    assert_eq!(
        beside(&device.path(), ".damaged-")
            .iter()
            .filter(|path| !path.to_string_lossy().ends_with('l'))
            .count(),
        2
    );
}

#[test]
fn a_truncated_file_is_noticed_and_what_can_be_read_of_its_queue_goes_on() {
    let (device, _) = filled(6, 400);
    let file = fs::OpenOptions::new().write(true).open(device.path()).unwrap();
    let size = file.metadata().unwrap().len();
    file.set_len(size * 3 / 4).unwrap();
    let salvage = meet_damage(&device);
    assert!(!salvage.complete, "what is missing is told");
    assert!(salvage.operations > 0);
}

#[test]
fn a_corrupted_page_is_met_on_reading_and_the_next_opening_carries_the_queue_over() {
    let (device, _) = filled(7, 400);
    spoil(&device.path(), "pieces");
    let salvage = meet_damage(&device);
    assert_eq!((salvage.operations, salvage.complete), (400, true), "the queue itself was whole");
    assert!(salvage.aside.exists());
    let shop = device.open().unwrap();
    assert_eq!(shop.findings(), [], "told once");
    assert_eq!(shop.records("pieces", "", 1_000).unwrap().len(), 400, "every carried operation shows");
    assert_eq!(shop.state().unwrap().pending, 400);
    shop.step(Event::Network { up: true }).unwrap();
    assert!(shop.state().unwrap().syncing, "and is sent");
}

/// Writes nonsense over a page in the middle of a table.
fn spoil(path: &Path, table: &str) {
    let connection = Connection::open(path).unwrap();
    let size: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    let root: u32 = connection
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0))
        .unwrap();
    connection.close().unwrap();
    let mut file = fs::OpenOptions::new().write(true).read(true).open(path).unwrap();
    file.seek(SeekFrom::Start(u64::from(root - 1) * u64::from(size))).unwrap();
    file.write_all(&vec![0xA5; usize::try_from(size).unwrap()]).unwrap();
    file.sync_all().unwrap();
}

/// Opens a damaged file, meets the damage, and opens it again.
fn meet_damage(device: &Device) -> counterpart_core::store::Salvage {
    if let Ok(shop) = device.open() {
        if let [Finding::Damaged(salvage)] = shop.findings() {
            return salvage.clone();
        }
        let met = shop.records("pieces", "", 100_000).err().unwrap();
        assert_eq!(met, Error::storage(StorageFault::Damaged));
        shop.close().unwrap();
    }
    let shop = device.open().unwrap();
    let [Finding::Damaged(salvage)] = shop.findings() else { panic!("{:?}", shop.findings()) };
    assert_eq!(count(&shop, "SELECT count(*) FROM outbox"), i64::try_from(salvage.operations).unwrap());
    let unseen = "SELECT count(*) FROM outbox WHERE row_id NOT IN (SELECT id FROM pieces)";
    assert_eq!(count(&shop, unseen), 0, "an operation without its effect");
    let salvage = salvage.clone();
    shop.close().unwrap();
    salvage
}

#[test]
fn an_operation_whose_body_is_garbled_is_damage_and_does_not_hold_up_the_others() {
    let (device, ids) = filled(8, 5);
    let connection = Connection::open(device.path()).unwrap();
    connection.execute("UPDATE outbox SET body = substr(body, 9) WHERE row_id = ?1", [&ids[2]]).unwrap();
    connection.close().unwrap();
    let shop = device.open().unwrap();
    let calls = shop.step(Event::Network { up: true }).unwrap();
    let [Call::Open(request)] = calls.as_slice() else { panic!("{calls:?}") };
    let met = shop.opened(Ok(session(&shop, request))).unwrap_err();
    assert_eq!(met, Error::storage(StorageFault::Damaged));
    shop.close().unwrap();
    let shop = device.open().unwrap();
    let [Finding::Damaged(salvage)] = shop.findings() else { panic!("{:?}", shop.findings()) };
    assert_eq!((salvage.operations, salvage.complete), (4, false));
    let calls = answered(&shop, shop.step(Event::Network { up: true }).unwrap());
    assert!(matches!(calls.as_slice(), [Call::Push(request)] if request.ops.len() == 4));
}

#[test]
fn a_salvage_that_was_cut_off_is_taken_up_again() {
    // Killed after the log moved, after the file moved, and after the new file was begun.
    for cut in 0..3 {
        let (device, _) = filled(9 + cut, 50);
        spoil(&device.path(), "pieces");
        let path = device.path();
        let aside = path.with_file_name("shop.db.damaged-1");
        fs::write(path.with_file_name("shop.db.suspect"), aside.as_os_str().as_encoded_bytes()).unwrap();
        if cut > 0 {
            fs::rename(&path, &aside).unwrap();
        }
        if cut > 1 {
            fs::write(&path, b"").unwrap();
        }
        let shop = device.open().unwrap();
        let [Finding::Damaged(salvage)] = shop.findings() else { panic!("cut {cut}: {:?}", shop.findings()) };
        assert_eq!((salvage.operations, &salvage.aside), (50, &aside));
        assert_eq!(shop.records("pieces", "", 1_000).unwrap().len(), 50);
        assert_eq!(beside(&path, ".suspect"), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_file_that_another_process_has_open_is_refused_until_it_ends() {
    let folder = scratch();
    let mut holder = Command::new(env!("CARGO_BIN_EXE_crash_child"))
        .arg("hold")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "open");
    let opening = counterpart_tests::crash::opening(folder.path());
    assert_eq!(error_of(Shop::open(opening.clone())), Error::not_now(NotNow::InUse));
    holder.kill().unwrap();
    holder.wait().unwrap();
    Shop::open(opening).unwrap();
}

#[test]
fn a_closed_shop_can_be_opened_again_while_something_still_names_it() {
    let device = Device::new(&WORKBENCH, 20);
    let shop = device.open().unwrap();
    let live = shop.live(&["pieces"], |reader| reader.one("SELECT 1", [], |row| row.get::<_, i64>(0)));
    shop.close().unwrap();
    assert_eq!(live.poll(), Some(Err(Error::not_now(NotNow::Closed))));
    assert_eq!(shop.save_draft("a", "b").unwrap_err(), Error::not_now(NotNow::Closed));
    device.open().unwrap();
}

/// What opening and writing says to somebody who is not the superuser, in a folder that they may only read.
#[cfg(unix)]
#[test]
fn a_folder_or_a_file_that_cannot_be_written_is_an_error_and_changes_nothing() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = scratch();
    let open = |path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crash_child"));
        if rustix::process::geteuid().is_root() {
            // The superuser may write anywhere: somebody else has to try.
            command.uid(65_534).gid(65_534);
        }
        let done = command.arg("open").arg(path).output().unwrap();
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    // The program itself has to be within reach of whoever tries.
    mode(folder.path(), 0o777);
    assert_eq!(open(folder.path()), "ok");
    let file = folder.path().join("shop.db");
    let before = fs::read(&file).unwrap();
    mode(&file, 0o444);
    assert_eq!(open(folder.path()), "read_only");
    mode(&file, 0o666);
    for name in ["shop.db", "shop.db.lock"] {
        mode(&folder.path().join(name), 0o444);
    }
    mode(folder.path(), 0o555);
    assert_eq!(open(folder.path()), "read_only");
    assert_eq!(fs::read(&file).unwrap(), before);
    mode(folder.path(), 0o777);
    for name in ["shop.db", "shop.db.lock"] {
        mode(&folder.path().join(name), 0o666);
    }
    assert_eq!(open(folder.path()), "ok");
}

/// A disk of a megabyte, where the system lets us mount one in a namespace of our own.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_nothing_is_lost_and_it_works_again_when_there_is_room() {
    let folder = scratch();
    let script = r#"mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" full "$1""#;
    let run = |namespace: &str| {
        let mut command = Command::new("unshare");
        command.args([namespace, "sh", "-c", script, "sh"]).arg(folder.path());
        command.arg(env!("CARGO_BIN_EXE_crash_child")).output().unwrap()
    };
    // Not everybody may mount, but most may in a namespace of their own.
    let mut said = run("-m");
    if !said.status.success() && said.stdout.is_empty() {
        said = run("-rm");
    }
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(out.trim().ends_with("all there"), "{out}\n{err}");
}

#[test]
fn a_busy_database_is_a_reason_to_wait_and_leaves_nothing_behind() {
    let device = Device::new(&WORKBENCH, 34);
    let shop = device.open().unwrap();
    let other = Connection::open(device.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = shop.save("pieces", &row(json!({ "title": "chair" })));
    assert_eq!(refused, Err(Error::not_now(NotNow::Busy)));
    other.execute_batch("ROLLBACK").unwrap();
    let id = shop.save("pieces", &row(json!({ "title": "chair" }))).unwrap();
    assert_eq!(shop.record("pieces", &id).unwrap().unwrap().status, Status::Pending);
}

/// One whose only step after the first is wrong.
static BAD_STEP: Schema = Schema {
    migrations: &[
        WORKBENCH.migrations[0],
        Migration { number: 2, sql: "CREATE TABLE half (id TEXT); CREATE TABLE pieces (id TEXT)" },
    ],
    ..WORKBENCH
};

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let (device, _) = filled(35, 3);
    let before = schema_of(&device.path());
    let failed = Shop::open(Opening { schema: &BAD_STEP, ..device.opening.clone() });
    assert!(matches!(failed.as_ref().map_err(Error::fault), Err(Fault::Defect { .. })), "{failed:?}");
    assert_eq!(schema_of(&device.path()), before);
    assert_eq!(count(&device.open().unwrap(), "SELECT count(*) FROM outbox"), 3);
    let mut header = [0; 16];
    fs::File::open(device.path()).unwrap().read_exact(&mut header).unwrap();
    assert_eq!(&header[..15], b"SQLite format 3");
}

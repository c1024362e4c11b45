//! Files that were copied, rolled back or cut off, and secure storage that tells them apart.

use super::{error_of, filled, row};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::keys::{MemoryKeys, SecureStorage};
use counterpart_core::shop::{Finding, Lease};
use counterpart_core::store::{Moment, Tripwire};
use counterpart_core::{Error, NotNow, Opening, Result, Shop};
use counterpart_tests::device::{Device, count, scratch};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn ticket(shop: &Shop) -> Option<String> {
    let customer = shop.save("customers", &row(json!({ "last_name": "Okafor" }))).unwrap();
    let id = shop.save("tickets", &row(json!({ "customer_id": customer, "subject": "Screen" }))).unwrap();
    let number = shop.record("tickets", &id).unwrap().unwrap().row.text("number").to_owned();
    Some(number).filter(|number| !number.is_empty())
}

#[test]
fn a_copied_file_keeps_its_queue_and_loses_what_was_lent_to_it() {
    let device = Device::new(&REPAIR_SHOP, 30);
    let shop = device.open().unwrap();
    shop.begin_session(1, "K7").unwrap();
    shop.add_lease(Lease { first: 100, last: 199 }).unwrap();
    assert_eq!(ticket(&shop).as_deref(), Some("100"));
    // Copied while it is open, with its log.
    let folder = scratch();
    copy_folder(device.folder.path(), folder.path());
    let clone = Opening {
        path: folder.path().join("shop.db"),
        keys: Arc::new(MemoryKeys::default()),
        ..device.opening.clone()
    };
    let copy = Shop::open(clone).unwrap();
    assert_eq!(copy.findings(), [Finding::Copied]);
    let queue = "SELECT count(*) FROM outbox";
    assert_eq!(count(&copy, queue), count(&shop, queue));
    assert_eq!(copy.numbers_left().unwrap(), 0);
    assert_eq!(ticket(&copy), None, "with neither lease nor code no number is given");
    assert_eq!(copy.read(|reader| reader.fact("device_code")).unwrap(), None);
    let install = |shop: &Shop| shop.read(|reader| reader.fact("install")).unwrap().unwrap();
    assert_ne!(install(&copy), install(&shop));
    assert_eq!(ticket(&shop).as_deref(), Some("101"), "the original goes on as it was");
    // A number comes as soon as the server gave the copy its own.
    copy.begin_session(1, "K8").unwrap();
    copy.add_lease(Lease { first: 300, last: 399 }).unwrap();
    let numbers = "SELECT count(*) FROM tickets WHERE number IS NULL";
    assert_eq!(count(&copy, numbers), 0);
}

#[test]
fn a_file_from_before_the_last_session_is_noticed_and_one_step_ahead_is_not() {
    let device = Device::new(&REPAIR_SHOP, 31);
    let shop = device.open().unwrap();
    shop.begin_session(1, "K7").unwrap();
    shop.close().unwrap();
    let old = scratch();
    copy_folder(device.folder.path(), old.path());
    let shop = device.open().unwrap();
    shop.begin_session(2, "K7").unwrap();
    shop.close().unwrap();
    // Secure storage is one session ahead of the file, as after a session that was cut off.
    copy_folder(old.path(), device.folder.path());
    let shop = device.open().unwrap();
    assert_eq!(shop.findings(), []);
    shop.begin_session(3, "K7").unwrap();
    shop.close().unwrap();
    copy_folder(old.path(), device.folder.path());
    let shop = device.open().unwrap();
    assert_eq!(shop.findings(), [Finding::Copied]);
    assert_eq!(ticket(&shop), None);
}

/// Ends an opening after a commit of it.
struct EndedAfter {
    commits: AtomicUsize,
}

impl Tripwire for EndedAfter {
    fn at(&self, moment: Moment) -> Result<()> {
        let last = moment == Moment::AfterCommit && self.commits.fetch_sub(1, Ordering::SeqCst) == 1;
        if last { Err(Error::not_now(NotNow::Closed)) } else { Ok(()) }
    }
}

/// Opens what `find` makes, ended after each of the opening's commits in turn, and says what the next opening found.
fn found_after_cuts(find: impl Fn() -> Device) -> Vec<Vec<Finding>> {
    let mut found = Vec::new();
    for commits in 1.. {
        let device = find();
        let ended = device.open_with(Arc::new(EndedAfter { commits: commits.into() }));
        if ended.is_ok() {
            break;
        }
        assert_eq!(error_of(ended), Error::not_now(NotNow::Closed));
        found.push(device.open().unwrap().findings().to_vec());
        assert_eq!(device.open().unwrap().findings(), [], "told once");
    }
    found
}

#[test]
fn what_was_found_is_told_however_often_the_opening_is_cut_off() {
    let mut damaged = found_after_cuts(|| {
        let (device, _) = filled(41, 5);
        let aside = device.path().with_file_name("shop.db.damaged-1");
        fs::write(device.path().with_file_name("shop.db.suspect"), aside.as_os_str().as_encoded_bytes())
            .unwrap();
        device
    });
    let copied = found_after_cuts(|| {
        let (mut device, _) = filled(42, 5);
        device.opening.keys = Arc::new(MemoryKeys::default());
        device
    });
    // After the last commit everything was told: that opening had come to its end.
    assert!(damaged.pop().is_some_and(|last| last.is_empty()) && !damaged.is_empty());
    for findings in damaged {
        // Cut off between file and secure storage, the new file takes a new identity besides.
        let Some(Finding::Damaged(salvage)) = findings.last() else { panic!("{findings:?}") };
        assert_eq!((salvage.operations, salvage.complete), (5, true));
    }
    let (last, before) = copied.split_last().unwrap();
    assert!(last.is_empty() && !before.is_empty());
    assert!(before.iter().all(|findings| *findings == [Finding::Copied]), "{before:?}");
}

#[test]
fn an_older_state_of_the_file_never_gives_a_number_twice() {
    let device = Device::new(&REPAIR_SHOP, 32);
    let shop = device.open().unwrap();
    shop.begin_session(1, "K7").unwrap();
    shop.add_lease(Lease { first: 1, last: 3 }).unwrap();
    let mut numbers = vec![ticket(&shop).unwrap()];
    shop.store().checkpoint().unwrap();
    shop.close().unwrap();
    let old = scratch();
    copy_folder(device.folder.path(), old.path());
    let shop = device.open().unwrap();
    numbers.extend([ticket(&shop).unwrap(), ticket(&shop).unwrap()]);
    shop.add_lease(Lease { first: 11, last: 12 }).unwrap();
    numbers.extend([ticket(&shop).unwrap(), ticket(&shop).unwrap(), ticket(&shop).unwrap()]);
    shop.close().unwrap();
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", device.path().display())).ok();
    }
    copy_folder(old.path(), device.folder.path());
    let shop = device.open().unwrap();
    numbers.extend((0..4).filter_map(|_| ticket(&shop)));
    let distinct: std::collections::BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(distinct.len(), numbers.len(), "{numbers:?}");
}

/// Secure storage that the locked phone withholds, or that is the last thing an app gets to before it is ended.
#[derive(Default)]
struct Locked {
    keys: MemoryKeys,
    locked: AtomicBool,
    cut: AtomicBool,
}

impl Locked {
    fn open(&self) -> Result<&MemoryKeys> {
        if self.locked.load(Ordering::SeqCst) {
            Err(Error::not_now(NotNow::DeviceLocked))
        } else {
            Ok(&self.keys)
        }
    }
}

impl SecureStorage for Locked {
    fn get(&self, name: &str) -> Result<Option<String>> {
        self.open()?.get(name)
    }
    fn set(&self, name: &str, value: &str) -> Result<()> {
        self.open()?.set(name, value)?;
        if self.cut.load(Ordering::SeqCst) { Err(Error::not_now(NotNow::Closed)) } else { Ok(()) }
    }
    fn remove(&self, name: &str) -> Result<()> {
        self.open()?.remove(name)
    }
}

#[test]
fn secure_storage_that_cannot_be_read_is_no_mismatch_and_changes_nothing() {
    let mut device = Device::new(&REPAIR_SHOP, 33);
    let keys = Arc::new(Locked::default());
    device.opening.keys = keys.clone();
    let shop = device.open().unwrap();
    shop.begin_session(1, "K7").unwrap();
    assert_eq!(ticket(&shop).as_deref(), Some("K7-1"));
    keys.locked.store(true, Ordering::SeqCst);
    let customer = shop.save("customers", &row(json!({ "last_name": "Ng" }))).unwrap();
    let refused = shop.save("tickets", &row(json!({ "customer_id": customer, "subject": "Screen" })));
    assert_eq!(refused, Err(Error::not_now(NotNow::DeviceLocked)));
    assert_eq!(count(&shop, "SELECT count(*) FROM tickets"), 1);
    shop.close().unwrap();
    assert_eq!(error_of(device.open()), Error::not_now(NotNow::DeviceLocked));
    keys.locked.store(false, Ordering::SeqCst);
    let shop = device.open().unwrap();
    assert_eq!(shop.findings(), []);
    assert_eq!(ticket(&shop).as_deref(), Some("K7-2"));
}

#[test]
fn sessions_cut_off_one_after_the_other_are_no_copy() {
    let mut device = Device::new(&REPAIR_SHOP, 36);
    let keys = Arc::new(Locked::default());
    device.opening.keys = keys.clone();
    let mut shop = device.open().unwrap();
    shop.begin_session(1, "K7").unwrap();
    shop.add_lease(Lease { first: 100, last: 199 }).unwrap();
    // The server heard of more sessions than this file did.
    for generation in [2, 5, 9] {
        keys.cut.store(true, Ordering::SeqCst);
        assert_eq!(shop.begin_session(generation, "K7"), Err(Error::not_now(NotNow::Closed)));
        keys.cut.store(false, Ordering::SeqCst);
        shop.close().unwrap();
        shop = device.open().unwrap();
        assert_eq!(shop.findings(), []);
    }
    assert_eq!(ticket(&shop).as_deref(), Some("100"));
}

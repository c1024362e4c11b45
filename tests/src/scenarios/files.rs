//! Files: copied, of an older app, and a server's that is put back.

use super::hub_sqlite::copy;
use super::{Stage, Who};
use counterpart_core::Terminal;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_core::keys::FolderKeys;
use counterpart_core::schema::Schema;
use counterpart_core::terminal::{Address, Options};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A tablet's folder is copied to another one: both go on, nothing is lost or done twice, no number is given twice.
pub(super) fn cloned_device(stage: &mut Stage) {
    let mut owner = stage.device(Who::Owner);
    owner.down();
    let customer = owner.customer("Okafor");
    let folder = owner.close();
    let copied = stage.path("copied");
    copy(&folder, &copied);
    let (mut owner, mut clone) = (stage.device_in(&folder), stage.device_in(&copied));
    // The copy has the session's keys too, which only one of the two can use for long.
    clone.sign_in(&stage.backend.address(), &stage.backend.login(Who::Owner));
    let mut printed = BTreeSet::new();
    let mut rows = Vec::new();
    for device in [&mut owner, &mut clone] {
        rows.push(device.customer("Own"));
        device.back();
        device.down();
        for _ in 0..5 {
            let ticket = device.ticket(&customer);
            assert!(
                printed.insert(device.get("tickets", &ticket)["number"].as_str().unwrap().to_owned()),
                "twice"
            );
        }
        device.back();
    }
    stage.equal(&mut [&mut owner, &mut clone]);
    for device in [&mut owner, &mut clone] {
        assert!(rows.iter().all(|row| device.get("customers", row).is_object()));
        assert_eq!((device.list("customers").len(), device.list("tickets").len()), (3, 10));
        assert_eq!(device.parked().len(), 0);
    }
}

/// The app as it was one migration ago.
static OLDER: Schema = Schema { migrations: REPAIR_SHOP.migrations.split_at(1).0, ..REPAIR_SHOP };

/// The app is updated while work is not sent: the new one sends it.
pub(super) fn schema_upgrade_with_a_queue(stage: &mut Stage) {
    let folder = stage.path("upgraded");
    let keys = Arc::new(FolderKeys::new(folder.join("keys")).unwrap());
    let terminal = Terminal::open(&folder, &OLDER, keys, Env::system(), Options::default()).unwrap();
    let (at, login) = (stage.backend.address(), stage.backend.login(Who::Tess));
    let address = Address { url: at.url, anon_key: at.anon_key, root_sha256: None };
    let shop = terminal.wait(terminal.sign_in(&address, &login.email, &login.password, None)).unwrap().shop;
    terminal.wait(terminal.network(true)).unwrap();
    terminal.wait(terminal.sync()).unwrap();
    terminal.wait(terminal.network(false)).unwrap();
    let save = |table: &str, row: serde_json::Value| shop.save(table, row.as_object().unwrap()).unwrap();
    let customer = save("customers", json!({ "last_name": "Okafor" }));
    let ticket = save("tickets", json!({ "customer_id": customer, "subject": "Screen" }));
    terminal.close().unwrap();
    let mut tess = stage.device_in(&folder);
    assert_eq!(tess.state()["pending"], json!(2));
    tess.back();
    let mut owner = stage.device(Who::Owner);
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(owner.get("tickets", &ticket)["customer_id"], json!(customer));
}

/// The server's disk died, and yesterday's backup is put in its place: the devices give back what it has lost.
pub(super) fn restored_server(stage: &mut Stage) -> bool {
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let customer = owner.customer("Okafor");
    owner.idle();
    tess.sync();
    let backup = stage.path("backup");
    if !stage.backend.back_up(&backup) {
        return false;
    }
    let ticket = owner.ticket(&customer);
    tess.set("customers", &customer, json!({ "first_name": "Ngozi" }));
    for device in [&mut owner, &mut tess] {
        device.idle();
        device.sync();
    }
    let number = owner.get("tickets", &ticket)["number"].clone();
    tess.down();
    let offline = tess.customer("Curie");
    stage.backend.restore(&backup);
    owner.up();
    owner.sync();
    tess.back();
    stage.equal(&mut [&mut owner, &mut tess]);
    for device in [&mut owner, &mut tess] {
        assert_eq!(device.get("tickets", &ticket)["number"], number);
        assert_eq!(device.get("customers", &customer)["first_name"], json!("Ngozi"));
        assert!(device.get("customers", &offline).is_object());
        assert_eq!((device.parked().len(), device.conflicts().len()), (0, 0));
    }
    let mut third = stage.device(Who::Theo);
    stage.equal(&mut [&mut owner, &mut third]);
    true
}

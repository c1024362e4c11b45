//! One device, or two, with clocks that stand still until told, and what every test of the desk begins with.

mod appointments;
mod badges;
mod board;
mod customers;
mod pins;
mod plans;
mod secrets;
mod stock;
mod tickets;

use crate::desk::{Bringer, Intake};
use crate::entity::{
    Customer, CustomerId, Employee, EmployeeId, InventoryItem, InventoryItemId, REPAIR_SHOP, Role, Ticket,
    TicketId,
};
use crate::env::{Clock, Env, SystemEntropy};
use crate::keys::{MemoryKeys, SecureStorage};
use crate::schema::{Entity, Row, time_from_ms};
use crate::shop::{Account, Opening, Shop};
use crate::store::Durability;
use crate::sync::Page;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A Friday noon.
const NOON: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Clocks that stand still until told.
struct Hands {
    wall: AtomicI64,
    boot: AtomicI64,
}

impl Clock for Hands {
    fn now(&self) -> i64 {
        self.wall.load(Ordering::Relaxed)
    }

    fn awake_and_asleep(&self) -> i64 {
        self.boot.load(Ordering::Relaxed)
    }
}

/// A device: its folder, clock and secure storage outlive the open shop.
struct Device {
    folder: tempfile::TempDir,
    clock: Arc<Hands>,
    keys: Arc<MemoryKeys>,
    shop: Shop,
}

impl std::ops::Deref for Device {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.shop
    }
}

impl Device {
    fn of(account: Account) -> Device {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hands { wall: AtomicI64::new(NOON), boot: AtomicI64::new(DAY) });
        let keys = Arc::new(MemoryKeys::default());
        let shop = open(folder.path().join("shop.db"), account, &clock, &keys);
        shop.begin_session(1, "A").unwrap();
        Device { folder, clock, keys, shop }
    }

    /// Somebody's own device.
    fn new(role: &str) -> Device {
        Device::of(Account { employee: Some("me".into()), ..Account::new("me@shop", role) })
    }

    fn station() -> Device {
        Device::of(Account::station("tablet"))
    }

    /// Ends the app and starts it again, signed in as somebody.
    fn reopened(self, account: Account) -> Device {
        let Device { folder, clock, keys, shop } = self;
        shop.close().unwrap();
        drop(shop);
        let shop = open(folder.path().join("shop.db"), account, &clock, &keys);
        Device { folder, clock, keys, shop }
    }

    fn pass(&self, ms: i64) {
        self.clock.wall.fetch_add(ms, Ordering::Relaxed);
        self.clock.boot.fetch_add(ms, Ordering::Relaxed);
    }

    fn rows_in(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.read(|reader| reader.one(&sql, [], |row| row.get(0))).unwrap().unwrap()
    }

    /// What the server sends, at a commit.
    fn receives(&self, rows: &[Row], stamp: i64) {
        let stamped = |row: &Row| {
            let mut row = row.clone();
            row.meta.stamp = stamp;
            row
        };
        let rows = rows.iter().map(stamped).collect();
        self.take_page(&Page { rows, through: stamp, ..Page::default() }).unwrap();
    }

    fn row<T: Entity>(&self, id: &str) -> Row {
        self.read(|reader| reader.row(T::TABLE, id)).unwrap().unwrap()
    }

    fn customer(&self, last_name: &str) -> CustomerId {
        CustomerId(
            self.create(&Customer { last_name: Some(last_name.into()), ..Customer::default() }).unwrap(),
        )
    }

    fn ticket(&self) -> TicketId {
        let bringer =
            Bringer::New { customer: Customer { last_name: Some("Okafor".into()), ..Customer::default() } };
        self.intake(&Intake { bringer, ticket: ticket("Cracked screen") }, None).unwrap().ticket
    }

    fn item(&self, name: &str) -> InventoryItemId {
        InventoryItemId(
            self.create(&InventoryItem { name: name.into(), ..InventoryItem::default() }).unwrap(),
        )
    }

    /// An employee whom the server knows.
    fn employee(&self, id: &str, role: Role) -> EmployeeId {
        let person = Employee {
            id: id.into(),
            first_name: Some(id.into()),
            role,
            active: true,
            meta: crate::schema::Meta { created_at: time_from_ms(NOON), ..crate::schema::Meta::default() },
            ..Employee::default()
        };
        self.receives(&[person.to_row()], 1);
        person.id
    }
}

fn open(path: PathBuf, account: Account, clock: &Arc<Hands>, keys: &Arc<MemoryKeys>) -> Shop {
    Shop::open(Opening {
        env: Env { clock: Arc::clone(clock) as Arc<dyn Clock>, entropy: Arc::new(SystemEntropy) },
        keys: Arc::clone(keys) as Arc<dyn SecureStorage>,
        durability: Durability::Normal,
        ..Opening::new(path, &REPAIR_SHOP, "shop-1", account)
    })
    .unwrap()
}

fn ticket(subject: &str) -> Ticket {
    Ticket { subject: subject.into(), ..Ticket::default() }
}

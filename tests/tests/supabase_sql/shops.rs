//! Shops of one owner on a database of their own, and devices of theirs as PostgREST calls the functions for them.

use counterpart_tests::postgres::{Cluster, Database};
use postgres::Client;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// Whose shops they are.
pub(crate) const OWNER: Uuid = Uuid::from_u128(0x7000_8000_0000_0000_0001);

/// A database with so many shops of one owner.
pub(crate) fn shops(many: usize) -> (Database, Vec<String>) {
    let database = Cluster::shared().database();
    let mut sql = database.admin();
    let owner = OWNER.to_string();
    sql.execute("insert into auth.users (id) values ($1::text::uuid)", &[&owner]).unwrap();
    let shops =
        (0..many).map(|_| sql.query_one("select public.found_shop('Shop')::text", &[]).unwrap().get(0));
    let shops: Vec<String> = shops.collect();
    for shop in &shops {
        let takes = "select public.take_in($1::text::uuid, $2::text::uuid, 'o@shop.example', 'owner')";
        sql.execute(takes, &[shop, &owner]).unwrap();
    }
    (database, shops)
}

/// A device of the owner's, as PostgREST calls the functions for it.
pub(crate) struct Device {
    pub(crate) sql: Client,
    shop: String,
    name: String,
    opened: Json,
    /// Up to which commit it has heard its receipts.
    pub(crate) acked: i64,
}

impl Device {
    /// Begins its session.
    pub(crate) fn open(database: &Database, shop: &str, name: &str) -> Device {
        let sql = database.as_account("authenticated", Some(&OWNER.to_string()));
        let mut device = Device { sql, shop: shop.into(), name: name.into(), opened: Json::Null, acked: 0 };
        let asks =
            json!({ "shop": shop, "device": name, "generation": 0, "attempt": "a", "numbers_left": 50 });
        // Busy, while others open theirs: the same again.
        while device.opened["epoch"].is_null() {
            device.opened = device.call("device_open", "jsonb", &asks);
        }
        device
    }

    fn call(&mut self, function: &str, takes: &str, asks: &Json) -> Json {
        let call = format!("select public.{function}($1::text::{takes})::text");
        let answer: String = self.sql.query_one(&call, &[&asks.to_string()]).unwrap().get(0);
        serde_json::from_str(&answer).unwrap()
    }

    /// Enters a customer.
    pub(crate) fn push(&mut self, row: &str) -> Json {
        let operation = json!({
            "id": format!("{}-{row}", self.name), "seq": 1, "at": 1, "account": OWNER.to_string(), "actor": OWNER.to_string(),
            "table": "customers", "row": row, "kind": "insert", "fields": { "last_name": { "to": "Okafor" } },
        });
        self.push_all(&[operation])
    }

    /// Pushes operations.
    pub(crate) fn push_all(&mut self, operations: &[Json]) -> Json {
        let asks = json!({
            "shop": self.shop, "device": self.name, "generation": self.opened["generation"],
            "epoch": self.opened["epoch"], "unsent": 0, "acked": self.acked, "ops": operations,
        });
        self.call("sync_push", "json", &asks)
    }

    /// What changed since a cursor.
    pub(crate) fn pull(&mut self, cursor: &Json) -> Json {
        let asks = json!({ "shop": self.shop, "device": self.name, "cursor": cursor, "limit": 5_000 });
        self.call("sync_pull", "jsonb", &asks)
    }
}

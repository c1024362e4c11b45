//! A device as the wire sees it: a session, a cursor, operations written by hand.

use crate::desk::{Desk, answer};
use counterpart_core::sync::wire::{OpenAnswer, PullAnswer, PushAnswer};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) struct Device {
    pub(crate) shop: String,
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) account: String,
    pub(crate) session: OpenAnswer,
    seq: u128,
}

/// Calls a function; a status and what came back.
pub(crate) async fn call(desk: &Desk, access: &str, function: &str, body: &Value) -> (u16, Value) {
    let request = desk.request(Method::POST, &format!("/rest/v1/rpc/{function}")).bearer_auth(access);
    answer(request.json(body).send().await.unwrap()).await
}

/// The status of a refusal and its word.
pub(crate) async fn refused(desk: &Desk, access: &str, function: &str, body: &Value) -> (u16, String) {
    let (status, body) = call(desk, access, function, body).await;
    (status, body["details"].as_str().unwrap_or_default().to_owned())
}

impl Device {
    pub(crate) async fn open(desk: &Desk, email: &str, account: Uuid, id: &str) -> Device {
        let access = desk.sign_in(email).await.access;
        let shop = desk.shop.to_string();
        let asks =
            json!({"shop": shop, "device": id, "generation": 0, "attempt": "first", "numbers_left": 50});
        let (status, body) = call(desk, &access, "device_open", &asks).await;
        assert_eq!(200, status, "{body}");
        let session = serde_json::from_value(body).unwrap();
        Device { shop, id: id.into(), access, account: account.to_string(), session, seq: 0 }
    }

    /// Ada's own, a technician.
    pub(crate) async fn ada(desk: &Desk) -> Device {
        Device::open(desk, "ada@example.org", desk.ada, "adas").await
    }

    /// The manager's.
    pub(crate) async fn bo(desk: &Desk) -> Device {
        Device::open(desk, "bo@example.org", desk.bo, "bos").await
    }

    /// The shared tablet.
    pub(crate) async fn tablet(desk: &Desk) -> Device {
        Device::open(desk, "tablet@example.org", desk.tablet, "tablet").await
    }

    pub(crate) async fn ask<T: DeserializeOwned>(&self, desk: &Desk, function: &str, body: &Value) -> T {
        let (status, body) = call(desk, &self.access, function, body).await;
        assert_eq!(200, status, "{function}: {body}");
        serde_json::from_value(body).unwrap()
    }

    /// An operation; `more` has its table, row, kind and fields, and whatever else it says.
    pub(crate) fn operation(&mut self, more: Value) -> Value {
        self.seq += 1;
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}/{}", self.id, self.seq).as_bytes());
        let mut operation =
            json!({"id": id, "seq": self.seq as i64, "at": crate::desk::NOW, "account": self.account});
        operation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        operation
    }

    pub(crate) fn customer(&mut self, row: &str, name: &str) -> Value {
        self.operation(json!({"table": "customers", "row": row, "kind": "insert",
            "fields": {"last_name": {"to": name}}}))
    }

    pub(crate) fn pushes(&self, ops: &[Value]) -> Value {
        json!({"shop": self.shop, "device": self.id, "generation": self.session.generation,
               "epoch": self.session.epoch, "unsent": ops.len(), "ops": ops})
    }

    pub(crate) async fn push(&self, desk: &Desk, ops: &[Value]) -> PushAnswer {
        self.ask(desk, "sync_push", &self.pushes(ops)).await
    }

    /// What became of the operations, each as its outcome and code.
    pub(crate) async fn outcomes(&self, desk: &Desk, ops: &[Value]) -> Vec<String> {
        let receipts = serde_json::to_value(self.push(desk, ops).await.receipts).unwrap();
        let word = |receipt: &Value| match receipt["code"].as_str() {
            None => receipt["outcome"].as_str().unwrap().to_owned(),
            Some(code) => format!("{} {code}", receipt["outcome"].as_str().unwrap()),
        };
        receipts.as_array().unwrap().iter().map(word).collect()
    }

    pub(crate) fn pulls(&self) -> Value {
        json!({"shop": self.shop, "device": self.id, "cursor": {"epoch": "", "n": 0, "tag": ""}, "limit": 1_000})
    }

    pub(crate) async fn pull(&self, desk: &Desk) -> PullAnswer {
        self.ask(desk, "sync_pull", &self.pulls()).await
    }

    /// The rows of a table as they arrive from the beginning of time.
    pub(crate) async fn rows(&self, desk: &Desk, table: &str) -> Vec<Value> {
        let pulled = self.pull(desk).await;
        let rows = pulled.rows.iter().filter(|rows| rows.table == table).flat_map(|rows| &rows.rows);
        rows.map(|row| serde_json::from_str(row.get()).unwrap()).collect()
    }
}

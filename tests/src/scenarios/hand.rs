//! A device without an engine: its requests are written by hand, so that a test says exactly what is sent, to whom.

use super::backend::{Address, Login};
use super::wire::Caller;
use serde_json::{Value as Json, json};

/// Such a device, with a session in one shop.
pub struct Hand {
    /// Who asks.
    pub caller: Caller,
    /// What every push of it says of itself.
    pub session: Json,
    /// Whose it is.
    pub account: String,
}

impl Hand {
    /// Signs in and begins its session.
    pub fn at(address: &Address, login: &Login, shop: &str) -> Hand {
        Hand::with(Caller::signed_in(address, login), shop, "by-hand")
    }

    /// Begins the session of a device of somebody who is signed in.
    pub fn with(caller: Caller, shop: &str, device: &str) -> Hand {
        let asks = json!({
            "shop": shop, "device": device, "generation": 0, "attempt": "a", "numbers_left": 50,
        });
        let (status, opened) = caller.call_patiently("device_open", &asks);
        assert_eq!(status, 200, "{opened}");
        let account = opened["standing"]["employee"].as_str().unwrap().to_owned();
        let session = json!({
            "shop": shop, "device": device, "generation": opened["generation"], "epoch": opened["epoch"], "unsent": 0,
        });
        Hand { caller, session, account }
    }

    /// Goes on at another hub.
    pub fn moves_to(&mut self, address: &Address) {
        self.caller = Caller::with(address, &self.caller.token);
    }

    /// The operation that enters a customer.
    pub fn enters(&self, row: &str) -> Json {
        json!({
            "id": format!("op-{row}"), "seq": 1, "at": 1, "account": self.account, "actor": self.account,
            "table": "customers", "row": row, "kind": "insert",
            "fields": { "first_name": { "to": "Ada" }, "last_name": { "to": "Okafor" } },
        })
    }

    /// Pushes operations.
    pub fn push_all(&self, operations: &[Json]) -> (u16, Json) {
        let mut asks = self.session.clone();
        asks["ops"] = json!(operations);
        self.caller.call("sync_push", &asks)
    }

    /// Enters a customer.
    pub fn push(&self, row: &str) -> (u16, Json) {
        self.push_all(&[self.enters(row)])
    }

    /// Enters a customer, however often it is told to come back.
    pub fn push_until_taken(&self, row: &str) {
        loop {
            match self.push(row) {
                (200, answer) if answer["busy"] == json!(true) => {}
                (503, answer) if answer["code"] == json!("PGRST001") => {}
                (504, answer) if answer["code"] == json!("PGRST003") => {}
                (500, answer) if answer["code"] == json!("57014") => {}
                (status, answer) => {
                    assert_eq!(
                        (status, &answer["receipts"][0]["outcome"]),
                        (200, &json!("applied")),
                        "{answer}"
                    );
                    return;
                }
            }
        }
    }
}

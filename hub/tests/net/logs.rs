//! What can be read in a log, at the most talkative level that there is.

use crate::desk::{Desk, PASSWORD, PATIENCE};
use counterpart_core::keys::{MemoryKeys, SecureStorage};
use counterpart_core::net::{Heard, Session, Showing, Subscription, listen};
use log::{Log, Metadata, Record};
use serde_json::json;
use std::sync::{Arc, Mutex};

static LINES: Mutex<String> = Mutex::new(String::new());

struct Recorder;

impl Log for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        LINES.lock().unwrap().push_str(&format!("{} {}\n", record.target(), record.args()));
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn no_token_and_no_password_is_ever_in_a_log() {
    log::set_logger(&Recorder).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let desk = Desk::open().await;
    let keys = Arc::new(MemoryKeys::default());
    let (session, _) =
        Session::sign_in(desk.http(), keys.clone(), "ada@example.org", PASSWORD).await.unwrap();
    let (first, second) = (session.token().await.unwrap(), session.refresh().await.unwrap());
    let subscription = Subscription {
        shop: desk.shop.to_string(),
        device: "d1".into(),
        token: first.clone(),
        showing: Showing::default(),
    };
    assert!(!format!("{subscription:?}").contains(&first));
    let (mut listener, running) = listen(&desk.http(), subscription);
    let running = tokio::spawn(running);
    let hear = async |listener: &mut counterpart_core::net::Listener, wanted: fn(&Heard) -> bool| {
        while !wanted(&tokio::time::timeout(PATIENCE, listener.next()).await.unwrap().unwrap()) {}
    };
    hear(&mut listener, |heard| *heard == Heard::Joined).await;
    listener.renew(second.clone());
    desk.realtime.poke(desk.shop, &json!({"epoch": "e", "n": 1, "tag": "t"}));
    hear(&mut listener, |heard| matches!(heard, Heard::Poked(_))).await;
    drop(listener);
    tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
    let stored = keys.get(&format!("session-{}", desk.ada)).unwrap().unwrap();
    let stored: serde_json::Value = serde_json::from_str(&stored).unwrap();
    let lines = LINES.lock().unwrap();
    assert!(lines.contains("tungstenite"), "the libraries do write something");
    for secret in [first.as_str(), &second, stored["refresh"].as_str().unwrap(), PASSWORD] {
        assert!(!lines.contains(secret));
    }
}

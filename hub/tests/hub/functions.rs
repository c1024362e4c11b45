//! The ledger behind `/rest/v1/rpc`, over a real hub: sessions, pushes, pulls, and who is refused.

use crate::desk::{Desk, answer};
use crate::device::{Device, call, refused};
use crate::socket::Socket;
use counterpart_hub::limits::Limits;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn what_one_pushes_the_other_is_poked_about_and_pulls() {
    let desk = Desk::open().await;
    let (mut ada, bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let mut socket = Socket::open(&desk).await;
    let topic = format!("realtime:shop:{}", desk.shop);
    socket.join(&topic, &bo.access, json!({"presence": {"enabled": false}})).await;
    let operation = ada.customer("c1", "Curie");
    let answer = ada.push(&desk, std::slice::from_ref(&operation)).await;
    assert_eq!(1, answer.receipts.len());
    let pulled = bo.pull(&desk).await;
    let Some(Message::Binary(poke)) = socket.message().await else { panic!("no poke") };
    let poke = String::from_utf8_lossy(&poke).into_owned();
    assert!(poke.contains(&format!("\"tag\":\"{}\"", pulled.head.tag)), "{poke}");
    assert!(!poke.contains("Curie"));
    let customers = bo.rows(&desk, "customers").await;
    assert_eq!(
        ("c1", "Curie"),
        (customers[0]["id"].as_str().unwrap(), customers[0]["last_name"].as_str().unwrap())
    );
    // The same again changes nothing, and nobody is told.
    assert_eq!(answer, ada.push(&desk, &[operation]).await);
    socket.is_quiet().await;
    assert_eq!(pulled.head, bo.pull(&desk).await.head);
}

#[tokio::test]
async fn a_restart_of_the_hub_forgets_nothing() {
    let mut desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let operation = ada.customer("c1", "Curie");
    let before = ada.push(&desk, std::slice::from_ref(&operation)).await;
    let head = ada.pull(&desk).await.head;
    desk.restart().await;
    assert_eq!(before, ada.push(&desk, &[operation]).await);
    assert_eq!(head, ada.pull(&desk).await.head);
    let next = ada.customer("c2", "Noether");
    assert_eq!(["applied"], *ada.outcomes(&desk, &[next]).await);
    assert_eq!(head.n + 1, ada.pull(&desk).await.head.n);
}

#[tokio::test]
async fn only_members_are_served_and_only_their_own_devices() {
    let desk = Desk::open().await;
    let (ada, bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let eve = desk.sign_in("eve@example.org").await.access;
    let no_shop = (403, "no_shop".to_owned());
    assert_eq!(no_shop, refused(&desk, &eve, "sync_pull", &ada.pulls()).await);
    assert_eq!(no_shop, refused(&desk, &eve, "sync_push", &ada.pushes(&[])).await);
    for shop in ["00000000-0000-0000-0000-000000000002", "x", "", &desk.shop.simple().to_string()] {
        let mut pulls = ada.pulls();
        pulls["shop"] = json!(shop);
        assert_eq!(no_shop, refused(&desk, &ada.access, "sync_pull", &pulls).await, "{shop}");
    }
    let no_session = (409, "no_session".to_owned());
    assert_eq!(no_session, refused(&desk, &bo.access, "sync_pull", &ada.pulls()).await);
    assert_eq!(no_session, refused(&desk, &bo.access, "sync_push", &ada.pushes(&[])).await);
    let opens =
        json!({"shop": ada.shop, "device": "adas", "generation": 1, "attempt": "x", "numbers_left": 0});
    assert_eq!(no_session, refused(&desk, &bo.access, "device_open", &opens).await);
    let mut other = ada.pushes(&[]);
    other["epoch"] = json!("another");
    assert_eq!((409, "other_epoch".into()), refused(&desk, &ada.access, "sync_push", &other).await);
    desk.hub.deactivate(desk.shop, desk.ada).await.unwrap();
    assert_eq!(no_shop, refused(&desk, &ada.access, "sync_pull", &ada.pulls()).await);
}

#[tokio::test]
async fn keys_alone_and_tokens_that_are_expired_or_forged_open_nothing() {
    let desk = Desk::open().await;
    let ada = Device::ada(&desk).await;
    let status = async |token: &str| call(&desk, token, "sync_pull", &ada.pulls()).await;
    assert_eq!(200, status(&ada.access).await.0);
    let (code, body) = status(&desk.keys.anon).await;
    assert_eq!((401, "42501"), (code, body["code"].as_str().unwrap()));
    let service = desk.bare(Method::POST, "/rest/v1/rpc/sync_pull").header("apikey", &desk.keys.service);
    let (code, body) = answer(service.json(&ada.pulls()).send().await.unwrap()).await;
    assert_eq!((403, "denied"), (code, body["details"].as_str().unwrap()));
    // Somebody else's claims under one's own signature.
    let bo = desk.sign_in("bo@example.org").await.access;
    let part = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
    let swapped = format!("{}.{}.{}", part(&bo, 0), part(&ada.access, 1), part(&bo, 2));
    for token in [swapped.as_str(), "a.b.c", &format!("{}x", ada.access)] {
        let (code, body) = status(token).await;
        assert_eq!((401, "PGRST301"), (code, body["code"].as_str().unwrap()));
    }
    desk.clock.advance(Duration::from_secs(3_700));
    let (code, body) = status(&ada.access).await;
    assert_eq!((401, "PGRST303"), (code, body["code"].as_str().unwrap()));
}

#[tokio::test]
async fn what_is_no_request_is_told_so_and_changes_nothing() {
    let desk = Desk::with(Limits { body: 20_000, ..Limits::default() }).await;
    let mut ada = Device::ada(&desk).await;
    let head = ada.pull(&desk).await.head;
    let mut asks = vec![json!([]), json!("x"), json!({}), json!({"shop": ada.shop}), json!(null)];
    let mut broken = ada.pushes(&[json!({"id": "x"})]);
    asks.push(broken.clone());
    let mut long = ada.customer(&"x".repeat(65), "Curie");
    asks.push(ada.pushes(std::slice::from_ref(&long)));
    (long["row"], long["id"]) = (json!("c1"), json!(""));
    asks.push(ada.pushes(&[long]));
    broken["ops"] = json!("none");
    asks.push(broken);
    for body in &asks {
        for function in ["device_open", "sync_push"] {
            let expected = (400, "malformed".to_owned());
            assert_eq!(expected, refused(&desk, &ada.access, function, body).await, "{function} {body}");
        }
    }
    let opens = |device: &str| json!({"shop": ada.shop, "device": device, "generation": 0, "attempt": "x", "numbers_left": 0});
    for device in ["", "a\nb", &"x".repeat(65)] {
        assert_eq!(400, call(&desk, &ada.access, "device_open", &opens(device)).await.0);
    }
    let large = ada.pushes(&[json!("x".repeat(20_000))]);
    let (status, body) = call(&desk, &ada.access, "sync_push", &large).await;
    assert_eq!((413, "PT413"), (status, body["code"].as_str().unwrap()));
    assert_eq!(404, call(&desk, &ada.access, "sync_nothing", &json!({})).await.0);
    assert_eq!(head, ada.pull(&desk).await.head);
}

#[tokio::test]
async fn whoever_reads_does_not_wait_for_whoever_writes() {
    let desk = Desk::open().await;
    let mut ada = Device::ada(&desk).await;
    let other = rusqlite::Connection::open(desk.books()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let operation = ada.customer("c1", "Curie");
    let body = ada.pushes(std::slice::from_ref(&operation));
    let push = call(&desk, &ada.access, "sync_push", &body);
    let pull = async { assert!(ada.pull(&desk).await.next.is_none()) };
    let ((status, answer), ()) = futures_util::future::join(push, pull).await;
    assert_eq!((200, &json!(true)), (status, &answer["busy"]));
    assert!(answer["retry_after_ms"].as_i64().unwrap() > 0);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(["applied"], *ada.outcomes(&desk, &[operation]).await);
}

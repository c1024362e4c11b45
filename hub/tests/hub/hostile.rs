//! Bad input over the wire: nothing crashes, nothing leaks, everyone else goes on.

use crate::desk::{Desk, PATIENCE, answer};
use crate::socket::Socket;
use counterpart_hub::limits::Limits;
use counterpart_hub::serve::HEAD_TIME;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn what_is_no_frame_closes_its_socket_and_no_other() {
    let desk = Desk::open().await;
    let mut good = Socket::open(&desk).await;
    let strange = [
        Message::text("hello"),
        Message::text("[".repeat(10_000)),
        Message::text("[1,2,3,4,5]"),
        Message::binary(vec![]),
        Message::binary(vec![3, 255, 255, 255, 255, 255, 1]),
        Message::binary(vec![9; 100]),
    ];
    for message in strange {
        let mut bad = Socket::open(&desk).await;
        bad.raw(message).await;
        assert_eq!(Some(1002), bad.closed().await);
        good.is_quiet().await;
    }
}

#[tokio::test]
async fn a_frame_over_the_limit_closes_its_socket() {
    let desk = Desk::with(Limits { frame: 10_000, ..Limits::default() }).await;
    let mut socket = Socket::open(&desk).await;
    socket.raw(Message::text("x".repeat(10_001))).await;
    assert_eq!(Some(1009), socket.closed().await);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_and_the_others_hear_on() {
    let desk = Desk::with(Limits { socket_queue: 200_000, ..Limits::default() }).await;
    let access = desk.sign_in("ada@example.org").await.access;
    let wire = format!("realtime:shop:{}", desk.shop);
    let quiet = json!({"presence": {"enabled": false}});
    let (mut deaf, mut good) = (Socket::open(&desk).await, Socket::open(&desk).await);
    deaf.join(&wire, &access, quiet.clone()).await;
    good.join(&wire, &access, quiet).await;
    let dropped = || desk.realtime.metrics().dropped_sockets.get();
    let mut sent = 0;
    while dropped() == 0 {
        desk.realtime.poke(desk.shop, &json!({"filler": "x".repeat(100_000)}));
        assert!(matches!(good.message().await, Some(Message::Binary(_))));
        sent += 1;
        assert!(sent < 10_000, "a socket that never reads was never dropped");
    }
    assert_eq!(1, dropped());
    good.is_quiet().await;
}

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let desk = Desk::open().await;
    let mut slow = TcpStream::connect(desk.address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    // Another connection's answer shows that the hub has accepted the first one.
    assert_eq!(200, desk.bare(Method::GET, "/healthz").send().await.unwrap().status());
    let mut rest = Vec::new();
    let cut = async {
        loop {
            desk.clock.advance(HEAD_TIME);
            tokio::select! {
                read = slow.read_to_end(&mut rest) => return read,
                () = tokio::task::yield_now() => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

#[tokio::test]
async fn a_slow_body_is_cut_off() {
    let desk = Desk::open().await;
    let mut slow = TcpStream::connect(desk.address).await.unwrap();
    let head = format!(
        "POST /auth/v1/token?grant_type=password HTTP/1.1\r\nhost: x\r\napikey: {}\r\ncontent-length: 9\r\n\r\n{{",
        desk.keys.anon
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut got = [0; 12];
    let answer = async {
        loop {
            desk.clock.advance(Duration::from_secs(30));
            tokio::select! {
                read = slow.read_exact(&mut got) => return read,
                () = tokio::task::yield_now() => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, answer).await.unwrap().unwrap();
    let status = String::from_utf8_lossy(&got).into_owned();
    assert!(status == "HTTP/1.1 504" || status == "HTTP/1.1 408", "{status}");
}

#[tokio::test]
async fn the_connection_limit_holds_and_frees_its_places() {
    let desk = Desk::with(Limits { connections: 1, ..Limits::default() }).await;
    let ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let holder = TcpStream::connect(desk.address).await.unwrap();
    let mut waiting = TcpStream::connect(desk.address).await.unwrap();
    waiting.write_all(ask).await.unwrap();
    drop(holder);
    let mut text = String::new();
    tokio::time::timeout(PATIENCE, waiting.read_to_string(&mut text)).await.unwrap().unwrap();
    assert!(text.starts_with("HTTP/1.1 200"));
}

#[test]
fn no_body_upsets_auth_or_functions() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let limits = Limits { token_burst: 100_000, ..Limits::default() };
    let desk = runtime.block_on(Desk::with(limits));
    let paths = [
        "/auth/v1/token?grant_type=password",
        "/auth/v1/token?grant_type=refresh_token",
        "/rest/v1/rpc/x",
        "/realtime/v1/api/broadcast",
    ];
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        r#"\{"(email|password|refresh_token|messages)":("[^"]{0,40}"|[0-9]{1,9}|null|\[\]|\{\})\}"#
            .prop_map(String::into_bytes),
    ];
    let mut runner = TestRunner::new(Config { cases: 128, ..Config::default() });
    runner
        .run(&(body, 0..paths.len()), |(body, path)| {
            let response =
                runtime.block_on(desk.request(Method::POST, paths[path]).body(body).send()).unwrap();
            prop_assert!(response.status().is_client_error() || response.status() == 202);
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_frames_upset_a_socket() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let desk = runtime.block_on(Desk::open());
    let access = runtime.block_on(desk.sign_in("ada@example.org")).access;
    let wire = format!("realtime:presence:{}", desk.shop);
    let event = prop_oneof!["phx_join", "phx_leave", "access_token", "presence", "broadcast", "[a-z]{0,9}"];
    let payload = prop_oneof![
        Just(json!({"config": {"private": true}, "access_token": access})),
        Just(json!({"event": "track", "payload": {"a": [1, {"b": null}]}})),
        Just(json!({"event": "untrack"})),
        Just(json!({"type": "broadcast", "event": "e", "payload": {"x": 1}})),
        Just(json!({"access_token": 3, "config": [], "event": {}})),
        Just(json!([])),
        Just(json!(null)),
    ];
    let mut runner = TestRunner::new(Config { cases: 32, ..Config::default() });
    runner
        .run(&prop::collection::vec((event, payload, any::<bool>()), 1..20), |frames| {
            runtime.block_on(async {
                let mut socket = Socket::open(&desk).await;
                for (event, payload, known) in frames {
                    let topic = if known { wire.as_str() } else { "realtime:x" };
                    socket.send(json!(["1", "2", topic, event, payload])).await;
                }
                socket.send(json!([null, "last", "phoenix", "heartbeat", {}])).await;
                while socket.next().await[1] != "last" {}
            });
            Ok(())
        })
        .unwrap();
    let health = runtime.block_on(desk.bare(Method::GET, "/healthz").send()).unwrap();
    assert_eq!((200, json!("ok\n")), runtime.block_on(answer(health)));
}

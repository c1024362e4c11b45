//! Channels: who gets in, what is heard, presence, tokens.

use crate::desk::{Desk, answer};
use crate::socket::{Socket, binary};
use counterpart_hub::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

fn quiet() -> Value {
    json!({"presence": {"enabled": false}})
}

fn topic(desk: &Desk) -> String {
    format!("realtime:shop:{}", desk.shop)
}

async fn joined(desk: &Desk, config: Value) -> (Socket, String) {
    let (mut socket, access) = (Socket::open(desk).await, desk.sign_in("ada@example.org").await.access);
    let reply = socket.join(&topic(desk), &access, config).await;
    assert_eq!(json!({"status": "ok", "response": {"postgres_changes": []}}), reply);
    (socket, access)
}

#[tokio::test]
async fn heartbeats_and_joins_are_answered_in_both_versions() {
    let desk = Desk::open().await;
    let access = desk.sign_in("ada@example.org").await.access;
    for query in ["", "&vsn=1.0.0", "&vsn=2.0.0"] {
        let mut socket = Socket::with(&desk, query, &desk.keys.anon).await;
        socket.is_quiet().await;
        assert_eq!("ok", socket.join(&topic(&desk), &access, quiet()).await["status"]);
    }
}

#[tokio::test]
async fn a_join_reply_is_written_as_supabase_writes_it() {
    let desk = Desk::open().await;
    let access = desk.sign_in("ada@example.org").await.access;
    let mut socket = Socket::open(&desk).await;
    let topic = topic(&desk);
    let config = json!({"private": "true", "presence": {"enabled": "false"}});
    socket.send(json!(["3", "4", topic, "phx_join", {"config": config, "access_token": access}])).await;
    let expected =
        format!(r#"["3","4","{topic}","phx_reply",{{"response":{{"postgres_changes":[]}},"status":"ok"}}]"#);
    assert_eq!(Some(Message::text(expected)), socket.message().await);
}

#[tokio::test]
async fn strangers_are_told_why_they_stay_outside() {
    let desk = Desk::open().await;
    let (ada, eve) = (desk.sign_in("ada@example.org").await, desk.sign_in("eve@example.org").await);
    let mut socket = Socket::open(&desk).await;
    let shop = format!("shop:{}", desk.shop);
    let wire = topic(&desk);
    let denied = format!("Unauthorized: You do not have permissions to read from this Channel topic: {shop}");
    for token in [eve.access.as_str(), desk.keys.anon.as_str()] {
        let reply = socket.join(&wire, token, json!({})).await;
        assert_eq!(json!({"status": "error", "response": {"reason": denied}}), reply);
    }
    let reason = |reply: Value| reply["response"]["reason"].as_str().unwrap().to_owned();
    assert!(reason(socket.join(&wire, "a.b.c", json!({})).await).starts_with("MalformedJWT: "));
    assert!(reason(socket.join("realtime:", &ada.access, json!({})).await).starts_with("TopicNameRequired"));
    assert!(reason(socket.join("realtime:till:1", &ada.access, json!({})).await).starts_with("Unauthorized"));
    socket.send(json!(["1", "1", wire, "phx_join", {"config": {}, "access_token": ada.access}])).await;
    assert!(reason(socket.next().await[4].clone()).starts_with("PrivateOnly"));
    desk.clock.advance(Duration::from_secs(3_603));
    let mut late = Socket::open(&desk).await;
    let expired = late.join(&wire, &ada.access, json!({})).await;
    assert_eq!("InvalidJWTToken: Token has expired 3 seconds ago", reason(expired));
}

#[tokio::test]
async fn a_key_that_is_not_the_hubs_opens_no_socket() {
    let desk = Desk::open().await;
    for query in ["", "apikey=sb_publishable_guess"] {
        let url = format!("ws://{}/realtime/v1/websocket?{query}", desk.address);
        let error = tokio_tungstenite::connect_async(url).await.unwrap_err();
        assert!(error.to_string().contains("401"), "{error}");
    }
    let path = format!("/realtime/v1/websocket?vsn=9&apikey={}", desk.keys.anon);
    assert!(desk.bare(Method::GET, &path).send().await.unwrap().status().is_client_error());
}

#[tokio::test]
async fn a_broadcast_reaches_the_others_and_oneself_when_asked() {
    let desk = Desk::open().await;
    let wire = topic(&desk);
    let (mut sender, access) =
        joined(&desk, json!({"broadcast": {"ack": true, "self": true}, "presence": {"enabled": false}}))
            .await;
    let (mut v1, mut v2) = (Socket::with(&desk, "", &desk.keys.anon).await, Socket::open(&desk).await);
    v1.join(&wire, &access, quiet()).await;
    v2.join(&wire, &access, quiet()).await;
    let payload = json!({"type": "broadcast", "event": "hello", "payload": {"n": 1}});
    sender.send(json!(["1", "2", wire, "broadcast", payload])).await;
    let heard = json!([null, null, wire, "broadcast", payload]);
    assert_eq!(heard, sender.next().await);
    assert_eq!(json!(["1", "2", wire, "phx_reply", {"response": {}, "status": "ok"}]), sender.next().await);
    assert_eq!(heard, v1.next().await);
    assert_eq!(heard, v2.next().await);

    v2.raw(binary("1", "3", &wire, "hello", 1, br#"{"n":1}"#)).await;
    v2.is_quiet().await;
    assert_eq!(heard, v1.next().await);
    let expected = [&[4, wire.len() as u8, 5, 0, 1], wire.as_bytes(), b"hello", br#"{"n":1}"#].concat();
    assert_eq!(Some(Message::binary(expected)), sender.message().await);
    v2.raw(binary("1", "4", &wire, "hello", 0, &[0, 159])).await;
    v2.is_quiet().await;
    v1.is_quiet().await;
    let expected = [&[4, wire.len() as u8, 5, 0, 0], wire.as_bytes(), b"hello", &[0, 159]].concat();
    assert_eq!(Some(Message::binary(expected)), sender.message().await);
}

#[tokio::test]
async fn the_hub_pokes_and_nobody_can_forge_it() {
    let desk = Desk::open().await;
    let wire = topic(&desk);
    let (mut v2, access) = joined(&desk, quiet()).await;
    let mut v1 = Socket::with(&desk, "&vsn=1.0.0", &desk.keys.anon).await;
    v1.join(&wire, &access, quiet()).await;
    let forged = json!({"type": "broadcast", "event": "poke", "payload": {"n": 99}});
    v1.send(json!(["1", "2", wire, "broadcast", forged])).await;
    v1.is_quiet().await;
    v2.is_quiet().await;
    desk.realtime.poke(desk.shop, &json!({"epoch": "e", "n": 7, "tag": "t"}));
    let heard = v1.next().await;
    assert_eq!(
        json!(["broadcast", "poke", 7]),
        json!([heard[3], heard[4]["event"], heard[4]["payload"]["n"]])
    );
    assert_eq!(heard[4]["payload"]["id"], heard[4]["meta"]["id"]);
    let Some(Message::Binary(frame)) = v2.message().await else { panic!("a binary frame") };
    assert_eq!((4, wire.len() as u8, 4, 1), (frame[0], frame[1], frame[2], frame[4]));
}

#[tokio::test]
async fn a_script_broadcasts_over_http_with_the_service_key_only() {
    let desk = Desk::open().await;
    let (mut socket, access) = joined(&desk, quiet()).await;
    let shop = format!("shop:{}", desk.shop);
    let single = format!("/realtime/v1/api/broadcast/{shop}/events/hello?private=true");
    let post = |key: &str, path: &str, body: Value| {
        desk.bare(Method::POST, path).header("apikey", key).json(&body).send()
    };
    let batch =
        json!({"messages": [{"topic": shop, "event": "hello", "payload": {"n": 1}, "private": true}]});
    let path = "/realtime/v1/api/broadcast";
    assert_eq!(202, post(&desk.keys.anon, path, batch.clone()).await.unwrap().status());
    assert_eq!(403, post(&desk.keys.anon, &single, json!({"n": 1})).await.unwrap().status());
    let as_ada = desk.request(Method::POST, &single).bearer_auth(&access).json(&json!({})).send().await;
    assert_eq!(403, as_ada.unwrap().status());
    socket.is_quiet().await;
    assert_eq!(422, post(&desk.keys.service, path, json!({"messages": 1})).await.unwrap().status());
    let forged = desk.bare(Method::POST, path).header("apikey", &desk.keys.service).bearer_auth("a.b.c");
    assert_eq!(
        (401, json!({"message": "Unauthorized"})),
        answer(forged.body("{}").send().await.unwrap()).await
    );
    assert_eq!(202, post(&desk.keys.service, path, batch).await.unwrap().status());
    let heard = json!({"type": "broadcast", "event": "hello", "payload": {"n": 1}});
    assert_eq!(heard, socket.next().await[4]);
    assert_eq!(202, post(&desk.keys.service, &single, json!({"n": 1})).await.unwrap().status());
    assert!(matches!(socket.message().await, Some(Message::Binary(_))));
}

#[tokio::test]
async fn presence_tells_who_comes_changes_and_goes() {
    let desk = Desk::open().await;
    let wire = format!("realtime:presence:{}", desk.shop);
    let access = desk.sign_in("ada@example.org").await.access;
    let (mut first, mut second) = (Socket::open(&desk).await, Socket::open(&desk).await);
    first.join(&wire, &access, json!({"presence": {"key": "one"}})).await;
    assert_eq!(json!(["1", null, wire, "presence_state", {}]), first.next().await);
    let track = |n: &str, reference: &str| json!(["1", reference, wire, "presence", {"type": "presence", "event": "track", "payload": {"ticket": n}}]);
    first.send(track("7", "2")).await;
    let diff = first.next().await;
    assert_eq!(json!([null, null, "presence_diff"]), json!([diff[0], diff[1], diff[3]]));
    assert_eq!("7", diff[4]["joins"]["one"]["metas"][0]["ticket"]);
    assert_eq!(json!(["2", "phx_reply", "ok"]), {
        let r = first.next().await;
        json!([r[1], r[3], r[4]["status"]])
    });

    second.join(&wire, &access, json!({"presence": {"key": "two"}})).await;
    let state = second.next().await;
    assert_eq!(json!(["1", "presence_state"]), json!([state[0], state[3]]));
    assert_eq!(diff[4]["joins"], state[4]);
    second.send(json!(["1", "9", wire, "presence", {"event": "track", "payload": 3}])).await;
    let reason = second.next().await[4]["response"]["reason"].clone();
    assert_eq!("Presence track payload must be a map", reason);

    first.send(json!([null, "3", wire, "phx_leave", {}])).await;
    assert_eq!("phx_reply", first.next().await[3]);
    assert_eq!(json!(["1", "1", wire, "phx_close", {}]), first.next().await);
    assert_eq!(json!({"joins": {}, "leaves": diff[4]["joins"]}), second.next().await[4]);
}

#[tokio::test]
async fn a_broken_connection_leaves_presence_too() {
    let desk = Desk::open().await;
    let wire = format!("realtime:presence:{}", desk.shop);
    let access = desk.sign_in("ada@example.org").await.access;
    let (mut first, mut second) = (Socket::open(&desk).await, Socket::open(&desk).await);
    second.join(&wire, &access, json!({})).await;
    second.next().await;
    first.join(&wire, &access, json!({"presence": {"key": "one"}})).await;
    first.send(json!(["1", "2", wire, "presence", {"event": "track", "payload": {}}])).await;
    assert!(second.next().await[4]["joins"]["one"].is_object());
    drop(first);
    assert!(second.next().await[4]["leaves"]["one"].is_object());
}

#[tokio::test]
async fn the_sixth_presence_call_in_thirty_seconds_closes_the_channel() {
    let desk = Desk::open().await;
    let wire = topic(&desk);
    let (mut socket, _) = joined(&desk, quiet()).await;
    let untrack = json!(["1", "2", wire, "presence", {"event": "untrack"}]);
    for _ in 0..5 {
        socket.send(untrack.clone()).await;
        assert_eq!("ok", socket.next().await[4]["status"]);
    }
    desk.clock.advance(Duration::from_secs(30));
    for _ in 0..5 {
        socket.send(untrack.clone()).await;
        assert_eq!("ok", socket.next().await[4]["status"]);
    }
    socket.send(untrack).await;
    let system = socket.next().await;
    assert_eq!(json!(["1", null, "system"]), json!([system[0], system[1], system[3]]));
    assert_eq!("Client presence rate limit exceeded", system[4]["message"]);
    assert_eq!("phx_close", socket.next().await[3]);
    socket.is_quiet().await;
}

#[tokio::test]
async fn a_channel_lives_on_with_a_new_token_and_ends_with_an_old_one() {
    let desk = Desk::open().await;
    let wire = topic(&desk);
    let (mut socket, access) = joined(&desk, quiet()).await;
    let new_token = |token: Value| json!(["1", "5", wire, "access_token", {"access_token": token}]);
    for harmless in [json!(desk.keys.anon), Value::Null, json!(access)] {
        socket.send(new_token(harmless)).await;
        socket.is_quiet().await;
    }
    desk.clock.advance(Duration::from_secs(50));
    let later = desk.sign_in("ada@example.org").await.access;
    socket.send(new_token(json!(later))).await;
    socket.is_quiet().await;
    for _ in 0..71 {
        // The socket must be seen to speak, or it is closed as idle.
        desk.clock.advance(Duration::from_secs(50));
        socket.is_quiet().await;
    }
    desk.clock.advance(Duration::from_secs(50));
    let system = socket.next().await;
    assert_eq!(
        json!(["system", "error", "Token has expired 0 seconds ago"]),
        json!([system[4]["extension"], system[4]["status"], system[4]["message"],])
    );
    assert_eq!("phx_close", socket.next().await[3]);
}

#[tokio::test]
async fn a_strangers_token_on_a_live_channel_closes_it() {
    let desk = Desk::open().await;
    let eve = desk.sign_in("eve@example.org").await.access;
    for (token, message) in [
        (eve, format!("You no longer have permission to read from this Channel topic: shop:{}", desk.shop)),
        ("a.b.c".to_owned(), "MalformedJWT: The token provided is not a valid JWT".to_owned()),
    ] {
        let (mut socket, _) = joined(&desk, quiet()).await;
        socket.send(json!(["1", "5", topic(&desk), "access_token", {"access_token": token}])).await;
        assert_eq!(message, socket.next().await[4]["message"]);
        assert_eq!("phx_close", socket.next().await[3]);
        desk.realtime.poke(desk.shop, &json!({}));
        socket.is_quiet().await;
    }
}

#[tokio::test]
async fn a_deactivated_member_hears_nothing_more() {
    let desk = Desk::open().await;
    let (mut socket, access) = joined(&desk, quiet()).await;
    desk.hub.deactivate(desk.shop, desk.ada).await.unwrap();
    assert_eq!(Some(1008), socket.closed().await);
    let mut again = Socket::open(&desk).await;
    assert_eq!("error", again.join(&topic(&desk), &access, quiet()).await["status"]);
}

#[tokio::test]
async fn joining_twice_replaces_the_first_instance() {
    let desk = Desk::open().await;
    let wire = topic(&desk);
    let (mut socket, access) = joined(&desk, quiet()).await;
    let config = json!({"config": {"private": true, "presence": {"enabled": false}}, "access_token": access});
    socket.send(json!(["2", "2", wire, "phx_join", config])).await;
    assert_eq!(json!(["1", "1", wire, "phx_close", {}]), socket.next().await);
    assert_eq!("ok", socket.next().await[4]["status"]);
    desk.realtime.poke(desk.shop, &json!({}));
    assert!(matches!(socket.message().await, Some(Message::Binary(_))));
    socket.is_quiet().await;
}

#[tokio::test]
async fn frames_for_topics_that_are_not_joined_are_told_so() {
    let desk = Desk::open().await;
    let mut socket = Socket::open(&desk).await;
    for event in ["broadcast", "presence", "access_token", "strange"] {
        socket.send(json!(["1", "2", "realtime:x", event, {"event": "e"}])).await;
        assert_eq!("unmatched topic", socket.next().await[4]["response"]["reason"], "{event}");
    }
    socket.send(json!(["1", "2", "realtime:x", "phx_leave", {}])).await;
    assert_eq!(json!({"status": "ok", "response": {}}), socket.next().await[4]);
    let (mut joined, _) = joined(&desk, quiet()).await;
    joined.send(json!(["1", "2", topic(&desk), "strange", {}])).await;
    joined.is_quiet().await;
}

#[tokio::test]
async fn channels_and_sockets_have_their_limits() {
    let limits = Limits { channels_per_socket: 1, sockets_per_account: 1, sockets: 3, ..Limits::default() };
    let desk = Desk::with(limits).await;
    let (mut first, access) = joined(&desk, quiet()).await;
    let presence = format!("realtime:presence:{}", desk.shop);
    let reason = |reply: Value| reply["response"]["reason"].as_str().unwrap().to_owned();
    assert_eq!(
        "ChannelRateLimitReached: Too many channels",
        reason(first.join(&presence, &access, quiet()).await)
    );
    let mut second = Socket::open(&desk).await;
    let refused = second.join(&presence, &access, quiet()).await;
    assert_eq!("ConnectionRateLimitReached: Too many connected users", reason(refused));
    let mut third = Socket::open(&desk).await;
    third.is_quiet().await;
    let url = format!("ws://{}/realtime/v1/websocket?apikey={}", desk.address, desk.keys.anon);
    assert!(tokio_tungstenite::connect_async(url).await.unwrap_err().to_string().contains("429"));
}

#[tokio::test]
async fn idle_sockets_are_closed_and_heartbeats_keep_them() {
    let desk = Desk::open().await;
    let (mut silent, mut unused) = (Socket::open(&desk).await, Socket::open(&desk).await);
    silent.is_quiet().await;
    for _ in 0..12 {
        unused.is_quiet().await;
        desk.clock.advance(Duration::from_secs(50));
    }
    assert_eq!(Some(1000), silent.closed().await);
    assert_eq!(Some(1000), unused.closed().await);
}

//! The socket's own life, on a stream in memory and a clock that the tests own.

use super::*;
use serde_json::{Value, json};
use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::tungstenite::protocol::Role;

const SHOP: &str = "realtime:shop:s";
const PRESENCE: &str = "realtime:presence:s";

struct Server(WebSocketStream<DuplexStream>);

impl Server {
    /// The next frame; nothing when the socket is over.
    async fn next(&mut self) -> Option<Value> {
        let message = self.0.next().await?.ok()?;
        serde_json::from_str(message.to_text().ok()?).ok()
    }

    async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    async fn accept(&mut self, topic: &str) {
        let join = self.next().await.unwrap();
        assert_eq!(json!([topic, "phx_join"]), json!([join[2], join[3]]));
        self.send(json!([join[0], join[1], topic, "phx_reply", {"status": "ok", "response": {}}])).await;
    }

    async fn poke(&mut self, n: i64) {
        let payload = json!({"epoch": "e", "n": n, "tag": "t"});
        let body = json!({"type": "broadcast", "event": "poke", "payload": payload});
        self.send(json!([null, null, SHOP, "broadcast", body])).await;
    }
}

/// A listener, a server that has accepted both channels, and the way that the conversation ends.
async fn joined() -> (Listener, Server, tokio::task::JoinHandle<Lost>) {
    let (mut listener, mut server, ended) = connected().await;
    server.accept(SHOP).await;
    server.accept(PRESENCE).await;
    assert_eq!(Some(Heard::Joined), listener.next().await);
    (listener, server, ended)
}

async fn connected() -> (Listener, Server, tokio::task::JoinHandle<Lost>) {
    let (near, far) = duplex(64 * 1024);
    let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
    let socket = WebSocketStream::from_raw_socket(near, Role::Client, Some(config)).await;
    let server = Server(WebSocketStream::from_raw_socket(far, Role::Server, None).await);
    let line = Line::new("s", "d1", "t1".into(), Showing::default());
    let (wishes, listener, heard) = wishes("t1".into(), Showing::default());
    // Nobody is called by it: it only knows whether a worse network is simulated.
    let nobody = crate::net::Server::new("http://127.0.0.1:0", "anon").unwrap();
    let trust = crate::net::Trust { own: None };
    let http = Http::new(nobody, &trust, crate::env::Env::system(), crate::net::Limits::default()).unwrap();
    let ended = tokio::spawn(async move { converse(&http, socket, line, wishes, &heard).await });
    (listener, server, ended)
}

fn looking_at(ticket: &str) -> Showing {
    Showing { employee: None, ticket: Some(ticket.to_owned()) }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_no_heartbeat_is_given_up() {
    let (_listener, mut server, ended) = joined().await;
    let began = Instant::now();
    assert_eq!("presence", server.next().await.unwrap()[3]);
    let beat = server.next().await.unwrap();
    assert_eq!(json!(["phoenix", "heartbeat"]), json!([beat[2], beat[3]]));
    server.send(json!([null, beat[1], "phoenix", "phx_reply", {"status": "ok", "response": {}}])).await;
    assert_eq!("heartbeat", server.next().await.unwrap()[3]);
    assert_eq!(Lost::Silent, ended.await.unwrap());
    assert_eq!(BEAT * 3, began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_join_without_an_answer_is_given_up() {
    let (_listener, mut server, ended) = connected().await;
    let began = Instant::now();
    server.next().await.unwrap();
    assert_eq!(Lost::Silent, ended.await.unwrap());
    assert_eq!(JOIN, began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn people_are_shown_at_most_once_in_eight_seconds_and_the_latest_wins() {
    let (listener, mut server, _ended) = joined().await;
    let began = Instant::now();
    assert_eq!(json!({}), server.next().await.unwrap()[4]["payload"]);
    for ticket in ["T1", "T2", "T3"] {
        listener.show(looking_at(ticket));
        tokio::task::yield_now().await;
    }
    assert_eq!("T3", server.next().await.unwrap()[4]["payload"]["ticket"]);
    assert_eq!(PACE, began.elapsed());
    let beat = server.next().await.unwrap();
    assert_eq!("heartbeat", beat[3], "nothing changed, so nothing is shown again");
    listener.show(looking_at("T4"));
    assert_eq!("T4", server.next().await.unwrap()[4]["payload"]["ticket"]);
    assert_eq!(BEAT, began.elapsed(), "after a long rest the first change goes at once");
}

#[tokio::test(start_paused = true)]
async fn a_new_token_is_told_to_both_channels() {
    let (listener, mut server, _ended) = joined().await;
    assert_eq!("presence", server.next().await.unwrap()[3]);
    listener.renew("t2".into());
    for topic in [SHOP, PRESENCE] {
        let frame = server.next().await.unwrap();
        assert_eq!(
            json!([topic, "access_token", {"access_token": "t2"}]),
            json!([frame[2], frame[3], frame[4]])
        );
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_listens_slowly_hears_the_latest_poke() {
    let (mut listener, mut server, ended) = joined().await;
    for n in 1..=500 {
        server.poke(n).await;
    }
    let mut last = 0;
    while last < 500 {
        let Some(Heard::Poked(head)) = listener.next().await else { panic!("a poke") };
        assert!(head.n > last);
        last = head.n;
    }
    drop(server);
    assert!(matches!(ended.await.unwrap(), Lost::Network(_) | Lost::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_frame_without_end_is_not_read() {
    let (_listener, mut server, ended) = joined().await;
    let flood = Message::text("x".repeat(LARGEST + 1));
    let sending = tokio::spawn(async move { server.0.send(flood).await.is_ok() });
    assert_eq!(Lost::Network(NoAnswer::TooLarge), ended.await.unwrap());
    assert!(!sending.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn what_is_no_frame_is_passed_over() {
    let (mut listener, mut server, _ended) = joined().await;
    for strange in
        [Message::text("hello"), Message::text("[1]"), Message::binary(vec![4, 9]), Message::binary(vec![])]
    {
        server.0.send(strange).await.unwrap();
    }
    server.poke(7).await;
    assert!(matches!(listener.next().await, Some(Heard::Poked(head)) if head.n == 7));
}

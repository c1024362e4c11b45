//! What may answer in a server's place: captive portals, gateways, dead machines, attackers.

use crate::desk::{Desk, DeviceClock, NOW, PATIENCE, env};
use counterpart_core::keys::MemoryKeys;
use counterpart_core::net::{
    Failure, Heard, Http, Limits, Lost, NoAnswer, Server, Session, Showing, Subscription, TlsFault, Trust,
    listen,
};
use counterpart_core::sync::wire::{OfShop, StandingAnswer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Short enough that waiting for it is no wait.
const SOON: Duration = Duration::from_millis(100);
const LARGEST: usize = 100_000;

/// What a stranger does once a request has begun to arrive.
#[derive(Clone)]
enum Does {
    /// Says this, and closes.
    Says(Vec<u8>),
    /// Says this, and keeps the connection open without another word.
    Hangs(&'static str),
    /// Says this again and again.
    Goes(&'static str, &'static [u8]),
}

/// A stranger, and how many connections it had.
async fn stranger(does: Does) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(act(stream, does.clone()));
        }
    });
    (address, count)
}

async fn act(mut stream: TcpStream, does: Does) {
    let mut request = vec![0; 64 * 1024];
    if !matches!(stream.read(&mut request).await, Ok(1..)) {
        return;
    }
    match does {
        Does::Says(text) => {
            if stream.write_all(&text).await.is_ok() {
                stream.shutdown().await.ok();
                // Closing before everything was read would take back what was said.
                while matches!(stream.read(&mut request).await, Ok(1..)) {}
            }
        }
        Does::Hangs(text) => {
            stream.write_all(text.as_bytes()).await.unwrap();
            while matches!(stream.read(&mut request).await, Ok(1..)) {}
        }
        Does::Goes(head, flood) => {
            stream.write_all(head.as_bytes()).await.unwrap();
            while stream.write_all(flood).await.is_ok() {}
        }
    }
}

fn way_to(scheme: &str, address: SocketAddr) -> Http {
    limited(scheme, address, Limits { connect: PATIENCE, request: PATIENCE, answer: LARGEST })
}

fn limited(scheme: &str, address: SocketAddr, limits: Limits) -> Http {
    let server = Server::new(&format!("{scheme}://{address}"), "sb_publishable_x").unwrap();
    Http::new(server, &Trust::default(), env(&DeviceClock::at(NOW)), limits).unwrap()
}

async fn call(http: &Http) -> NoAnswer {
    let question = OfShop { shop: "s".into() };
    let call = http.call::<_, StandingAnswer>("sync_standing", &question, "a.b.c");
    let failure = tokio::time::timeout(PATIENCE, call).await.unwrap().unwrap_err();
    let Failure::Network(reason) = failure else { panic!("{failure}") };
    reason
}

/// How a shop's channel at a stranger's is lost.
async fn join(http: &Http) -> Lost {
    let showing = Showing::default();
    let subscription = Subscription { shop: "s".into(), device: "d".into(), token: "a.b.c".into(), showing };
    let (mut listener, running) = listen(http, subscription);
    let (heard, ()) =
        tokio::time::timeout(PATIENCE, async { tokio::join!(listener.next(), running) }).await.unwrap();
    let Some(Heard::Lost(lost)) = heard else { panic!("{heard:?}") };
    lost
}

fn says(status: &str, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Says(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into_bytes())
}

#[tokio::test]
async fn pages_of_strangers_are_no_answer() {
    let html = "<!doctype html><title>Sign in to the Wi-Fi</title>";
    for (does, status) in [
        (says("200 OK", "Content-Type: text/html\r\n", html), 200),
        (says("200 OK", "Content-Type: application/json\r\n", "{}"), 200),
        (says("302 Found", "Location: http://portal.example/\r\n", ""), 302),
        (says("502 Bad Gateway", "", html), 502),
        (says("503 Service Unavailable", "", r#"{"message":"no healthy upstream"}"#), 503),
        (says("511 Network Authentication Required", "", html), 511),
    ] {
        let (address, _) = stranger(does).await;
        let http = way_to("http", address);
        assert_eq!(NoAnswer::Stranger { status }, call(&http).await);
        assert_eq!(Lost::Network(NoAnswer::Stranger { status }), join(&http).await);
        let keys = Arc::new(MemoryKeys::default());
        let refused = Session::sign_in(http, keys, "ada@example.org", "x").await.unwrap_err();
        assert_eq!("needs_server", refused.code());
    }
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let (elsewhere, connections) = stranger(says("200 OK", "", r#"{"devices":[]}"#)).await;
    for status in ["301 M", "302 F", "303 S", "307 T", "308 P"] {
        let (address, _) = stranger(says(status, &format!("Location: http://{elsewhere}/\r\n"), "")).await;
        assert!(matches!(call(&way_to("http", address)).await, NoAnswer::Stranger { .. }));
        assert!(matches!(join(&way_to("http", address)).await, Lost::Network(NoAnswer::Stranger { .. })));
    }
    assert_eq!(0, connections.load(Ordering::SeqCst));
}

#[tokio::test]
async fn connections_that_break_off_are_no_answer() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"devices\":[";
    let garbage = vec![0x16, 3, 1, 0, 200];
    for does in [
        Does::Says(Vec::new()),
        Does::Says(b"HTTP/1.1 200".to_vec()),
        Does::Says(head.into()),
        Does::Says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"dev".to_vec()),
        Does::Says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope".to_vec()),
        Does::Says(garbage),
    ] {
        let (address, _) = stranger(does).await;
        assert_eq!(NoAnswer::BrokenOff, call(&way_to("http", address)).await);
        let lost = join(&way_to("http", address)).await;
        assert!(
            matches!(lost, Lost::Network(NoAnswer::BrokenOff | NoAnswer::Stranger { status: 200 })),
            "{lost}"
        );
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = way_to("http", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(NoAnswer::Unreachable, call(&http).await);
    assert_eq!(Lost::Network(NoAnswer::Unreachable), join(&http).await);
}

#[tokio::test]
async fn whoever_falls_silent_is_waited_for_no_longer_than_allowed() {
    let limits = Limits { connect: SOON, request: SOON, answer: LARGEST };
    for text in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"devices\":["] {
        let (address, _) = stranger(Does::Hangs(text)).await;
        assert_eq!(NoAnswer::TimedOut, call(&limited("http", address, limits)).await);
    }
    let (address, _) = stranger(Does::Hangs("")).await;
    assert_eq!(NoAnswer::TimedOut, call(&limited("https", address, limits)).await);
    for scheme in ["http", "https"] {
        assert_eq!(Lost::Network(NoAnswer::TimedOut), join(&limited(scheme, address, limits)).await);
    }
}

#[tokio::test]
async fn what_has_no_end_is_not_read_to_its_end() {
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let (address, _) = stranger(Does::Goes(endless, b"15\r\ntwenty bytes of noise\r\n")).await;
    assert_eq!(NoAnswer::TooLarge, call(&way_to("http", address)).await);
    let (address, _) =
        stranger(Does::Goes("HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n", b"xxxxx")).await;
    assert_eq!(NoAnswer::TooLarge, call(&way_to("http", address)).await);
    let (address, _) = stranger(Does::Goes("HTTP/1.1 200 OK\r\n", b"x: y\r\n")).await;
    assert_eq!(NoAnswer::BrokenOff, call(&way_to("http", address)).await);
    assert_eq!(Lost::Network(NoAnswer::TooLarge), join(&way_to("http", address)).await);
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_too_large() {
    let (packed, unpacked) = (include_bytes!("zeros.gz"), LARGEST + 1);
    assert!(packed.len() < unpacked / 100);
    let length = packed.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n");
    let (address, _) = stranger(Does::Says([head.as_bytes(), packed].concat())).await;
    assert_eq!(NoAnswer::TooLarge, call(&way_to("http", address)).await);
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_that_cannot_be_believed() {
    let desk = Desk::open().await;
    let http = way_to("https", desk.address);
    assert_eq!(NoAnswer::Tls(TlsFault::NotTls), call(&http).await);
    assert_eq!(Lost::Network(NoAnswer::Tls(TlsFault::NotTls)), join(&http).await);
}

//! Health, metrics, TLS, and a stop that loses nothing.

use crate::desk::{Desk, PATIENCE};
use crate::socket::Socket;
use axum::body::Bytes;
use counterpart_hub::caller::Caller;
use counterpart_hub::limits::Limits;
use counterpart_hub::rpc::{Rpc, RpcAnswer};
use futures_util::future::BoxFuture;
use reqwest::Method;
use std::sync::Arc;
use tokio::sync::Notify;

/// A function that answers when it is told to.
#[derive(Default)]
struct Slow {
    called: Notify,
    go_on: Notify,
}

impl Rpc for Slow {
    fn call<'a>(&'a self, _: &'a Caller, _: &'a str, _: Bytes) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move {
            self.called.notify_one();
            self.go_on.notified().await;
            RpcAnswer::Json("\"done\"".into())
        })
    }
}

#[tokio::test]
async fn a_stop_finishes_requests_and_says_goodbye_to_sockets() {
    let slow = Arc::new(Slow::default());
    let mut desk = Desk::over(Limits::default(), Some(slow.clone())).await;
    let mut socket = Socket::open(&desk).await;
    let request = desk.request(Method::POST, "/rest/v1/rpc/slow").body("{}").send();
    let request = tokio::spawn(request);
    slow.called.notified().await;
    let stopped = desk.stop();
    assert_eq!(Some(1001), socket.closed().await);
    drop(socket);
    assert!(tokio::net::TcpStream::connect(desk.address).await.is_err());
    slow.go_on.notify_one();
    assert_eq!("\"done\"", request.await.unwrap().unwrap().text().await.unwrap());
    stopped.await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let slow = Arc::new(Slow::default());
    let mut desk = Desk::over(Limits::default(), Some(slow.clone())).await;
    let request = tokio::spawn(desk.request(Method::POST, "/rest/v1/rpc/slow").body("{}").send());
    slow.called.notified().await;
    let mut stopped = std::pin::pin!(desk.stop());
    let ended = async {
        loop {
            desk.clock.advance(counterpart_hub::serve::GRACE);
            tokio::select! {
                biased;
                () = &mut stopped => return,
                () = tokio::task::yield_now() => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
    drop(request);
}

#[tokio::test]
async fn health_and_metrics_are_told_without_a_key_and_without_names() {
    let desk = Desk::open().await;
    desk.sign_in("ada@example.org").await;
    let mut socket = Socket::open(&desk).await;
    socket.is_quiet().await;
    let get = |path: &str| desk.bare(Method::GET, path).send();
    assert_eq!("ok\n", get("/healthz").await.unwrap().text().await.unwrap());
    let text = get("/metrics").await.unwrap().text().await.unwrap();
    for line in [
        "counterpart_hub_tokens_total{outcome=\"granted\"} 1",
        "counterpart_hub_realtime_sockets 1",
        "counterpart_hub_requests_total{route=\"/auth/v1/token\",status=\"200\"} 1",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("ada") && !text.contains(&desk.ada.to_string()));
}

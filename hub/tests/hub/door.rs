//! `/rest/v1/rpc`: the door before the functions.

use crate::desk::{Desk, answer};
use axum::body::Bytes;
use counterpart_hub::caller::Caller;
use counterpart_hub::limits::Limits;
use counterpart_hub::rpc::{Rpc, RpcAnswer, RpcError};
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Says who called with what.
struct Echo;

impl Rpc for Echo {
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move {
            match function {
                "echo" => {
                    let body: Value = serde_json::from_slice(&body).unwrap();
                    let caller = format!("{caller:?}");
                    RpcAnswer::Json(json!({"caller": caller, "body": body}).to_string().into())
                }
                "nothing" => RpcAnswer::Void,
                "forbidden" => RpcAnswer::Error(RpcError::not_allowed(caller, "not yours").with_hint("ask")),
                _ => RpcAnswer::Error(RpcError::no_function(function)),
            }
        })
    }
}

async fn desk() -> Desk {
    let limits = Limits { body: 1_000, request_burst: 5, requests_per_account: 60, ..Limits::default() };
    Desk::over(limits, Some(Arc::new(Echo))).await
}

#[tokio::test]
async fn the_caller_is_the_key_or_the_person_behind_the_token() {
    let desk = desk().await;
    let ada = desk.sign_in("ada@example.org").await;
    let call = |key: &str, bearer: &str| {
        let request = desk.bare(Method::POST, "/rest/v1/rpc/echo").header("apikey", key).bearer_auth(bearer);
        request.body("").send()
    };
    let caller = |body: &Value| body["caller"].as_str().unwrap().to_owned();
    let (status, body) = answer(call(&desk.keys.anon, &desk.keys.anon).await.unwrap()).await;
    assert_eq!((200, "Anonymous", &json!({})), (status, &*caller(&body), &body["body"]));
    let (_, body) = answer(call(&desk.keys.service, &desk.keys.service).await.unwrap()).await;
    assert_eq!("Service", caller(&body));
    let (_, body) = answer(call(&desk.keys.anon, &ada.access).await.unwrap()).await;
    assert!(caller(&body).contains(&desk.ada.to_string()));
}

#[tokio::test]
async fn errors_have_the_shape_of_postgrest() {
    let desk = desk().await;
    let post = |path: &str, body: &'static str| desk.request(Method::POST, path).body(body).send();
    let unknown = post("/rest/v1/rpc/strange", "{}").await.unwrap();
    assert_eq!("PostgREST; error=PGRST202", unknown.headers()["proxy-status"]);
    let (status, body) = answer(unknown).await;
    assert_eq!(
        (404, "PGRST202", 4),
        (status, body["code"].as_str().unwrap(), body.as_object().unwrap().len())
    );
    let code = |(status, body): (u16, Value)| (status, body["code"].as_str().unwrap().to_owned());
    for broken in ["{", "\"", "{} x"] {
        let response = post("/rest/v1/rpc/echo", broken).await.unwrap();
        assert_eq!((400, "PGRST102".into()), code(answer(response).await));
    }
    let get = desk.request(Method::GET, "/rest/v1/rpc/echo").send().await.unwrap();
    assert_eq!((405, "PGRST101".into()), code(answer(get).await));
    assert_eq!((404, "PGRST125".into()), code(answer(post("/rest/v1/customers", "{}").await.unwrap()).await));
    assert_eq!(
        (401, "42501".into()),
        code(answer(post("/rest/v1/rpc/forbidden", "{}").await.unwrap()).await)
    );
    assert_eq!(204, post("/rest/v1/rpc/nothing", "{}").await.unwrap().status());
    let large = desk.request(Method::POST, "/rest/v1/rpc/echo").body(" ".repeat(1_001)).send().await.unwrap();
    assert_eq!((413, "PT413".into()), code(answer(large).await));
}

#[tokio::test]
async fn a_bad_token_is_told_apart_from_an_expired_one() {
    let desk = desk().await;
    let ada = desk.sign_in("ada@example.org").await;
    let call =
        |token: &str| desk.request(Method::POST, "/rest/v1/rpc/nothing").bearer_auth(token).body("{}").send();
    let bad = call("x").await.unwrap();
    assert_eq!(
        "Bearer error=\"invalid_token\", error_description=\"Expected 3 parts in JWT; got 1\"",
        bad.headers()["www-authenticate"]
    );
    assert_eq!((401, "PGRST301".into()), {
        let (s, b) = answer(bad).await;
        (s, b["code"].clone())
    });
    desk.clock.advance(Duration::from_secs(3_629));
    assert_eq!(204, call(&ada.access).await.unwrap().status());
    desk.clock.advance(Duration::from_secs(1));
    let (status, body) = answer(call(&ada.access).await.unwrap()).await;
    assert_eq!(
        (401, json!("PGRST303"), json!("JWT expired")),
        (status, body["code"].clone(), body["message"].clone())
    );
}

#[tokio::test]
async fn an_account_that_asks_too_much_is_told_to_wait() {
    let desk = desk().await;
    let ada = desk.sign_in("ada@example.org").await;
    let call =
        || desk.request(Method::POST, "/rest/v1/rpc/nothing").bearer_auth(&ada.access).body("{}").send();
    for _ in 0..5 {
        assert_eq!(204, call().await.unwrap().status());
    }
    let busy = call().await.unwrap();
    assert_eq!((429, "2"), (busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()));
    desk.clock.advance(Duration::from_secs(1));
    assert_eq!(204, call().await.unwrap().status());
}

#[tokio::test]
async fn a_browser_may_ask() {
    let desk = desk().await;
    let request = desk.bare(Method::OPTIONS, "/rest/v1/rpc/echo").header("origin", "https://app.example");
    let request = request.header("access-control-request-method", "POST");
    let response = request.header("access-control-request-headers", "apikey, prefer").send().await.unwrap();
    assert_eq!(
        (200, "*"),
        (response.status().as_u16(), response.headers()["access-control-allow-origin"].to_str().unwrap())
    );
    assert!(
        response.headers()["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .contains("x-supabase-api-version")
    );
}

#[tokio::test]
async fn large_answers_travel_compressed_to_whoever_takes_that() {
    let desk = Desk::over(Limits::default(), Some(Arc::new(Echo))).await;
    let ask = async |length: usize, accepts: &str| {
        let body = json!({"text": "x".repeat(length)});
        let request = desk.request(Method::POST, "/rest/v1/rpc/echo").header("accept-encoding", accepts);
        let response = request.json(&body).send().await.unwrap();
        let encoding =
            response.headers().get("content-encoding").map(|text| text.to_str().unwrap().to_owned());
        (encoding, response.bytes().await.unwrap().len())
    };
    let (encoding, bytes) = ask(10_000, "gzip").await;
    assert_eq!((Some("gzip".to_owned()), true), (encoding, bytes < 1_000));
    assert_eq!(None, ask(10_000, "identity").await.0);
    assert_eq!(None, ask(100, "gzip").await.0);
}

//! Calls to the hub's functions.

use crate::desk::Desk;
use crate::relay::Relay;
use axum::body::Bytes;
use axum::http::StatusCode;
use counterpart_core::net::{Failure, NoAnswer};
use counterpart_core::sync::Answer;
use counterpart_core::sync::wire::{OfShop, StandingAnswer};
use counterpart_hub::caller::Caller;
use counterpart_hub::rpc::{Rpc, RpcAnswer, RpcError};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Answers as the functions of a server may.
struct Functions;

impl Rpc for Functions {
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move {
            let error = |status, code| RpcAnswer::Error(RpcError::new(status, code, "m"));
            match function {
                "echo" if matches!(caller, Caller::Account { .. }) => RpcAnswer::Json(body),
                "busy" => RpcAnswer::Json(Bytes::from_static(br#"{"busy":true,"retry_after_ms":200}"#)),
                "slow" => error(StatusCode::INTERNAL_SERVER_ERROR, "57014"),
                "void" => RpcAnswer::Void,
                "unknown" => RpcAnswer::Error(
                    RpcError::new(StatusCode::CONFLICT, "PT409", "m").with_details("no_session"),
                ),
                other => RpcAnswer::Error(RpcError::no_function(other)),
            }
        })
    }
}

#[tokio::test]
async fn a_function_answers_or_says_why_it_does_not() {
    let desk = Desk::with(Arc::new(Functions), None).await;
    let (http, token) = (desk.http(), desk.token("ada@example.org").await);
    let question = OfShop { shop: desk.shop.to_string() };
    assert_eq!(question, http.call::<_, OfShop>("echo", &question, &token).await.unwrap());
    let failure =
        async |function| http.call::<_, StandingAnswer>(function, &question, &token).await.unwrap_err();
    assert!(matches!(failure("busy").await, Failure::Busy { wait_ms: 200..=300 }));
    assert_eq!(Failure::TooLong, failure("slow").await);
    assert_eq!(Failure::NoSession, failure("unknown").await);
    assert_eq!(Failure::NotTaken { code: "PGRST202".into() }, failure("missing").await);
    assert_eq!(Failure::Network(NoAnswer::Stranger { status: 204 }), failure("void").await);
    assert_eq!(Answer::NoAnswer, failure("echo").await.answer(), "an answer of another shape");
}

#[tokio::test]
async fn a_forged_or_broken_token_is_refused_as_such() {
    let desk = Desk::with(Arc::new(Functions), None).await;
    let (http, token) = (desk.http(), desk.token("ada@example.org").await);
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let question = OfShop { shop: desk.shop.to_string() };
    for token in [forged.as_str(), "a.b.c", "x"] {
        let failure = http.call::<_, OfShop>("echo", &question, token).await.unwrap_err();
        assert_eq!(Failure::Unauthorised, failure);
    }
}

#[tokio::test]
async fn a_key_that_the_gateway_does_not_know_is_no_answer_of_the_server() {
    let mut desk = Desk::open().await;
    let token = desk.token("ada@example.org").await;
    desk.anon_key = "sb_publishable_other".into();
    let question = OfShop { shop: desk.shop.to_string() };
    let failure = desk.http().call::<_, OfShop>("echo", &question, &token).await.unwrap_err();
    assert_eq!(Failure::Network(NoAnswer::Stranger { status: 401 }), failure);
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_gets_no_answer_and_does_no_harm() {
    let desk = Desk::open().await;
    let question = OfShop { shop: desk.shop.to_string() };
    let failure = desk.http().call::<_, OfShop>("echo", &question, "a\r\nb: c").await.unwrap_err();
    assert_eq!(Answer::NoAnswer, failure.answer());
}

#[tokio::test]
async fn calls_share_a_connection_until_it_is_to_be_dropped() {
    let desk = Desk::with(Arc::new(Functions), None).await;
    let relay = Relay::to(desk.address).await;
    let (http, token) = (desk.http_at(&relay.url()), desk.token("ada@example.org").await);
    let question = OfShop { shop: desk.shop.to_string() };
    for (connections, drops) in [(1, false), (1, false), (2, true), (2, false)] {
        if drops {
            http.drop_connections().unwrap();
        }
        http.clone().call::<_, OfShop>("echo", &question, &token).await.unwrap();
        assert_eq!(connections, relay.connections());
    }
}

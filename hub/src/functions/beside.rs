//! The hub beside a PostgREST that serves the functions from PostgreSQL. All that is left here is what PostgreSQL cannot
//! do: a PIN held against its verifier.

use super::PATIENCE;
use super::pins::{AsService, Pins};
use super::refuse::internal;
use crate::accounts::KeySet;
use crate::auth::token::{BadSigningKey, Claims, Signer};
use crate::caller::Caller;
use crate::clock::Clock;
use crate::rpc::{Rpc, RpcAnswer, RpcError};
use axum::body::Bytes;
use axum::http::{Request, StatusCode, header};
use counterpart_core::sync::wire::refusal;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use uuid::Uuid;

/// How long a token of the hub's own holds, in seconds: a call's length.
const TOKEN_SECONDS: i64 = 60;

/// What is left of the functions beside a PostgREST.
pub struct Beside {
    rest: SocketAddr,
    signer: Signer,
    clock: Arc<dyn Clock>,
    pins: Pins,
}

impl Beside {
    /// Beside the PostgREST at that address, which believes the tokens that this hub signs.
    pub fn new(rest: SocketAddr, keys: &KeySet, clock: Arc<dyn Clock>) -> Result<Arc<Beside>, BadSigningKey> {
        let signer = Signer::new(&keys.signing)?;
        Ok(Arc::new(Beside { rest, signer, pins: Pins::new(clock.clone()), clock }))
    }

    async fn call_as_service(&self, function: &str, body: &Json) -> Result<Json, RpcError> {
        let late = self.clock.reached(self.clock.elapsed() + PATIENCE);
        let answered = tokio::select! {
            answered = self.exchange(function, body) => answered,
            () = late => Err("no answer in time".into()),
        };
        let (status, answer) = answered.map_err(|error| {
            tracing::error!(%error, function, "PostgREST could not be asked");
            internal()
        })?;
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let error = RpcError::new(status, text("code"), text("message"));
        Err(error.with_details(text("details")))
    }

    async fn exchange(
        &self,
        function: &str,
        body: &Json,
    ) -> Result<(StatusCode, Json), Box<dyn std::error::Error + Send + Sync>> {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(TcpStream::connect(self.rest).await?)).await?;
        // It ends with the answer; what breaks it shows there.
        tokio::spawn(async move { drop(connection.await) });
        let request = Request::post(format!("/rpc/{function}"))
            .header(header::HOST, self.rest.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token()?))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body)?))
    }

    fn token(&self) -> Result<String, BadSigningKey> {
        let now = self.clock.now_s();
        self.signer.sign(&Claims {
            iss: "counterpart-hub".into(),
            sub: Uuid::nil(),
            aud: "authenticated".into(),
            exp: now + TOKEN_SECONDS,
            iat: now,
            email: String::new(),
            phone: String::new(),
            app_metadata: json!({}),
            user_metadata: json!({}),
            role: "service_role".into(),
            aal: "aal1".into(),
            amr: Vec::new(),
            session_id: Uuid::nil(),
            is_anonymous: false,
        })
    }
}

impl AsService for Beside {
    fn ask<'a>(&'a self, function: &'static str, body: &'a Json) -> BoxFuture<'a, Result<Json, RpcError>> {
        Box::pin(self.call_as_service(function, body))
    }
}

impl Rpc for Beside {
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move {
            let answered = match (caller, function) {
                (Caller::Account { id, .. }, "station_grant") => self.pins.grant(self, *id, body).await,
                (Caller::Anonymous | Caller::Service, "station_grant") => {
                    let message = "Only a signed-in member of a shop may call this";
                    Err(RpcError::not_allowed(caller, message).with_details(refusal::DENIED))
                }
                _ => Err(RpcError::no_function(function)),
            };
            answered.unwrap_or_else(RpcAnswer::Error)
        })
    }
}

//! The hub beside a PostgREST that serves the functions from PostgreSQL. All that is left here is what PostgreSQL cannot
//! do: a PIN held against its verifier, which is Argon2id. The database counts the try before, and stores the grant after.

use super::refuse::{Refusal, busy, internal};
use super::station::{LONGEST_PIN, fits};
use super::{PATIENCE, PINS};
use crate::accounts::{Accounts, load_keys};
use crate::auth::token::{Claims, Signer};
use crate::clock::Clock;
use crate::gateway::Caller;
use crate::hub::OpenError;
use crate::ledger::LedgerError;
use crate::rpc::{Rpc, RpcAnswer, RpcError};
use axum::body::Bytes;
use axum::http::{Request, StatusCode, header};
use counterpart_core::sync::wire::{GrantAnswer, GrantRequest, refusal};
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// How long a token of the hub's own holds, in seconds: a call's length.
const TOKEN_SECONDS: i64 = 60;

/// What is left of the functions beside a PostgREST.
pub struct Beside {
    rest: SocketAddr,
    signer: Signer,
    clock: Arc<dyn Clock>,
    pins: Semaphore,
}

/// What the database says to a try at a PIN.
#[derive(Deserialize)]
struct Tried {
    locked_seconds: u64,
    #[serde(default)]
    locks_seconds: u64,
    role: Option<String>,
    verifier: Option<String>,
}

impl Beside {
    /// Beside the PostgREST at that address, which believes the tokens that this hub signs.
    pub fn open(data: &Path, rest: SocketAddr, clock: Arc<dyn Clock>) -> Result<Arc<Beside>, OpenError> {
        let stored = Accounts::open(data)?.look(load_keys)?;
        let signer = Signer::new(&stored.signing)?;
        Ok(Arc::new(Beside { rest, signer, clock, pins: Semaphore::new(PINS) }))
    }

    async fn grant(&self, account: Uuid, body: Bytes) -> Result<RpcAnswer, RpcError> {
        let malformed = |field| Refusal::from(LedgerError::Malformed(field)).answer();
        let Ok(asks) = serde_json::from_slice::<GrantRequest>(&body) else { return malformed("its fields") };
        if asks.pin.len() > LONGEST_PIN {
            return malformed("pin");
        }
        let late = self.clock.reached(self.clock.elapsed() + PATIENCE);
        let _turn = tokio::select! {
            biased;
            turn = self.pins.acquire() => turn.map_err(|_| internal())?,
            () = late => return Ok(busy()),
        };
        let GrantRequest { shop, device, employee, pin } = asks;
        let mut of_device = json!({ "shop": shop, "device": device, "employee": employee });
        of_device["account"] = json!(account);
        let tried: Tried =
            serde_json::from_value(self.ask("station_try", &of_device).await?).map_err(|_| internal())?;
        let refused = |locked_seconds| GrantAnswer { granted: false, role: String::new(), locked_seconds };
        if tried.locked_seconds > 0 {
            return answer(&refused(tried.locked_seconds));
        }
        // Also where nobody is to be found: how long it takes does not tell who works here.
        let verifier = tried.verifier;
        let check = tokio::task::spawn_blocking(move || fits(verifier.as_deref(), &pin));
        let right = check.await.map_err(|_| internal())?;
        let Some(role) = tried.role.filter(|_| right) else { return answer(&refused(tried.locks_seconds)) };
        self.ask("station_granted", &of_device).await?;
        answer(&GrantAnswer { granted: true, role, locked_seconds: 0 })
    }

    /// Calls a function as the service. What it refuses goes on to the caller.
    async fn ask(&self, function: &str, body: &Json) -> Result<Json, RpcError> {
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

    fn token(&self) -> Result<String, crate::auth::token::BadSigningKey> {
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

fn answer(grant: &GrantAnswer) -> Result<RpcAnswer, RpcError> {
    serde_json::to_vec(grant).map(|json| RpcAnswer::Json(json.into())).map_err(|_| internal())
}

impl Rpc for Beside {
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move {
            let answered = match (caller, function) {
                (Caller::Account { id, .. }, "station_grant") => self.grant(*id, body).await,
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

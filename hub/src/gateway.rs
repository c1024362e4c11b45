//! What stands before every service: the API key, the caller behind a request, and the size of what is sent.
//!
//! A request names its key in the `apikey` header or query parameter. `Authorization: Bearer` carries a person's
//! access token; with a key in its place (`Bearer sb_…`), or without it, the key alone decides.

use crate::accounts::KeySet;
use crate::auth::token::Claims;
use crate::hub::Hub;
use crate::secret;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The longest a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Which of the hub's keys a request named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The key of every device.
    Anon,
    /// The key of the shop's own scripts.
    Service,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A device without a signed-in person.
    Anonymous,
    /// A script with the service key: may do everything.
    Service,
    /// A signed-in account. What it may do stands in the memberships, never in its token.
    Account {
        /// The account.
        id: Uuid,
        /// The session of the token.
        session: Uuid,
    },
}

impl From<Key> for Caller {
    fn from(key: Key) -> Caller {
        match key {
            Key::Anon => Caller::Anonymous,
            Key::Service => Caller::Service,
        }
    }
}

impl From<&Claims> for Caller {
    fn from(claims: &Claims) -> Caller {
        Caller::Account { id: claims.sub, session: claims.session_id }
    }
}

/// The keys that the gateway knows.
pub struct Keys {
    anon: String,
    service_hash: String,
}

impl Keys {
    /// The keys of a hub.
    pub fn new(stored: &KeySet) -> Keys {
        Keys { anon: stored.anon.clone(), service_hash: stored.service_hash.clone() }
    }

    /// Which key that is, if it is one of the hub's.
    pub fn which(&self, key: &str) -> Option<Key> {
        if secret::same(key.as_bytes(), self.anon.as_bytes()) {
            Some(Key::Anon)
        } else if secret::same(secret::sha256_hex(key.as_bytes()).as_bytes(), self.service_hash.as_bytes()) {
            Some(Key::Service)
        } else {
            None
        }
    }
}

/// Lets a request pass that names one of the hub's keys, and notes which.
pub async fn require_key(State(hub): State<Arc<Hub>>, mut request: Request, next: Next) -> Response {
    let Some(named) = named_key(request.headers(), request.uri()) else {
        return refusal("No API key found in request", "No `apikey` request header or url param was found.");
    };
    match hub.keys.which(&named) {
        Some(key) => {
            request.extensions_mut().insert(key);
            next.run(request).await
        }
        None => refusal("Invalid API key", "Double check the API key that `counterpart-hub init` printed."),
    }
}

fn refusal(message: &str, hint: &str) -> Response {
    (StatusCode::UNAUTHORIZED, Json(json!({"message": message, "hint": hint}))).into_response()
}

fn named_key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(header) = headers.get("apikey") {
        return header.to_str().ok().map(str::to_owned);
    }
    query_value(uri, "apikey")
}

/// The value of a query parameter.
pub fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    pairs.0.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The access token of a request: what stands behind `Bearer`, unless that is a key.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.starts_with("sb_")).then_some(token.trim())
}

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Longer than the limit.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The connection broke.
    Broken,
}

/// Reads a whole body, unless it is too large or too slow.
pub async fn read_body(hub: &Hub, body: Body, limit: usize) -> Result<Bytes, BodyError> {
    // What is announced as too large is not waited for.
    if axum::body::HttpBody::size_hint(&body).lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(BodyError::TooLarge);
    }
    let late = hub.clock.reached(hub.clock.elapsed() + BODY_TIME);
    tokio::select! {
        read = axum::body::to_bytes(body, limit) => read.map_err(|error| {
            let source = std::error::Error::source(&error);
            if source.is_some_and(|source| source.is::<LengthLimitError>()) {
                BodyError::TooLarge
            } else {
                BodyError::Broken
            }
        }),
        () = late => Err(BodyError::TooSlow),
    }
}

/// The address that a request's limits count for: the peer's, or what the operator's own proxy says it is.
pub fn client_address(hub: &Hub, headers: &HeaderMap, peer: Option<&ConnectInfo<SocketAddr>>) -> String {
    let told = hub.address_header.as_deref().and_then(|name| {
        let first = headers.get(name)?.to_str().ok()?.split(',').next()?;
        first.trim().parse().ok()
    });
    match (told, peer) {
        (Some(address), _) => crate::limits::address_key(address),
        (None, Some(ConnectInfo(peer))) => crate::limits::address_key(peer.ip()),
        (None, None) => "unknown".to_owned(),
    }
}

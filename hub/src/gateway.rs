//! What stands before every service: the API key, the caller behind a request, and the size of what is sent.
//!
//! A request names its key in the `apikey` header or query parameter. `Authorization: Bearer` carries a person's
//! access token; with a key in its place (`Bearer sb_…`), or without it, the key alone decides.

use crate::hub::Hub;
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

/// The longest a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

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

//! `/rest/v1`: the door before the functions and the files that they name. It checks the caller, their rate and the body.

use crate::caller::{Caller, Key};
use crate::gateway::{self, BodyError};
use crate::hub::Hub;
use crate::rpc::{RpcAnswer, RpcError, file_response};
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use serde::de::IgnoredAny;
use std::sync::Arc;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

/// An answer of so many bytes travels as it is.
const SMALL: u64 = 1_024;
/// PostgREST allows the clocks this many seconds.
const LEEWAY: i64 = 30;

/// Everything under `/rest/v1`.
pub(crate) fn router(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .route("/rpc/{function}", any(call))
        .route("/snapshots/{shop}/{name}", get(file))
        .fallback(no_such_path)
        .layer(from_fn_with_state(hub.clone(), gateway::require_key))
        .layer(
            CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(SMALL)),
        )
}

async fn no_such_path() -> RpcError {
    RpcError::no_path()
}

async fn call(
    State(hub): State<Arc<Hub>>,
    Extension(key): Extension<Key>,
    Path(function): Path<String>,
    request: Request,
) -> Response {
    match admit(&hub, key, request).await {
        Ok((caller, body)) => hub.rpc.call(&caller, &function, body).await.into_response(),
        Err(error) => error.into_response(),
    }
}

async fn file(
    State(hub): State<Arc<Hub>>,
    Extension(key): Extension<Key>,
    Path((shop, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match admit_caller(&hub, key, &headers) {
        Ok(caller) => match hub.rpc.file(&caller, &shop, &name).await {
            RpcAnswer::File { file, bytes } => file_response(file, bytes, begins_at(&headers)),
            answer @ (RpcAnswer::Json(_) | RpcAnswer::Void | RpcAnswer::Error(_)) => answer.into_response(),
        },
        Err(error) => error.into_response(),
    }
}

/// Who calls, within their rate.
fn admit_caller(hub: &Hub, key: Key, headers: &HeaderMap) -> Result<Caller, RpcError> {
    let caller = caller(hub, key, headers)?;
    if let Caller::Account { id, .. } = &caller {
        let taken = hub.request_throttle.take(&id.to_string(), hub.clock.elapsed());
        taken.map_err(RpcError::too_many)?;
    }
    Ok(caller)
}

/// Who calls, with what: a caller within its rate, and a body that is JSON.
async fn admit(hub: &Hub, key: Key, request: Request) -> Result<(Caller, Bytes), RpcError> {
    let caller = admit_caller(hub, key, request.headers())?;
    if request.method() != Method::POST {
        let message = format!("Cannot use the {} method on RPC", request.method());
        return Err(RpcError::new(StatusCode::METHOD_NOT_ALLOWED, "PGRST101", message));
    }
    let body = gateway::read_body(hub, request.into_body(), hub.limits.body).await?;
    if body.is_empty() {
        return Ok((caller, Bytes::from_static(b"{}")));
    }
    if serde_json::from_slice::<IgnoredAny>(&body).is_err() || std::str::from_utf8(&body).is_err() {
        return Err(RpcError::bad_body());
    }
    Ok((caller, body))
}

fn caller(hub: &Hub, key: Key, headers: &HeaderMap) -> Result<Caller, RpcError> {
    match gateway::bearer(headers) {
        None => Ok(key.into()),
        Some(token) => Ok((&hub.signer.check(token, hub.clock.now_s(), LEEWAY)?).into()),
    }
}

impl From<BodyError> for RpcError {
    fn from(error: BodyError) -> RpcError {
        match error {
            BodyError::TooLarge => {
                RpcError::new(StatusCode::PAYLOAD_TOO_LARGE, "PT413", "The body is larger than the limit")
            }
            BodyError::TooSlow => {
                RpcError::new(StatusCode::REQUEST_TIMEOUT, "PT408", "The body did not arrive in time")
            }
            BodyError::Broken => RpcError::bad_body(),
        }
    }
}

/// From which byte on somebody wants a file: the only kind of range that there is here. Any other is passed over, as
/// HTTP allows.
fn begins_at(headers: &HeaderMap) -> u64 {
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let from = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    from.unwrap_or(0)
}

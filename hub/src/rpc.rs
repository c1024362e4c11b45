//! Functions under `/rest/v1/rpc/`: the door, and the seam behind it.
//!
//! The door checks the caller and the body and answers as PostgREST does; what the functions do is an [`Rpc`] that the
//! hub is given.

use crate::auth::token::TokenError;
use crate::gateway::{self, BodyError, Caller, Key};
use crate::hub::Hub;
use axum::Extension;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::IgnoredAny;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::io::ReaderStream;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

/// An answer of so many bytes travels as it is.
const SMALL: u64 = 1_024;
/// How much of a file is read at a time.
const PIECE: usize = 256 * 1024;
/// PostgREST allows the clocks this many seconds.
const LEEWAY: i64 = 30;

/// The functions that the hub serves.
pub trait Rpc: Send + Sync + 'static {
    /// Calls a function. The body is valid JSON: the named arguments.
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer>;

    /// A file of a shop that a function named.
    fn file<'a>(&'a self, _caller: &'a Caller, _shop: &'a str, _name: &'a str) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async { RpcAnswer::Error(no_such_path().await) })
    }
}

/// What a function answers.
#[derive(Debug)]
pub enum RpcAnswer {
    /// A JSON value.
    Json(Bytes),
    /// Nothing.
    Void,
    /// A file.
    File {
        /// It, open.
        file: std::fs::File,
        /// How long it is.
        bytes: u64,
    },
    /// An error.
    Error(RpcError),
}

/// An error in PostgREST's form.
#[derive(Debug, Serialize)]
pub struct RpcError {
    #[serde(skip)]
    status: StatusCode,
    #[serde(skip)]
    retry_after: Option<Duration>,
    code: String,
    message: String,
    details: Option<String>,
    hint: Option<String>,
}

impl RpcError {
    /// An error with that status and code.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> RpcError {
        let (code, message) = (code.to_owned(), message.into());
        RpcError { status, retry_after: None, code, message, details: None, hint: None }
    }

    /// Says more.
    pub fn with_details(mut self, details: impl Into<String>) -> RpcError {
        self.details = Some(details.into());
        self
    }

    /// Says what to do.
    pub fn with_hint(mut self, hint: impl Into<String>) -> RpcError {
        self.hint = Some(hint.into());
        self
    }

    /// There is no function of that name with those arguments.
    pub fn no_function(function: &str) -> RpcError {
        let name: String = function.chars().take(64).collect();
        let message = format!("Could not find the function public.{name} in the schema cache");
        RpcError::new(StatusCode::NOT_FOUND, "PGRST202", message)
            .with_details(format!("Searched for the function public.{name}, but no matches were found."))
    }

    /// The body is not what a function takes.
    pub fn bad_body() -> RpcError {
        RpcError::new(StatusCode::BAD_REQUEST, "PGRST102", "Empty or invalid json")
    }

    /// The caller may not do this.
    pub fn not_allowed(caller: &Caller, message: impl Into<String>) -> RpcError {
        let status = match caller {
            Caller::Anonymous => StatusCode::UNAUTHORIZED,
            Caller::Service | Caller::Account { .. } => StatusCode::FORBIDDEN,
        };
        RpcError::new(status, "42501", message)
    }

    /// Too many requests: come back after `wait`.
    pub fn too_many(wait: Duration) -> RpcError {
        let error = RpcError::new(StatusCode::TOO_MANY_REQUESTS, "PT429", "Request rate limit reached");
        RpcError { retry_after: Some(wait), ..error }
    }
}

impl From<TokenError> for RpcError {
    fn from(error: TokenError) -> RpcError {
        let code = match error {
            TokenError::Expired { .. } | TokenError::FromTheFuture => "PGRST303",
            TokenError::Parts(_)
            | TokenError::Malformed
            | TokenError::Algorithm
            | TokenError::Key
            | TokenError::Signature => "PGRST301",
        };
        RpcError::new(StatusCode::UNAUTHORIZED, code, error.to_string())
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

const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

impl IntoResponse for RpcError {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut answer = (self.status, json_type(), body).into_response();
        let headers = answer.headers_mut();
        let mut put = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        put(PROXY_STATUS, format!("PostgREST; error={}", self.code));
        if self.status == StatusCode::UNAUTHORIZED {
            let token = ["PGRST301", "PGRST303"].contains(&self.code.as_str());
            let invalid = format!("Bearer error=\"invalid_token\", error_description=\"{}\"", self.message);
            put(header::WWW_AUTHENTICATE, if token { invalid } else { "Bearer".to_owned() });
        }
        if let Some(wait) = self.retry_after {
            put(header::RETRY_AFTER, wait.as_secs().saturating_add(1).to_string());
        }
        answer
    }
}

impl IntoResponse for RpcAnswer {
    fn into_response(self) -> Response {
        match self {
            RpcAnswer::Json(body) => (StatusCode::OK, json_type(), body).into_response(),
            RpcAnswer::Void => StatusCode::NO_CONTENT.into_response(),
            RpcAnswer::File { file, bytes } => file_response(file, bytes, 0),
            RpcAnswer::Error(error) => error.into_response(),
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

/// The file from a byte on, piece by piece, as fast as whoever asked takes it.
fn file_response(mut file: std::fs::File, bytes: u64, from: u64) -> Response {
    let part = from > 0 && from < bytes && file.seek(SeekFrom::Start(from)).is_ok();
    let (status, length) =
        if part { (StatusCode::PARTIAL_CONTENT, bytes - from) } else { (StatusCode::OK, bytes) };
    let pieces = ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE);
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let length = (header::CONTENT_LENGTH, HeaderValue::from(length));
    let mut answer = (status, [kind, length], Body::from_stream(pieces)).into_response();
    let range = format!("bytes {from}-{}/{bytes}", bytes.saturating_sub(1));
    if let Some(range) = HeaderValue::from_str(&range).ok().filter(|_| part) {
        answer.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    answer
}

fn json_type() -> [(HeaderName, &'static str); 1] {
    [(header::CONTENT_TYPE, "application/json; charset=utf-8")]
}

/// Everything under `/rest/v1`.
pub fn router(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
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
    RpcError::new(StatusCode::NOT_FOUND, "PGRST125", "Invalid path specified in request URL")
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

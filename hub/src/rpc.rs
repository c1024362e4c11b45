//! The seam behind `/rest/v1`: what the functions do is an [`Rpc`] that the hub is given, and is answered as PostgREST
//! answers.

use crate::auth::token::TokenError;
use crate::caller::Caller;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use serde::Serialize;
use std::io::{Seek, SeekFrom};
use std::time::Duration;
use tokio_util::io::ReaderStream;

/// How much of a file is read at a time.
const PIECE: usize = 256 * 1024;

/// The functions that the hub serves.
pub trait Rpc: Send + Sync + 'static {
    /// Calls a function. The body is valid JSON: the named arguments.
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer>;

    /// A file of a shop that a function named.
    fn file<'a>(&'a self, _caller: &'a Caller, _shop: &'a str, _name: &'a str) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async { RpcAnswer::Error(RpcError::no_path()) })
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

    /// There is nothing at that path.
    pub fn no_path() -> RpcError {
        RpcError::new(StatusCode::NOT_FOUND, "PGRST125", "Invalid path specified in request URL")
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

/// The file from a byte on, piece by piece, as fast as whoever asked takes it.
pub(crate) fn file_response(mut file: std::fs::File, bytes: u64, from: u64) -> Response {
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

//! Errors of Auth, in the two shapes that its clients understand.
//!
//! A client that sends `X-Supabase-Api-Version: 2024-01-01` or later gets `{code, message}` and its version echoed;
//! an older one gets `{code: <HTTP status>, error_code, msg}`. Both get the code in `x-sb-error-code`.

use super::password::PasswordError;
use super::token::BadSigningKey;
use crate::accounts::StoreError;
use crate::gateway::BodyError;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::borrow::Cow;

const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");
const ERROR_CODE: HeaderName = HeaderName::from_static("x-sb-error-code");
const FIRST_VERSION: &str = "2024-01-01";

/// An error that Auth answers.
#[derive(Clone, Debug)]
pub struct AuthError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    weak_password: Option<&'static str>,
    oauth: bool,
}

impl AuthError {
    /// An error with that status and code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError { status, code, message: message.into(), weak_password: None, oauth: false }
    }

    /// The error's code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    pub(super) fn bad_json() -> AuthError {
        AuthError::new(StatusCode::BAD_REQUEST, "bad_json", "Could not parse request body as JSON")
    }

    pub(super) fn invalid(message: &'static str) -> AuthError {
        AuthError::new(StatusCode::BAD_REQUEST, "validation_failed", message)
    }

    pub(super) fn invalid_credentials() -> AuthError {
        AuthError::new(StatusCode::BAD_REQUEST, "invalid_credentials", "Invalid login credentials")
    }

    pub(super) fn banned() -> AuthError {
        AuthError::new(StatusCode::BAD_REQUEST, "user_banned", "User is banned")
    }

    pub(super) fn no_authorization() -> AuthError {
        let message = "This endpoint requires a valid Bearer token";
        AuthError::new(StatusCode::UNAUTHORIZED, "no_authorization", message)
    }

    pub(super) fn too_many() -> AuthError {
        let message = "Request rate limit reached";
        AuthError::new(StatusCode::TOO_MANY_REQUESTS, "over_request_rate_limit", message)
    }

    pub(super) fn weak_password(message: &'static str, reason: &'static str) -> AuthError {
        let error = AuthError::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", message);
        AuthError { weak_password: Some(reason), ..error }
    }

    /// An error in the shape of OAuth, as a missing refresh token gets it.
    pub(super) fn oauth(message: &'static str) -> AuthError {
        AuthError { oauth: true, ..AuthError::new(StatusCode::BAD_REQUEST, "invalid_request", message) }
    }

    fn unexpected() -> AuthError {
        let message = "Unexpected failure, please check server logs for more information";
        AuthError::new(StatusCode::INTERNAL_SERVER_ERROR, "unexpected_failure", message)
    }

    fn body(&self, versioned: bool) -> Value {
        if self.oauth {
            return json!({"error": self.code, "error_description": self.message});
        }
        let mut body = if versioned {
            json!({"code": self.code, "message": self.message})
        } else {
            json!({"code": self.status.as_u16(), "error_code": self.code, "msg": self.message})
        };
        if let Some(reason) = self.weak_password {
            body["weak_password"] = json!({"message": self.message, "reasons": [reason]});
        }
        body
    }
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> AuthError {
        tracing::error!(%error, "auth");
        AuthError::unexpected()
    }
}

impl From<PasswordError> for AuthError {
    fn from(error: PasswordError) -> AuthError {
        tracing::error!(%error, "auth");
        AuthError::unexpected()
    }
}

impl From<BadSigningKey> for AuthError {
    fn from(error: BadSigningKey) -> AuthError {
        tracing::error!(%error, "auth");
        AuthError::unexpected()
    }
}

impl From<BodyError> for AuthError {
    fn from(error: BodyError) -> AuthError {
        match error {
            BodyError::TooLarge => AuthError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "request_entity_too_large",
                "The body is larger than the limit",
            ),
            BodyError::TooSlow => AuthError::new(
                StatusCode::GATEWAY_TIMEOUT,
                "request_timeout",
                "Processing this request timed out, please retry after a moment.",
            ),
            BodyError::Broken => AuthError::bad_json(),
        }
    }
}

impl IntoResponse for AuthError {
    /// The status, with the error beside it for [`shape`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every error of Auth the shape that its client understands.
pub(super) async fn shape(request: Request, next: Next) -> Response {
    let versioned = knows_codes(request.headers());
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<AuthError>() else { return response };
    let mut shaped = (error.status, Json(error.body(versioned))).into_response();
    let headers = shaped.headers_mut();
    headers.insert(ERROR_CODE, HeaderValue::from_static(error.code));
    if versioned {
        headers.insert(API_VERSION, HeaderValue::from_static(FIRST_VERSION));
    }
    shaped
}

fn knows_codes(headers: &HeaderMap) -> bool {
    let version = headers.get(API_VERSION).and_then(|value| value.to_str().ok());
    version.is_some_and(|version| {
        chrono::NaiveDate::parse_from_str(version, "%Y-%m-%d")
            .is_ok_and(|date| Some(date) >= chrono::NaiveDate::from_ymd_opt(2024, 1, 1))
    })
}

//! `/auth/v1`: sign-in, refresh, the signed-in person, sign-out, as Supabase Auth speaks.
//!
//! Accounts come from `counterpart-hub invite`; nobody signs up alone.

mod about;
mod error;
pub mod password;
mod sign_in;
mod sign_out;
pub mod token;
mod user;

pub use error::AuthError;

use crate::accounts::Account;
use crate::gateway;
use crate::hub::Hub;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use std::sync::Arc;
use token::{Claims, TokenError};

/// Everything under `/auth/v1`.
pub fn router(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    let keyed = Router::new()
        .route("/token", post(sign_in::token))
        .route("/signup", post(about::sign_up))
        .route("/user", get(user::show).put(user::change))
        .route("/logout", post(sign_out::sign_out))
        .route("/health", get(about::health))
        .route("/settings", get(about::settings))
        .fallback(about::no_such_path)
        .layer(from_fn_with_state(hub.clone(), gateway::require_key));
    Router::new()
        .route("/.well-known/jwks.json", get(about::jwks))
        .route("/.well-known/openid-configuration", get(about::openid_configuration))
        .merge(keyed)
        .layer(from_fn(error::shape))
}

/// The claims and the account behind a request; the session must not have been ended.
async fn signed_in(hub: &Hub, headers: &HeaderMap) -> Result<(Claims, Account), AuthError> {
    let Some(token) = gateway::bearer(headers) else {
        return Err(if headers.contains_key(header::AUTHORIZATION) {
            AuthError::new(StatusCode::FORBIDDEN, "bad_jwt", "invalid claim: missing sub claim")
        } else {
            AuthError::no_authorization()
        });
    };
    let claims = hub.signer.check(token, hub.clock.now_s(), 0).map_err(bad_jwt)?;
    let (id, session) = (claims.sub, claims.session_id);
    let taken = hub.request_throttle.take(&id.to_string(), hub.clock.elapsed());
    taken.map_err(|_| AuthError::too_many())?;
    let found = hub.accounts.session(session, id).await?;
    match found {
        (true, Some(account)) => Ok((claims, account)),
        (false, Some(_)) => Err(AuthError::new(
            StatusCode::FORBIDDEN,
            "session_not_found",
            "Session from session_id claim in JWT does not exist",
        )),
        (_, None) => Err(AuthError::new(
            StatusCode::FORBIDDEN,
            "user_not_found",
            "User from sub claim in JWT does not exist",
        )),
    }
}

fn bad_jwt(error: TokenError) -> AuthError {
    AuthError::new(StatusCode::FORBIDDEN, "bad_jwt", format!("invalid JWT: {error}"))
}

async fn body(hub: &Hub, body: Body) -> Result<Bytes, AuthError> {
    Ok(gateway::read_body(hub, body, hub.limits.auth_body).await?)
}

/// Reads the fields that a request may have; others are ignored.
fn fields<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, AuthError> {
    serde_json::from_slice(body).map_err(|_| AuthError::bad_json())
}

//! `POST /token`: a session begins with a password, and goes on with refresh tokens.

use super::error::AuthError;
use super::password::MOST_BYTES;
use super::token::{Claims, Factor};
use super::{body, fields, user};
use crate::accounts::{Account, Refresh, SignIn, normal_email};
use crate::gateway;
use crate::hub::Hub;
use crate::metrics::Outcome;
use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Deserialize)]
struct Credentials {
    email: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
struct Refreshing {
    refresh_token: Option<String>,
}

/// Begins a session, or goes on with one.
pub(super) async fn token(State(hub): State<Arc<Hub>>, request: Request) -> Result<Json<Value>, AuthError> {
    let granted = grant(&hub, request).await;
    let outcome = granted.as_ref().map_or_else(AuthError::code, |_| "granted");
    hub.metrics.tokens.get_or_create(&Outcome { outcome }).inc();
    granted.map(Json)
}

async fn grant(hub: &Hub, request: Request) -> Result<Value, AuthError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = gateway::client_address(hub, request.headers(), peer);
    let taken = hub.token_throttle.take(&address, hub.clock.elapsed());
    taken.map_err(|_| AuthError::too_many())?;
    let grant_type = gateway::query_value(request.uri(), "grant_type");
    let body = body(hub, request.into_body()).await?;
    match grant_type.as_deref() {
        Some("password") => with_password(hub, fields(&body)?).await,
        Some("refresh_token") => with_refresh_token(hub, fields(&body)?).await,
        Some(_) | None => {
            Err(AuthError::new(StatusCode::BAD_REQUEST, "invalid_credentials", "unsupported_grant_type"))
        }
    }
}

async fn with_password(hub: &Hub, credentials: Credentials) -> Result<Value, AuthError> {
    let Credentials { email: Some(email), password: Some(password) } = credentials else {
        return Err(AuthError::invalid("missing email or password"));
    };
    let Some(email) = normal_email(&email) else { return Err(AuthError::invalid_credentials()) };
    let who = crate::secret::sha256_hex(email.as_bytes());
    let taken = hub.password_throttle.take(&who, hub.clock.elapsed());
    taken.map_err(|_| AuthError::too_many())?;
    let known = hub.accounts.account_by_email(email).await?;
    if password.len() > MOST_BYTES {
        return Err(AuthError::invalid_credentials());
    }
    let hash = known.as_ref().map(|account| account.password_hash.clone());
    let fits = hub.passwords.fits(password, hash).await?;
    let (Some(known), true) = (known, fits) else { return Err(AuthError::invalid_credentials()) };
    // Only guesses are slowed down: a right password is none.
    hub.password_throttle.give_back(&who);
    let now_ms = hub.clock.now_ms();
    match hub.accounts.sign_in(known, now_ms).await? {
        SignIn::Begun { account, session, token } => answer(hub, &account, session, &token),
        SignIn::Stale => Err(AuthError::invalid_credentials()),
        SignIn::Banned => Err(AuthError::banned()),
    }
}

async fn with_refresh_token(hub: &Hub, refreshing: Refreshing) -> Result<Value, AuthError> {
    let Some(presented) = refreshing.refresh_token.filter(|token| !token.is_empty()) else {
        return Err(AuthError::oauth("refresh_token required"));
    };
    let now_ms = hub.clock.now_ms();
    let outcome = hub.accounts.refresh(presented, now_ms).await?;
    let refused = |code, message: &'static str| AuthError::new(StatusCode::BAD_REQUEST, code, message);
    match outcome {
        Refresh::Granted { session, account: id, token } => {
            let known = hub.accounts.account(id).await?;
            let known = known.ok_or_else(|| {
                refused("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
            })?;
            answer(hub, &known, session, &token)
        }
        Refresh::NotFound => {
            Err(refused("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"))
        }
        Refresh::AlreadyUsed => {
            tracing::warn!("an old refresh token was used again: its session is ended");
            Err(refused("refresh_token_already_used", "Invalid Refresh Token: Already Used"))
        }
        Refresh::NotIssuedHere => {
            Err(refused("validation_failed", "Invalid Refresh Token: Not Issued By This Server"))
        }
        Refresh::Banned => Err(AuthError::banned()),
    }
}

fn answer(hub: &Hub, account: &Account, session: Uuid, refresh_token: &str) -> Result<Value, AuthError> {
    let now = hub.clock.now_s();
    let expires_at = now + hub.token_seconds;
    let user = user::shown(account);
    let claims = Claims {
        iss: hub.issuer.clone(),
        sub: account.id,
        aud: "authenticated".to_owned(),
        exp: expires_at,
        iat: now,
        email: account.email.clone(),
        phone: String::new(),
        app_metadata: user["app_metadata"].clone(),
        user_metadata: user["user_metadata"].clone(),
        role: "authenticated".to_owned(),
        aal: "aal1".to_owned(),
        amr: vec![Factor {
            method: "password".to_owned(),
            timestamp: account.last_sign_in_at.unwrap_or_default().div_euclid(1000),
        }],
        session_id: session,
        is_anonymous: false,
    };
    Ok(json!({
        "access_token": hub.signer.sign(&claims)?,
        "token_type": "bearer",
        "expires_in": hub.token_seconds,
        "expires_at": expires_at,
        "refresh_token": refresh_token,
        "user": user,
    }))
}

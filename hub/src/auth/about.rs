//! What Auth says about itself: health, settings, public keys; and that nobody signs up alone.

use super::error::AuthError;
use crate::hub::Hub;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// That Auth runs.
pub(super) async fn health() -> Json<Value> {
    Json(json!({
        "version": concat!("counterpart-hub ", env!("CARGO_PKG_VERSION")),
        "name": "GoTrue",
        "description": "Accounts of a Counterpart hub",
    }))
}

/// What a client may offer.
pub(super) async fn settings() -> Json<Value> {
    Json(json!({
        "external": {"email": true, "phone": false, "anonymous_users": false},
        "disable_signup": true,
        "mailer_autoconfirm": true,
        "phone_autoconfirm": false,
        "sms_provider": "",
        "saml_enabled": false,
    }))
}

/// The public keys behind access tokens.
pub(super) async fn jwks(State(hub): State<Arc<Hub>>) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=600")], Json(hub.signer.jwks())).into_response()
}

/// Where a client finds the keys.
pub(super) async fn openid_configuration(State(hub): State<Arc<Hub>>) -> Json<Value> {
    Json(json!({
        "issuer": hub.issuer,
        "jwks_uri": format!("{}/.well-known/jwks.json", hub.issuer),
        "userinfo_endpoint": format!("{}/user", hub.issuer),
        "token_endpoint": format!("{}/token", hub.issuer),
        "id_token_signing_alg_values_supported": ["ES256"],
        "subject_types_supported": ["public"],
    }))
}

/// Accounts are made by invitation.
pub(super) async fn sign_up() -> AuthError {
    let message = "Signups not allowed for this instance";
    AuthError::new(StatusCode::UNPROCESSABLE_ENTITY, "signup_disabled", message)
}

/// Auth has no such path.
pub(super) async fn no_such_path() -> AuthError {
    AuthError::new(StatusCode::NOT_FOUND, "not_found", "No such path")
}

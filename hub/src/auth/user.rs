//! `/user`: who is signed in, and the changes that a person makes to their own account.

use super::error::AuthError;
use super::password::{FEWEST_CHARACTERS, MOST_BYTES};
use super::{body, fields, signed_in};
use crate::accounts::{Account, Changes, normal_email};
use crate::hub::Hub;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, SecondsFormat};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most bytes that a person's apps may keep with the account; it travels in every token.
const MOST_METADATA: usize = 2 * 1024;

/// An account as its own person sees it.
pub(super) fn shown(account: &Account) -> Value {
    let metadata: Value = serde_json::from_str(&account.metadata).unwrap_or_else(|_| json!({}));
    let (created_at, updated_at) = (time(account.created_at), time(account.updated_at));
    let last_sign_in_at = account.last_sign_in_at.map(time);
    json!({
        "id": account.id,
        "aud": "authenticated",
        "role": "authenticated",
        "email": account.email,
        "phone": "",
        "email_confirmed_at": created_at,
        "confirmed_at": created_at,
        "last_sign_in_at": last_sign_in_at,
        "app_metadata": {
            "provider": "email",
            "providers": ["email"],
            "must_change_password": account.must_change,
        },
        "user_metadata": metadata,
        "identities": [{
            "identity_id": account.id,
            "id": account.id,
            "user_id": account.id,
            "identity_data": {
                "sub": account.id,
                "email": account.email,
                "email_verified": true,
                "phone_verified": false,
            },
            "provider": "email",
            "last_sign_in_at": last_sign_in_at,
            "created_at": created_at,
            "updated_at": updated_at,
            "email": account.email,
        }],
        "created_at": created_at,
        "updated_at": updated_at,
        "is_anonymous": false,
    })
}

fn time(unix_ms: i64) -> String {
    let time = DateTime::from_timestamp_millis(unix_ms).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Who is signed in.
pub(super) async fn show(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Result<Json<Value>, AuthError> {
    let (_, account) = signed_in(&hub, &headers).await?;
    Ok(Json(shown(&account)))
}

#[derive(Deserialize)]
struct Wanted {
    email: Option<String>,
    password: Option<String>,
    current_password: Option<String>,
    data: Option<Map<String, Value>>,
}

/// Changes the password or what the person's apps keep with the account.
pub(super) async fn change(State(hub): State<Arc<Hub>>, request: Request) -> Result<Json<Value>, AuthError> {
    let (claims, known) = signed_in(&hub, request.headers()).await?;
    let taken = hub.change_throttle.take(&known.id.to_string(), hub.clock.elapsed());
    taken.map_err(|_| AuthError::too_many())?;
    let changes: Wanted = fields(&body(&hub, request.into_body()).await?)?;
    if changes.email.is_some_and(|email| normal_email(&email).as_deref() != Some(&known.email)) {
        return Err(AuthError::invalid("email: cannot be changed here; ask for a new invitation"));
    }
    let metadata = changes.data.map(|data| merged(&known, data)).transpose()?;
    let password_hash = match changes.password {
        Some(password) => Some(new_hash(&hub, &known, password, changes.current_password).await?),
        None => None,
    };
    let changes = Changes { metadata, password_hash };
    let changed = hub.accounts.change(known.id, claims.session_id, changes, hub.clock.now_ms()).await?;
    Ok(Json(shown(&changed.unwrap_or(known))))
}

/// The kept object with the given keys replaced; a null removes its key.
fn merged(known: &Account, data: Map<String, Value>) -> Result<String, AuthError> {
    let mut kept: Map<String, Value> = serde_json::from_str(&known.metadata).unwrap_or_default();
    for (key, value) in data {
        if value.is_null() {
            kept.remove(&key);
        } else {
            kept.insert(key, value);
        }
    }
    let json = Value::Object(kept).to_string();
    if json.len() > MOST_METADATA {
        return Err(AuthError::invalid("data: is larger than 2 KB"));
    }
    Ok(json)
}

async fn new_hash(
    hub: &Hub,
    known: &Account,
    password: String,
    current: Option<String>,
) -> Result<String, AuthError> {
    if password.chars().count() < FEWEST_CHARACTERS {
        return Err(AuthError::weak_password("Password should be at least 8 characters.", "length"));
    }
    if password.len() > MOST_BYTES {
        return Err(AuthError::invalid("password: is longer than 256 bytes"));
    }
    let stored = || Some(known.password_hash.clone());
    if let Some(current) = current
        && !hub.passwords.fits(current, stored()).await?
    {
        return Err(AuthError::invalid_credentials());
    }
    if hub.passwords.fits(password.clone(), stored()).await? {
        let message = "New password should be different from the old password.";
        return Err(AuthError::new(StatusCode::UNPROCESSABLE_ENTITY, "same_password", message));
    }
    Ok(hub.passwords.hash(password).await?)
}

//! `POST /logout`: ends this session, the others, or all. Access tokens hold until they expire, but `/user` and every
//! refresh notice at once.

use super::error::AuthError;
use super::signed_in;
use crate::accounts::SignOut;
use crate::gateway::query_value;
use crate::hub::Hub;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use std::sync::Arc;

/// Ends sessions.
pub(super) async fn sign_out(
    State(hub): State<Arc<Hub>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<StatusCode, AuthError> {
    let scope = match query_value(&uri, "scope").as_deref() {
        None | Some("global") => SignOut::Global,
        Some("local") => SignOut::Local,
        Some("others") => SignOut::Others,
        Some(_) => return Err(AuthError::invalid("scope: must be one of global, local, others")),
    };
    let (claims, account) = signed_in(&hub, &headers).await?;
    hub.accounts.sign_out(account.id, claims.session_id, scope).await?;
    Ok(StatusCode::NO_CONTENT)
}

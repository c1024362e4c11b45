//! `/realtime/v1`: Phoenix channels as Supabase Realtime speaks them. Every channel is private; the hub keeps nothing
//! for whoever is away. A message is a hint to pull, never the data itself.

mod access;
mod channel;
pub mod frame;
mod http;
mod mailbox;
mod payload;
mod presence;
mod session;
mod socket;
pub(crate) mod topics;

pub use topics::{POKE, Realtime};

use crate::caller::Key;
use crate::gateway;
use crate::hub::Hub;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::{Extension, Json, Router};
use frame::Version;
use serde_json::json;
use std::sync::Arc;

/// What each socket holds to read into. The library's 128 KB would be most of a hub's memory in a big shop.
const READ_BUFFER: usize = 8 * 1024;

/// Everything under `/realtime/v1`.
pub fn router(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .route("/websocket", any(upgrade))
        .route("/api/broadcast", post(http::batch))
        .route("/api/broadcast/{topic}/events/{event}", post(http::single))
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(hub.clone(), gateway::require_key))
}

async fn upgrade(
    State(hub): State<Arc<Hub>>,
    Extension(key): Extension<Key>,
    uri: Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(version) = Version::parse(gateway::query_value(&uri, "vsn").as_deref()) else {
        return refusal(StatusCode::BAD_REQUEST, "vsn: must be 1.0.0 or 2.0.0");
    };
    let Ok(place) = hub.socket_places.clone().try_acquire_owned() else {
        return refusal(StatusCode::TOO_MANY_REQUESTS, "Too many connected users");
    };
    let (task, frame) = (hub.realtime.tasks.token(), hub.limits.frame);
    let serve = move |websocket| async move {
        socket::serve(hub, websocket, version, key.into()).await;
        drop((place, task));
    };
    upgrade.read_buffer_size(READ_BUFFER).max_message_size(frame).max_frame_size(frame).on_upgrade(serve)
}

fn refusal(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

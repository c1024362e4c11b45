//! Broadcasts over HTTP, for the shop's own scripts: the service key only, since every channel is private.

use super::access::wire_topic;
use super::frame::{Broadcast, Content, json};
use crate::caller::{Caller, Key};
use crate::gateway::{self, BodyError};
use crate::hub::Hub;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::json as value;
use serde_json::value::RawValue;
use std::sync::Arc;

/// The longest topic or event that fits into a binary frame.
const LONGEST_NAME: usize = 255;

#[derive(Deserialize)]
struct Batch {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    topic: String,
    event: String,
    payload: Box<RawValue>,
    #[serde(default)]
    private: bool,
}

/// Several messages. What the caller may not send is skipped in silence, as it is at Supabase.
pub(super) async fn batch(
    State(hub): State<Arc<Hub>>,
    Extension(key): Extension<Key>,
    request: Request,
) -> Response {
    let Some(caller) = caller(&hub, key, request.headers()) else { return unauthorized() };
    let body = match gateway::read_body(&hub, request.into_body(), hub.limits.frame).await {
        Ok(body) => body,
        Err(error) => return refused(error),
    };
    let Ok(Batch { messages }) = serde_json::from_slice(&body) else {
        return invalid("messages: must be a list of {topic, event, payload, private}");
    };
    if messages.iter().any(|message| !fits(&message.topic) || !fits(&message.event)) {
        return invalid("topic, event: must have 1 to 240 bytes");
    }
    for message in messages.into_iter().filter(|message| message.private && caller == Caller::Service) {
        let (topic, content) = (wire_topic(&message.topic), Content::Json(message.payload));
        hub.realtime.broadcast(Broadcast::text(&topic, &message.event, &content), &topic, None);
    }
    StatusCode::ACCEPTED.into_response()
}

/// One message, whose body is the payload.
pub(super) async fn single(
    State(hub): State<Arc<Hub>>,
    Extension(key): Extension<Key>,
    Path((topic, event)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some(caller) = caller(&hub, key, request.headers()) else { return unauthorized() };
    let private = gateway::query_value(request.uri(), "private").as_deref() == Some("true");
    if caller != Caller::Service || !private {
        let message = "You do not have permissions to write to this Channel topic";
        return (StatusCode::FORBIDDEN, Json(value!({"message": message}))).into_response();
    }
    if !fits(&topic) || !fits(&event) {
        return invalid("topic, event: must have 1 to 240 bytes");
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let binary = kind.is_some_and(|kind| kind.starts_with("application/octet-stream"));
    let body = match gateway::read_body(&hub, request.into_body(), hub.limits.frame).await {
        Ok(body) => body,
        Err(error) => return refused(error),
    };
    let content = if binary {
        Content::Binary(body)
    } else {
        match json(&body) {
            Ok(json) => Content::Json(json),
            Err(_) => return invalid("the body must be JSON or application/octet-stream"),
        }
    };
    let topic = wire_topic(&topic);
    hub.realtime.broadcast(Broadcast::binary(&topic, &event, &content, None), &topic, None);
    StatusCode::ACCEPTED.into_response()
}

fn caller(hub: &Hub, key: Key, headers: &HeaderMap) -> Option<Caller> {
    match gateway::bearer(headers) {
        None => Some(key.into()),
        Some(token) => Some((&hub.signer.check(token, hub.clock.now_s(), 0).ok()?).into()),
    }
}

fn fits(name: &str) -> bool {
    // Fifteen bytes are left for what stands before a topic on the wire.
    (1..=LONGEST_NAME - 15).contains(&name.len())
}

fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, Json(value!({"message": "Unauthorized"}))).into_response()
}

fn invalid(message: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(value!({"message": message}))).into_response()
}

fn refused(error: BodyError) -> Response {
    match error {
        BodyError::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, Json(value!({"message": "payload_size_exceeded"})))
                .into_response()
        }
        BodyError::TooSlow => StatusCode::REQUEST_TIMEOUT.into_response(),
        BodyError::Broken => StatusCode::BAD_REQUEST.into_response(),
    }
}

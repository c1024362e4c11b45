//! Which service answers at which path.

use crate::hub::Hub;
use crate::{auth, observe, realtime, rest};
use axum::Router;
use axum::http::{HeaderName, Method, header};
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{Any, CorsLayer};

/// Everything that the hub serves.
pub(crate) fn routes(hub: &Arc<Hub>) -> Router {
    Router::new()
        .nest("/auth/v1", auth::router(hub))
        .nest("/rest/v1", rest::router(hub))
        .nest("/realtime/v1", realtime::router(hub))
        .route("/healthz", get(observe::healthz))
        .route("/metrics", get(observe::metrics))
        .layer(axum::middleware::from_fn_with_state(hub.clone(), observe::record))
        .layer(cors())
        .with_state(hub.clone())
}

fn cors() -> CorsLayer {
    let allowed =
        ["apikey", "x-client-info", "x-supabase-api-version", "content-profile", "accept-profile", "prefer"];
    let exposed = ["content-range", "x-supabase-api-version", "x-sb-error-code"];
    let allowed = allowed.into_iter().map(HeaderName::from_static);
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::HEAD])
        .allow_headers(
            allowed.chain([header::AUTHORIZATION, header::CONTENT_TYPE, header::RANGE]).collect::<Vec<_>>(),
        )
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(Duration::from_secs(600))
}

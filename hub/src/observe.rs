//! What an operator sees of a running hub: health, metrics, and one log line a request, without customer data: the
//! route's pattern, never its path or query.

use crate::hub::Hub;
use crate::metrics::Answered;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Healthy: the database answers.
pub(crate) async fn healthz(State(hub): State<Arc<Hub>>) -> Response {
    match hub.accounts.is_there().await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// The counters, for Prometheus.
pub(crate) async fn metrics(State(hub): State<Arc<Hub>>) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match hub.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Counts and logs a request.
pub(crate) async fn record(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let began = hub.clock.elapsed();
    let response = next.run(request).await;
    let took = hub.clock.elapsed().saturating_sub(began);
    let status = response.status().as_u16();
    tracing::info!(%method, route, status, ms = took.as_secs_f64() * 1000.0, "request");
    hub.metrics.request_seconds.observe(took.as_secs_f64());
    hub.metrics.requests.get_or_create(&Answered { route, status }).inc();
    response
}

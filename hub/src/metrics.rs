//! What the hub counts, for Prometheus. Numbers only: no shop, account or address is a label.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// One route and how it answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    /// The route's pattern.
    pub route: String,
    /// The HTTP status.
    pub status: u16,
}

/// How a sign-in or refresh ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// `granted` or the error's code.
    pub outcome: &'static str,
}

/// The hub's counters.
pub struct Metrics {
    registry: Registry,
    /// Requests answered.
    pub requests: Family<Answered, Counter>,
    /// How long requests took.
    pub request_seconds: Histogram,
    /// Sign-ins and refreshes.
    pub tokens: Family<Outcome, Counter>,
    /// Open connections.
    pub connections: Gauge,
    /// Open realtime sockets.
    pub sockets: Gauge,
    /// Joined channels.
    pub channels: Gauge,
    /// Messages handed to realtime sockets.
    pub deliveries: Counter,
    /// Sockets dropped because they did not read.
    pub dropped_sockets: Counter,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let buckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0];
        let mut metrics = Metrics {
            registry: Registry::with_prefix("counterpart_hub"),
            requests: Family::default(),
            request_seconds: Histogram::new(buckets),
            tokens: Family::default(),
            connections: Gauge::default(),
            sockets: Gauge::default(),
            channels: Gauge::default(),
            deliveries: Counter::default(),
            dropped_sockets: Counter::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("requests", "Requests answered", metrics.requests.clone());
        registry.register("request_seconds", "How long requests took", metrics.request_seconds.clone());
        registry.register("tokens", "Sign-ins and refreshes", metrics.tokens.clone());
        registry.register("connections", "Open connections", metrics.connections.clone());
        registry.register("realtime_sockets", "Open realtime sockets", metrics.sockets.clone());
        registry.register("realtime_channels", "Joined channels", metrics.channels.clone());
        let deliveries = metrics.deliveries.clone();
        registry.register("realtime_deliveries", "Messages handed to realtime sockets", deliveries);
        let dropped = metrics.dropped_sockets.clone();
        registry.register("realtime_dropped_sockets", "Sockets dropped because they did not read", dropped);
        metrics
    }
}

impl Metrics {
    /// All counters in Prometheus' text form.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

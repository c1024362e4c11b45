//! The network: the only code of the engine that touches it.
//!
//! One TLS configuration ([`Trust`]) stands under both ways to a server: [`Http`] calls functions and says how a call
//! ended in the words of `sync`.
//! Nothing here retries, waits between tries or decides when to reconnect: that is the state machine's.

mod classify;
mod http;
mod server;
mod tls;

pub use classify::{Failure, NoAnswer, classify};
pub use http::{Http, Limits};
pub use server::Server;
pub use tls::{OwnRoot, TlsFault, Trust};

//! The network: the only code of the engine that touches it.
//!
//! One TLS configuration ([`Trust`]) stands under both ways to a server: [`Http`] calls functions and says how a call
//! ended in the words of `sync`, [`listen`] hears a shop's channel until it is lost. [`Session`] is who is signed in.
//! Nothing here retries, waits between tries or decides when to reconnect: that is the state machine's.

mod auth;
mod channel;
mod classify;
mod download;
mod frame;
mod http;
mod json;
mod presence;
mod provider;
mod server;
mod socket;
mod tls;
#[cfg(feature = "inspector")]
mod trouble;

pub use auth::{Session, User};
pub use channel::{Heard, Lost};
pub use classify::{Failure, NoAnswer, classify};
pub use http::{Http, Limits};
pub use presence::{Present, Showing};
pub use server::Server;
pub use socket::{Listener, Subscription, listen};
pub use tls::{OwnRoot, TlsFault, Trust};
#[cfg(feature = "inspector")]
pub use trouble::Trouble;

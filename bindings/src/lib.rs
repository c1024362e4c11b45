//! The repair shop's engine as Swift and Kotlin call it.
//!
//! [`Terminal`] is the app as it is installed on one device, [`Shop`] one open shop. Nothing that is exported touches
//! the database on the thread that calls or polls it: a call goes to the facade's own threads ([`threads`]) and its
//! future only awaits the answer. Records are values; what changes is told by a watch, an object that is asked for the
//! next state and tells nothing after its end.

mod adapters;
mod bridge;
mod cancel;
mod error;
mod inner;
mod logs;
#[cfg(feature = "inspector")]
mod made_up;
mod records;
mod shop;
#[cfg(feature = "inspector")]
mod simulate;
mod terminal;
mod threads;
mod watch;

pub use adapters::{AdapterError, NetworkListener, Reachability, SecureStorage};
pub use cancel::CancelToken;
pub use error::ShopError;
pub use logs::{LogLevel, LogLine, LogSink, set_log_sink};
pub use records::*;
pub use shop::*;
pub use terminal::{SignedIn, Terminal};
pub use watch::*;

uniffi::setup_scaffolding!();

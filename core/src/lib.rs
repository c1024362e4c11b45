//! The offline-first engine of a repair shop.

#[macro_use]
pub mod schema;
pub mod desk;
pub mod entity;
pub mod env;
pub mod error;
mod few;
pub mod flags;
pub mod journal;
pub mod keys;
pub mod net;
pub mod news;
pub mod outbox;
mod seal;
pub mod search_key;
mod sha256;
pub mod shop;
pub mod store;
pub mod sync;
pub mod terminal;

pub use error::{Error, Fault, NotNow, Result, StorageFault};
pub use shop::{Account, Opening, Shop};
pub use terminal::Terminal;

#[cfg(feature = "uniffi")]
mod bridge;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

// The README's example is a test of its own.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

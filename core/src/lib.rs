//! The offline-first engine of a repair shop.

#[macro_use]
pub mod schema;
pub mod entity;
pub mod search_key;

#[cfg(feature = "uniffi")]
mod bridge;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

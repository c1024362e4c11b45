//! A shop's own server.

pub mod ledger;

//! What the suites share.
//!
//! [`device`] is one device whose clock and randomness the test owns, [`server`] the plainest server that keeps the
//! protocol's promises, [`oracle`] says in memory what a device has to show, [`history`] lets chance use all three.

#![allow(unexpected_cfgs, reason = "`entity!` asks for a feature that only core has")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a suite's helper fails by panicking"
)]

pub mod bench;
pub mod courtesy;
pub mod crash;
pub mod demo;
pub mod desk;
pub mod device;
pub mod device_line;
pub mod dice;
pub mod fuzz;
pub mod history;
pub mod oracle;
pub mod postgres;
pub mod released;
pub mod scenarios;
pub mod script;
pub mod server;
pub mod shopfloor;
pub mod shops;
pub mod simulation;
pub mod snapshots;
pub mod source;
pub mod workbench;
pub mod world;
pub mod worlds;

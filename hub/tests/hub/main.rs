//! The hub over real loopback sockets, on a clock that the tests own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod auth;
mod backups;
mod command_line;
mod desk;
mod device;
mod door;
mod functions;
mod health;
mod hostile;
mod ranges;
mod realtime;
mod receipts;
mod rules;
mod serving;
mod snapshots;
mod socket;
mod staff;
mod station;

//! The facade as a shell calls it, against a hub of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod account;
mod background;
mod cycles;
mod desk;
mod foreign;
#[cfg(feature = "valgrind")]
mod planted;
mod shell;
mod story;
mod threads;
mod watches;

//! The demo: a hub and three devices that work a day in a shop, and a page on which a person goes on with it.
//!
//! Nothing here is acted: the hub is the program that a shop runs, in a process of its own; each device is a
//! [`Terminal`](counterpart_core::Terminal) with its own folder and account. Whatever the timeline claims was checked.

mod afternoon;
mod bell;
mod compare;
mod day;
mod device;
mod hub;
mod opening;
mod overseer;
pub mod page;
mod people;
mod premises;
mod timeline;

pub use bell::Bell;
pub use compare::{Outcome, compare};
pub use day::work;
pub use device::{Device, Post};
pub use hub::Hub;
pub use opening::Stock;
pub use overseer::Overseer;
pub use premises::Premises;
pub use timeline::Timeline;

/// Why the demo ended before its end.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

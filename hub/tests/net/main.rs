//! The device's network code against a running hub, and against everything else that may answer in its place.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod calls;
mod channels;
mod desk;
mod logs;
mod relay;
mod sessions;
mod strangers;
mod tls;

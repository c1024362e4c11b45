//! What the suites share.

pub mod source;

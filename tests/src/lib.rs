//! What the suites share.

pub mod source;

pub mod simulation;

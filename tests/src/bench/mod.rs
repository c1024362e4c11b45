//! Benchmarks: every row measures the engine beside the bare floor, in one run, and gives the ratio of the two.
//!
//! The floor is the same statements through bare rusqlite on a copy of the same file: the same rows, indexes and
//! pragmas. What a row measures, and what its floor is, stands in `docs/benchmarks.md`.

mod beside;
mod crowd;
mod engine;
mod first_sync;
mod floor;
mod memory;
mod online;
mod pairs;
mod pgbench;
mod postgrest;
mod report;
mod rows;
mod stage;

pub use beside::{beside, names_beside};
pub use first_sync::first_sync;
pub use memory::at_rest;
pub use report::{Row, print_head, print_json, print_row};
pub use rows::{names, run};

/// A failure of a benchmark: there is no row then.
pub type Failure = Box<dyn std::error::Error>;

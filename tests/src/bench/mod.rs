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

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that scripts ask for by their names.
    const RELIED_ON: [&str; 32] = [
        "write_full",
        "write_normal",
        "batch_10k",
        "get",
        "list_50",
        "search",
        "open_100k",
        "rest_memory",
        "first_sync_rows_10k",
        "first_sync_rows_100k",
        "first_sync_snapshot_100k",
        "first_sync_memory_100k",
        "drain_10",
        "drain_100",
        "drain_500",
        "drain_1000",
        "propagation_p50",
        "propagation_p99",
        "storm_25",
        "connected_1000",
        "postgrest_push_1000",
        "postgrest_pull_100k",
        "postgrest_contention",
        "stuck_shop_neighbour",
        "swift_save",
        "swift_list_50",
        "swift_observe",
        "swift_10k",
        "kotlin_save",
        "kotlin_list_50",
        "kotlin_observe",
        "kotlin_10k",
    ];

    #[test]
    fn no_row_that_scripts_ask_for_is_gone_and_every_row_is_written_down() {
        let there: Vec<&str> = names().chain(names_beside()).collect();
        let gone: Vec<_> = RELIED_ON.iter().filter(|name| !there.contains(name)).collect();
        assert!(gone.is_empty(), "{gone:?}");
        let told = include_str!("../../../docs/benchmarks.md");
        let untold: Vec<_> = there.iter().filter(|name| !told.contains(&format!("\n| {name} |"))).collect();
        assert!(untold.is_empty(), "{untold:?}");
    }
}

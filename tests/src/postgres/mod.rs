//! PostgreSQL as the shops have it: a private cluster per run, what a Supabase project has, our migrations, and the real
//! PostgREST in front. Everything ends with the process that began it.

mod cli;
pub mod cluster;
pub mod gateway;
mod installed;
mod npm;
pub mod postgrest;
mod programs;

pub use cli::SupabaseCli;
pub use cluster::{Cluster, Database, free_port};
pub use gateway::Gateway;
pub use postgrest::Postgrest;

use std::path::PathBuf;

/// A path below the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}

/// The migrations, in order.
pub fn migrations() -> Vec<PathBuf> {
    files("supabase/migrations")
}

/// The suites of pgTAP.
pub fn suites() -> Vec<PathBuf> {
    files("supabase/tests")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(workspace(folder)).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

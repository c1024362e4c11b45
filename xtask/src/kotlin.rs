//! `test kotlin`: the Kotlin package against a live hub.

use crate::bindings::{self, Build};
use crate::debian::{self, Needed};
use crate::step::{Failure, built, cargo, program, run as step, workspace};
use std::fs;
use std::process::Command;

pub(crate) const NEEDED: &[Needed] = &[("javac", "openjdk-17-jdk-headless"), ("mvn", "maven")];
const REPORTS: &str = "tests/kotlin/suite/target/surefire-reports";
/// A run with fewer tests than this has lost some.
const FEWEST_TESTS: usize = 21;

/// Installs what is missing, builds, and runs the suite.
pub(crate) fn run() -> Result<(), Failure> {
    debian::install("test kotlin", "Java and Maven", NEEDED)?;
    step("The hub", cargo(&["build", "-p", "counterpart-hub"]))?;
    bindings::kotlin(Build::Debug)?;
    bindings::fresh(REPORTS)?;
    step("The Kotlin package against a hub", maven(&[])?)?;
    let tests = tests()?;
    if tests < FEWEST_TESTS {
        return Err(Failure::Untrue(format!(
            "Only {tests} tests of Kotlin were run, of at least {FEWEST_TESTS}."
        )));
    }
    eprintln!("   {tests} tests of Kotlin");
    Ok(())
}

/// Maven over the package and the suite.
pub(crate) fn maven(more: &[&str]) -> Result<Command, Failure> {
    let hub = format!("-Dcounterpart.hub={}", built("counterpart-hub")?.display());
    // The compiler's daemon would stay behind for hours.
    let mut maven = program("tests/kotlin", "mvn", &["-B", "-ntp", "-Dkotlin.compiler.daemon=false", "test"]);
    maven.args(more).arg(hub);
    Ok(maven)
}

/// How many tests the reports tell of.
fn tests() -> Result<usize, Failure> {
    let unread = |error: std::io::Error| Failure::Untrue(format!("The reports cannot be read: {error}."));
    let mut tests = 0;
    for entry in fs::read_dir(workspace(REPORTS)).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_some_and(|kind| kind == "xml") {
            tests += counted(&fs::read_to_string(path).map_err(unread)?);
        }
    }
    Ok(tests)
}

/// The tests that one report tells of and that were not skipped.
fn counted(report: &str) -> usize {
    let skipped = report.matches("<skipped").count();
    report.matches("<testcase ").count().saturating_sub(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_test_does_not_count() {
        let report = r#"<testsuite tests="3"><testcase name="a"/><testcase name="b"><skipped/></testcase>
            <testcase name="c" time="1"></testcase></testsuite>"#;
        assert_eq!(counted(report), 2);
        assert_eq!(counted("<testsuite tests=\"9\"/>"), 0);
    }
}

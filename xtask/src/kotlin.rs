//! `test kotlin`: the Kotlin package against a live hub.

use crate::aar;
use crate::bindings::{self, Build};
use crate::debian::{self, Needed};
use crate::dokka;
use crate::files;
use crate::step::{Failure, built, cargo, program, run as step, workspace};
use std::fs;
use std::process::Command;

pub(crate) const NEEDED: &[Needed] = &[("javac", "openjdk-17-jdk-headless"), ("mvn", "maven")];
/// What the suite's build leaves.
const SUITE: &str = "tests/kotlin/suite/target";
const REPORTS: &str = "tests/kotlin/suite/target/surefire-reports";
/// A run with fewer tests than this has lost some.
const FEWEST_TESTS: usize = 39;

/// The linter, from where every other package comes.
const KTLINT: &str = "com.pinterest.ktlint:ktlint-cli:1.7.1:jar:all";
const KTLINT_JAR: &str = "target/ktlint/ktlint-cli-1.7.1-all.jar";
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
/// What is written by hand.
const SOURCES: &[&str] = &[
    "bindings/kotlin/src/**/*.kt",
    "bindings/kotlin/android/src/**/*.kt",
    "bindings/kotlin/android/*.kts",
    "tests/kotlin/suite/src/**/*.kt",
];

/// Builds what the suite runs on, and runs it.
pub(crate) fn run() -> Result<(), Failure> {
    step("The hub", cargo(&["build", "-p", "counterpart-hub"]))?;
    bindings::kotlin(Build::Debug)?;
    run_built()
}

/// Installs what is missing, looks over the sources, and runs the suite with the hub and the bindings as they were built.
pub(crate) fn run_built() -> Result<(), Failure> {
    debian::install("test kotlin", "Java and Maven", NEEDED)?;
    lint()?;
    files::fresh(REPORTS)?;
    let mut suite = maven(&["test"]);
    suite.arg(format!("-Dcounterpart.hub={}", built("counterpart-hub")?.display()));
    step("The Kotlin package against a hub", suite)?;
    let tests = tests(REPORTS)?;
    if tests < FEWEST_TESTS {
        return Err(Failure::Untrue(format!(
            "Only {tests} tests of Kotlin were run, of at least {FEWEST_TESTS}."
        )));
    }
    eprintln!("   {tests} tests of Kotlin");
    dokka::test()?;
    // Its libraries need an NDK; everything else of it is whole, or is found here.
    aar::assemble(aar::SHIPPED, None)?;
    Ok(())
}

fn lint() -> Result<(), Failure> {
    if !workspace(KTLINT_JAR).is_file() {
        let folder = format!("-DoutputDirectory={}", workspace("target/ktlint").display());
        step("What looks over Kotlin", maven(&["-q", "-N", COPY, &format!("-Dartifact={KTLINT}"), &folder]))?;
    }
    let ktlint = [&["-jar", KTLINT_JAR, "--relative"], SOURCES].concat();
    step("The form of the Kotlin sources", program(".", "java", &ktlint))
}

fn maven(words: &[&str]) -> Command {
    // The compiler's daemon would stay behind for hours.
    let mut maven = program("tests/kotlin", "mvn", &["-B", "-ntp", "-Dkotlin.compiler.daemon=false"]);
    maven.args(words);
    maven
}

/// Compiles the package and its Android part.
pub(crate) fn compile() -> Result<(), Failure> {
    step("The Kotlin package and its Android part", maven(&["-q", "compile"]))
}

/// Builds the package as it is shipped and the program that measures it, and says how that is started.
pub(crate) fn bench() -> Result<Command, Failure> {
    debian::install("bench", "Java and Maven", NEEDED)?;
    bindings::kotlin(Build::Release)?;
    let alone = "-Dsuite.tests=src/bench/kotlin";
    step("The Kotlin side of the benchmarks", maven(&["-q", "test-compile", alone]))?;
    of_suite("BenchKt")
}

/// Compiles the package, the suite and its programs.
pub(crate) fn compile_suite(says: &str) -> Result<(), Failure> {
    step(says, maven(&["-q", "test-compile"]))
}

/// A program of the suite, as it was built.
pub(crate) fn of_suite(main: &str) -> Result<Command, Failure> {
    java(SUITE, &["test-classes"], &[], &format!("dev.counterpart.tests.{main}"))
}

/// A program that Maven built, with what it wrote down that this runs on.
pub(crate) fn java(
    target: &str,
    classes: &[&str],
    settings: &[&str],
    main: &str,
) -> Result<Command, Failure> {
    let target = workspace(target);
    let unread = |error: std::io::Error| Failure::Untrue(format!("Maven left no class path: {error}."));
    let libraries = fs::read_to_string(target.join("classpath")).map_err(unread)?;
    let separator = if cfg!(windows) { ";" } else { ":" };
    let classes = classes.iter().map(|folder| target.join(folder).display().to_string());
    let path = classes.chain([libraries.trim().to_owned()]).collect::<Vec<_>>().join(separator);
    let mut java = program(".", "java", settings);
    // Not as an argument: it would fill the screen.
    java.env("CLASSPATH", path).arg(main);
    Ok(java)
}

/// How many tests the reports in a folder tell of.
pub(crate) fn tests(reports: &str) -> Result<usize, Failure> {
    let unread = |error: std::io::Error| Failure::Untrue(format!("The reports cannot be read: {error}."));
    let mut tests = 0;
    for entry in fs::read_dir(workspace(reports)).map_err(unread)? {
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

//! `sanitize`: the facade's tests under valgrind, with a real hub in the same process. It finds memory that is read
//! before it was written, used after it was freed, freed twice, or that nobody can free any more: in the engine, in
//! SQLite, and in the scaffolding between the languages, which a test calls as foreign code does; not in TLS. Too slow for
//! every change: it is run by hand.

use crate::debian::{self, Needed};
use crate::step::{Failure, announce, cargo, no_arguments, program, run as step};
use serde_json::Value;
use std::process::{Command, Stdio};

const NEEDED: &[Needed] = &[("valgrind", "valgrind")];
/// A test that is at fault, which only the build for valgrind has.
const PLANTED: &str = "planted::memory_that_was_freed_is_read";
/// Many of the same: under valgrind they take long and find nothing that one would not.
const SKIPPED: &[&str] = &[PLANTED, TLS, "a_thousand_terminals", "hundreds_of_calls"];
/// What is sealed by ring's assembly counts as never written: valgrind does not follow how it computes.
const TLS: &str = "a_hub_with_a_root_of_its_own";
/// How valgrind ends when it found something.
const FOUND: i32 = 9;

/// Builds the tests, sees that valgrind finds a planted fault, and runs them under it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    no_arguments("sanitize", arguments)?;
    debian::install("sanitize", "valgrind", NEEDED)?;
    let tests = tests()?;
    finds_what_was_planted(valgrind(&tests))?;
    let mut all = valgrind(&tests);
    for skipped in SKIPPED {
        all.args(["--skip", skipped]);
    }
    step("The facade's tests under valgrind (some minutes)", all)
}

/// The tests under valgrind, one after the other.
fn valgrind(tests: &str) -> Command {
    let mut valgrind = program(
        ".",
        "valgrind",
        &[
            "--quiet",
            "--leak-check=full",
            "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite",
            "--num-callers=40",
        ],
    );
    valgrind.arg(format!("--error-exitcode={FOUND}")).arg(tests).arg("--test-threads=1");
    valgrind
}

/// A sanitizer that finds nothing is only worth something if it finds what is there.
fn finds_what_was_planted(mut valgrind: Command) -> Result<(), Failure> {
    valgrind.args(["--exact", PLANTED]);
    announce("A planted fault under valgrind, which has to find it", &valgrind);
    let said = valgrind.output();
    let said = said.map_err(|error| Failure::Untrue(format!("Valgrind could not be started: {error}.")))?;
    let (out, complaint) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    let ran = out.contains("1 passed");
    if ran && said.status.code() == Some(FOUND) && complaint.contains("Invalid read") {
        return Ok(());
    }
    Err(Failure::Untrue(format!("Valgrind did not find the planted fault:\n{out}{complaint}")))
}

/// The program of the facade's tests.
fn tests() -> Result<String, Failure> {
    step("The facade's tests", build())?;
    let built = build().arg("--message-format=json").stderr(Stdio::null()).output();
    let built = built.map_err(|error| Failure::Untrue(format!("Could not ask cargo: {error}.")))?;
    executable(&String::from_utf8_lossy(&built.stdout))
        .ok_or(Failure::Untrue("Cargo does not say where the facade's tests are.".into()))
}

fn build() -> Command {
    cargo(&["test", "-p", "counterpart-ffi", "--features", "valgrind", "--test", "facade", "--no-run"])
}

/// The test program that cargo's messages name.
fn executable(messages: &str) -> Option<String> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let named = |message: Value| {
        let facade = message["target"]["name"] == "facade" && message["reason"] == "compiler-artifact";
        facade.then(|| message["executable"].as_str().map(str::to_owned)).flatten()
    };
    messages.filter_map(named).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_program_is_the_one_that_cargo_names() {
        let messages = r#"
            {"reason":"compiler-artifact","target":{"name":"counterpart_ffi"},"executable":null}
            {"reason":"compiler-artifact","target":{"name":"facade"},"executable":"deps/facade-1"}
            {"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages).as_deref(), Some("deps/facade-1"));
        assert_eq!(executable("Compiling"), None);
    }
}

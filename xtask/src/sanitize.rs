//! `sanitize`: the facade's tests under valgrind, with a real hub in the same process. It finds memory that is read
//! before it was written, used after it was freed, freed twice, or that nobody can free any more: in the engine, in
//! SQLite, and in the scaffolding between the languages. Too slow for every change: it is run by hand.

use crate::debian::{self, Needed};
use crate::step::{Failure, cargo, no_arguments, program, run as step};
use serde_json::Value;
use std::process::{Command, Stdio};

const NEEDED: &[Needed] = &[("valgrind", "valgrind")];
/// Many of the same: under valgrind they take long and find nothing that one would not.
const SKIPPED: &[&str] = &["a_thousand_terminals", "hundreds_of_calls"];

/// Builds the tests and runs them under valgrind.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    no_arguments("sanitize", arguments)?;
    debian::install("sanitize", "valgrind", NEEDED)?;
    let tests = tests()?;
    let mut valgrind = program(
        ".",
        "valgrind",
        &[
            "--quiet",
            "--error-exitcode=9",
            "--leak-check=full",
            "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite",
            "--num-callers=40",
        ],
    );
    valgrind.arg(tests).arg("--test-threads=1");
    for skipped in SKIPPED {
        valgrind.args(["--skip", skipped]);
    }
    step("The facade's tests under valgrind (minutes)", valgrind)
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
    let mut build = cargo(&["test", "-p", "counterpart-ffi", "--test", "facade", "--no-run"]);
    // What asks the kernel past the C library finds a clock that valgrind does not map. In a folder of its own, or every
    // other build would begin anew.
    build.args(["--target-dir", "target/sanitize"]).env("RUSTFLAGS", "--cfg rustix_use_libc");
    build
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

//! `test`: the README's second command. All suites, or one.

use crate::bindings::{self, Build};
use crate::lane::{self, Lane};
use crate::step::{Failure, cargo, run as step};
use crate::toolchain::Toolchain;
use crate::{apple, apps, day, debian, kotlin, meeting, postgres, swift, web, words};

/// Runs the suite that is named, or all.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] => all(),
        ["rust"] => rust(),
        ["web"] => web::run(),
        ["kotlin"] => kotlin::run(),
        ["swift"] => swift::run(),
        ["meeting"] => meeting::run(),
        ["apps"] => apps::run(),
        ["ios"] => apple::run(),
        ["day"] => day::run(),
        [SHELLS] => shells(),
        ["postgres", major] => postgres::run(major),
        [suite] => Err(Failure::Asked(format!(
            "There is no suite `{suite}`. There are: rust, web, kotlin, swift, meeting, apps, ios, day, postgres 17, postgres 18."
        ))),
        [_, extra, ..] => {
            Err(Failure::Asked(format!("`cargo xtask test` takes one suite, and was also given `{extra}`.")))
        }
    }
}

/// What `all` calls the suites that it runs beside the tests of Rust. Nobody else asks for them under this name.
const SHELLS: &str = "shells";

/// Every suite: those of the shells over what is built first, beside the tests of Rust.
fn all() -> Result<(), Failure> {
    install()?;
    let _swift = Toolchain::begin();
    bindings::kotlin(Build::Tested)?;
    bindings::swift(Build::Tested)?;
    words::generate()?;
    let shells = Lane::begin("The suites of Kotlin, Swift, the apps and the web", SHELLS)?;
    rust()?;
    shells.end()
}

/// Installs what any suite needs, at once: two that install packages would be in each other's way.
pub(crate) fn install() -> Result<(), Failure> {
    let xcode = bindings::xcode_lacks();
    let xcode = xcode.iter().map(String::as_str).collect();
    let needed = [apps::missing(), web::missing(), Toolchain::missing(), xcode].concat();
    debian::install_postgres_and("test", &needed)
}

/// The suites that find everything built. Those of Swift come late: it may still be on its way.
fn shells() -> Result<(), Failure> {
    lane::end_with_who_began();
    kotlin::run_built()?;
    web::run_built()?;
    swift::run_built()?;
    meeting::run_built()?;
    apps::run_built()?;
    day::run_built()
}

fn rust() -> Result<(), Failure> {
    debian::install_postgres("test rust")?;
    step("The tests of every Rust package", cargo(&["test", "--workspace"]))?;
    postgres::briefly()?;
    // The tests had features of each other.
    step("The hub as it is shipped: it compiles", cargo(&["check", "-p", "counterpart-hub"]))?;
    step("The engine as Swift and Kotlin get it: it compiles", cargo(&["check", "-p", "counterpart-ffi"]))
}

#[cfg(test)]
mod tests {
    use crate::step::workspace;
    use std::fs;

    /// The lines of the README's only example in a language.
    fn sample(language: &str) -> Vec<String> {
        let readme = fs::read_to_string(workspace("README.md")).unwrap();
        let (_, rest) = readme.split_once(&format!("```{language}\n")).unwrap();
        let (sample, _) = rest.split_once("```").unwrap();
        sample.lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn the_readme_s_samples_are_what_the_suites_run() {
        for (language, suite) in [
            ("swift", "tests/swift/suite/Tests/CounterpartTests/ReadmeTests.swift"),
            ("kotlin", "tests/kotlin/suite/src/test/kotlin/dev/counterpart/tests/ReadmeTest.kt"),
        ] {
            let source = fs::read_to_string(workspace(suite)).unwrap();
            let mut lines = source.lines().map(str::trim);
            for line in sample(language) {
                assert!(lines.any(|other| other == line), "{suite} does not run: {line}");
            }
        }
    }
}

//! Swift: the toolchain, where the machine has none, and `test swift`, the Swift package against a live hub.

use crate::bindings::{self, Build};
use crate::docc;
use crate::files;
use crate::step::{Failure, built, cargo, run as step, workspace};
use crate::swift_sources::refuse_closures_in_macros;
use crate::toolchain::Toolchain;
use std::fs;
use std::process::Command;

const PACKAGE: &str = "tests/swift/suite";
const TESTS: &str = "tests/swift/suite/Tests";
const REPORT: &str = "target/swift-suite.xml";
/// What the report of Swift Testing is called, where a report is asked for under the name above.
const WRITTEN: &str = "target/swift-suite-swift-testing.xml";
/// A run with fewer tests than this has lost some.
const FEWEST_TESTS: usize = 36;
/// What is written by hand.
const SOURCES: &[&str] = &[
    "bindings/swift/Package.swift",
    "bindings/swift/Sources/Counterpart",
    "bindings/swift/Sources/CounterpartIds",
    "tests/swift/suite/Package.swift",
    "tests/swift/suite/Sources",
    "tests/swift/suite/Tests",
];

/// Builds what the suite runs on, and runs it.
pub(crate) fn run() -> Result<(), Failure> {
    step("The hub", cargo(&["build", "-p", "counterpart-hub"]))?;
    bindings::swift(Build::Debug)?;
    run_built()
}

/// Looks over the sources, builds the package and runs the suite with the hub and the bindings as they were built.
pub(crate) fn run_built() -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    let lint = [&["swift", "format", "lint", "--strict", "--recursive"], SOURCES].concat();
    step("The form of the Swift sources", toolchain.command(&lint, &[])?)?;
    refuse_closures_in_macros(TESTS)?;
    let hub = [("COUNTERPART_HUB", built("counterpart-hub")?.display().to_string())];
    suite(&toolchain, "The Swift package against a hub", PACKAGE, &hub, FEWEST_TESTS)?;
    docc::test(&toolchain)
}

/// Builds a package's tests and runs them, and at least so many.
pub(crate) fn suite(
    toolchain: &Toolchain,
    says: &str,
    package: &str,
    variables: &[(&str, String)],
    fewest: usize,
) -> Result<(), Failure> {
    if workspace(WRITTEN).exists() {
        let path = workspace(WRITTEN);
        fs::remove_file(&path).map_err(|error| files::unwritable(&path, &error))?;
    }
    let report = workspace(REPORT).display().to_string();
    let mut words = vec!["swift", "test", "--package-path", package, "--xunit-output", &report];
    let linker = linker_flags();
    words.extend(linker.iter().map(String::as_str));
    step(says, toolchain.command(&words, variables)?)?;
    let written = fs::read_to_string(workspace(WRITTEN))
        .map_err(|error| Failure::Untrue(format!("There is no report of the Swift tests: {error}.")))?;
    let tests = written.matches("<testcase ").count().saturating_sub(written.matches("<skipped").count());
    if tests < fewest {
        return Err(Failure::Untrue(format!(
            "Only {tests} tests of {package} were run, of at least {fewest}."
        )));
    }
    eprintln!("   {tests} tests of {package}");
    Ok(())
}

/// Builds the package as it is shipped and the program that measures it, and says how that is started.
pub(crate) fn bench() -> Result<Command, Failure> {
    let toolchain = Toolchain::find()?;
    bindings::swift(Build::Release)?;
    let mut words = vec!["swift", "build", "-c", "release", "--product", "Bench", "--package-path", PACKAGE];
    let linker = linker_flags();
    words.extend(linker.iter().map(String::as_str));
    step("The Swift side of the benchmarks", toolchain.command(&words, &[])?)?;
    let program = workspace(PACKAGE).join(".build/release/Bench").display().to_string();
    toolchain.command(&[&program], &[])
}

/// Where the linker and the loader find the library. On a Mac the XCFramework says so.
pub(crate) fn linker_flags() -> Vec<String> {
    if cfg!(target_os = "macos") {
        return Vec::new();
    }
    let native = workspace(bindings::SWIFT_NATIVE).display().to_string();
    // Observation, as this system has it, names a symbol that nobody defines.
    let flags = [format!("-L{native}"), "-rpath".into(), native, "--allow-shlib-undefined".into()];
    flags.into_iter().flat_map(|flag| ["-Xlinker".to_owned(), flag]).collect()
}

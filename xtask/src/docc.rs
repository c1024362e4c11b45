//! The Swift package's documentation, as DocC reads it: every link in it, and in the comments of what it documents, has to
//! lead somewhere.

use crate::bindings::MODULE_MAP;
use crate::files::{fresh, written};
use crate::step::{Failure, announce, refused, run as step};
use crate::toolchain::Toolchain;
use serde_json::Value;
use std::process::Command;

const CATALOGUE: &str = "bindings/swift/Sources/Counterpart/Counterpart.docc";
/// The package's own modules; what is generated has its comments from the engine.
const MODULES: &[&str] = &["Counterpart", "CounterpartIds", "CounterpartFacade"];
/// Where the suite's build leaves them.
const BUILT: &str = "tests/swift/suite/.build/debug/Modules";
/// What is in the modules, where the documentation is written, and a catalogue with a mistake.
const GRAPHS: &str = "tests/swift/suite/.build/documentation/graphs";
const WRITTEN: &str = "tests/swift/suite/.build/documentation/written";
const PLANTED: &str = "tests/swift/suite/.build/documentation/Planted.docc";
const MISTAKE: &str = "# ``Counterpart``\n\nNothing is called ``NobodyModel``.\n";

/// Writes the documentation of the package as the suite built it. A warning is an error, which a planted mistake shows.
pub(crate) fn test(toolchain: &Toolchain) -> Result<(), Failure> {
    // Xcode writes it on a Mac.
    if cfg!(target_os = "macos") {
        return Ok(());
    }
    let target = target(toolchain)?;
    fresh(GRAPHS)?;
    let places = ["-I", BUILT, "-Xcc", MODULE_MAP, "-output-dir", GRAPHS];
    let what = ["-minimum-access-level", "public", "-skip-synthesized-members"];
    for module in MODULES {
        let of = ["swift", "symbolgraph-extract", "-target", &target, "-module-name", module];
        let words = [&of, &places[..], &what].concat();
        step("What the Swift package has to document", toolchain.command(&words, &[])?)?;
    }
    step("The documentation in Swift", convert(toolchain, CATALOGUE)?)?;

    let page = fresh(PLANTED)?.join("Counterpart.md");
    written(&page, MISTAKE)?;
    refused(
        "A link to nothing, which has to be refused",
        convert(toolchain, PLANTED)?,
        "DocC took a link to nothing.",
    )
}

fn convert(toolchain: &Toolchain, catalogue: &str) -> Result<Command, Failure> {
    let names = ["--fallback-display-name", "Counterpart", "--fallback-bundle-identifier", "dev.counterpart"];
    let places = ["--additional-symbol-graph-dir", GRAPHS, "--output-path", WRITTEN];
    let words = [&["docc", "convert", catalogue, "--warnings-as-errors"], &names[..], &places].concat();
    toolchain.command(&words, &[])
}

/// What the toolchain builds for, as it calls it itself.
fn target(toolchain: &Toolchain) -> Result<String, Failure> {
    let mut asks = toolchain.command(&["swiftc", "-print-target-info"], &[])?;
    announce("What Swift builds for here", &asks);
    let told = asks.output().map_err(|error| Failure::Untrue(format!("Swift does not start: {error}.")))?;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap_or_default();
    let target = told["target"]["triple"].as_str();
    target.map(str::to_owned).ok_or(Failure::Untrue("Swift does not say what it builds for.".into()))
}

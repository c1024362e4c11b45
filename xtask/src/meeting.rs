//! `test meeting`: a Swift device and a Kotlin device in one shop, each seeing the other's work as it happens.

use crate::bindings::{self, Build};
use crate::hub::{Hub, Running};
use crate::step::{Failure, announce, cargo, run as step};
use crate::swift::linker_flags;
use crate::toolchain::Toolchain;
use crate::{debian, kotlin};

const PACKAGE: [&str; 2] = ["--package-path", "tests/swift/suite"];

/// Builds both packages, and lets the two meet.
pub(crate) fn run() -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    debian::install("test meeting", "Java and Maven", kotlin::NEEDED)?;
    step("The hub", cargo(&["build", "-p", "counterpart-hub"]))?;
    bindings::swift(Build::Debug)?;
    bindings::kotlin(Build::Debug)?;
    let linker = linker_flags();
    let flags: Vec<&str> = linker.iter().map(String::as_str).collect();
    step("The Swift device", toolchain.command(&[&["swift", "build"], &PACKAGE[..], &flags].concat(), &[])?)?;
    kotlin::compile_suite("The Kotlin device")?;
    run_built()
}

/// Founds a shop, and lets the two meet as the suites of both packages built them.
pub(crate) fn run_built() -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    let linker = linker_flags();
    let flags: Vec<&str> = linker.iter().map(String::as_str).collect();
    let hub = Hub::found("meeting")?;
    let account = hub.given(&hub.owner);
    let run = [&["swift", "run", "--skip-build"], &PACKAGE[..], &flags, &["Peer"]].concat();
    let mut swift = toolchain.command(&run, &account)?;
    let mut kotlin = kotlin::of_suite("PeerKt")?;
    kotlin.envs(account);
    announce("A Swift device, beside the Kotlin one that comes next", &swift);
    let swift = Running::begin("the Swift device", &mut swift)?;
    step("A Kotlin device", kotlin)?;
    swift.end()
}

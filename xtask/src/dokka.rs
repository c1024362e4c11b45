//! The Kotlin package's documentation, as Dokka reads it: every link in its comments, and in those that the engine's calls
//! bring along, has to lead somewhere.

use crate::files::{fresh, written};
use crate::step::{Failure, program, refused, run as step};
use std::process::Command;

const PACKAGE: &str = "bindings/kotlin";
/// A class with a mistake, and its place as the package names it.
const PLANTED: &str = "bindings/kotlin/target/planted";
const PLACE: &str = "target/planted";
const MISTAKE: &str = "package planted\n\n/** Nothing is called [Nobody]. */\npublic class Planted\n";

/// Writes the documentation of the package, whose generated code is there. A warning is an error, which a planted mistake
/// shows.
pub(crate) fn test() -> Result<(), Failure> {
    step("The documentation in Kotlin", dokka(&[]))?;

    written(&fresh(PLANTED)?.join("Planted.kt"), MISTAKE)?;
    let planted = ["written", "generated"].map(|part| format!("-Ddocumentation.{part}={PLACE}"));
    refused("A link to nothing, which has to be refused", dokka(&planted), "Dokka took a link to nothing.")
}

fn dokka(settings: &[String]) -> Command {
    let mut maven = program(PACKAGE, "mvn", &["-B", "-ntp", "-q", "dokka:dokka"]);
    maven.args(settings);
    maven
}

//! `gallery`: every screen in every state as a picture, with a page that shows them all, and the guides with the pictures
//! that they name.

use crate::apps;
use crate::bindings::Build;
use crate::step::{Failure, run as step, workspace};
use std::path::absolute;

/// Draws into the folder that is named; the last line says how many screens and pictures there are.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let ["--out", folder] = arguments else {
        return Err(Failure::Asked("`cargo xtask gallery --out DIR`".into()));
    };
    let folder = absolute(folder)
        .map_err(|error| Failure::Asked(format!("The folder cannot be named from here: {error}.")))?;
    apps::prepare("gallery", Build::Debug)?;
    let mut maven = apps::maven(&["-q", "process-classes"])?;
    // What Maven says is not the gallery's last line.
    maven.stdout(std::io::stderr());
    step("The screens are built", maven)?;
    let mut draw =
        apps::java("gallery", &["-Xmx1g", "-Djava.awt.headless=true"], "dev.counterpart.gallery.MainKt")?;
    draw.arg(folder).arg(workspace("docs/guide"));
    step("Every screen in every state", draw)
}

//! `app`: the app in a window on this computer, over a hub in a process of its own with a shop to try things in; or
//! somebody who walks a device through the shop in that window, and keeps pictures of the way.

use crate::step::{Failure, built, run as step, workspace};
use crate::{apps, debian};
use std::path::{PathBuf, absolute};
use std::process::Command;

/// A window needs more of Java than the suites.
const WINDOW: (&str, &str) = ("usr/lib/jvm/*/lib/libawt_xawt.so", "openjdk-17-jre");
/// A screen where there is none.
const SCREEN: (&str, &str) = ("usr/bin/xvfb-run", "xvfb");

/// Where a walk's pictures lie if nobody says where.
const PICTURES: &str = "target/walk";

/// Builds what the window needs, and opens it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] => step("The app", program("MainKt")?),
        ["--walk"] => walk(workspace(PICTURES)),
        ["--walk", folder] => walk(
            absolute(folder)
                .map_err(|error| Failure::Asked(format!("The folder cannot be named from here: {error}.")))?,
        ),
        _ => Err(Failure::Asked("`cargo xtask app [--walk [DIR]]`".into())),
    }
}

fn walk(folder: PathBuf) -> Result<(), Failure> {
    let mut walk = program("WalkKt")?;
    walk.arg(folder);
    if cfg!(target_os = "linux") && std::env::var_os("DISPLAY").is_none() {
        walk = on_a_screen(&walk)?;
    }
    step("An intake, a repair and a hand-over, in the window", walk)
}

/// One of the desktop's programs, built, with the hub that it starts.
fn program(main: &str) -> Result<Command, Failure> {
    apps::prepare("app")?;
    if cfg!(target_os = "linux") && !apps::is_on_disk(WINDOW.0) {
        debian::install_packages("app", "Java for windows", &[WINDOW.1])?;
    }
    step("The app is built", apps::maven(&["-q", "process-classes"])?)?;
    let hub = format!("-Dcounterpart.hub={}", built("counterpart-hub")?.display());
    let mut java = apps::java("desktop", &["-Xmx1g", &hub], &format!("dev.counterpart.desktop.{main}"))?;
    // Draws where there is no graphics card too.
    if std::env::var_os("SKIKO_RENDER_API").is_none() && cfg!(target_os = "linux") {
        java.env("SKIKO_RENDER_API", "SOFTWARE");
    }
    Ok(java)
}

/// The same on a screen that nobody sees.
fn on_a_screen(java: &Command) -> Result<Command, Failure> {
    if !apps::is_on_disk(SCREEN.0) {
        debian::install_packages("app", "a screen", &[SCREEN.1])?;
    }
    let mut screened = Command::new("xvfb-run");
    screened.args(["--auto-servernum", "--server-args=-screen 0 1280x960x24"]).arg(java.get_program());
    screened.args(java.get_args());
    for (name, value) in java.get_envs() {
        if let Some(value) = value {
            screened.env(name, value);
        }
    }
    if let Some(folder) = java.get_current_dir() {
        screened.current_dir(folder);
    }
    Ok(screened)
}

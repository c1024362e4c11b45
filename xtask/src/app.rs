//! `app`: the app in a window on this computer, over a hub in a process of its own with a shop to try things in; or
//! somebody who walks a device through the shop in that window, and keeps pictures of the way; or what the screens promise
//! of themselves, measured.

use crate::bindings::Build;
use crate::files::fresh;
use crate::step::{Failure, run as step, workspace};
use crate::{apps, debian};
use std::path::{PathBuf, absolute};
use std::process::Command;

/// A window needs more of Java than the suites.
const WINDOW: (&str, &str) = ("usr/lib/jvm/*/lib/libawt_xawt.so", "openjdk-17-jre");
/// A screen where there is none.
const SCREEN: (&str, &str) = ("usr/bin/xvfb-run", "xvfb");

/// The models, compiled.
const MODELS: &str = "android/model/target/classes";
/// Where a walk's pictures lie if nobody says where.
const PICTURES: &str = "target/walk";

/// The rows of the bench that the apps' models answer for.
pub(crate) const ROWS: &[&str] =
    &["board_first_window", "board_search_key", "board_search_common", "board_other_device"];

/// Builds what the window needs, and opens it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] => step("The app", window("MainKt")?),
        ["--walk"] => walk(workspace(PICTURES)),
        ["--walk", folder] => walk(
            absolute(folder)
                .map_err(|error| Failure::Asked(format!("The folder cannot be named from here: {error}.")))?,
        ),
        ["--budget"] => measure(ROWS, &["--kept"]),
        _ => Err(Failure::Asked("`cargo xtask app [--walk [DIR] | --budget]`".into())),
    }
}

fn walk(folder: PathBuf) -> Result<(), Failure> {
    let mut walk = window("WalkKt")?;
    walk.arg(folder);
    if cfg!(target_os = "linux") && std::env::var_os("DISPLAY").is_none() {
        walk = on_a_screen(&walk)?;
    }
    step("An intake, a repair and a hand-over, in the window", walk)
}

/// Measures those of the rows, with the engine and the hub as they are shipped.
pub(crate) fn measure(rows: &[&str], settings: &[&str]) -> Result<(), Failure> {
    let mut budget = program("BudgetKt", Build::Release)?;
    budget.args(settings).args(rows);
    step("What the apps' screens promise, measured", budget)
}

/// One of the programs with a window.
fn window(main: &str) -> Result<Command, Failure> {
    if cfg!(target_os = "linux") && !apps::is_on_disk(WINDOW.0) {
        debian::install_packages("app", "Java for windows", &[WINDOW.1])?;
    }
    let mut java = program(main, Build::Debug)?;
    // Draws where there is no graphics card too.
    if std::env::var_os("SKIKO_RENDER_API").is_none() && cfg!(target_os = "linux") {
        java.env("SKIKO_RENDER_API", "SOFTWARE");
    }
    Ok(java)
}

/// One of the desktop's programs, built, with the hub that it starts.
fn program(main: &str, build: Build) -> Result<Command, Failure> {
    let hub = apps::prepare("app", build)?;
    // A library that is shipped lacks what an inspector may do, and the models are compiled without it. Nobody else takes
    // away what the other form left there: classes that call what is not shipped.
    let inspector: &[&str] = if build == Build::Release {
        fresh(MODELS)?;
        &["-Dinspector=src/shipped/kotlin"]
    } else {
        &[]
    };
    let mut maven = apps::maven(&[&["-q", "process-classes"], inspector].concat())?;
    // What Maven says is none of the program's lines.
    maven.stdout(std::io::stderr());
    step("The app is built", maven)?;
    let hub = format!("-Dcounterpart.hub={}", hub.display());
    apps::java("desktop", &["-Xmx1g", &hub], &format!("dev.counterpart.desktop.{main}"))
}

/// The same on a screen that nobody sees.
fn on_a_screen(java: &Command) -> Result<Command, Failure> {
    if !apps::is_on_disk(SCREEN.0) {
        debian::install_packages("app", "a screen", &[SCREEN.1])?;
    }
    // Its keys do not repeat: on a busy machine a letter would come more than once.
    let mut screened = Command::new("xvfb-run");
    screened.args(["--auto-servernum", "--server-args=-screen 0 1280x960x24 -r"]).arg(java.get_program());
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

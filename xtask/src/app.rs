//! `app`: the app in a window on this computer, over a hub in a process of its own with a shop to try things in.

use crate::step::{Failure, built, no_arguments, run as step};
use crate::{apps, debian};

/// A window needs more of Java than the suites.
const WINDOW: (&str, &str) = ("usr/lib/jvm/*/lib/libawt_xawt.so", "openjdk-17-jre");

/// Builds what the window needs, and opens it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    no_arguments("app", arguments)?;
    apps::prepare("app")?;
    if cfg!(target_os = "linux") && !apps::is_on_disk(WINDOW.0) {
        debian::install_packages("app", "Java for windows", &[WINDOW.1])?;
    }
    step("The app is built", apps::maven(&["-q", "process-classes"])?)?;
    let hub = format!("-Dcounterpart.hub={}", built("counterpart-hub")?.display());
    let mut window = apps::java("desktop", &["-Xmx1g", &hub], "dev.counterpart.desktop.MainKt")?;
    // Draws where there is no graphics card too.
    if std::env::var_os("SKIKO_RENDER_API").is_none() && cfg!(target_os = "linux") {
        window.env("SKIKO_RENDER_API", "SOFTWARE");
    }
    step("The app", window)
}

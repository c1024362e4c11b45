//! `test apps`: the apps' models against a live hub, in Kotlin and in Swift, and every screen in every state.

use crate::bindings::{self, Build};
use crate::debian::{self, Needed};
use crate::files;
use crate::step::{Failure, built, cargo, program, run as step, workspace};
use crate::{apple, kotlin, words};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The suites, and the fewest tests that each has: a run with fewer has lost some.
const SUITES: &[(&str, usize)] = &[
    ("android/model/target/surefire-reports", 101),
    ("android/platform/target/surefire-reports", 2),
    ("android/gallery/target/surefire-reports", 272),
];
/// What Compose draws with: how a file's name begins, and the Debian package that brings it.
const DRAWING: &[Needed] = &[
    ("libGL.so.1", "libgl1"),
    ("libX11.so.6", "libx11-6"),
    ("libfontconfig.so.1", "libfontconfig1"),
    ("NotoSansArabic", "fonts-noto-core"),
];
/// Where such files lie, and how many folders deep.
const DRAWN_FROM: &[(&str, usize)] = &[("/usr/lib", 1), ("/usr/lib64", 0), ("/usr/share/fonts", 3)];

/// Installs what is missing, builds, and runs the suites.
pub(crate) fn run() -> Result<(), Failure> {
    prepare("test apps", Build::Debug)?;
    bindings::swift(Build::Debug)?;
    run_built()
}

/// Runs the suites with the hub, the bindings and the words as they were built, those in Swift last.
pub(crate) fn run_built() -> Result<(), Failure> {
    for (reports, _) in SUITES {
        files::fresh(reports)?;
    }
    step("The app's models against a hub, and every screen in every state", maven(&["test"])?)?;
    for (reports, fewest) in SUITES {
        let tests = kotlin::tests(reports)?;
        if tests < *fewest {
            return Err(Failure::Untrue(format!(
                "Only {tests} tests were run in {reports}, of at least {fewest}."
            )));
        }
        eprintln!("   {tests} tests in {reports}");
    }
    apple::test()
}

/// What every command over the apps needs: the tools, the hub, the engine and the words. Where the hub's program lies.
pub(crate) fn prepare(command: &str, build: Build) -> Result<PathBuf, Failure> {
    debian::install_packages(command, "what the apps are built and drawn with", &missing())?;
    let release: &[&str] = if build == Build::Release { &["--release"] } else { &[] };
    step("The hub", cargo(&[&["build", "-p", "counterpart-hub"], release].concat()))?;
    bindings::kotlin(build)?;
    words::generate()?;
    let hub = built("counterpart-hub")?;
    Ok(match build {
        Build::Debug | Build::Tested | Build::Plain => hub,
        Build::Release => workspace("target/release").join(hub.file_name().unwrap_or_default()),
    })
}

/// The packages that bring what is missing: Java, Maven, what Compose draws with.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut packages = debian::missing(kotlin::NEEDED);
    if cfg!(target_os = "linux") {
        let is_there = |file| DRAWN_FROM.iter().any(|(folder, deep)| lies_in(Path::new(folder), *deep, file));
        let drawing = DRAWING.iter().filter(|(file, _)| !is_there(file));
        packages.extend(drawing.map(|(_, package)| *package));
    }
    packages
}

/// Maven over the apps.
pub(crate) fn maven(arguments: &[&str]) -> Result<Command, Failure> {
    let hub = format!("-Dcounterpart.hub={}", built("counterpart-hub")?.display());
    // The compiler's daemon would stay behind for hours.
    let mut maven = program("android", "mvn", &["-B", "-ntp", "-Dkotlin.compiler.daemon=false"]);
    maven.args(arguments).arg(hub);
    Ok(maven)
}

/// Whether there is such a file; a `*` stands for any one folder.
pub(crate) fn is_on_disk(file: &str) -> bool {
    let Some((before, after)) = file.split_once("/*/") else { return Path::new("/").join(file).exists() };
    let folders = fs::read_dir(Path::new("/").join(before)).into_iter().flatten().flatten();
    let mut files = folders.map(|folder| folder.path().join(after));
    files.any(|file| file.exists())
}

/// Whether a file whose name begins like that lies in a folder, or so many folders deep in it.
fn lies_in(folder: &Path, deep: usize, file: &str) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with(file)
            || deep > 0 && entry.path().is_dir() && lies_in(&entry.path(), deep - 1, file)
    })
}

/// A program of the apps, with what Maven says that it runs on.
pub(crate) fn java(module: &str, settings: &[&str], main: &str) -> Result<Command, Failure> {
    kotlin::java(&format!("android/{module}/target"), &["classes"], settings, main)
}

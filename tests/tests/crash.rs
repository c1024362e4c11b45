//! Killed with SIGKILL at every transaction boundary and at random, and opened again: every write that returned is
//! there with its operation, nothing is there by half, and no ticket number was ever given twice.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_tests::crash::{Promised, drains};
use counterpart_tests::device::scratch;
use counterpart_tests::dice::Dice;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Boundaries at which the process is killed: both sides of every commit.
const BOUNDARIES: u64 = 300;

/// Kills at random, one after another in the same folder.
const RANDOM_KILLS: u64 = 250;

/// A process that is being started holds a copy of every lock for a moment: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn child(folder: &Path, args: &[String]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_crash_child"))
        .arg("work")
        .arg(folder)
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn lines(text: &str) -> Vec<String> {
    // A line that was cut off by the kill was not said.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(str::to_owned).collect()
}

#[test]
fn killed_at_every_transaction_boundary_nothing_that_returned_is_lost() {
    let _alone = alone();
    for boundary in 1..=BOUNDARIES {
        let folder = scratch();
        let mut promised = Promised::default();
        let args = ["7".to_owned(), "1000".to_owned(), boundary.to_string()];
        let mut process = child(folder.path(), &args);
        let mut said = String::new();
        process.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(process.wait().unwrap().signal(), Some(9), "boundary {boundary} was never reached");
        promised.heard(&lines(&said));
        promised.verify(folder.path());
        if boundary % 10 == 0 {
            drains(folder.path());
        }
    }
}

#[test]
fn killed_at_random_again_and_again_nothing_that_returned_is_lost() {
    let _alone = alone();
    let folder = scratch();
    let mut promised = Promised::default();
    let dice = Dice::new(2026);
    for life in 1..=RANDOM_KILLS {
        let mut process = child(folder.path(), &[life.to_string(), "100000".to_owned()]);
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut said = String::new();
        for _ in 0..1 + dice.below(40) {
            out.read_line(&mut said).unwrap();
        }
        // Somewhere in whatever it does next.
        process.kill().unwrap();
        process.wait().unwrap();
        out.read_to_string(&mut said).unwrap();
        promised.heard(&lines(&said));
        promised.verify(folder.path());
    }
    drains(folder.path());
}

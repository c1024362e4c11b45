//! Killed with SIGKILL at every transaction boundary and at random, and opened again: every write that returned is
//! there with its operation, nothing is there by half, and no ticket number was ever given twice.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_tests::crash::{Promised, child, drains, killed, lines};
use counterpart_tests::device::scratch;
use counterpart_tests::dice::Dice;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
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

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_crash_child"))
}

#[test]
fn killed_at_every_transaction_boundary_nothing_that_returned_is_lost() {
    let _alone = alone();
    for boundary in 1..=BOUNDARIES {
        let folder = scratch();
        let mut promised = Promised::default();
        promised.heard(&killed(program(), folder.path(), boundary));
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
        let mut process = child(program(), folder.path(), &[life.to_string(), "100000".to_owned()]);
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

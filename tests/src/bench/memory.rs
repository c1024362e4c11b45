//! Memory at rest: each side in a process of its own, after it opened the file and read what a first screen shows.

use super::engine::board;
use super::floor::Floor;
use super::stage::{Copy, open};
use super::{Failure, report::Row};
use counterpart_core::store::Durability;
use std::path::Path;
use std::process::Command;

/// How often each side is measured.
const TIMES: usize = 5;

/// The row `rest_memory`: the resident memory of the whole process, in megabytes.
pub(super) fn rest_memory(ours: &Copy, floor: &Copy) -> Result<Row, Failure> {
    let (mut engine, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        engine.push(in_a_process("engine", ours)?);
        bare.push(in_a_process("bare", floor)?);
    }
    let median = |megabytes: &mut Vec<f64>| {
        megabytes.sort_by(f64::total_cmp);
        megabytes.get(TIMES / 2).copied().unwrap_or_default()
    };
    Ok(Row::new("rest_memory", "MB", median(&mut engine), median(&mut bare), TIMES))
}

fn in_a_process(side: &str, copy: &Copy) -> Result<f64, Failure> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--at-rest", side])
        .args([&copy.file, &copy.keys])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// What such a process does: opens, reads a board, and prints its resident memory while everything is still open.
pub fn at_rest(side: &str, file: &Path, keys: &Path) -> Result<(), Failure> {
    let megabytes = match side {
        "engine" => {
            let shop = open(file, keys, Durability::Full)?;
            drop(board(&shop)?);
            let resident = resident()?;
            shop.close()?;
            resident
        }
        "bare" => {
            let floor = Floor::open(file, Durability::Full)?;
            drop(floor.board()?);
            resident()?
        }
        _ => return Err(format!("no such side: {side}").into()),
    };
    println!("{megabytes}");
    Ok(())
}

/// This process's resident memory, in megabytes.
fn resident() -> Result<f64, Failure> {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup")?;
    let kilobytes = rollup
        .lines()
        .find_map(|line| line.strip_prefix("Rss:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .ok_or("the system does not say how much memory is used")?;
    Ok(kilobytes.trim().parse::<f64>()? / 1_024.0)
}

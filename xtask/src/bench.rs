//! `bench`: every figure that the project claims, measured beside the bare floor in one run.

use crate::bindings::{self, Build};
use crate::step::{Failure, cargo, run as step, workspace};
use serde_json::json;
use std::fs;

const LIBRARY_SIZE: &str = "library_size";
/// What a slice of the library may have, in millions of bytes, SQLite and TLS inside.
const AIM_MB: f64 = 5.0;

/// Runs the bench with the arguments as they are, and the rows that are not of its program.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let filter = arguments.iter().find(|argument| !argument.starts_with("--"));
    let json = arguments.contains(&"--json");
    if filter == Some(&LIBRARY_SIZE) {
        return library_size(json);
    }
    step("The hub", cargo(&["build", "--release", "-p", "counterpart-hub"]))?;
    let bench = ["run", "--release", "-p", "counterpart-tests", "--bin", "bench", "--"];
    step("The benchmarks, ours beside the floor", cargo(&[&bench, arguments].concat()))?;
    if filter.is_none_or(|filter| LIBRARY_SIZE.contains(*filter)) { library_size(json) } else { Ok(()) }
}

/// The library as it is shipped, for this machine. Its floor is the aim.
fn library_size(json: bool) -> Result<(), Failure> {
    let library = bindings::library(Build::Release)?;
    let stripped = workspace("target").join("library_size");
    bindings::stripped(&library, &stripped, Build::Release)?;
    let size = fs::metadata(&stripped).map_err(|error| bindings::unwritable(&stripped, &error))?.len();
    let ours = (size as f64 / 1e3).round() / 1e3;
    let ratio = (ours / AIM_MB * 1e3).round() / 1e3;
    if json {
        let row = json!({"name": LIBRARY_SIZE, "unit": "MB", "ours": ours, "floor": AIM_MB, "ratio": ratio, "n": 1});
        println!("{row}");
    } else {
        println!("{LIBRARY_SIZE:<26} {:>4} {ours:>12.3} {AIM_MB:>12.3} {ratio:>7.2} {:>6}", "MB", 1);
    }
    Ok(())
}

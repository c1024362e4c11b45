//! `bench [filter] [--json]`: every row of `docs/benchmarks.md`, ours beside the floor in one run.

use counterpart_tests::bench::{Failure, at_rest, first_sync, print_head, print_json, print_row, run};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["--at-rest", side, file, keys] => at_rest(side, Path::new(file), Path::new(keys)),
        ["--first-sync", words @ ..] => first_sync(words),
        words => bench(words),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn bench(words: &[&str]) -> Result<(), Failure> {
    let json = words.contains(&"--json");
    let filter: Vec<&&str> = words.iter().filter(|word| **word != "--json").collect();
    let filter = match filter.as_slice() {
        [] => "",
        [filter] if !filter.starts_with('-') => filter,
        _ => return Err("usage: bench [filter] [--json]".into()),
    };
    let mut rows = 0;
    run(filter, |row| {
        if json {
            print_json(row)?;
        } else {
            if rows == 0 {
                print_head();
            }
            print_row(row);
        }
        rows += 1;
        Ok(())
    })?;
    if rows == 0 { Err(format!("no row is called {filter}").into()) } else { Ok(()) }
}

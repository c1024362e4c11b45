//! `bench [filter] [--json]`: every row of `docs/benchmarks.md`, ours beside the floor in one run.
//!
//! `bench --beside LANGUAGE [filter] [--json] -- PROGRAM…` measures the rows of another language, whose device is that
//! program. `cargo xtask bench` knows how each is built, and which of the two a filter asks for: `bench --names` lists
//! every row.

use counterpart_tests::bench::{
    Failure, Row, at_rest, beside, first_sync, names, names_beside, print_head, print_json, print_row, run,
};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["--at-rest", side, file, keys] => at_rest(side, Path::new(file), Path::new(keys)),
        ["--first-sync", words @ ..] => first_sync(words),
        ["--beside", language, words @ ..] => other_language(language, words),
        ["--names"] => {
            names().chain(names_beside()).for_each(|name| println!("{name}"));
            Ok(())
        }
        words => this_language(words),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn this_language(words: &[&str]) -> Result<(), Failure> {
    let (filter, mut told) = asked(words)?;
    run(filter, |row| told.row(row))?;
    told.some(filter)
}

fn other_language(language: &str, words: &[&str]) -> Result<(), Failure> {
    let at = words.iter().position(|word| *word == "--").ok_or("no program is named")?;
    let (filter, mut told) = asked(&words[..at])?;
    beside(language, filter, &words[at + 1..], |row| told.row(row))?;
    told.some(filter)
}

/// The filter and the form of the report that the words ask for.
fn asked<'a>(words: &[&'a str]) -> Result<(&'a str, Report), Failure> {
    let json = words.contains(&"--json");
    let filter: Vec<&&str> = words.iter().filter(|word| **word != "--json").collect();
    let filter = match filter.as_slice() {
        [] => "",
        [filter] if !filter.starts_with('-') => filter,
        _ => return Err("usage: bench [filter] [--json]".into()),
    };
    Ok((filter, Report { json, rows: 0 }))
}

/// The rows as they come.
struct Report {
    json: bool,
    rows: usize,
}

impl Report {
    fn row(&mut self, row: &Row) -> Result<(), Failure> {
        if self.json {
            print_json(row)?;
        } else {
            if self.rows == 0 {
                print_head();
            }
            print_row(row);
        }
        self.rows += 1;
        Ok(())
    }

    fn some(&self, filter: &str) -> Result<(), Failure> {
        if self.rows == 0 { Err(format!("no row is called {filter}").into()) } else { Ok(()) }
    }
}

//! `bench`: every figure that the project claims, measured beside the bare floor in one run.

use crate::bindings;
use crate::files;
use crate::step::{Failure, cargo, run as step, workspace};
use crate::{app, kotlin, swift};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

const LIBRARY_SIZE: &str = "library_size";
/// The same for phones and tablets. Only whoever asks for it by its name gets it: it needs a compiler for them.
const LIBRARY_SIZE_ARM64: &str = "library_size_arm64";
/// What a slice of the library may have, in millions of bytes, SQLite and TLS inside.
const AIM_MB: f64 = 5.0;

/// What builds a program and says how it is started.
type Build = fn() -> Result<Command, Failure>;

/// Languages whose rows are measured by a program of theirs.
const LANGUAGES: &[(&str, Build)] = &[("swift", swift::bench), ("kotlin", kotlin::bench)];

/// Runs the rows that are asked for, each with what measures it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let filter = arguments.iter().find(|argument| !argument.starts_with("--")).copied();
    let json = arguments.contains(&"--json");
    if filter == Some(LIBRARY_SIZE) {
        return library_size(json);
    }
    if filter == Some(LIBRARY_SIZE_ARM64) {
        return size_of(LIBRARY_SIZE_ARM64, &bindings::library_for_arm64()?, json);
    }
    if let Some(row) = filter.filter(|filter| app::ROWS.contains(filter)) {
        return of_the_apps(&[row], json);
    }
    step("The benchmarks", cargo(&["build", "--release", "-p", "counterpart-tests", "--bin", "bench"]))?;
    let names = names()?;
    let wanted = wanted(filter, &names);
    let of = |language: &str| wanted.iter().any(|name| is_of(name, language));
    let in_rust = |name: &&str| {
        *name != LIBRARY_SIZE
            && !app::ROWS.contains(name)
            && !LANGUAGES.iter().any(|(other, _)| is_of(name, other))
    };
    // What nobody measures is for the bench to refuse.
    if wanted.iter().any(in_rust) || wanted.is_empty() {
        step("The hub", cargo(&["build", "--release", "-p", "counterpart-hub"]))?;
        step("The benchmarks, ours beside the floor", bench(arguments))?;
    }
    for (language, build) in LANGUAGES.iter().filter(|(language, _)| of(language)) {
        let program = words(&build()?);
        let program: Vec<&str> = program.iter().map(String::as_str).collect();
        let beside = [&["--beside", language], arguments, &["--"], &program].concat();
        step(&format!("The benchmarks of {language}, beside Rust"), bench(&beside))?;
    }
    let rows: Vec<&str> = app::ROWS.iter().copied().filter(|row| wanted.contains(row)).collect();
    if !rows.is_empty() {
        of_the_apps(&rows, json)?;
    }
    if wanted.contains(&LIBRARY_SIZE) { library_size(json) } else { Ok(()) }
}

fn of_the_apps(rows: &[&str], json: bool) -> Result<(), Failure> {
    app::measure(rows, if json { &["--json"] } else { &[] })
}

fn bench(arguments: &[&str]) -> Command {
    let run = ["run", "--quiet", "--release", "-p", "counterpart-tests", "--bin", "bench", "--"];
    cargo(&[&run, arguments].concat())
}

/// The names of all rows.
fn names() -> Result<Vec<String>, Failure> {
    let said = bench(&["--names"]).output();
    let said = said.map_err(|error| Failure::Untrue(format!("The bench could not be asked: {error}.")))?;
    let names = String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned).collect();
    if said.status.success() { Ok(names) } else { Err(Failure::Untrue("The bench has no rows.".into())) }
}

/// The row of that name or, if there is none, every row whose name contains it.
fn wanted<'a>(filter: Option<&str>, names: &'a [String]) -> Vec<&'a str> {
    let names = names.iter().map(String::as_str).chain(app::ROWS.iter().copied()).chain([LIBRARY_SIZE]);
    let filter = filter.unwrap_or_default();
    let exact: Vec<&str> = names.clone().filter(|name| *name == filter).collect();
    if exact.is_empty() { names.filter(|name| name.contains(filter)).collect() } else { exact }
}

fn is_of(name: &str, language: &str) -> bool {
    name.strip_prefix(language).is_some_and(|rest| rest.starts_with('_'))
}

/// A command as words, its variables among them.
fn words(command: &Command) -> Vec<String> {
    let shown = |word: &std::ffi::OsStr| word.to_string_lossy().into_owned();
    let variables =
        command.get_envs().filter_map(|(name, value)| Some(format!("{}={}", shown(name), shown(value?))));
    let words = [command.get_program()].into_iter().chain(command.get_args()).map(shown);
    ["env".to_owned()].into_iter().chain(variables).chain(words).collect()
}

/// The library as it is shipped, for this machine. Its floor is the aim.
fn library_size(json: bool) -> Result<(), Failure> {
    let library = bindings::library(bindings::Build::Release)?.library;
    let stripped = workspace("target").join("library_size");
    bindings::stripped(&library, &stripped, bindings::Build::Release)?;
    size_of(LIBRARY_SIZE, &stripped, json)
}

fn size_of(row: &str, stripped: &Path, json: bool) -> Result<(), Failure> {
    let size = fs::metadata(stripped).map_err(|error| files::unwritable(stripped, &error))?.len();
    let ours = (size as f64 / 1e3).round() / 1e3;
    let ratio = (ours / AIM_MB * 1e3).round() / 1e3;
    if json {
        let row = json!({"name": row, "unit": "MB", "ours": ours, "floor": AIM_MB, "ratio": ratio, "n": 1});
        println!("{row}");
    } else {
        println!("{row:<26} {:>4} {ours:>12.3} {AIM_MB:>12.3} {ratio:>7.2} {:>6}", "MB", 1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_s_name_asks_for_that_row_and_part_of_one_for_all_that_have_it() {
        let names: Vec<String> =
            ["list_50", "list_50_100k", "swift_list_50", "kotlin_list_50"].map(str::to_owned).to_vec();
        assert_eq!(wanted(Some("list_50"), &names), ["list_50"]);
        assert_eq!(wanted(Some("swift"), &names), ["swift_list_50"]);
        assert_eq!(
            wanted(Some("list"), &names),
            ["list_50", "list_50_100k", "swift_list_50", "kotlin_list_50"]
        );
        assert_eq!(wanted(Some("nothing"), &names), [""; 0]);
        assert_eq!(wanted(Some("board"), &names), app::ROWS);
        assert_eq!(wanted(None, &names).len(), names.len() + app::ROWS.len() + 1);
        assert!(is_of("swift_10k", "swift") && !is_of("swiftly", "swift"));
    }

    #[test]
    fn a_command_is_its_variables_its_program_and_its_words() {
        let mut command = Command::new("swift");
        command.args(["run", "a b"]).env("SHOWN", "x:y").env_remove("HOME");
        assert_eq!(words(&command), ["env", "SHOWN=x:y", "swift", "run", "a b"]);
    }
}

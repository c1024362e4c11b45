//! The project's own commands. Each says on standard error what it is about to do and leaves standard output to what
//! it starts. Exit status 0 means that what the command promises is true, 1 that it is not, 2 that the command was
//! asked for wrongly or is not there yet.

mod aar;
mod android;
mod app;
mod apple;
mod apps;
mod bench;
mod bindings;
mod catalogue;
mod ci;
mod day;
mod debian;
mod demo;
mod docc;
mod dokka;
mod files;
mod gallery;
mod hub;
// Where the suites look for PostgreSQL too.
#[path = "../../tests/src/postgres/installed.rs"]
mod installed;
mod kotlin;
mod lane;
mod licences;
mod meeting;
mod packages;
mod postgres;
mod sanitize;
mod scenarios;
mod simulate;
mod step;
mod swift;
mod swift_sources;
mod swift_words;
mod test;
mod toolchain;
mod web;
mod words;

use std::process::ExitCode;
use step::Failure;

/// A command that works.
struct Command {
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    run: fn(&[&str]) -> Result<(), Failure>,
}

const COMMANDS: &[Command] = &[
    Command { name: "help", arguments: "", does: "this list", run: help },
    Command {
        name: "demo",
        arguments: "[--exit]",
        does: "a hub and devices work a day in a shop, on a page; with --exit without it, and a line of JSON",
        run: demo::run,
    },
    Command {
        name: "bindings",
        arguments: "kotlin|swift|android",
        does: "the facade's library and generated code, where the packages expect them; with --release as shipped, \
               as for android without --debug",
        run: packages::run,
    },
    Command {
        name: "words",
        arguments: "",
        does: "what the apps say, from android/strings and ios/strings as Kotlin and as Swift",
        run: words::run,
    },
    Command {
        name: "test",
        arguments: "[rust|web|kotlin|swift|meeting|apps|ios|day|postgres 17|18]",
        does: "every suite on the PostgreSQL that is installed, or one",
        run: test::run,
    },
    Command {
        name: "ci",
        arguments: "",
        does: "format, lints, documentation, licences, doctrine, then every suite",
        run: ci::run,
    },
    Command {
        name: "bench",
        arguments: "[filter] [--json]",
        does: "the rows of docs/benchmarks.md, ours beside the floor; with --json, a line of JSON for each",
        run: bench::run,
    },
    Command {
        name: "sanitize",
        arguments: "",
        does: "the facade's tests under valgrind: by hand, it takes minutes",
        run: sanitize::run,
    },
    Command {
        name: "simulate",
        arguments: "[--seeds N] [--start S]",
        does: "seeded runs of devices and a real ledger on a bad network; a failure prints its command",
        run: simulate::run,
    },
    Command {
        name: "app",
        arguments: "[--walk [DIR]|--budget]",
        does: "the app in a window, over a hub with a shop to try things in; or walked through, or measured",
        run: app::run,
    },
    Command {
        name: "gallery",
        arguments: "--out DIR",
        does: "every screen in every state as a picture, with a page that shows them",
        run: gallery::run,
    },
    Command {
        name: "scenarios",
        arguments: "--backend B [--name X]",
        does: "the scenario catalogue against hub-sqlite, hub-postgres or postgrest",
        run: scenarios::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::from(failure.status())
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<(), Failure> {
    let (name, rest) = match arguments {
        [] | ["--help" | "-h", ..] => ("help", &[][..]),
        [name, rest @ ..] => (*name, rest),
    };
    if let Some(command) = COMMANDS.iter().find(|command| command.name == name) {
        return (command.run)(rest);
    }
    Err(Failure::Asked(format!("There is no command `{name}`. `cargo xtask help` lists what there is.")))
}

fn help(arguments: &[&str]) -> Result<(), Failure> {
    step::no_arguments("help", arguments)?;
    eprintln!("cargo xtask …\n");
    for Command { name, arguments, does, .. } in COMMANDS {
        eprintln!("  {:<24} {does}", format!("{name} {arguments}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_not_there_is_refused_with_a_sentence() {
        let refusal = dispatch(&["frobnicate"]).unwrap_err();
        assert_eq!(refusal.status(), 2);
        assert!(refusal.to_string().contains("`frobnicate`"));
    }

    #[test]
    fn an_argument_that_means_nothing_is_refused_before_anything_runs() {
        let meaningless: [&[&str]; 6] = [
            &["ci", "--fast"],
            &["help", "me"],
            &["test", "everything"],
            &["test", "postgres", "9"],
            &["demo", "--page"],
            &["bindings", "cobol"],
        ];
        for arguments in meaningless {
            assert_eq!(dispatch(arguments).unwrap_err().status(), 2, "{arguments:?}");
        }
    }
}

//! `scenarios --backend NAME [--name X]`: the scenario catalogue against a backend. A line a scenario on standard error,
//! the sum as JSON on standard output. Exit status 0 only when none failed, 2 where there is nothing to run.

use counterpart_tests::scenarios::postgrest::OnPostgrest;
use counterpart_tests::scenarios::{Backend, End, Programs, Stage, catalogue, play};
use counterpart_tests::scenarios::{hub_postgres, hub_sqlite};
use std::process::ExitCode;

const USAGE: &str = "scenarios --backend hub-sqlite|hub-postgres|postgrest [--name SCENARIO]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match asked(&arguments).and_then(|(backend, name)| run(backend, name)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// The backend, and the one scenario if only one is wanted.
fn asked(arguments: &[String]) -> Result<(&str, Option<&str>), String> {
    let (mut backend, mut name) = (None, None);
    for pair in arguments.chunks(2) {
        match pair {
            [flag, value] if flag == "--backend" => backend = Some(value.as_str()),
            [flag, value] if flag == "--name" => name = Some(value.as_str()),
            _ => return Err(USAGE.into()),
        }
    }
    backend.map(|backend| (backend, name)).ok_or_else(|| USAGE.into())
}

/// Opens servers of a kind, each with the same shop and people.
fn opener(backend: &str, programs: &Programs) -> Result<Box<dyn Fn() -> Box<dyn Backend>>, String> {
    match backend {
        "hub-sqlite" => {
            let template = hub_sqlite::Template::make(&programs.hub);
            Ok(Box::new(move || Box::new(template.open())))
        }
        "hub-postgres" => {
            let template = hub_postgres::Template::make(&programs.hub);
            Ok(Box::new(move || Box::new(template.open())))
        }
        "postgrest" => {
            let template = hub_postgres::Template::make(&programs.hub);
            Ok(Box::new(move || Box::new(OnPostgrest::open(&template))))
        }
        _ => Err(format!("There is no backend `{backend}`. {USAGE}")),
    }
}

fn run(backend: &str, name: Option<&str>) -> Result<bool, String> {
    let wanted: Vec<_> =
        catalogue().filter(|scenario| name.is_none_or(|name| scenario.name == name)).collect();
    if wanted.is_empty() {
        let names: Vec<&str> = catalogue().map(|scenario| scenario.name).collect();
        return Err(format!("There is no such scenario. There are: {}.", names.join(", ")));
    }
    let programs = Programs::beside_this_one().map_err(|error| error.to_string())?;
    let open = opener(backend, &programs)?;
    let (mut passed, mut failed, mut waiting) = (0, 0, 0);
    for scenario in wanted {
        let (count, word) = match play(scenario, Stage::new(open(), &programs)) {
            End::Passed => (&mut passed, "passed"),
            End::Failed => (&mut failed, "FAILED"),
            End::Waiting => (&mut waiting, "waits for what this backend does not have yet"),
        };
        *count += 1;
        eprintln!("{:<44} {word}", scenario.name);
    }
    println!(
        "{}",
        serde_json::json!({ "backend": backend, "passed": passed, "failed": failed, "waiting": waiting })
    );
    Ok(failed == 0)
}

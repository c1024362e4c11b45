//! `scenarios --backend NAME [--name X]`: the scenario catalogue against a backend. A line a scenario on standard error,
//! the sum as JSON on standard output. Exit status 0 only when none failed, 2 where there is nothing to run.

use counterpart_tests::scenarios::hub_sqlite::Template;
use counterpart_tests::scenarios::postgrest::OnPostgrest;
use counterpart_tests::scenarios::{Backend, End, Programs, Stage, catalogue, play};
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

fn run(backend: &str, name: Option<&str>) -> Result<bool, String> {
    match backend {
        "hub-sqlite" | "postgrest" => {}
        "hub-postgres" => return Err(format!("The backend `{backend}` is not there yet.")),
        _ => return Err(format!("There is no backend `{backend}`. {USAGE}")),
    }
    let wanted: Vec<_> =
        catalogue().filter(|scenario| name.is_none_or(|name| scenario.name == name)).collect();
    if wanted.is_empty() {
        let names: Vec<&str> = catalogue().map(|scenario| scenario.name).collect();
        return Err(format!("There is no such scenario. There are: {}.", names.join(", ")));
    }
    let programs = Programs::beside_this_one().map_err(|error| error.to_string())?;
    let template = Template::make(&programs.hub);
    let open = || -> Box<dyn Backend> {
        if backend == "postgrest" {
            Box::new(OnPostgrest::open(&template))
        } else {
            Box::new(template.open())
        }
    };
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

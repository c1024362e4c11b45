//! `simulate --seeds N --start S [--shop NAME]`: seeded runs of the whole engine and a real hub store. The last line is
//! JSON; a violation prints the command that repeats it.

use counterpart_tests::simulation::{Scene, command, outcomes};
use std::collections::BTreeMap;
use std::process::ExitCode;

struct Wanted {
    seeds: u64,
    start: u64,
    scene: &'static Scene,
}

fn wanted(arguments: &[String]) -> Result<Wanted, String> {
    let named = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map(|at| arguments.get(at + 1).ok_or_else(|| format!("{name} takes a value"))).transpose()
    };
    let number = |name: &str, otherwise: u64| match named(name)? {
        None => Ok(otherwise),
        Some(text) => text.parse().map_err(|_| format!("{name} takes a whole number")),
    };
    let scene = named("--shop")?.map_or("repair", String::as_str);
    Ok(Wanted {
        seeds: number("--seeds", 100)?,
        start: number("--start", 0)?,
        scene: Scene::named(scene)
            .ok_or_else(|| format!("--shop takes one of {}", Scene::names().join(", ")))?,
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Wanted { seeds, start, scene } = match wanted(&arguments) {
        Ok(wanted) => wanted,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let (mut steps, mut violations, mut slowest) = (0, 0, 0);
    let mut faults: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (seed, outcome) in outcomes(scene, start..start.saturating_add(seeds)) {
        match outcome {
            Ok(outcome) => {
                steps += outcome.steps;
                slowest = slowest.max(outcome.convergence_ms);
                for (fault, times) in outcome.faults {
                    *faults.entry(fault).or_default() += times;
                }
            }
            Err(error) => {
                violations += 1;
                eprintln!("{error}\n  repeat it: {}", command(scene, seed));
            }
        }
    }
    let line = serde_json::json!({
        "seeds": seeds, "steps": steps, "faults": faults, "violations": violations, "slowest_convergence_ms": slowest,
    });
    println!("{line}");
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

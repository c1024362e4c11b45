//! `simulate --seeds N --start S`: seeded runs of the whole engine and a real hub store. The last line is JSON; a
//! violation prints the command that repeats it.

use counterpart_tests::simulation::run;
use std::collections::BTreeMap;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, otherwise: u64| -> Result<u64, String> {
        match arguments.iter().position(|argument| argument == name) {
            None => Ok(otherwise),
            Some(at) => arguments
                .get(at + 1)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| format!("{name} takes a whole number")),
        }
    };
    let (seeds, start) = match (number("--seeds", 100), number("--start", 0)) {
        (Ok(seeds), Ok(start)) => (seeds, start),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let (mut steps, mut violations, mut slowest) = (0, 0, 0);
    let mut faults: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in start..start.saturating_add(seeds) {
        match run(seed) {
            Ok(outcome) => {
                steps += outcome.steps;
                slowest = slowest.max(outcome.convergence_ms);
                for (fault, times) in outcome.faults {
                    *faults.entry(fault).or_default() += times;
                }
            }
            Err(error) => {
                violations += 1;
                eprintln!("{error}\n  repeat it: cargo xtask simulate --seeds 1 --start {seed}");
            }
        }
    }
    let line = serde_json::json!({
        "seeds": seeds, "steps": steps, "faults": faults, "violations": violations, "slowest_convergence_ms": slowest,
    });
    println!("{line}");
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

//! Each bug of the list, planted: a check of the simulation has to find it within sixty seeds.

use counterpart_tests::simulation::{REPAIR, Sabotage, run_with};

/// Seeds that a planted bug may take to be found.
const SEEDS: u64 = 60;

/// What found the bug, and with which seed.
fn found(sabotage: Sabotage) -> Option<(u64, String)> {
    (0..SEEDS).find_map(|seed| run_with(&REPAIR, seed, sabotage).err().map(|error| (seed, error)))
}

#[test]
fn every_planted_bug_is_found() {
    let (some, others) = Sabotage::ALL.split_at(Sabotage::ALL.len() / 2);
    let all =
        |bugs: &'static [Sabotage]| move || bugs.iter().map(|bug| (bug, found(*bug))).collect::<Vec<_>>();
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers = [some, others].map(|bugs| scope.spawn(all(bugs)));
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    for (sabotage, found) in &results {
        if let Some((seed, error)) = found {
            let short: String = error.chars().take(160).collect();
            println!("{sabotage:?}, seed {seed}: {short}");
        }
    }
    let missed: Vec<_> = results.iter().filter(|(_, found)| found.is_none()).map(|(name, _)| name).collect();
    assert!(missed.is_empty(), "nothing noticed {missed:?}");
}

//! A shop on a bad network, from a seed: devices with their real files, a real ledger, and everything between them
//! lost, doubled, late or out of order; processes killed, the server's in the middle of a transaction too; files copied
//! and put back, the server restored from its newest backup or an older one; conflicts resolved on several devices at
//! once, people taking turns at shared tablets. The same seed gives the same run, to the byte.
//!
//! A [`Scene`] is a schema and the people who work with it. After every step [`checks`] holds what a device shows
//! against every commit that the ledger ever made; at the end everything has to agree. A [`Sabotage`] plants a bug
//! that one of the checks has to find.

mod backend;
mod checks;
mod copies;
mod device;
mod history;
mod net;
mod people;
mod sabotage;
mod station;
mod world;

pub(crate) use backend::told;
pub use people::REPAIR;
pub use sabotage::Sabotage;

use crate::dice::Dice;
use counterpart_core::env::Clock;
use counterpart_core::schema::{Row, Schema};
use counterpart_core::store::Reader;
use counterpart_core::{Error, Fault, Result, Shop};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A schema, and what its people do all day.
#[derive(Debug)]
pub struct Scene {
    /// What `--shop` calls it.
    pub name: &'static str,
    /// What is kept.
    pub schema: &'static Schema,
    /// The roles that its members have, change to and come back from.
    pub roles: &'static [&'static str],
    /// Who may work at a shared tablet, and their PINs; nobody, where the schema knows no such thing.
    pub staff: fn() -> Vec<Row>,
    /// One thing that somebody does.
    pub act: fn(&Shop, &Dice) -> Result<()>,
    /// What is wrong in what a device shows at any moment; nothing, if all is well.
    pub wrong: fn(&Reader<'_>) -> Result<Option<String>>,
    /// The moment by which a row lies inside its table's window or outside; nothing, where it has none.
    pub moment: fn(&str, &serde_json::Value) -> Option<i64>,
}

/// Refusals are part of the day; anything else is not.
pub fn allowed<T>(done: Result<T>) -> Result<()> {
    match done.map_err(Error::into_fault) {
        Ok(_) | Err(Fault::Denied { .. } | Fault::Invalid(_) | Fault::Missing { .. }) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

/// A clock that stands still until it is moved, and may be wrong by an amount that changes.
#[derive(Debug)]
pub struct HandClock {
    time: Arc<AtomicI64>,
    skew: Arc<AtomicI64>,
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed) + self.skew.load(Ordering::Relaxed)
    }

    fn awake_and_asleep(&self) -> i64 {
        self.time.load(Ordering::Relaxed)
    }
}

/// What a run did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Steps taken.
    pub steps: u64,
    /// What went wrong on purpose, and how often.
    pub faults: BTreeMap<&'static str, u64>,
    /// How long, on the simulated clock, until all replicas were equal once the faults had stopped.
    pub convergence_ms: i64,
}

/// Runs one seed of a scene. An error names the check that failed, and says what it saw.
pub fn run(scene: &'static Scene, seed: u64) -> Result<Outcome, String> {
    world::run(scene, seed, None)
}

/// Runs one seed with a bug planted.
pub fn run_with(scene: &'static Scene, seed: u64, sabotage: Sabotage) -> Result<Outcome, String> {
    world::run(scene, seed, Some(sabotage))
}

/// Runs seeds on all cores. Gives back, for each that failed, the command that repeats it and what failed.
pub fn failures(scene: &'static Scene, seeds: std::ops::Range<u64>) -> Vec<String> {
    outcomes(scene, seeds)
        .into_iter()
        .filter_map(|(seed, outcome)| {
            outcome.err().map(|error| format!("{}\n  {error}", command(scene, seed)))
        })
        .collect()
}

/// The command that repeats a seed.
pub fn command(scene: &Scene, seed: u64) -> String {
    format!("cargo xtask simulate --seeds 1 --start {seed} --shop {}", scene.name)
}

/// Runs seeds on all cores, and gives back what each did, in order.
pub fn outcomes(scene: &'static Scene, seeds: std::ops::Range<u64>) -> Vec<(u64, Result<Outcome, String>)> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let of_core = |core: u64| {
        let mine = seeds.clone().filter(move |seed| seed % cores == core);
        mine.map(|seed| (seed, run(scene, seed))).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|core| scope.spawn(move || of_core(core))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all
}

impl Scene {
    /// All of them.
    pub const ALL: &'static [&'static Scene] = &[
        &REPAIR,
        &crate::shops::weekly::SCENE,
        &crate::shops::assessments::SCENE,
        &crate::shops::calendar::SCENE,
        &crate::shops::band::SCENE,
    ];

    /// The scene of that name.
    pub fn named(name: &str) -> Option<&'static Scene> {
        Self::ALL.iter().copied().find(|scene| scene.name == name)
    }

    /// The names.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|scene| scene.name).collect()
    }
}

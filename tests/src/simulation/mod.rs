//! A shop on a bad network, from a seed: devices with their real files, a real ledger, and everything between them
//! lost, doubled, late or out of order. The same seed gives the same run, to the byte.

mod device;
mod net;
mod people;

use crate::dice::Dice;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::{Clock, Entropy, Env};
use counterpart_hub::ledger::Ledger;
use device::Device;
use net::Net;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that stands still until it is moved, and may be wrong by a fixed amount.
#[derive(Debug)]
pub struct HandClock {
    time: Arc<AtomicI64>,
    skew: i64,
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed) + self.skew
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

/// Runs one seed. An error says what was violated.
pub fn run(seed: u64) -> Result<Outcome, String> {
    let dice = Arc::new(Dice::new(seed));
    let folder = tempfile::Builder::new()
        .prefix("simulation")
        .tempdir_in(scratch())
        .map_err(|error| error.to_string())?;
    let time = Arc::new(AtomicI64::new(1_800_000_000_000));
    let env = |skew: i64| Env {
        clock: Arc::new(HandClock { time: Arc::clone(&time), skew }),
        entropy: Arc::clone(&dice) as Arc<dyn Entropy>,
    };
    let ledger = Ledger::open(&folder.path().join("ledger.db"), &REPAIR_SHOP, env(0))
        .map_err(|error| error.to_string())?;
    ledger.create_shop("shop").map_err(|error| error.to_string())?;
    let mut net = Net::new(Arc::new(ledger), Arc::clone(&dice));
    let count = 2 + dice.below(4);
    let mut devices: Vec<Device> = (0..count)
        .map(|at| Device::new(at, folder.path(), env(skew(&dice)), &dice))
        .collect::<Result<_, _>>()?;
    let mut outcome = Outcome::default();
    for _ in 0..60 + dice.below(120) {
        time.fetch_add(i64::try_from(dice.below(4_000)).unwrap_or(0), Ordering::Relaxed);
        let at = dice.below(devices.len());
        if let Some(device) = devices.get_mut(at) {
            device.step(&mut net, &dice)?;
        }
        net.deliver_late()?;
        outcome.steps += 1;
    }
    let began = time.load(Ordering::Relaxed);
    settle_down(&mut devices, &mut net, &time)?;
    outcome.convergence_ms = time.load(Ordering::Relaxed) - began;
    outcome.faults = net.faults;
    for device in &devices {
        for (fault, times) in &device.faults {
            *outcome.faults.entry(fault).or_default() += times;
        }
    }
    Ok(outcome)
}

/// Most clocks are off by seconds, some by minutes, a few by a day.
fn skew(dice: &Dice) -> i64 {
    let (sign, by) = (if dice.percent(50) { 1 } else { -1 }, dice.below(5_000) as i64);
    sign * match dice.below(10) {
        0 => 86_400_000,
        1 | 2 => 600_000,
        _ => by,
    }
}

/// Memory where the machine has some, for there is no power to cut.
fn scratch() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

/// The faults stop. Every queue drains and every replica is equal within a bound, without a restart.
fn settle_down(devices: &mut [Device], net: &mut Net, time: &AtomicI64) -> Result<(), String> {
    net.heal();
    for _ in 0..200 {
        time.fetch_add(5_000, Ordering::Relaxed);
        for device in devices.iter_mut() {
            device.work(net)?;
        }
        let quiet = devices.iter().map(Device::is_quiet).collect::<Result<Vec<bool>, _>>()?;
        if quiet.iter().all(|quiet| *quiet) && at_one_commit(devices)? {
            return agree(devices, net);
        }
    }
    Err("the queues did not drain".into())
}

/// Whether nobody has anything left that another has not seen.
fn at_one_commit(devices: &[Device]) -> Result<bool, String> {
    let sums = devices.iter().map(Device::cursor).collect::<Result<Vec<_>, _>>()?;
    Ok(sums.iter().all(|cursor| Some(cursor) == sums.first()))
}

/// Equal to each other, and to what people were told.
fn agree(devices: &[Device], net: &Net) -> Result<(), String> {
    let sums = devices.iter().map(Device::checksum).collect::<Result<Vec<_>, _>>()?;
    if let Some(other) = sums.iter().find(|sum| Some(*sum) != sums.first()) {
        return Err(format!("replicas differ: {:?} and {other:?}", sums.first()));
    }
    for device in devices {
        device.check(net)?;
    }
    Ok(())
}

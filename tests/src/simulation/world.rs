//! A run: who is there, what happens to them, and how it ends.

use super::backend::{Backend, ELSEWHERE, SHOP, text};
use super::checks::{self, broken};
use super::device::{Device, Place};
use super::net::Net;
use super::{HandClock, Outcome, Sabotage, Scene};
use crate::dice::Dice;
use counterpart_core::env::{Entropy, Env};
use counterpart_hub::ledger::Member;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Devices at most, copies included.
const MOST_DEVICES: usize = 8;

/// The big faults that may happen in a run: each run has its own few.
struct Menu {
    restores: bool,
    copies: bool,
    roles: bool,
    clocks: bool,
}

struct World {
    scene: &'static Scene,
    sabotage: Option<Sabotage>,
    dice: Arc<Dice>,
    folder: PathBuf,
    time: Arc<AtomicI64>,
    net: Net,
    devices: Vec<Device>,
    menu: Menu,
}

pub(super) fn run(scene: &'static Scene, seed: u64, sabotage: Option<Sabotage>) -> Result<Outcome, String> {
    let folder = tempfile::Builder::new().prefix("simulation").tempdir_in(scratch()).map_err(text)?;
    let mut world = World::new(scene, seed, sabotage, folder.path())?;
    let steps = 36 + world.dice.below(60);
    for _ in 0..steps {
        world.step()?;
    }
    let began = world.time.load(Ordering::Relaxed);
    world.settle_down()?;
    let mut outcome = Outcome {
        steps: steps as u64,
        convergence_ms: world.time.load(Ordering::Relaxed) - began,
        faults: world.net.faults,
    };
    for device in &world.devices {
        for (fault, times) in &device.faults {
            *outcome.faults.entry(fault).or_default() += times;
        }
    }
    Ok(outcome)
}

/// Memory where the machine has some, for there is no power to cut.
fn scratch() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

/// Most clocks are off by seconds, some by minutes, a few by a day.
fn skew(dice: &Dice) -> i64 {
    let by = i64::try_from(dice.below(5_000)).unwrap_or(0);
    let by = match dice.below(10) {
        0 => 86_400_000,
        1 | 2 => 600_000,
        _ => by,
    };
    if dice.percent(50) { by } else { -by }
}

impl World {
    fn new(
        scene: &'static Scene,
        seed: u64,
        sabotage: Option<Sabotage>,
        folder: &Path,
    ) -> Result<World, String> {
        let dice = Arc::new(Dice::new(seed));
        let time = Arc::new(AtomicI64::new(1_800_000_000_000));
        let env = env(&time, &dice, &Arc::default());
        let backend = Backend::new(scene, folder, env, sabotage)?;
        let net = Net::new(backend, Arc::clone(&dice), sabotage);
        let menu = Menu {
            restores: dice.percent(40),
            copies: dice.percent(40),
            roles: dice.percent(50),
            clocks: dice.percent(50),
        };
        let menu = match sabotage {
            Some(bug) if bug.needs_a_restore() => {
                Menu { restores: true, copies: false, roles: false, clocks: false }
            }
            Some(Sabotage::ReceiptOfCopy) => {
                Menu { restores: false, copies: true, roles: false, clocks: false }
            }
            Some(_) | None => menu,
        };
        let folder = folder.to_owned();
        let mut world = World { scene, sabotage, dice, folder, time, net, devices: Vec::new(), menu };
        world.stranger()?;
        for at in 0..2 + world.dice.below(4) {
            let device = world.device(at, SHOP)?;
            world.devices.push(device);
        }
        if world.dice.percent(50) {
            world.an_ordinary_morning()?;
        }
        Ok(world)
    }

    /// Half of the runs begin in a shop where everybody has the same rows, and something to quarrel about.
    fn an_ordinary_morning(&mut self) -> Result<(), String> {
        self.net.heal();
        if let Some(first) = self.devices.first() {
            for _ in 0..8 {
                (self.scene.act)(&first.shop, &self.dice).map_err(text)?;
            }
        }
        for device in &mut self.devices {
            device.settle(&mut self.net, &self.dice)?;
        }
        self.net.turn_bad();
        Ok(())
    }

    fn device(&mut self, at: usize, shop: &'static str) -> Result<Device, String> {
        let role = self.dice.pick(self.scene.roles).copied().unwrap_or_default();
        // The first is somebody's own, so that there is always work that needs nobody's PIN.
        let station = shop == SHOP && at > 0 && !(self.scene.staff)().is_empty() && self.dice.percent(20);
        let member = Member {
            account: format!("{shop}-account-{at}"),
            role: role.into(),
            station,
            employee: (!station).then(|| format!("{shop}-person-{at}")),
        };
        self.net.backend.admit(member.clone());
        let skew = Arc::new(AtomicI64::new(skew(&self.dice)));
        let env = env(&self.time, &self.dice, &skew);
        let place = Place { scene: self.scene, folder: &self.folder, env, skew, shop, sabotage: None };
        Device::new(at, Place { sabotage: self.sabotage, ..place }, member)
    }

    /// Another shop on the same server, with work of its own that nobody here may ever see.
    fn stranger(&mut self) -> Result<(), String> {
        let mut stranger = self.device(99, ELSEWHERE)?;
        for _ in 0..10 {
            (self.scene.act)(&stranger.shop, &self.dice).map_err(text)?;
            stranger.settle(&mut self.net, &self.dice)?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        self.pass(self.dice.below(4_000));
        let at = self.dice.below(self.devices.len());
        if let Some(device) = self.devices.get_mut(at) {
            device.step(&mut self.net, &self.dice)?;
        }
        self.net.deliver_late_push()?;
        if let Some((at, reply)) = self.net.late_answer()
            && let Some(device) = self.devices.iter_mut().find(|device| device.caller.at == at)
        {
            device.hear_late(reply, &mut self.net)?;
        }
        self.something_bigger(at)
    }

    fn pass(&self, ms: usize) {
        self.time.fetch_add(i64::try_from(ms).unwrap_or(0), Ordering::Relaxed);
    }

    /// What does not happen every minute.
    fn something_bigger(&mut self, at: usize) -> Result<(), String> {
        match self.dice.below(100) {
            0..4 if self.menu.restores => {
                self.net.count("backup");
                self.net.backend.back_up()?;
            }
            4..7 if self.menu.restores => self.restore()?,
            7..10 if self.menu.restores && !self.menu.copies => self.restore()?,
            7..13 if self.menu.copies => self.copy(at)?,
            13..16 if self.menu.roles => self.change_role(at),
            16..18 if self.menu.clocks => {
                self.net.count("clock_set");
                if let Some(device) = self.devices.get(at) {
                    device.set_clock(skew(&self.dice));
                }
            }
            18 if self.menu.clocks => {
                self.net.count("slept");
                self.pass(self.dice.below(30_000_000));
            }
            _ => {}
        }
        Ok(())
    }

    /// Mostly the newest backup is put back.
    fn restore(&mut self) -> Result<(), String> {
        let Some(newest) = self.net.backend.backups().checked_sub(1) else { return Ok(()) };
        let at = if self.dice.percent(50) { newest } else { self.dice.below(newest + 1) };
        self.net.count("server_restored");
        if at < newest {
            self.net.count("older_backup_restored");
        }
        self.net.backend.restore(at)
    }

    fn change_role(&mut self, at: usize) {
        let Some(account) = self.devices.get(at).map(|device| device.caller.account.clone()) else { return };
        match self.dice.below(4) {
            0 => {
                self.net.count("membership_ended");
                self.net.backend.show_out(&account, true);
            }
            1 => self.net.backend.show_out(&account, false),
            _ => {
                self.net.count("role_changed");
                let role = self.dice.pick(self.scene.roles).copied().unwrap_or_default();
                self.net.backend.promote(&account, role);
            }
        }
    }

    /// A file is copied: to be put back later, or to go on beside the first.
    fn copy(&mut self, at: usize) -> Result<(), String> {
        let many = self.devices.len();
        let Some(device) = self.devices.get_mut(at) else { return Ok(()) };
        match self.dice.below(4) {
            0 | 1 => device.keep_copy(),
            2 => {
                if device.roll_back(&mut self.net)? {
                    self.net.count("file_rolled_back");
                }
                Ok(())
            }
            _ if many < MOST_DEVICES => {
                self.net.count("device_cloned");
                let twin = device.twin(many, self.dice.percent(50), &mut self.net)?;
                self.devices.push(twin);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The faults stop. Every queue drains and every replica is equal within a bound, without a restart.
    fn settle_down(&mut self) -> Result<(), String> {
        self.net.heal();
        for device in &self.devices {
            self.net.backend.show_out(&device.caller.account, false);
        }
        for round in 0..200 {
            self.pass(5_000);
            if (1..4).contains(&round) {
                // Several choose in one conflict, before any of them hears of the others.
                for device in &self.devices {
                    device.resolve_one(&mut self.net, &self.dice)?;
                }
            }
            for device in &mut self.devices {
                device.settle(&mut self.net, &self.dice)?;
            }
            let quiet = self
                .devices
                .iter()
                .map(|device| device.is_quiet(round % 20 < 19))
                .collect::<Result<Vec<_>, _>>()?;
            let tags = self.devices.iter().map(Device::tag).collect::<Result<Vec<_>, _>>()?;
            if quiet.iter().all(|quiet| *quiet) && tags.iter().all(|tag| Some(tag) == tags.first()) {
                return checks::of_the_end(&self.devices, &self.net);
            }
        }
        let waits = self.devices.iter().map(Device::waits).collect::<Result<Vec<_>, _>>()?;
        Err(broken("liveness", format!("the queues did not drain: {}", waits.join("; "))))
    }
}

fn env(time: &Arc<AtomicI64>, dice: &Arc<Dice>, skew: &Arc<AtomicI64>) -> Env {
    Env {
        clock: Arc::new(HandClock { time: Arc::clone(time), skew: Arc::clone(skew) }),
        entropy: Arc::clone(dice) as Arc<dyn Entropy>,
    }
}

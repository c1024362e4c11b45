//! One device: its real file, its queue, its clock, a person who works on it, and what they were told.

use super::net::Net;
use super::people;
use crate::dice::Dice;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_core::keys::{MemoryKeys, SecureStorage};
use counterpart_core::store::Durability;
use counterpart_core::sync::{Call, Event, RetryPolicy};
use counterpart_core::{Account, Opening, Shop};
use counterpart_hub::ledger::Member;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A device.
pub(super) struct Device {
    name: String,
    path: PathBuf,
    env: Env,
    keys: Arc<dyn SecureStorage>,
    member: Member,
    shop: Shop,
    online: bool,
    pub(super) faults: BTreeMap<&'static str, u64>,
}

fn text(error: counterpart_core::Error) -> String {
    format!("{}: {error}", error.code())
}

impl Device {
    pub(super) fn new(at: usize, folder: &Path, env: Env, dice: &Dice) -> Result<Device, String> {
        let role = if dice.percent(60) { "manager" } else { "technician" };
        let name = format!("device-{at}");
        let member = Member {
            account: name.clone(),
            role: role.into(),
            station: false,
            employee: Some(format!("person-{at}")),
        };
        let path = folder.join(format!("{name}.db"));
        let keys: Arc<dyn SecureStorage> = Arc::new(MemoryKeys::default());
        let shop = open(&path, &env, &keys, &member)?;
        Ok(Device { name, path, env, keys, member, shop, online: false, faults: BTreeMap::new() })
    }

    /// Something happens here.
    pub(super) fn step(&mut self, net: &mut Net, dice: &Dice) -> Result<(), String> {
        match dice.below(20) {
            0..12 => people::act(&self.shop, dice).map_err(text)?,
            12 => {
                self.online = !self.online;
                let calls = self.shop.step(Event::Network { up: self.online }).map_err(text)?;
                self.make(calls, net)?;
            }
            13 => self.restart()?,
            14 => people::mend(&self.shop, dice).map_err(text)?,
            _ if self.online => self.work(net)?,
            _ => {}
        }
        self.shop.store().read(counts_agree).map_err(text)?;
        Ok(())
    }

    /// The process ends and begins again, wherever it was.
    fn restart(&mut self) -> Result<(), String> {
        *self.faults.entry("restart").or_default() += 1;
        self.shop.close().map_err(text)?;
        self.shop = open(&self.path, &self.env, &self.keys, &self.member)?;
        self.online = false;
        if !self.shop.findings().is_empty() {
            return Err(format!("{} was taken for a copy after a restart", self.name));
        }
        Ok(())
    }

    /// Sends and fetches what there is, as a device does when it is online.
    pub(super) fn work(&mut self, net: &mut Net) -> Result<(), String> {
        let event = if self.online { Event::Tick } else { Event::Network { up: true } };
        self.online = true;
        let calls = self.shop.step(event).map_err(text)?;
        self.make(calls, net)?;
        let calls = self.shop.step(Event::Asked).map_err(text)?;
        self.make(calls, net)
    }

    /// Makes the calls that the engine asks for, one after the other, with whatever the network does to them.
    fn make(&mut self, calls: Vec<Call>, net: &mut Net) -> Result<(), String> {
        let mut calls = VecDeque::from(calls);
        // A person's patience, not the engine's: what is left goes with the next step.
        for _ in 0..200 {
            let Some(call) = calls.pop_front() else { return Ok(()) };
            let next = match call {
                Call::Open(request) => self.shop.opened(net.open(&self.member, &request)?),
                Call::Push(request) => self.shop.pushed(net.push(&self.member, &request)?),
                Call::Pull(request) => self.shop.pulled(net.pull(&self.member, &request)?),
                Call::Range(request) => self.shop.ranged(net.range(&self.member, &request)?),
                Call::RefreshToken => self.shop.step(Event::TokenRefreshed),
                Call::TakeNewIdentity | Call::Join | Call::Leave | Call::WakeAt(_) => Ok(Vec::new()),
            };
            calls.extend(next.map_err(text)?);
            self.shop.store().read(counts_agree).map_err(text)?;
        }
        Ok(())
    }

    /// Whether nothing waits here but for a person.
    pub(super) fn is_quiet(&self) -> Result<bool, String> {
        let state = self.shop.state().map_err(text)?;
        if state.pending == 0 && state.failed > 0 {
            // What waits for a person has waited long enough: they give up on it.
            for parked in self.shop.parked().map_err(text)? {
                match self.shop.discard(&parked.operation) {
                    Ok(()) | Err(counterpart_core::Error::Missing { .. }) => {}
                    Err(error) => return Err(text(error)),
                }
            }
            return Ok(false);
        }
        let left: i64 = self
            .shop
            .read(|reader| reader.one("SELECT count(*) FROM outbox", [], |row| row.get(0)))
            .map_err(text)?
            .unwrap_or(0);
        Ok(left == 0 && self.shop.is_caught_up())
    }

    pub(super) fn cursor(&self) -> Result<i64, String> {
        Ok(self.shop.cursor().map_err(text)?.n)
    }

    pub(super) fn checksum(&self) -> Result<(String, i64), String> {
        let sum = self.shop.checksum().map_err(text)?;
        Ok((sum.hash, sum.cursor))
    }

    /// Every operation that this device believes settled was applied there, and stock is the sum of its movements.
    pub(super) fn check(&self, net: &Net) -> Result<(), String> {
        let settled = self
            .shop
            .read(|reader| {
                let sql = "SELECT id, tbl FROM settled WHERE outcome = 'applied' AND commit_n IS NOT NULL";
                reader.all(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            })
            .map_err(text)?;
        for (operation, table) in settled {
            if !matches!(net.outcome(&operation), Some("Applied" | "Merged" | "Conflict")) {
                return Err(format!(
                    "{} believes that an operation on {table} applied: {:?}",
                    self.name,
                    net.outcome(&operation)
                ));
            }
        }
        let wrong = self
            .shop
            .read(|reader| {
                let sql = "SELECT i.quantity, coalesce((SELECT sum(m.quantity) FROM stock_movements m WHERE m.item_id = i.id
                             AND m.kind NOT IN ('reserve', 'release')), 0) AS sum
                           FROM inventory_items i WHERE i.quantity <> sum";
                reader.one(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
            })
            .map_err(text)?;
        match wrong {
            None => Ok(()),
            Some((shown, sum)) => {
                Err(format!("{} shows a stock of {shown}, its movements sum to {sum}", self.name))
            }
        }
    }
}

fn open(path: &Path, env: &Env, keys: &Arc<dyn SecureStorage>, member: &Member) -> Result<Shop, String> {
    let account = Account {
        id: member.account.clone(),
        role: member.role.clone(),
        station: member.station,
        employee: member.employee.clone(),
    };
    let opening = Opening {
        durability: Durability::Normal,
        env: env.clone(),
        keys: Arc::clone(keys),
        retry: RetryPolicy { page: 7, ..RetryPolicy::default() },
        ..Opening::new(path, &REPAIR_SHOP, "shop", account)
    };
    Shop::open(opening).map_err(text)
}

/// What the engine counts in memory is what the table says.
fn counts_agree(reader: &counterpart_core::store::Reader<'_>) -> counterpart_core::Result<()> {
    let lost = "SELECT 1 FROM base_rows WHERE NOT EXISTS
                (SELECT 1 FROM outbox WHERE outbox.row_id = base_rows.row_id OR outbox.also_id = base_rows.row_id)";
    match reader.one(lost, [], |_| Ok(()))? {
        None => Ok(()),
        Some(()) => {
            Err(counterpart_core::Error::Defect { detail: "a confirmed copy without an operation".into() })
        }
    }
}

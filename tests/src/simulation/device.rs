//! One device: its real file, its queue, its clock, a person who works on it, and what it still waits for.

use super::backend::{SHOP, text};
use super::checks::{self, broken};
use super::copies::{Copy, Keys, Killer, Memory, copy_file};
use super::net::{Caller, Net, Reply};
use super::{Sabotage, Scene, allowed};
use crate::dice::Dice;
use counterpart_core::env::{DAY_MS, Env};
use counterpart_core::keys::SecureStorage;
use counterpart_core::shop::Choice;
use counterpart_core::store::{Durability, Tripwire};
use counterpart_core::sync::wire::Wanted;
use counterpart_core::sync::{Call, Event, RetryPolicy};
use counterpart_core::{Account, Opening, Shop};
use counterpart_hub::ledger::Member;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Something to be done before anything else happens between device and server.
enum Next {
    Ask(Call),
    Hear(Reply),
}

/// A device.
pub(super) struct Device {
    scene: &'static Scene,
    pub(super) caller: Caller,
    pub(super) member: Member,
    pub(super) path: PathBuf,
    env: Env,
    pub(super) skew: Arc<AtomicI64>,
    keys: Arc<Keys>,
    killer: Arc<Killer>,
    pub(super) shop: Shop,
    online: bool,
    awake: bool,
    signed_out: bool,
    next: VecDeque<Next>,
    pub(super) memory: Memory,
    pub(super) old: Option<Copy>,
    /// Whether its file was ever in two places, or older than its secure storage.
    pub(super) copied: bool,
    /// Whether it began since it was last looked at.
    pub(super) fresh: bool,
    pub(super) tries: BTreeMap<String, i64>,
    pub(super) bases: BTreeMap<(String, String), i64>,
    sabotage: Option<Sabotage>,
    pub(super) faults: BTreeMap<&'static str, u64>,
}

/// What a new device is given.
pub(super) struct Place<'a> {
    pub(super) scene: &'static Scene,
    pub(super) folder: &'a Path,
    pub(super) env: Env,
    pub(super) skew: Arc<AtomicI64>,
    pub(super) shop: &'static str,
    pub(super) sabotage: Option<Sabotage>,
}

impl Device {
    pub(super) fn new(at: usize, place: Place<'_>, member: Member) -> Result<Device, String> {
        let path = place.folder.join(format!("{}-{at}.db", place.shop));
        let (keys, killer) = (Arc::new(Keys::default()), Arc::new(Killer::default()));
        let caller = Caller { account: member.account.clone(), at, shop: place.shop };
        let shop = open(place.scene, &path, &place.env, &keys, &killer, &member, place.shop)?;
        Ok(Device {
            scene: place.scene,
            caller,
            member,
            path,
            env: place.env,
            skew: place.skew,
            keys,
            killer,
            shop,
            online: false,
            awake: true,
            signed_out: false,
            next: VecDeque::new(),
            memory: Memory::default(),
            old: None,
            copied: false,
            fresh: true,
            tries: BTreeMap::new(),
            bases: BTreeMap::new(),
            sabotage: place.sabotage,
            faults: BTreeMap::new(),
        })
    }

    pub(super) fn count(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Something happens here. A process that is killed on the way begins again.
    pub(super) fn step(&mut self, net: &mut Net, dice: &Dice) -> Result<(), String> {
        if dice.percent(4) {
            self.killer.after(1 + i64::try_from(dice.below(3)).unwrap_or(0));
        }
        let done = self.live(net, dice);
        if self.killer.is_dead() {
            self.count("killed");
            self.begin_again(net)?;
        } else {
            self.killer.after(0);
            done?;
        }
        if let Some(sabotage) = self.sabotage {
            sabotage.at_rest(&self.path, self.online, self.scene.schema).map_err(text)?;
        }
        checks::of_a_moment(self, net)
    }

    fn live(&mut self, net: &mut Net, dice: &Dice) -> Result<(), String> {
        if dice.percent(20) && self.resolve_one(net, dice)? {
            return Ok(());
        }
        match dice.below(100) {
            0..25 if self.member.station && self.shop.who().actor.is_none() => self.change_person(net, dice),
            0..4 if self.member.station => self.change_person(net, dice),
            0..40 => (self.scene.act)(&self.shop, dice).map_err(text),
            // What is away comes back sooner than it goes.
            40..43 if self.online => self.network(false, net),
            40..52 if !self.online => self.network(true, net),
            52..55 => self.restart(net),
            55..59 => self.mend(dice),
            59..61 if self.awake => self.suspend(net),
            59..70 if !self.awake => {
                self.awake = true;
                self.tell(Event::Resumed)
            }
            61..64 => self.fetch_one(dice),
            64..75 if self.signed_out => self.sign_in(net),
            _ if self.online && self.awake => self.work(net, 1 + dice.below(6), dice),
            _ => Ok(()),
        }
    }

    fn network(&mut self, up: bool, net: &mut Net) -> Result<(), String> {
        self.online = up;
        if !up {
            self.drop_what_waits(net);
        }
        self.tell(Event::Network { up })
    }

    fn suspend(&mut self, net: &mut Net) -> Result<(), String> {
        self.awake = false;
        self.count("suspended");
        self.drop_what_waits(net);
        self.tell(Event::Suspended)
    }

    fn sign_in(&mut self, net: &mut Net) -> Result<(), String> {
        self.signed_out = false;
        net.sign_in(&self.caller.account);
        self.tell(Event::SignedIn)
    }

    /// Somebody looks at the failed list: tries again, or gives up.
    fn mend(&self, dice: &Dice) -> Result<(), String> {
        let parked = self.shop.parked().map_err(text)?;
        let Some(one) = dice.pick(&parked) else { return Ok(()) };
        let done = match dice.percent(50) {
            true => self.shop.retry(&one.operation),
            false => self.shop.discard(&one.operation),
        };
        allowed(done).map_err(text)
    }

    /// Somebody looks at the conflicts, and chooses in one of them. Gives back whether there was one.
    pub(super) fn resolve_one(&self, net: &mut Net, dice: &Dice) -> Result<bool, String> {
        let open = self.shop.open_conflicts().map_err(text)?;
        let Some(one) = dice.pick(&open) else { return Ok(false) };
        let choice = match dice.below(3) {
            0 => Choice::Mine,
            1 => Choice::Theirs,
            _ => Choice::Value { value: one.base.clone() },
        };
        let done = self.shop.resolve(&one.conflict, &choice);
        match &done {
            Ok(()) => net.note_resolved(self.caller.at, &one.conflict.0),
            Err(_) => net.count("resolution_refused"),
        }
        allowed(done).map_err(text)?;
        Ok(true)
    }

    /// Somebody asks for one row with what belongs to it, or for a stretch of a calendar.
    fn fetch_one(&mut self, dice: &Dice) -> Result<(), String> {
        let tables: Vec<_> = self.scene.schema.all_tables().collect();
        let Some(table) = dice.pick(&tables) else { return Ok(()) };
        let some = self.shop.records(table.name, "", 50).map_err(text)?;
        let Some(record) = dice.pick(&some) else { return Ok(()) };
        let name = table.name.to_owned();
        let wanted = if table.window.is_some() && dice.percent(50) {
            let days = |most| i64::try_from(dice.below(most)).unwrap_or_default() * DAY_MS;
            let from = self.shop.env().now() - days(250);
            Wanted::Between { table: name, from, until: from + days(100) }
        } else {
            Wanted::Row { table: name, id: record.row.id.clone() }
        };
        let calls = self.shop.want(&wanted).map_err(text)?;
        self.next.extend(calls.into_iter().map(Next::Ask));
        Ok(())
    }

    fn drop_what_waits(&mut self, net: &mut Net) {
        for next in self.next.drain(..) {
            if let Next::Hear(reply) = next {
                net.came_too_late(self.caller.at, reply);
            }
        }
    }

    fn tell(&mut self, event: Event) -> Result<(), String> {
        let calls = self.shop.step(event).map_err(text)?;
        self.next.extend(calls.into_iter().map(Next::Ask));
        Ok(())
    }

    /// The process ends in order, and begins again.
    fn restart(&mut self, net: &mut Net) -> Result<(), String> {
        self.count("restart");
        self.begin_again(net)?;
        if self.copied || self.shop.findings().is_empty() {
            Ok(())
        } else {
            Err(broken("identity", format!("{} was taken for a copy after a restart", self.caller.account)))
        }
    }

    /// The process begins again, wherever it ended.
    pub(super) fn begin_again(&mut self, net: &mut Net) -> Result<(), String> {
        self.drop_what_waits(net);
        self.shop.close().map_err(text)?;
        self.killer = Arc::new(Killer::default());
        self.shop = open(
            self.scene,
            &self.path,
            &self.env,
            &self.keys,
            &self.killer,
            &self.member,
            self.caller.shop,
        )?;
        (self.online, self.awake, self.signed_out, self.fresh) = (false, true, false, true);
        if !self.shop.findings().is_empty() {
            // Another device of its own from now on.
            self.copied = true;
        }
        Ok(())
    }

    /// Goes on with what is being said between device and server, for so many words.
    fn work(&mut self, net: &mut Net, words: usize, dice: &Dice) -> Result<(), String> {
        if self.next.is_empty() {
            self.tell(Event::Tick)?;
            if dice.percent(30) {
                self.tell(Event::Asked)?;
            }
        }
        for _ in 0..words {
            match self.next.pop_front() {
                None => return Ok(()),
                Some(Next::Hear(reply)) => self.hear(reply)?,
                Some(Next::Ask(call)) => {
                    let Some(reply) = net.ask(&self.caller, &call)? else { continue };
                    if matches!(reply, Reply::Push(Ok(_))) && dice.percent(60) {
                        self.send_ahead(net)?;
                    }
                    if net.is_bad() && dice.percent(25) {
                        // It comes, but not before something else happens here.
                        self.next.push_front(Next::Hear(reply));
                        return Ok(());
                    }
                    self.hear(reply)?;
                    if let Some(more) = net.more.take() {
                        self.hear(more)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The push after the one that was answered goes before that answer is taken in, as a driver has it.
    fn send_ahead(&mut self, net: &mut Net) -> Result<(), String> {
        let Some(push) = self.shop.push_after().map_err(text)? else { return Ok(()) };
        self.count("sent_ahead");
        net.ask(&self.caller, &Call::Push(push)).map(drop)
    }

    /// Takes in an answer that nobody waits for any more.
    pub(super) fn hear_late(&mut self, reply: Reply, net: &mut Net) -> Result<(), String> {
        self.hear(reply)?;
        checks::of_a_moment(self, net)
    }

    fn hear(&mut self, reply: Reply) -> Result<(), String> {
        let pulled = matches!(reply, Reply::Pull(_));
        let before = self.tag()?;
        let calls = match reply {
            Reply::Open(answer) => self.shop.opened(answer),
            Reply::Push(answer) => self.shop.pushed(answer),
            Reply::Pull(answer) => self.shop.pulled(answer),
            Reply::Range(answer) => self.shop.ranged(answer),
            Reply::Snapshot(Err(answer)) => self.shop.landed(Err(answer)),
            Reply::Snapshot(Ok(parcel)) => self.shop.landed(Ok(parcel.land(&self.shop).map_err(text)?)),
            Reply::Event(event) => {
                self.signed_out |= event == Event::TokenRefused;
                self.shop.step(event)
            }
        };
        let calls = calls.map_err(text)?;
        self.memory.whole |= pulled && self.tag()? != before;
        self.next.extend(calls.into_iter().map(Next::Ask));
        Ok(())
    }

    pub(super) fn tag(&self) -> Result<String, String> {
        Ok(self.shop.read(|reader| reader.fact("cursor_tag")).map_err(text)?.unwrap_or_default())
    }

    /// Everything is well again, and goes on by itself: what is waited for is heard, the rest asked for.
    pub(super) fn settle(&mut self, net: &mut Net, dice: &Dice) -> Result<(), String> {
        let refused = self.shop.state().map_err(text)?.last_error.as_deref() == Some("signed_out");
        if self.signed_out || refused {
            self.sign_in(net)?;
        }
        if !self.awake {
            self.awake = true;
            self.tell(Event::Resumed)?;
        }
        if !self.online {
            self.network(true, net)?;
        }
        for _ in 0..3 {
            self.tell(Event::Tick)?;
            self.work(net, 60, dice)?;
        }
        self.tell(Event::Asked)?;
        self.work(net, 60, dice)?;
        checks::of_a_moment(self, net)
    }

    /// Whether nothing waits here but for a person. They give up on what waits for them, at the latest when they lose
    /// their patience: other work may wait behind it.
    pub(super) fn is_quiet(&self, patient: bool) -> Result<bool, String> {
        let state = self.shop.state().map_err(text)?;
        if state.failed > 0 && (state.pending == 0 || !patient) {
            for parked in self.shop.parked().map_err(text)? {
                allowed(self.shop.discard(&parked.operation)).map_err(text)?;
            }
            return Ok(false);
        }
        let left: Option<i64> = self
            .shop
            .read(|reader| reader.one("SELECT count(*) FROM outbox", [], |row| row.get(0)))
            .map_err(text)?;
        Ok(left == Some(0) && self.shop.is_caught_up() && self.next.is_empty())
    }

    /// What still waits here, in words for whoever looks into it.
    pub(super) fn waits(&self) -> Result<String, String> {
        let sql =
            "SELECT tbl || ' ' || kind || ' ' || state || ' ' || coalesce(code, '') FROM outbox ORDER BY seq";
        let left: Vec<String> =
            self.shop.read(|reader| reader.all(sql, [], |row| row.get(0))).map_err(text)?;
        let state = self.shop.state().map_err(text)?;
        let error = state.last_error.unwrap_or_default();
        let done = self.shop.is_caught_up();
        Ok(format!("{} ({error}, caught up {done}, {} calls) {left:?}", self.caller.account, self.next.len()))
    }

    /// Keeps a copy of the file as it is now.
    pub(super) fn keep_copy(&mut self) -> Result<(), String> {
        let path = super::copies::with(&self.path, ".old");
        copy_file(&self.path, &path).map_err(text)?;
        self.old = Some(Copy { path, memory: self.memory.clone() });
        Ok(())
    }

    /// Puts the old copy back, under secure storage that is as it is. It is noticed where a session began since.
    pub(super) fn roll_back(&mut self, net: &mut Net) -> Result<bool, String> {
        let Some(old) = self.old.take() else { return Ok(false) };
        let install = self.shop.device().map_err(text)?;
        self.shop.close().map_err(text)?;
        copy_file(&old.path, &self.path).map_err(text)?;
        self.memory = old.memory;
        self.tries.clear();
        self.bases.clear();
        self.copied = true;
        net.backend.copied.insert(install);
        self.begin_again(net)?;
        net.backend.copied.insert(self.shop.device().map_err(text)?);
        Ok(true)
    }

    /// Another device with the same file, and the same secure storage or none.
    pub(super) fn twin(&mut self, at: usize, whole: bool, net: &mut Net) -> Result<Device, String> {
        let folder = self.path.parent().unwrap_or(Path::new("")).to_owned();
        let path = folder.join(format!("{}-{at}.db", self.caller.shop));
        copy_file(&self.path, &path).map_err(text)?;
        let keys = Arc::new(if whole { self.keys.copied() } else { Keys::default() });
        let killer = Arc::new(Killer::default());
        let shop = open(self.scene, &path, &self.env, &keys, &killer, &self.member, self.caller.shop)?;
        if !whole && shop.findings().is_empty() {
            return Err(broken("identity", "a file without its secure storage was trusted".into()));
        }
        self.copied = true;
        net.backend.copied.insert(self.shop.device().map_err(text)?);
        net.backend.copied.insert(shop.device().map_err(text)?);
        Ok(Device {
            scene: self.scene,
            caller: Caller { at, ..self.caller.clone() },
            member: self.member.clone(),
            path,
            env: self.env.clone(),
            skew: Arc::clone(&self.skew),
            keys,
            killer,
            shop,
            online: false,
            awake: true,
            signed_out: false,
            next: VecDeque::new(),
            memory: self.memory.clone(),
            old: None,
            copied: true,
            fresh: true,
            tries: BTreeMap::new(),
            bases: BTreeMap::new(),
            sabotage: self.sabotage,
            faults: BTreeMap::new(),
        })
    }

    /// The clock is set to something else.
    pub(super) fn set_clock(&self, skew: i64) {
        self.skew.store(skew, Ordering::Relaxed);
    }

    pub(super) fn is_online(&self) -> bool {
        self.online
    }

    pub(super) fn scene(&self) -> &'static Scene {
        self.scene
    }
}

fn open(
    scene: &Scene,
    path: &Path,
    env: &Env,
    keys: &Arc<Keys>,
    killer: &Arc<Killer>,
    member: &Member,
    shop: &str,
) -> Result<Shop, String> {
    let account = Account {
        id: member.account.clone(),
        role: member.role.clone(),
        station: member.station,
        employee: member.employee.clone(),
    };
    // Every other person's device goes by ranges.
    let snapshots = member.account.ends_with(['0', '2', '4', '6', '8']);
    let opening = Opening {
        durability: Durability::Normal,
        env: env.clone(),
        keys: Arc::clone(keys) as Arc<dyn SecureStorage>,
        retry: RetryPolicy { page: 7, batch: 5, snapshots, ..RetryPolicy::default() },
        tripwire: Some(Arc::clone(killer) as Arc<dyn Tripwire>),
        ..Opening::new(path, scene.schema, shop, account)
    };
    Shop::open(opening).map_err(text)
}

/// The shop that everybody works in is the one whose history is known.
pub(super) fn is_here(device: &Device) -> bool {
    device.caller.shop == SHOP
}

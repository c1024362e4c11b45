//! Two hubs on one PostgreSQL: devices are spread over them, and what one of them takes in, the other's devices see.

use super::backend::{Address, Backend, Login, Who};
use super::process::{Founded, HubProcess, OTHER_SHOP, Place, STRANGER};
use crate::postgres::{Cluster, Database};
use counterpart_hub::auth::password;
use rustix::process::Signal;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A database with both shops and everybody in them, set up by the hub's program on a plain PostgreSQL. Each pair of hubs
/// gets a copy.
pub struct Template {
    program: PathBuf,
    database: Database,
    founded: Founded,
}

pub(super) fn place(database: &Database) -> Place {
    vec!["--database".into(), database.keepers_uri().into()]
}

impl Template {
    /// Sets the shop up with the hub's program, as a person would.
    pub fn make(program: &Path) -> Template {
        let database = Cluster::shared().plain();
        let founded = Founded::at(program, &place(&database));
        let (email, password) = STRANGER;
        let (hash, eve) = (password::hash(password).unwrap(), Uuid::from_u128(0xe7e));
        let (other, eve) = (OTHER_SHOP.to_string(), eve.to_string());
        let mut sql = database.admin();
        sql.execute("select public.found_shop('Elsewhere', shop => $1::text::uuid)", &[&other]).unwrap();
        sql.execute("insert into auth.users (id, email) values ($1::text::uuid, $2)", &[&eve, &email])
            .unwrap();
        let account = "insert into counterpart_hub.accounts (id, email, password_hash, must_change, created_at, updated_at)
                       values ($1::text::uuid, $2, $3, true, 0, 0)";
        sql.execute(account, &[&eve, &email, &hash]).unwrap();
        let takes_in = "select public.take_in($1::text::uuid, $2::text::uuid, $3, 'owner')";
        sql.execute(takes_in, &[&other, &eve, &email]).unwrap();
        Template { program: program.to_owned(), database, founded }
    }

    /// Two running hubs on a copy.
    pub fn open(&self) -> HubPostgres {
        let database = self.database.copy();
        let hubs = [(); 2].map(|()| HubProcess::start_at(&self.program, place(&database)));
        HubPostgres { staffed: self.staffed(), database, hubs, turn: Cell::new(0) }
    }

    /// One hub beside a PostgREST at that port, on a copy.
    pub(super) fn open_beside(&self, rest: u16) -> (HubProcess, Database, Staffed) {
        let database = self.database.copy();
        let mut place = place(&database);
        place.extend(["--rest".into(), format!("127.0.0.1:{rest}").into()]);
        (HubProcess::start_at(&self.program, place), database, self.staffed())
    }

    fn staffed(&self) -> Staffed {
        let Founded { shop, anon_key, logins } = &self.founded;
        Staffed { shop: shop.clone(), anon_key: anon_key.clone(), logins: logins.clone() }
    }
}

/// Whom a copy knows.
pub(super) struct Staffed {
    pub(super) shop: String,
    pub(super) anon_key: String,
    pub(super) logins: BTreeMap<Who, Login>,
}

/// Two hubs at work.
pub struct HubPostgres {
    hubs: [HubProcess; 2],
    database: Database,
    staffed: Staffed,
    turn: Cell<usize>,
}

impl HubPostgres {
    /// The address of one of them.
    pub fn address_of(&self, hub: usize) -> Address {
        Address { url: self.hubs[hub % 2].url.clone(), anon_key: self.staffed.anon_key.clone() }
    }

    /// Kills one of them in the middle of whatever it does.
    pub fn kill_one(&mut self, hub: usize) {
        self.hubs[hub % 2].kill();
    }

    /// Starts that one again.
    pub fn start_one(&mut self, hub: usize) {
        self.hubs[hub % 2].start();
    }

    /// Both start again with further words on their command lines.
    pub fn restart_with(&mut self, words: &[&str]) {
        self.kill();
        for hub in &mut self.hubs {
            hub.place.extend(words.iter().map(Into::into));
        }
        self.start();
    }

    /// What they share.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Backend for HubPostgres {
    /// One after the other, so that whoever comes next goes to another hub than whoever came last.
    fn address(&self) -> Address {
        self.turn.set(self.turn.get() + 1);
        self.address_of(self.turn.get())
    }

    fn shop(&self) -> String {
        self.staffed.shop.clone()
    }

    fn other_shop(&self) -> String {
        OTHER_SHOP.to_string()
    }

    fn login(&self, who: Who) -> Login {
        self.staffed.logins[&who].clone()
    }

    fn kill(&mut self) {
        self.hubs.iter_mut().for_each(HubProcess::kill);
    }

    fn start(&mut self) {
        self.hubs.iter_mut().for_each(HubProcess::start);
    }

    fn freeze(&mut self) {
        self.hubs.iter().for_each(|hub| hub.signal(Signal::STOP));
    }

    fn thaw(&mut self) {
        self.hubs.iter().for_each(|hub| hub.signal(Signal::CONT));
    }

    fn back_up(&mut self, to: &Path) -> bool {
        self.database.back_up(to)
    }

    fn restore(&mut self, from: &Path) {
        self.kill();
        self.database = self.database.restored(from);
        for hub in &mut self.hubs {
            hub.place = place(&self.database);
        }
        self.start();
    }

    fn log(&self) -> String {
        self.hubs.iter().map(HubProcess::log).collect()
    }
}

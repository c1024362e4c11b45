//! The hub on SQLite, as a process of its own.

use super::backend::{Address, Backend, Login, Who};
use super::process::{Founded, HubProcess, OTHER_SHOP, Place, STRANGER};
use counterpart_hub::accounts::{Accounts, InviteError, Role, add_shop, invite};
use counterpart_hub::auth::password;
use counterpart_hub::clock::SystemClock;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A data folder with both shops and everybody in them. Each hub gets a copy.
pub struct Template {
    program: PathBuf,
    data: TempDir,
    founded: Founded,
}

fn place(data: &Path) -> Place {
    vec!["--data".into(), data.into()]
}

impl Template {
    /// Sets the shop up with the hub's program, as a person would.
    pub fn make(program: &Path) -> Template {
        let data = tempfile::tempdir().unwrap();
        let founded = Founded::at(program, &place(data.path()));
        let (email, password) = STRANGER;
        let (hash, now) = (password::hash(password).unwrap(), SystemClock::start().now_ms());
        Accounts::open(data.path())
            .unwrap()
            .run(|tx| {
                add_shop(tx, OTHER_SHOP, "Elsewhere", now)?;
                invite(tx, OTHER_SHOP, email, (Role::Owner, false), &hash, now)?;
                Ok::<_, InviteError>(())
            })
            .unwrap();
        Template { program: program.to_owned(), data, founded }
    }

    /// A running hub on a copy.
    pub fn open(&self) -> HubSqlite {
        let data = tempfile::tempdir().unwrap();
        copy(self.data.path(), data.path());
        HubSqlite {
            shop: self.founded.shop.clone(),
            anon_key: self.founded.anon_key.clone(),
            logins: self.founded.logins.clone(),
            hub: HubProcess::start_at(&self.program, place(data.path())),
            data,
        }
    }
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}

/// A hub at work.
pub struct HubSqlite {
    hub: HubProcess,
    data: TempDir,
    shop: String,
    anon_key: String,
    logins: BTreeMap<Who, Login>,
}

impl Backend for HubSqlite {
    fn address(&self) -> Address {
        Address { url: self.hub.url.clone(), anon_key: self.anon_key.clone() }
    }

    fn shop(&self) -> String {
        self.shop.clone()
    }

    fn other_shop(&self) -> String {
        OTHER_SHOP.to_string()
    }

    fn login(&self, who: Who) -> Login {
        self.logins[&who].clone()
    }

    fn kill(&mut self) {
        self.hub.kill();
    }

    fn start(&mut self) {
        self.hub.start();
    }

    fn freeze(&mut self) {
        self.hub.signal(Signal::STOP);
    }

    fn thaw(&mut self) {
        self.hub.signal(Signal::CONT);
    }

    fn back_up(&mut self, to: &Path) -> bool {
        if !self.hub.has_command("backup") {
            return false;
        }
        self.hub.command(&["backup", "--to", to.to_str().unwrap()]);
        true
    }

    fn restore(&mut self, from: &Path) {
        self.hub.kill();
        // The old disk is gone with all that was on it.
        self.data = tempfile::tempdir().unwrap();
        self.hub.place = place(self.data.path());
        self.hub.command(&["restore", "--from", from.to_str().unwrap()]);
        self.hub.start();
    }

    fn log(&self) -> String {
        self.hub.log()
    }
}

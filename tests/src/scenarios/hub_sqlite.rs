//! The hub on SQLite, as a process of its own.

use super::backend::{Address, Backend, Login, Who};
use counterpart_hub::accounts::{Accounts, InviteError, Role, add_shop, invite};
use counterpart_hub::auth::password;
use counterpart_hub::clock::SystemClock;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use uuid::Uuid;

const OTHER_SHOP: Uuid = Uuid::from_u128(2);
const STRANGERS: &str = "a stranger's long password";

/// A data folder with both shops and everybody in them. Each hub gets a copy.
pub struct Template {
    program: PathBuf,
    data: TempDir,
    shop: String,
    anon_key: String,
    logins: BTreeMap<Who, Login>,
}

impl Template {
    /// Sets the shop up with the hub's program, as a person would.
    pub fn make(program: &Path) -> Template {
        let data = tempfile::tempdir().unwrap();
        let made = command(program, data.path(), &["init"]);
        let mut logins = BTreeMap::from([(Who::Owner, login(&made["owner"]))]);
        for (who, email, role) in [
            (Who::Manager, "mo@shop.example", "manager"),
            (Who::Tess, "tess@shop.example", "technician"),
            (Who::Theo, "theo@shop.example", "technician"),
            (Who::Fay, "fay@shop.example", "front_desk"),
        ] {
            logins.insert(
                who,
                login(&command(program, data.path(), &["invite", "--email", email, "--role", role])),
            );
        }
        let tablet = ["invite", "--email", "tablet@shop.example", "--role", "front_desk", "--station"];
        logins.insert(Who::Tablet, login(&command(program, data.path(), &tablet)));
        let stranger = Login { email: "eve@elsewhere.example".into(), password: STRANGERS.into() };
        let (hash, now) = (password::hash(STRANGERS).unwrap(), SystemClock::start().now_ms());
        Accounts::open(data.path())
            .unwrap()
            .run(|tx| {
                add_shop(tx, OTHER_SHOP, "Elsewhere", now)?;
                invite(tx, OTHER_SHOP, &stranger.email, (Role::Owner, false), &hash, now)?;
                Ok::<_, InviteError>(())
            })
            .unwrap();
        logins.insert(Who::Stranger, stranger);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Template { program: program.to_owned(), shop: text("shop"), anon_key: text("anon_key"), data, logins }
    }

    /// A running hub on a copy.
    pub fn open(&self) -> HubSqlite {
        let data = tempfile::tempdir().unwrap();
        copy(self.data.path(), data.path());
        let mut hub = HubSqlite {
            program: self.program.clone(),
            shop: self.shop.clone(),
            address: Address { url: "http://127.0.0.1:0".into(), anon_key: self.anon_key.clone() },
            logins: self.logins.clone(),
            log: tempfile::NamedTempFile::new().unwrap(),
            data,
            process: None,
        };
        hub.start();
        hub
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

fn login(json: &Json) -> Login {
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    Login { email: text("email"), password: text("password") }
}

/// Runs a command of the hub's to its end.
fn command(program: &Path, data: &Path, words: &[&str]) -> Json {
    let mut command = Command::new(program);
    let output = command.args(words).arg("--data").arg(data).arg("--json").output().unwrap();
    assert!(output.status.success(), "{}: {}", words[0], String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or(Json::Null)
}

/// A hub at work.
pub struct HubSqlite {
    program: PathBuf,
    data: TempDir,
    shop: String,
    address: Address,
    logins: BTreeMap<Who, Login>,
    log: tempfile::NamedTempFile,
    process: Option<Child>,
}

impl HubSqlite {
    /// The folder with all that it has.
    pub(super) fn data(&self) -> &Path {
        self.data.path()
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().unwrap();
        kill_process(Pid::from_child(process), signal).unwrap();
    }

    fn has_command(&self, name: &str) -> bool {
        let output = Command::new(&self.program).args([name, "--help"]).output().unwrap();
        output.status.success()
    }
}

impl Backend for HubSqlite {
    fn address(&self) -> Address {
        self.address.clone()
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
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    fn start(&mut self) {
        let listen = self.address.url.trim_start_matches("http://").to_owned();
        let log = File::options().append(true).open(self.log.path()).unwrap();
        let mut process = Command::new(&self.program)
            .args(["serve", "--json", "--listen", &listen, "--data"])
            .arg(self.data.path())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.process = Some(process);
        let told: Json = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no hub: {}", self.log()));
        self.address.url = told["url"].as_str().unwrap().to_owned();
    }

    fn freeze(&mut self) {
        self.signal(Signal::STOP);
    }

    fn thaw(&mut self) {
        self.signal(Signal::CONT);
    }

    fn back_up(&mut self, to: &Path) -> bool {
        if !self.has_command("backup") {
            return false;
        }
        command(&self.program, self.data.path(), &["backup", "--to", to.to_str().unwrap()]);
        true
    }

    fn restore(&mut self, from: &Path) {
        self.kill();
        // The old disk is gone with all that was on it.
        self.data = tempfile::tempdir().unwrap();
        command(&self.program, self.data.path(), &["restore", "--from", from.to_str().unwrap()]);
        self.start();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap_or_default()
    }
}

impl Drop for HubSqlite {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // One that ended already cannot be killed, which is as good.
            drop((process.kill(), process.wait()));
        }
    }
}

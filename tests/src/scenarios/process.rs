//! A hub as a process of its own, and the people that every server of the catalogue knows.

use super::backend::{Login, Who};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use uuid::Uuid;

/// The stranger's shop.
pub(super) const OTHER_SHOP: Uuid = Uuid::from_u128(2);
/// Whose address and password.
pub(super) const STRANGER: (&str, &str) = ("eve@elsewhere.example", "a stranger's long password");

/// What a command of the hub's is told of where everything is kept: `--data DIR`, `--database URL`.
pub(super) type Place = Vec<OsString>;

/// Runs a command of the hub's to its end.
pub(super) fn command(program: &Path, place: &Place, words: &[&str]) -> Json {
    let output = Command::new(program).args(words).args(place).arg("--json").output().unwrap();
    assert!(output.status.success(), "{}: {}", words[0], String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or(Json::Null)
}

/// A shop with its people, set up with the hub's program as a person would.
pub(super) struct Founded {
    pub(super) shop: String,
    pub(super) anon_key: String,
    pub(super) logins: BTreeMap<Who, Login>,
}

impl Founded {
    /// Sets it up.
    pub(super) fn at(program: &Path, place: &Place) -> Founded {
        let made = command(program, place, &["init"]);
        let mut logins = BTreeMap::from([(Who::Owner, login(&made["owner"]))]);
        for (who, email, role) in [
            (Who::Manager, "mo@shop.example", "manager"),
            (Who::Tess, "tess@shop.example", "technician"),
            (Who::Theo, "theo@shop.example", "technician"),
            (Who::Fay, "fay@shop.example", "front_desk"),
        ] {
            let invited = command(program, place, &["invite", "--email", email, "--role", role]);
            logins.insert(who, login(&invited));
        }
        let tablet = ["invite", "--email", "tablet@shop.example", "--role", "front_desk", "--station"];
        logins.insert(Who::Tablet, login(&command(program, place, &tablet)));
        let (email, password) = STRANGER;
        logins.insert(Who::Stranger, Login { email: email.into(), password: password.into() });
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Founded { shop: text("shop"), anon_key: text("anon_key"), logins }
    }
}

fn login(json: &Json) -> Login {
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    Login { email: text("email"), password: text("password") }
}

/// A hub that serves, at the same address each time that it is started. It ends when it is dropped.
pub(super) struct HubProcess {
    program: PathBuf,
    pub(super) place: Place,
    pub(super) url: String,
    log: tempfile::NamedTempFile,
    process: Option<Child>,
}

impl HubProcess {
    /// Starts one.
    pub(super) fn start_at(program: &Path, place: Place) -> HubProcess {
        let url = "http://127.0.0.1:0".into();
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut hub = HubProcess { program: program.to_owned(), place, url, log, process: None };
        hub.start();
        hub
    }

    /// Starts it again.
    pub(super) fn start(&mut self) {
        let listen = self.url.trim_start_matches("http://").to_owned();
        let log = File::options().append(true).open(self.log.path()).unwrap();
        let mut process = Command::new(&self.program)
            .args(["serve", "--json", "--listen", &listen])
            .args(&self.place)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.process = Some(process);
        let told: Json = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no hub: {}", self.log()));
        self.url = told["url"].as_str().unwrap().to_owned();
    }

    /// Kills it in the middle of whatever it does.
    pub(super) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Stops it for a while, or lets it go on.
    pub(super) fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().unwrap();
        kill_process(Pid::from_child(process), signal).unwrap();
    }

    pub(super) fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub(super) fn has_command(&self, name: &str) -> bool {
        let output = Command::new(&self.program).args([name, "--help"]).output().unwrap();
        output.status.success()
    }

    /// Runs a command of its program on what it serves.
    pub(super) fn command(&self, words: &[&str]) -> Json {
        command(&self.program, &self.place, words)
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap_or_default()
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // One that ended already cannot be killed, which is as good.
            drop((process.kill(), process.wait()));
        }
    }
}

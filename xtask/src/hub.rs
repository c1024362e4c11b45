//! A hub for one run, with a shop and its people, and the processes that work in it.

use crate::files;
use crate::step::{Failure, built, workspace};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A hub in a folder of its own.
pub(crate) struct Hub {
    /// Whose shop it is.
    pub(crate) owner: Account,
    data: PathBuf,
    url: String,
    key: String,
    _serving: Running,
}

/// Somebody's account.
pub(crate) struct Account {
    email: String,
    password: String,
}

/// A process that ends with the value that stands for it.
pub(crate) struct Running {
    what: &'static str,
    pub(crate) process: Child,
}

impl Running {
    /// Starts what a sentence calls so.
    pub(crate) fn begin(what: &'static str, command: &mut Command) -> Result<Running, Failure> {
        let process = command.spawn();
        let process = process.map_err(|error| Failure::Untrue(format!("Could not run {what}: {error}.")))?;
        Ok(Running { what, process })
    }

    /// Waits for its end, which has to be a good one.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        let ended = self.process.wait();
        let ended = ended
            .map_err(|error| Failure::Untrue(format!("How {} ended is not known: {error}.", self.what)))?;
        if ended.success() {
            return Ok(());
        }
        Err(Failure::Untrue(format!("Failed ({ended}): {}.", self.what)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that ended by itself is not there to be killed.
        self.process.kill().and_then(|()| self.process.wait().map(drop)).unwrap_or_default();
    }
}

impl Hub {
    /// Founds a shop under a name of its own in `target`, and serves it.
    pub(crate) fn found(name: &str) -> Result<Hub, Failure> {
        let data = files::fresh(&format!("target/{name}"))?.join("hub");
        let made = ask(&data, &["init", "--name", "Ada Okafor"])?;
        let mut serve = program(&data, &["serve", "--listen", "127.0.0.1:0"])?;
        let mut serving = Running::begin("the hub", &mut serve)?;
        let url = word(&said(&mut serving)?, "url");
        let owner = Account::of(&made["owner"]);
        Ok(Hub { owner, data, url, key: word(&made, "anon_key"), _serving: serving })
    }

    /// Gives somebody an account.
    pub(crate) fn invite(&self, name: &str, email: &str, role: &str) -> Result<Account, Failure> {
        let invite = ["invite", "--name", name, "--email", email, "--role", role];
        Ok(Account::of(&ask(&self.data, &invite)?))
    }

    /// The variables that tell a device where the hub is, and who works there.
    pub(crate) fn given(&self, account: &Account) -> [(&'static str, String); 4] {
        [
            ("COUNTERPART_URL", self.url.clone()),
            ("COUNTERPART_KEY", self.key.clone()),
            ("COUNTERPART_EMAIL", account.email.clone()),
            ("COUNTERPART_PASSWORD", account.password.clone()),
        ]
    }
}

impl Account {
    fn of(said: &Value) -> Account {
        Account { email: word(said, "email"), password: word(said, "password") }
    }
}

/// What the hub's program answers to a command that ends.
fn ask(data: &Path, words: &[&str]) -> Result<Value, Failure> {
    let mut asked = Running::begin("the hub", &mut program(data, words)?)?;
    let answer = said(&mut asked)?;
    asked.end()?;
    Ok(answer)
}

fn program(data: &Path, words: &[&str]) -> Result<Command, Failure> {
    let mut hub = Command::new(built("counterpart-hub")?);
    hub.args(words).arg("--data").arg(data).arg("--json");
    hub.current_dir(workspace("")).stdout(Stdio::piped()).stderr(Stdio::null());
    Ok(hub)
}

/// The first line that the hub's program says, as JSON.
fn said(hub: &mut Running) -> Result<Value, Failure> {
    let unsaid = || Failure::Untrue("The hub did not say what it was asked for.".into());
    let mut line = String::new();
    BufReader::new(hub.process.stdout.take().ok_or_else(unsaid)?)
        .read_line(&mut line)
        .map_err(|_| unsaid())?;
    serde_json::from_str(&line).map_err(|_| unsaid())
}

fn word(said: &Value, name: &str) -> String {
    said[name].as_str().unwrap_or_default().to_owned()
}

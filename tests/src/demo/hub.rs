//! The shop's hub: the `counterpart-hub` program in a process of its own, set up and started as a shop's IT person
//! would. It ends with the value that stands for it.

use super::Failure;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Who may sign in, and with what.
#[derive(Clone, Debug, Deserialize)]
pub struct Credentials {
    /// The address.
    pub email: String,
    /// The first password.
    pub password: String,
}

#[derive(Deserialize)]
struct Founded {
    shop: String,
    anon_key: String,
    owner: Credentials,
}

#[derive(Deserialize)]
struct Serving {
    url: String,
}

/// A running hub.
#[derive(Debug)]
pub struct Hub {
    program: Program,
    // Nothing once it was stopped.
    child: Mutex<Option<Child>>,
    /// Where it serves.
    pub url: String,
    /// The key of every device.
    pub anon_key: String,
    /// The shop's id.
    pub shop: String,
    /// The owner's account.
    pub owner: Credentials,
}

impl Hub {
    /// Sets a shop up in this folder and serves it on loopback. Its log lies beside its data.
    pub fn found(folder: &Path, shop: &str, owner: &str) -> Result<Hub, Failure> {
        let program = Program::beside_this_one(folder)?;
        let founded: Founded = program.run(&["init", "--shop-name", shop, "--name", owner])?;
        let mut child = program.start(&["serve", "--listen", "127.0.0.1:0"])?;
        match first_line::<Serving>(&mut child) {
            Ok(Serving { url }) => {
                let Founded { shop, anon_key, owner } = founded;
                Ok(Hub { program, child: Mutex::new(Some(child)), url, anon_key, shop, owner })
            }
            Err(failure) => {
                child.kill()?;
                child.wait()?;
                Err(program.failed("serve", &failure.to_string()))
            }
        }
    }

    /// Gives somebody an account.
    pub fn invite(&self, email: &str, name: &str, role: &str) -> Result<Credentials, Failure> {
        self.program.run(&["invite", "--email", email, "--name", name, "--role", role])
    }

    /// Asks it to stop, and waits until it has: it finishes what it has begun.
    pub fn stop(&self) {
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut child) = child else { return };
        let asked = kill_process(Pid::from_child(&child), Signal::TERM);
        if let Err(error) = asked.map_err(Into::into).and_then(|()| child.wait()) {
            eprintln!("demo: the hub could not be stopped: {error}");
        }
    }

    /// How many operations it has given a receipt for.
    pub fn receipts(&self) -> Result<usize, Failure> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let ledger = rusqlite::Connection::open_with_flags(self.program.data.join("ledger.db"), flags)?;
        let count: u32 = ledger.query_row("SELECT count(*) FROM receipts", [], |row| row.get(0))?;
        Ok(usize::try_from(count)?)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The `counterpart-hub` program over one folder.
#[derive(Debug)]
struct Program {
    path: PathBuf,
    data: PathBuf,
    log: PathBuf,
}

impl Program {
    /// Cargo puts the programs of one build beside each other.
    fn beside_this_one(folder: &Path) -> Result<Program, Failure> {
        let this = std::env::current_exe()?;
        let path = this.with_file_name(format!("counterpart-hub{}", std::env::consts::EXE_SUFFIX));
        if !path.exists() {
            let missing =
                "counterpart-hub is not built: run `cargo build -p counterpart-hub`, or `cargo xtask demo`";
            return Err(missing.into());
        }
        Ok(Program { path, data: folder.join("hub"), log: folder.join("hub.log") })
    }

    fn start(&self, arguments: &[&str]) -> Result<Child, Failure> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let (command, options) = arguments.split_first().ok_or("no command")?;
        let child = Command::new(&self.path)
            .arg(command)
            .arg("--data")
            .arg(&self.data)
            .arg("--json")
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        Ok(child)
    }

    fn run<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T, Failure> {
        let mut child = self.start(arguments)?;
        let answer = first_line(&mut child);
        let status = child.wait()?;
        let command = arguments.first().copied().unwrap_or_default();
        if !status.success() {
            return Err(self.failed(command, &status.to_string()));
        }
        answer.map_err(|failure| self.failed(command, &failure.to_string()))
    }

    fn failed(&self, command: &str, why: &str) -> Failure {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last = log.lines().last().unwrap_or("it said nothing");
        format!("`counterpart-hub {command}` failed ({why}): {last}").into()
    }
}

fn first_line<T: DeserializeOwned>(child: &mut Child) -> Result<T, Failure> {
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no pipe")?).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

//! A device as a process of its own: the `device` program, a line in and a line out.

use super::backend::{Address, Login};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer than anything here takes, so that what hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same for the device itself, so that it is the one who says so.
const PATIENCE_MS: i64 = 40_000;
/// How long devices wait before they try again: scripts have no time to lose.
const RETRY_MS: i64 = 25;

/// A running device. Dropping it kills it.
pub struct Device {
    process: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    events: Vec<Json>,
    folder: PathBuf,
}

impl Device {
    /// Starts a device in a folder, which is new or was a device's before. The network is down.
    pub fn start(program: &Path, folder: &Path) -> Device {
        let mut command = Command::new(program);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (line, lines) = channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|text| line.send(text)));
        let input = process.stdin.take().unwrap();
        let mut device = Device { process, input, lines, events: Vec::new(), folder: folder.to_owned() };
        device.ok("open", json!({ "path": folder, "retry_ms": RETRY_MS }));
        device
    }

    /// Signs in, however often the server is too busy for it.
    pub fn sign_in(&mut self, address: &Address, login: &Login) {
        let Address { url, anon_key } = address;
        let Login { email, password } = login;
        let asks = json!({ "url": url, "anon_key": anon_key, "email": email, "password": password });
        loop {
            let answer = self.ask("sign_in", asks.clone());
            if answer["error"]["code"] != json!("busy") {
                assert!(answer.get("ok").is_some(), "sign_in was answered {answer}");
                return;
            }
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn line(&self) -> Json {
        let line = self.lines.recv_timeout(PATIENCE).expect("the device says nothing");
        serde_json::from_str(&line).unwrap()
    }

    /// Sends a line as it is and gives back the answer; events that come before it are kept.
    pub fn raw(&mut self, line: &[u8]) -> Json {
        self.input.write_all(&[line, b"\n"].concat()).unwrap();
        loop {
            let line = self.line();
            match line.get("event") {
                Some(event) => self.events.push(event.clone()),
                None => return line,
            }
        }
    }

    fn ask(&mut self, call: &str, mut parameters: Json) -> Json {
        parameters["call"] = json!(call);
        self.raw(parameters.to_string().as_bytes())
    }

    /// A call that works.
    pub fn ok(&mut self, call: &str, parameters: Json) -> Json {
        let answer = self.ask(call, parameters);
        answer.get("ok").unwrap_or_else(|| panic!("{call} was answered {answer}")).clone()
    }

    /// A call that does not: the code of its error.
    pub fn code(&mut self, call: &str, parameters: Json) -> String {
        let answer = self.ask(call, parameters);
        answer["error"]["code"].as_str().unwrap_or_else(|| panic!("{call} was answered {answer}")).to_owned()
    }

    /// The first event, of those that came and those to come, that this is true of.
    pub fn event(&mut self, wanted: impl Fn(&Json) -> bool) -> Json {
        loop {
            if let Some(at) = self.events.iter().position(&wanted) {
                return self.events.remove(at);
            }
            let line = self.line();
            self.events.push(line.get("event").expect("an event").clone());
        }
    }

    /// A new row.
    pub fn save(&mut self, table: &str, row: Json) -> String {
        self.ok("save", json!({ "table": table, "row": row }))["id"].as_str().unwrap().to_owned()
    }

    /// Other values for fields of a row.
    pub fn set(&mut self, table: &str, id: &str, mut fields: Json) {
        fields["id"] = json!(id);
        self.save(table, fields);
    }

    /// A row, or null.
    pub fn get(&mut self, table: &str, id: &str) -> Json {
        self.ok("get", json!({ "table": table, "id": id }))
    }

    /// All rows of a table.
    pub fn list(&mut self, table: &str) -> Vec<Json> {
        let rows = self.ok("list", json!({ "table": table, "limit": 10_000 }));
        rows.as_array().unwrap().clone()
    }

    /// A customer with nothing but a name.
    pub fn customer(&mut self, name: &str) -> String {
        self.save("customers", json!({ "last_name": name }))
    }

    /// A ticket of a customer.
    pub fn ticket(&mut self, customer: &str) -> String {
        self.save("tickets", json!({ "customer_id": customer, "subject": "Screen" }))
    }

    /// A ticket moves on.
    pub fn moves(&mut self, ticket: &str, to: &str) {
        self.ok("transition", json!({ "id": ticket, "to": to }));
    }

    /// The state of its sync.
    pub fn state(&mut self) -> Json {
        self.ok("state", json!({}))
    }

    /// What waits for a person.
    pub fn parked(&mut self) -> Vec<Json> {
        self.ok("parked", json!({})).as_array().unwrap().clone()
    }

    /// The conflicts that wait for a person.
    pub fn conflicts(&mut self) -> Vec<Json> {
        self.ok("conflicts", json!({})).as_array().unwrap().clone()
    }

    /// The network is gone.
    pub fn down(&mut self) {
        self.ok("network", json!({ "up": false }));
    }

    /// The network is there.
    pub fn up(&mut self) {
        self.ok("network", json!({ "up": true }));
    }

    /// Waits until nothing is queued or on its way.
    pub fn idle(&mut self) {
        self.ok("idle", json!({ "timeout_ms": PATIENCE_MS }));
    }

    /// One full sync.
    pub fn sync(&mut self) {
        self.ok("sync", json!({}));
    }

    /// The network is back, and what waited has gone and come.
    pub fn back(&mut self) {
        self.up();
        self.idle();
        self.sync();
    }

    /// How many rows within the windows it has, and how many the server says that it should, by table.
    pub fn counts(&mut self) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
        let inspected = self.ok("inspect", json!({}));
        let numbers = |of: &Json| -> BTreeMap<String, u64> {
            let tables = of.as_object().unwrap().iter();
            tables.map(|(table, count)| (table.clone(), count.as_u64().unwrap())).collect()
        };
        let (mut here, beyond) = (numbers(&inspected["rows"]), numbers(&inspected["beyond"]));
        here.iter_mut().for_each(|(table, count)| *count -= beyond[table]);
        let mut there = numbers(&self.ok("counts", json!({}))["rows"]);
        // What this device may not read is not named.
        here.keys().for_each(|table| _ = there.entry(table.clone()).or_default());
        (here, there)
    }

    /// Its checksum and the commit it is of.
    pub fn checksum(&mut self) -> (String, i64) {
        let checksum = self.ok("checksum", json!({}));
        (checksum["hash"].as_str().unwrap().to_owned(), checksum["cursor"].as_i64().unwrap())
    }

    /// The process's id.
    pub fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.process)
    }

    /// `kill -9`. Gives back the folder.
    pub fn kill(mut self) -> PathBuf {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.folder.clone()
    }

    /// Closes it. Gives back the folder.
    pub fn close(mut self) -> PathBuf {
        self.ok("close", json!({}));
        self.kill()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Whatever failed: no process is left. One that ended already cannot be killed, which is as good.
        drop((self.process.kill(), self.process.wait()));
    }
}

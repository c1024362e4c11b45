//! The `device` binary as a child process: a line in, a line out.

use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything here takes, so that what hangs fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running device.
pub(crate) struct Device {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    pub(crate) events: Vec<Json>,
}

impl Device {
    pub(crate) fn start() -> Device {
        let mut command = Command::new(env!("CARGO_BIN_EXE_device"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (line, lines) = channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|text| line.send(text)));
        Device { input: process.stdin.take(), process, lines, events: Vec::new() }
    }

    /// One that works in a shop that no server has heard of.
    pub(crate) fn offline(folder: &TempDir, role: &str) -> Device {
        let mut device = Device::start();
        assert_eq!(device.ok(json!({ "call": "open", "path": folder.path() })), Json::Null);
        let begin = json!({ "call": "begin_offline", "account": "ada", "role": role, "shop": "shop-1", "employee": "e1" });
        assert_eq!(device.ok(begin), json!({ "shop": "shop-1" }));
        device
    }

    pub(crate) fn send(&mut self, line: &[u8]) {
        self.input.as_mut().unwrap().write_all(&[line, b"\n"].concat()).unwrap();
    }

    pub(crate) fn line(&self) -> Json {
        serde_json::from_str(&self.lines.recv_timeout(PATIENCE).unwrap()).unwrap()
    }

    /// The next answer; events that come before it are kept.
    pub(crate) fn answer(&mut self) -> Json {
        loop {
            let line = self.line();
            match line.get("event") {
                Some(event) => self.events.push(event.clone()),
                None => return line,
            }
        }
    }

    pub(crate) fn ask(&mut self, line: Json) -> Json {
        self.send(line.to_string().as_bytes());
        self.answer()
    }

    pub(crate) fn ok(&mut self, line: Json) -> Json {
        let answer = self.ask(line.clone());
        answer.get("ok").unwrap_or_else(|| panic!("{line} was answered {answer}")).clone()
    }

    pub(crate) fn code(&mut self, line: Json) -> String {
        code_of(&self.ask(line))
    }

    /// The first event, of those that came and those to come, that this is true of.
    pub(crate) fn event(&mut self, wanted: impl Fn(&Json) -> bool) -> Json {
        loop {
            if let Some(at) = self.events.iter().position(&wanted) {
                return self.events.remove(at);
            }
            let line = self.line();
            self.events.push(line.get("event").unwrap().clone());
        }
    }

    pub(crate) fn save(&mut self, table: &str, row: Json) -> String {
        let saved = self.ok(json!({ "call": "save", "table": table, "row": row }));
        saved["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn get(&mut self, table: &str, id: &str) -> Json {
        self.ok(json!({ "call": "get", "table": table, "id": id }))
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// The end of its input, which it ends well at.
    pub(crate) fn end(mut self) {
        self.input = None;
        assert!(self.process.wait().unwrap().success());
        assert_eq!(self.lines.recv_timeout(PATIENCE).ok(), None, "nothing was left unread");
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Whatever failed: no process is left. One that ended already cannot be killed, which is as good.
        drop((self.process.kill(), self.process.wait()));
    }
}

/// The code of an error, which also has words.
pub(crate) fn code_of(answer: &Json) -> String {
    let error = answer.get("error").unwrap_or_else(|| panic!("{answer} is no error"));
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
    error["code"].as_str().unwrap().to_owned()
}

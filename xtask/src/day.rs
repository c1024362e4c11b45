//! `test day`: the story of a day, in which the models of an iPad and those of an Android phone work in one shop.
//!
//! Each device is a program that knows its own steps. Here stands whose turn it is: a line asks for a step and names the
//! word that was said last, the device says what it waits for meanwhile, and that it is done.

use crate::bindings::{self, Build};
use crate::hub::{Hub, Running};
use crate::step::{Failure, announce, run as step};
use crate::swift;
use crate::toolchain::Toolchain;
use crate::{apps, kotlin};
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

const PACKAGE: &str = "ios";
/// The iPad's program, as its package builds it.
const IPAD: &str = "ios/.build/debug/SharedDay";
/// What the build of the phone's program leaves.
const PHONE: &str = "android/model/target";
const PHONE_MAIN: &str = "dev.counterpart.app.SharedDayKt";
/// Whoever says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whose turn it is.
#[derive(PartialEq)]
enum Turn {
    IPad,
    Phone,
}

/// The day.
const STORY: &[(Turn, &str)] = &[
    (Turn::IPad, "puts six screens on the shelf"),
    (Turn::Phone, "finds them there"),
    (Turn::IPad, "takes a device in"),
    (Turn::Phone, "sees it come onto the board"),
    (Turn::IPad, "takes another in while the network is gone, and has its number"),
    (Turn::IPad, "is back online, and the server has it"),
    (Turn::Phone, "takes that one on, looks into it and says what is wrong"),
    (Turn::IPad, "reads that, and says that it is urgent"),
    (Turn::Phone, "sees that it is urgent, and loses the network"),
    (Turn::IPad, "loses the network too, and uses a screen on the first"),
    (Turn::Phone, "uses a screen on the other"),
    (Turn::IPad, "is back online, and counts five"),
    (Turn::Phone, "is back online, and counts four"),
    (Turn::IPad, "counts four too"),
    (Turn::Phone, "loses the network again"),
    (Turn::IPad, "writes down what the customer says"),
    (Turn::Phone, "writes something else in the same place"),
    (Turn::Phone, "is back online, finds both in its sync centre, and writes its own words"),
    (Turn::IPad, "reads what was decided"),
    (Turn::Phone, "makes the other one ready"),
    (Turn::IPad, "hears that it is safe, and hands it over"),
    (Turn::Phone, "sees it leave the board"),
    (Turn::IPad, "goes home with nothing unsent"),
    (Turn::Phone, "goes home with nothing unsent"),
];

/// Builds the models of both, and what works with them, and tells the story.
pub(crate) fn run() -> Result<(), Failure> {
    apps::prepare("test day", Build::Debug)?;
    bindings::swift(Build::Debug)?;
    let toolchain = Toolchain::find()?;
    let linker = swift::linker_flags();
    let linker: Vec<&str> = linker.iter().map(String::as_str).collect();
    let build = ["swift", "build", "--product", "SharedDay", "--package-path", PACKAGE];
    step("The iPad", toolchain.command(&[&build, &linker[..]].concat(), &[])?)?;
    step("The phone", apps::maven(&["-q", "--projects", "model", "--also-make", "test-compile"])?)?;
    run_built()
}

/// Tells the story with what the suites of the apps built.
pub(crate) fn run_built() -> Result<(), Failure> {
    let hub = Hub::found("day")?;
    let bench = hub.invite("Bo Lindqvist", "bo@shop.example", "technician")?;
    let ipad = Toolchain::find()?.command(&[IPAD], &hub.given(&hub.owner))?;
    let mut phone = kotlin::java(PHONE, &["test-classes", "classes"], &[], PHONE_MAIN)?;
    phone.envs(hub.given(&bench));
    let mut ipad = Device::begin("the iPad", ipad, PATIENCE)?;
    let mut phone = Device::begin("the phone", phone, PATIENCE)?;
    let mut word = String::new();
    for (turn, what) in STORY {
        let device = match turn {
            Turn::IPad => &mut ipad,
            Turn::Phone => &mut phone,
        };
        word = device.does(what, &word)?;
    }
    ipad.leaves()?;
    phone.leaves()?;
    eprintln!("   {} steps of a day", STORY.len());
    Ok(())
}

/// A program that has a device in its hands.
struct Device {
    name: &'static str,
    running: Running,
    asks: ChildStdin,
    says: Receiver<String>,
    patience: Duration,
    /// What it waits for, as far as it has said.
    waits: String,
}

impl Device {
    fn begin(name: &'static str, mut program: Command, patience: Duration) -> Result<Device, Failure> {
        announce(&format!("A day of {name}"), &program);
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = Running::begin(name, &mut program)?;
        let deaf = || Failure::Untrue(format!("Nobody can speak with {name}."));
        let asks = running.process.stdin.take().ok_or_else(deaf)?;
        let lines = BufReader::new(running.process.stdout.take().ok_or_else(deaf)?).lines();
        let (tell, says) = mpsc::channel();
        // It ends with the program, or when nobody listens any more.
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Ok(Device { name, running, asks, says, patience, waits: String::new() })
    }

    /// Asks for a step, and gives what is said once it is done.
    fn does(&mut self, step: &str, word: &str) -> Result<String, Failure> {
        eprintln!("   {} {step}", self.name);
        // One that has ended is found out when nothing comes back.
        writeln!(self.asks, "{step}\t{word}").unwrap_or_default();
        loop {
            match self.says.recv_timeout(self.patience) {
                Ok(line) => {
                    if let Some(what) = line.strip_prefix("waits for ") {
                        what.clone_into(&mut self.waits);
                    } else if let Some(word) = line.strip_prefix("done ") {
                        self.waits.clear();
                        return Ok(word.to_owned());
                    } else {
                        eprintln!("   {}: {line}", self.name);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err(self.failed(step, "said nothing for too long")),
                Err(RecvTimeoutError::Disconnected) => return Err(self.failed(step, "ended")),
            }
        }
    }

    /// Waits for its end, which has to be a good one.
    fn leaves(self) -> Result<(), Failure> {
        match self.says.recv_timeout(self.patience) {
            Err(RecvTimeoutError::Disconnected) => self.running.end(),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {
                Err(Failure::Untrue(format!("The day is over, and {} goes on.", self.name)))
            }
        }
    }

    fn failed(&self, step: &str, how: &str) -> Failure {
        let name = self.name;
        let waited = match self.waits.as_str() {
            "" => String::new(),
            what => format!(" It waited for {what}."),
        };
        Failure::Untrue(format!("The story stands where {name} {step}: it {how}.{waited}"))
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(100);

    /// A device that a line of the shell stands for.
    fn device(script: &str) -> Device {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        Device::begin("the phone", shell, PATIENCE).unwrap()
    }

    #[test]
    fn a_step_is_done_when_the_device_says_so_and_its_word_is_heard() {
        let mut phone = device(r#"read -r line; echo "waits for ink"; echo "done ${line#*7}""#);
        assert_eq!(phone.does("writes 7", "1001").unwrap(), "\t1001");
        phone.leaves().unwrap();
    }

    #[test]
    fn a_device_that_ends_in_a_step_is_named_with_what_it_waited_for() {
        let failed = device("read -r line; echo waits for a ticket").does("looks", "").unwrap_err();
        let said = "The story stands where the phone looks: it ended. It waited for a ticket.";
        assert_eq!(failed.to_string(), said);
    }

    #[test]
    fn a_device_that_does_nothing_fails_the_day() {
        let early = device("exit 0").does("looks", "").unwrap_err().to_string();
        assert_eq!(early, "The story stands where the phone looks: it ended.");
        let mut silent = device("cat >/dev/null");
        silent.patience = AT_ONCE;
        let silent = silent.does("looks", "").unwrap_err().to_string();
        assert_eq!(silent, "The story stands where the phone looks: it said nothing for too long.");
    }

    #[test]
    fn a_device_that_ends_late_or_badly_fails_the_day() {
        let mut badly = device(r#"read -r line; echo "done "; exit 3"#);
        badly.does("looks", "").unwrap();
        assert!(badly.leaves().unwrap_err().to_string().contains("exit status: 3"));
        let mut late = device(r#"read -r line; echo "done "; cat >/dev/null"#);
        late.does("looks", "").unwrap();
        late.patience = AT_ONCE;
        assert_eq!(late.leaves().unwrap_err().to_string(), "The day is over, and the phone goes on.");
    }

    #[test]
    fn both_have_a_day_of_many_steps() {
        for device in [Turn::IPad, Turn::Phone] {
            assert!(STORY.iter().filter(|(turn, _)| *turn == device).count() >= 12);
        }
    }
}

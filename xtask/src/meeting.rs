//! `test meeting`: a Swift device and a Kotlin device in one shop, each seeing the other's work as it happens.

use crate::bindings::{self, Build};
use crate::step::{Failure, announce, built, cargo, run as step, workspace};
use crate::swift::{Toolchain, linker_flags};
use crate::{debian, kotlin};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const PACKAGE: [&str; 2] = ["--package-path", "tests/swift/suite"];

/// Builds both packages, and lets the two meet.
pub(crate) fn run() -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    debian::install("test meeting", "Java and Maven", kotlin::NEEDED)?;
    step("The hub", cargo(&["build", "-p", "counterpart-hub"]))?;
    bindings::swift(Build::Debug)?;
    bindings::kotlin(Build::Debug)?;
    let linker = linker_flags();
    let flags: Vec<&str> = linker.iter().map(String::as_str).collect();
    step("The Swift device", toolchain.command(&[&["swift", "build"], &PACKAGE[..], &flags].concat(), &[])?)?;
    kotlin::compile_suite("The Kotlin device")?;
    run_built()
}

/// Founds a shop, and lets the two meet as the suites of both packages built them.
pub(crate) fn run_built() -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    let linker = linker_flags();
    let flags: Vec<&str> = linker.iter().map(String::as_str).collect();
    let hub = Hub::found()?;
    let run = [&["swift", "run", "--skip-build"], &PACKAGE[..], &flags, &["Peer"]].concat();
    let mut swift = toolchain.command(&run, &hub.account)?;
    let mut kotlin = kotlin::of_suite("PeerKt")?;
    kotlin.envs(hub.account.iter().map(|(name, value)| (name, value)));
    announce("A Swift device, beside the Kotlin one that comes next", &swift);
    let mut swift = Running(swift.spawn().map_err(|error| unstarted("Swift", &error))?);
    step("A Kotlin device", kotlin)?;
    let ended = swift.0.wait().map_err(|error| unstarted("Swift", &error))?;
    if ended.success() {
        Ok(())
    } else {
        Err(Failure::Untrue(format!("The Swift device ended with {ended}.")))
    }
}

/// A hub in a folder of its own, and the account that both devices sign in with.
struct Hub {
    account: [(&'static str, String); 4],
    _serving: Running,
}

/// A process that ends with the value that stands for it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that ended by itself is not there to be killed.
        self.0.kill().and_then(|()| self.0.wait().map(drop)).unwrap_or_default();
    }
}

impl Hub {
    fn found() -> Result<Hub, Failure> {
        let data = bindings::fresh("target/meeting")?.join("hub");
        let program = || {
            let mut hub = Command::new(built("counterpart-hub")?);
            hub.current_dir(workspace("")).stdout(Stdio::piped()).stderr(Stdio::null());
            Ok::<_, Failure>(hub)
        };
        let mut init = program()?;
        init.arg("init").arg("--data").arg(&data).arg("--json");
        let mut made = Running(init.spawn().map_err(|error| unstarted("the hub", &error))?);
        let shop = said(&mut made)?;
        made.0.wait().map_err(|error| unstarted("the hub", &error))?;
        let mut serve = program()?;
        serve.arg("serve").arg("--data").arg(&data).args(["--json", "--listen", "127.0.0.1:0"]);
        let mut serving = Running(serve.spawn().map_err(|error| unstarted("the hub", &error))?);
        let url = said(&mut serving)?;
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let account = [
            ("COUNTERPART_URL", word(&url["url"])),
            ("COUNTERPART_KEY", word(&shop["anon_key"])),
            ("COUNTERPART_EMAIL", word(&shop["owner"]["email"])),
            ("COUNTERPART_PASSWORD", word(&shop["owner"]["password"])),
        ];
        Ok(Hub { account, _serving: serving })
    }
}

/// The first line that a program says, as JSON.
fn said(program: &mut Running) -> Result<Value, Failure> {
    let unsaid = || Failure::Untrue("The hub did not say how it is reached.".into());
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().ok_or_else(unsaid)?).read_line(&mut line).map_err(|_| unsaid())?;
    serde_json::from_str(&line).map_err(|_| unsaid())
}

fn unstarted(what: &str, error: &std::io::Error) -> Failure {
    Failure::Untrue(format!("Could not run {what}: {error}."))
}

//! A suite that runs as a process of its own, beside what this one goes on with. It has a file to speak into, so that two
//! do not speak at once, and it never outlives the one that began it, however that ends.

use crate::files::unwritable;
use crate::step::{Failure, announce, built, program, workspace};
use std::fs::File;
use std::io::{self, stderr, stdin};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A process that begins a command of this program, in a group with everything that it starts.
pub(crate) struct Lane {
    suite: &'static str,
    /// Where what it says goes, in the workspace.
    said: String,
    process: Child,
    /// Whoever runs in the lane sees when nobody holds this any more.
    held: Option<ChildStdin>,
}

impl Lane {
    /// Begins the suite of that name.
    pub(crate) fn begin(says: &str, suite: &'static str) -> Result<Lane, Failure> {
        Lane::of(says, suite, program(".", built("xtask")?, &["test", suite]))
    }

    fn of(says: &str, suite: &'static str, mut command: Command) -> Result<Lane, Failure> {
        let said = format!("target/{suite}.log");
        let path = workspace(&said);
        let file = File::create(&path).map_err(|error| unwritable(&path, &error))?;
        let both = file.try_clone().map_err(|error| unwritable(&path, &error))?;
        announce(&format!("{says}, beside what comes next; it says into {said}"), &command);
        command.stdin(Stdio::piped()).stdout(file).stderr(both);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command.spawn();
        let mut process =
            process.map_err(|error| Failure::Untrue(format!("Could not start ({error}): {says}.")))?;
        let held = process.stdin.take();
        Ok(Lane { suite, said, process, held })
    }

    /// Waits for its end, shows all that it said, and fails if it failed.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        let Lane { suite, said, process, .. } = &mut self;
        eprintln!("\n== What was said beside, whole as soon as it ends\n   cargo xtask test {suite}");
        let ended = process.wait();
        let ended =
            ended.map_err(|error| Failure::Untrue(format!("How {suite} ended is not known: {error}.")))?;
        let shown = File::open(workspace(&*said)).and_then(|mut file| io::copy(&mut file, &mut stderr()));
        shown.map_err(|error| Failure::Untrue(format!("{said} cannot be shown: {error}.")))?;
        if ended.success() {
            return Ok(());
        }
        Err(Failure::Untrue(format!(
            "Failed ({ended}): what ran beside the tests of Rust. What it said is above, and in {said}."
        )))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            eprintln!("\n== What runs beside is ended; what it said until here is in {}", self.said);
        }
        drop(self.held.take());
        if cfg!(not(unix)) {
            self.process.kill().unwrap_or_default();
        }
        self.process.wait().map(drop).unwrap_or_default();
    }
}

/// Has this process and everything that it started end when nobody holds its standard input any more, as one does who
/// began it in a lane.
pub(crate) fn end_with_who_began() {
    std::thread::spawn(|| {
        // Nothing is written there. Whether it ends well or not, it has ended.
        io::copy(&mut stdin().lock(), &mut io::sink()).map(drop).unwrap_or_default();
        // Whoever was not begun in a lane has no group of its own, and goes on.
        let mut end = Command::new("sh");
        end.args(["-c", "kill -s KILL -- \"$0\""]).arg(format!("-{}", std::process::id()));
        end.stderr(Stdio::null()).status().map(drop).unwrap_or_default();
    });
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn lane(suite: &'static str, does: &str) -> Lane {
        Lane::of("Something", suite, program(".", "sh", &["-c", does])).unwrap()
    }

    #[test]
    fn what_fails_beside_fails_the_command_and_says_where_it_spoke() {
        let failure = lane("tried", "echo why >&2; exit 3").end().unwrap_err().to_string();
        assert!(failure.contains("exit status: 3") && failure.contains("target/tried.log"), "{failure}");
        assert_eq!(std::fs::read_to_string(workspace("target/tried.log")).unwrap(), "why\n");
        lane("tried-well", "true").end().unwrap();
    }

    #[test]
    fn what_runs_beside_sees_that_nobody_waits_for_it_any_more() {
        drop(lane("let-go", "cat; echo seen"));
        assert_eq!(std::fs::read_to_string(workspace("target/let-go.log")).unwrap(), "seen\n");
    }
}

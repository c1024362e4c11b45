//! The real Supabase CLI, from the npm package that holds it, in a copy of `supabase/`. It reaches nothing but this
//! machine, and tells nobody that it was used.

use super::npm::{self, Package};
use super::workspace;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

const PACKAGE: Package = Package {
    name: "@supabase/cli-linux-x64@3.1.0",
    sha256: "b3ab239efb68e5d8415d71cafc03299da9860fbb3ed10a23ff829b2539a53a59",
};

/// The CLI, as somebody has it who copied the repository.
pub struct SupabaseCli {
    program: PathBuf,
    folder: TempDir,
}

impl SupabaseCli {
    /// Fetches it, and copies `supabase/`.
    pub fn get() -> SupabaseCli {
        let cli = SupabaseCli {
            program: if npm::RUN { PACKAGE.folder().join("bin/supabase") } else { "supabase".into() },
            folder: tempfile::tempdir().unwrap(),
        };
        let copied = Command::new("cp").arg("-r").arg(workspace("supabase")).arg(cli.folder.path()).status();
        assert!(copied.unwrap().success());
        cli
    }

    /// Where it looks for `supabase/`.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Runs a command to its end; what it asks is answered with yes.
    pub fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(self.folder.path()).env("HOME", self.folder.path());
        command.env("SUPABASE_YES", "1").env("SUPABASE_TELEMETRY_DISABLED", "1").env("DO_NOT_TRACK", "1");
        // Nobody listens there.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").env("HTTP_PROXY", "http://127.0.0.1:9");
        command.env("NO_PROXY", "127.0.0.1").output().unwrap()
    }
}

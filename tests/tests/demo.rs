//! The demo without its page: the day is worked with a real hub, and its last line is true.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// The demo starts the hub that cargo put beside it.
const HUB: &str = "counterpart-hub";

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo")).args(arguments).output().unwrap()
}

#[test]
fn the_day_ends_with_equal_replicas_and_says_so_in_its_last_line() {
    let hub = Path::new(env!("CARGO_BIN_EXE_demo")).with_file_name(HUB);
    assert!(hub.exists(), "where not the whole workspace is tested: cargo build -p counterpart-hub");
    let ended = demo(&["--exit"]);
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success(), "{told}");
    let out = String::from_utf8(ended.stdout).unwrap();
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let fields: Vec<&str> = last.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), 5, "{fields:?}");
    assert_eq!((&last["equal"], &last["devices"], &last["conflicts"]), (&true.into(), &3.into(), &1.into()));
    assert!(last["operations"].as_u64().unwrap() > 100 && last["seconds"].as_f64().unwrap() > 0.0);
    assert!(!told.contains('\x1b'), "no escape codes where there is no terminal");
    for claim in ["the stock fell by two", "both versions are kept", "every device and the hub hold the same"]
    {
        assert!(told.contains(claim), "{claim}: {told}");
    }
}

#[test]
fn what_it_does_not_know_it_refuses() {
    let ended = demo(&["--forever"]);
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.stdout.is_empty());
}

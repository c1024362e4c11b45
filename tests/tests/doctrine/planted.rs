//! Planted mistakes: each rule of the doctrine finds its own, at its line, and leaves its innocent look-alike alone.

use super::*;

fn broken(rule: FileRule, path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text).unwrap();
    rule(&source).into_iter().map(|violation| violation.line).collect()
}

#[test]
fn an_engine_module_that_names_an_entity_is_found() {
    for module in ENGINE {
        let path = format!("core/src/{module}/mod.rs");
        for text in [
            "use crate::entity::Customer;",
            "use crate::{schema::Row, entity};",
            "use super::entity;",
            "fn f(who: crate::desk::Desk) {}",
            "fn f() { log!(\"{}\", crate::entity::Customer::TABLE.name); }",
            "mod tests { use super::super::entity::*; }",
        ] {
            assert_eq!(broken(arrows, &path, text), [1], "{path}: {text}");
        }
    }
}

#[test]
fn a_lower_module_that_names_a_higher_one_is_found() {
    assert_eq!(broken(arrows, "core/src/store/rows.rs", "//!\n\nuse crate::outbox::Operation;"), [3]);
    assert_eq!(broken(arrows, "core/src/schema/table.rs", "use crate::store;"), [1]);
    assert_eq!(broken(arrows, "core/src/entity/ticket.rs", "use super::super::store::Store;"), [1]);
    assert_eq!(broken(arrows, "core/src/sync/engine.rs", "use crate::shop::Shop;"), [1]);
    assert_eq!(broken(arrows, "core/src/entity/ticket.rs", "use crate::schema::Row;"), Vec::<usize>::new());
    assert_eq!(
        broken(arrows, "core/src/sync/engine.rs", "use crate::outbox::{Batch, self};"),
        Vec::<usize>::new()
    );
}

#[test]
fn the_crate_root_is_no_way_around_the_arrows() {
    assert_eq!(broken(arrows, "core/src/store/rows.rs", "use crate::Customer;"), [1]);
    assert_eq!(broken(arrows, "core/src/store/rows.rs", "use crate::*;"), [1]);
    assert_eq!(broken(arrows, "core/src/store/mod.rs", "use super::*;"), [1]);
    assert_eq!(broken(arrows, "core/src/store/mod.rs", "mod tests { use super::*; }"), Vec::<usize>::new());
}

#[test]
fn a_module_without_a_row_is_found() {
    assert_eq!(broken(arrows, "core/src/helpers.rs", "//! Everything."), [1]);
    assert_eq!(
        broken(arrows, "core/src/lib.rs", "pub mod entity; pub use entity::Customer;"),
        Vec::<usize>::new()
    );
}

#[test]
fn comments_strings_and_macros_of_the_root_break_no_arrow() {
    let text =
        "//! Not [`crate::entity`].\n// crate::entity\nconst A: &str = \"crate::entity\";\ncrate::entity! {}";
    assert_eq!(broken(arrows, "core/src/store/rows.rs", text), Vec::<usize>::new());
}

#[test]
fn the_network_outside_of_net_is_found() {
    for text in [
        "use reqwest::Client;",
        "use std::{io, net::SocketAddr};",
        "fn f() { tokio::net::lookup_host(\"\"); }",
        "fn f(stream: TcpStream) {}",
        "use tokio_tungstenite as sockets;",
        "extern crate hyper;",
    ] {
        assert_eq!(broken(only_net_touches_the_network, "core/src/sync/engine.rs", text), [1], "{text}");
        assert_eq!(
            broken(only_net_touches_the_network, "core/src/net/http.rs", text),
            Vec::<usize>::new(),
            "{text}"
        );
        assert_eq!(
            broken(only_net_touches_the_network, "hub/src/main.rs", text),
            Vec::<usize>::new(),
            "{text}"
        );
    }
    let text = "use crate::net::Session; fn f(curl: u8) { let net = curl; }";
    assert_eq!(broken(only_net_touches_the_network, "core/src/shop/mod.rs", text), Vec::<usize>::new());
}

#[test]
fn a_sleep_is_found() {
    for text in [
        "fn f() { std::thread::sleep(wait); }",
        "use std::thread::{self, sleep as nap};",
        "use tokio::time; async fn f() { time::sleep(wait).await }",
        "fn f() { select! { _ = sleep(wait) => {} } }",
        "fn f() { thread::park_timeout(wait); }",
    ] {
        assert_eq!(broken(nothing_sleeps, "tests/tests/any.rs", text), [1], "{text}");
    }
    let text =
        "//! No sleep().\nfn sleep(clock: &Clock) { clock.sleep(8); let sleep = \"thread::sleep(1)\"; }";
    assert_eq!(broken(nothing_sleeps, "tests/tests/any.rs", text), Vec::<usize>::new());
    assert_eq!(
        broken(nothing_sleeps, "tests/tests/any.rs", "fn f() { inbox.recv_timeout(wait); }"),
        Vec::<usize>::new()
    );
}

#[test]
fn a_test_that_is_switched_off_is_found() {
    for text in [
        "#[test]\n#[ignore]\nfn f() {}",
        "#[test]\n#[ignore = \"flaky\"]\nfn f() {}",
        "#[test]\n#[cfg_attr(not(feature = \"slow\"), ignore)]\nfn f() {}",
        "mod a {\n#![cfg(any())]\n}",
        "#[test]\n#[cfg(false)]\nfn f() {}",
        "/// ```\n/// ```ignore\n/// ```\nfn f() {}",
    ] {
        assert_eq!(broken(no_test_is_switched_off, "core/src/any.rs", text), [2], "{text}");
    }
    let text = "#[cfg(any(unix, windows))]\nfn ignore() { x(|ignore| [ignore]); }\n/// ```\n/// ignore();\n/// ```\nfn g() {}";
    assert_eq!(broken(no_test_is_switched_off, "core/src/any.rs", text), Vec::<usize>::new());
}

#[test]
fn a_stub_is_found() {
    assert_eq!(broken(nothing_is_left_to_do, "core/src/any.rs", "//!\nfn f() { todo!() }"), [2]);
    assert_eq!(
        broken(nothing_is_left_to_do, "core/src/any.rs", "fn f() { std::unimplemented!(\"later\") }"),
        [1]
    );
    assert_eq!(
        broken(nothing_is_left_to_do, "core/src/any.rs", "fn f(todo: u8) -> bool { todo != 1 }"),
        Vec::<usize>::new()
    );
}

#[test]
fn a_file_without_its_opening_line_is_found() {
    assert_eq!(broken(a_file_says_what_it_guarantees, "core/src/any.rs", "// Words.\n//! Words."), [1]);
    assert_eq!(broken(a_file_says_what_it_guarantees, "core/src/any.rs", "//! Words."), Vec::<usize>::new());
    assert_eq!(broken(a_file_says_what_it_guarantees, "core/any.sql", "SELECT 1"), Vec::<usize>::new());
}

#[test]
fn a_file_that_is_too_long_is_found() {
    let text = "-- a line\n".repeat(LONGEST_FILE);
    assert_eq!(broken(no_file_is_too_long, "core/any.sql", &text), Vec::<usize>::new());
    assert_eq!(broken(no_file_is_too_long, "core/any.sql", &(text.clone() + "more")), [LONGEST_FILE + 1]);
    assert_eq!(broken(no_file_is_too_long, "Cargo.lock", &(text + "more")), Vec::<usize>::new());
}

#[test]
fn a_path_of_one_machine_is_found() {
    for folder in MACHINE_FOLDERS {
        for text in [format!("see /{folder}/x/y"), format!("PATH=a:/{folder}/b"), format!("(`/{folder}/c`)")]
        {
            assert_eq!(broken(no_path_of_one_machine, "docs/any.md", &text), [1], "{text}");
        }
        for text in
            [format!("https://example.org/{folder}/"), format!("$HOME/{folder}/"), format!("./{folder}/a")]
        {
            assert_eq!(broken(no_path_of_one_machine, "docs/any.md", &text), Vec::<usize>::new(), "{text}");
        }
    }
    for (before, lines) in
        [("see ", vec![1]), ("../", vec![1]), ("functions/_", vec![]), ("android/", vec![])]
    {
        let text = format!("{before}{}/design.md", "shared");
        assert_eq!(broken(no_path_of_one_machine, "docs/any.md", &text), lines, "{text}");
    }
}

#[test]
fn a_gap_between_migrations_is_found() {
    let found = |files: &[&str]| {
        let paths: Vec<String> = files.iter().map(|file| format!("core/migrations/shop/{file}")).collect();
        migrations_count_from_one(paths.iter().map(String::as_str)).len()
    };
    assert_eq!(found(&["0001_tables.sql", "0002_search.sql", "README.md"]), 0);
    assert_eq!(found(&["0002_search.sql"]), 1);
    assert_eq!(found(&["0001_tables.sql", "0003_search.sql"]), 1);
    assert_eq!(found(&["0001_tables.sql", "0001_search.sql"]), 1);
    assert_eq!(found(&["tables.sql"]), 1);
    assert_eq!(
        migrations_count_from_one(["supabase/migrations/20260101000000_a.sql"].into_iter()),
        Vec::<Violation>::new()
    );
}

#[test]
fn a_violation_is_a_place_and_a_sentence() {
    let source = Source::new("core/src/store/rows.rs", "//!\nuse crate::outbox::Batch;").unwrap();
    let says: Vec<String> = arrows(&source).iter().map(Violation::to_string).collect();
    let sentence = "`store` names `outbox`, against the arrows: it may name only env, few, search_key, sha256, schema, error";
    assert_eq!(says, [format!("core/src/store/rows.rs:2: {sentence}")]);
}

//! The project's doctrine, held against its own sources: which module may name which, what nothing may do. Every rule
//! is a function from a file to what is wrong in it, and `planted` shows that each one bites.

#[cfg(test)]
mod planted;

use counterpart_tests::source::{Name, Source};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The modules of `core/src` from the lowest up, each with those it may name besides itself: only rows above its own.
///
/// The engine is `store`, `outbox`, `sync`, `net`, `shop` and `terminal`. It is given a schema as a value, so none of it may name
/// `entity` or `desk`, where one trade's schema lives.
const ARROWS: &[(&str, &[&str])] = &[
    ("bridge", &[]),
    ("env", &[]),
    ("few", &[]),
    ("search_key", &[]),
    ("sha256", &[]),
    ("schema", &["few", "search_key"]),
    ("error", &["schema"]),
    ("keys", &["env", "error"]),
    ("seal", &["env", "error"]),
    ("entity", &["search_key", "schema"]),
    ("store", &["env", "few", "search_key", "sha256", "schema", "error"]),
    ("outbox", &["env", "few", "search_key", "sha256", "schema", "error", "seal", "store"]),
    ("flags", &["sha256", "schema", "error", "store"]),
    ("journal", &["few", "schema", "error", "store", "outbox"]),
    ("news", &["few", "schema", "error", "store", "outbox"]),
    (
        "sync",
        &["env", "search_key", "schema", "error", "seal", "store", "outbox", "flags", "journal", "news"],
    ),
    ("net", &["env", "sha256", "schema", "error", "keys", "journal", "sync"]),
    (
        "shop",
        &[
            "env",
            "few",
            "search_key",
            "schema",
            "error",
            "keys",
            "seal",
            "store",
            "outbox",
            "flags",
            "journal",
            "news",
            "sync",
            "net",
        ],
    ),
    ("terminal", &["env", "schema", "error", "keys", "store", "outbox", "journal", "sync", "net", "shop"]),
    (
        "desk",
        &[
            "env",
            "search_key",
            "schema",
            "error",
            "keys",
            "seal",
            "entity",
            "store",
            "outbox",
            "sync",
            "net",
            "shop",
            "terminal",
        ],
    ),
];

const ENGINE: &[&str] = &["store", "outbox", "flags", "journal", "news", "sync", "net", "shop", "terminal"];

const NETWORK_CRATES: &[&str] = &[
    "async_tungstenite",
    "axum",
    "curl",
    "h2",
    "hyper",
    "hyper_util",
    "isahc",
    "mio",
    "quinn",
    "reqwest",
    "rustls",
    "socket2",
    "tokio_rustls",
    "tokio_tungstenite",
    "tungstenite",
    "ureq",
];

const NETWORK_TYPES: &[&str] =
    &["TcpListener", "TcpSocket", "TcpStream", "ToSocketAddrs", "UdpSocket", "UnixListener", "UnixStream"];

const SLEEPS: &[&str] = &["park_timeout", "park_timeout_ms", "sleep", "sleep_ms", "sleep_until"];

/// Where a server's timers are made: the one clock that everything else waits on, and that its tests replace.
const TIMERS: &str = "hub/src/clock.rs";

/// Top folders that differ from one machine to the next.
const MACHINE_FOLDERS: &[&str] = &["Users", "home", "root", "tmp", "work"];

/// Files that people write and read: those that have a length to keep.
const WRITTEN_BY_HAND: &[&str] = &["css", "html", "js", "kt", "kts", "rs", "sh", "sql", "swift", "ts"];

const LONGEST_FILE: usize = 700;

type FileRule = fn(&Source) -> Vec<Violation>;

const RULES: &[FileRule] = &[
    arrows,
    only_net_touches_the_network,
    nothing_sleeps,
    no_test_is_switched_off,
    nothing_is_left_to_do,
    a_file_says_what_it_guarantees,
    no_file_is_too_long,
    no_path_of_one_machine,
];

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    says: String,
}

impl Violation {
    fn new(source: &Source, line: usize, says: impl Into<String>) -> Violation {
        Violation { path: source.path.clone(), line, says: says.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.says)
    }
}

#[test]
fn the_workspace_keeps_its_doctrine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let sources = Source::under(&root).unwrap();
    for known in ["Cargo.toml", ".ci/run", "core/src/lib.rs", "tests/tests/doctrine/main.rs"] {
        assert!(sources.iter().any(|source| source.path == known), "{known} was not read");
    }
    let mut violations: Vec<Violation> =
        sources.iter().flat_map(|source| RULES.iter().flat_map(move |rule| rule(source))).collect();
    violations.extend(migrations_count_from_one(sources.iter().map(|source| source.path.as_str())));
    violations.sort();
    violations.dedup();
    let list: Vec<String> = violations.iter().map(Violation::to_string).collect();
    assert!(list.is_empty(), "{} against the doctrine:\n{}", list.len(), list.join("\n"));
}

#[test]
fn the_arrows_run_one_way_and_the_engine_never_learns_its_trade() {
    for (at, (module, allowed)) in ARROWS.iter().enumerate() {
        for other in *allowed {
            let below = ARROWS[..at].iter().any(|(lower, _)| lower == other);
            assert!(below, "{module} may name {other}, which is no row above it");
            let trade = matches!(*other, "entity" | "desk");
            assert!(!(ENGINE.contains(module) && trade), "{module} is engine, and {other} is one trade's");
        }
    }
}

/// A module of core names only what its row in [`ARROWS`] lists.
fn arrows(source: &Source) -> Vec<Violation> {
    let module = source.module();
    // The crate's root names every module: that is what it is for.
    let (true, Some(module)) = (source.path.starts_with("core/src/"), module.first()) else {
        return Vec::new();
    };
    if !source.path.ends_with(".rs") {
        return Vec::new();
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(row, _)| row == module) else {
        let says = format!(
            "`{module}` has no row in the doctrine's table of arrows: add one that says what it may name"
        );
        return vec![Violation::new(source, 1, says)];
    };
    let wrong = |name: &Name| {
        let [first, target, ..] = name.path.as_slice() else { return None };
        // `crate::entity!` is a macro, which lives at the root whichever module wrote it.
        let is_macro = name.path.len() == 2 && name.after == "!";
        if first != "crate" || target == module || is_macro || allowed.contains(&target.as_str()) {
            return None;
        }
        let says = if ARROWS.iter().any(|(row, _)| row == target) {
            format!("`{module}` names `{target}`, against the arrows: it may name {}", listed(allowed))
        } else {
            format!(
                "`crate::{target}` names no module of the table of arrows: name the module where it lives"
            )
        };
        Some(Violation::new(source, name.line, says))
    };
    source.names().iter().filter_map(wrong).collect()
}

fn listed(modules: &[&str]) -> String {
    if modules.is_empty() { "no other module".to_owned() } else { format!("only {}", modules.join(", ")) }
}

/// Within core, only `net` names the network.
fn only_net_touches_the_network(source: &Source) -> Vec<Violation> {
    if !source.path.starts_with("core/") || source.module().first().is_some_and(|module| module == "net") {
        return Vec::new();
    }
    let network = |name: &&Name| {
        let words: Vec<&str> = name.path.iter().map(String::as_str).collect();
        // Alone and neither imported nor called, the word is a variable's.
        let names_a_crate = words.len() > 1 || matches!(name.before.as_str(), "use" | "crate");
        (names_a_crate && NETWORK_CRATES.contains(&words[0]))
            || matches!(words.as_slice(), ["std" | "tokio" | "async_std" | "mio", "net", ..])
            || words.iter().any(|word| NETWORK_TYPES.contains(word))
    };
    let says = |name: &Name| {
        let says = format!("`{}` is the network, which only core/src/net may touch", name.path.join("::"));
        Violation::new(source, name.line, says)
    };
    source.names().iter().filter(network).map(says).collect()
}

/// Nothing waits by sleeping, in sources or in tests.
fn nothing_sleeps(source: &Source) -> Vec<Violation> {
    if source.path == TIMERS {
        return Vec::new();
    }
    let sleeps = |name: &&Name| {
        let called = name.path.len() > 1 || name.after == "(" || name.before == "use";
        let elsewhere = matches!(name.before.as_str(), "." | "fn");
        called && !elsewhere && name.path.last().is_some_and(|last| SLEEPS.contains(&last.as_str()))
    };
    let says = |name: &Name| {
        let says = format!("`{}` sleeps: wait for what is to happen, with a timeout", name.path.join("::"));
        Violation::new(source, name.line, says)
    };
    source.names().iter().filter(sleeps).map(says).collect()
}

/// Every test runs, examples in documentation too.
fn no_test_is_switched_off(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    for (at, token) in source.tokens.iter().enumerate().filter(|(_, token)| token.text == "#") {
        let attribute: Vec<&str> = source.tokens[at + 1..]
            .iter()
            .map(|token| token.text.as_str())
            .skip_while(|mark| matches!(*mark, "!" | "["))
            .take_while(|mark| *mark != "]")
            .collect();
        let off = match attribute.as_slice() {
            ["ignore", ..] => true,
            ["cfg_attr", rest @ ..] => rest.contains(&"ignore"),
            ["cfg", "(", "any", "(", ")", ..] | ["cfg", "(", "false" | "FALSE", ..] => true,
            _ => false,
        };
        if off {
            found.push(Violation::new(
                source,
                token.line,
                "a test that does not run proves nothing: mend it or delete it",
            ));
        }
    }
    for (at, line) in source.text.lines().enumerate().filter(|_| source.path.ends_with(".rs")) {
        let line = line.trim_start();
        let fence = line.strip_prefix("///").or(line.strip_prefix("//!")).map(str::trim_start);
        let kind = fence.and_then(|fence| fence.strip_prefix("```")).unwrap_or_default();
        if kind.split(',').any(|word| word.trim().starts_with("ignore")) {
            found.push(Violation::new(
                source,
                at + 1,
                "an example that does not compile misleads: mend it or delete it",
            ));
        }
    }
    found
}

/// Nothing is called done that is not.
fn nothing_is_left_to_do(source: &Source) -> Vec<Violation> {
    let stub = |name: &&Name| {
        name.after == "!"
            && name.path.last().is_some_and(|last| matches!(last.as_str(), "todo" | "unimplemented"))
    };
    let says = |name: &Name| Violation::new(source, name.line, "a stub: write what it stands for");
    source.names().iter().filter(stub).map(says).collect()
}

/// Every Rust file opens with `//!`.
fn a_file_says_what_it_guarantees(source: &Source) -> Vec<Violation> {
    if !source.path.ends_with(".rs") || source.text.starts_with("//!") {
        return Vec::new();
    }
    vec![Violation::new(source, 1, "opens without `//!`: say what the file guarantees")]
}

/// No file is longer than people read.
fn no_file_is_too_long(source: &Source) -> Vec<Violation> {
    let lines = source.text.lines().count();
    let by_hand = source.path.rsplit_once('.').is_some_and(|(_, kind)| WRITTEN_BY_HAND.contains(&kind));
    if !by_hand || lines <= LONGEST_FILE {
        return Vec::new();
    }
    let says = format!("has {lines} lines, and {LONGEST_FILE} is the most: look for the seam");
    vec![Violation::new(source, LONGEST_FILE + 1, says)]
}

/// No file names a place that exists on one machine only, or the team's folder beside the project.
fn no_path_of_one_machine(source: &Source) -> Vec<Violation> {
    let absolute = MACHINE_FOLDERS.iter().map(|folder| format!("/{folder}/"));
    let places: Vec<String> = absolute.chain([format!("{}/", "shared")]).collect();
    let mut found = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        for place in places.iter().filter(|place| begins_a_path(line, place)) {
            let says = format!(
                "`{place}` is a place of one machine: name a path inside the project, or a fresh folder"
            );
            found.push(Violation::new(source, at + 1, says));
        }
    }
    found
}

/// Whether a place stands in a line as the beginning of a path, also after `../`, and not as the middle of a longer one.
fn begins_a_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = &line[..at];
        let inner = |letter: char| letter.is_alphanumeric() || "_-.~/}*".contains(letter);
        before.ends_with("../") || !before.ends_with(inner)
    })
}

/// The SQL files of every migrations folder are numbered from 1, without gaps. (Supabase's own are dated.)
fn migrations_count_from_one<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Violation> {
    let mut folders: BTreeMap<&str, Vec<(Option<u32>, &str)>> = BTreeMap::new();
    for path in paths.filter(|path| path.ends_with(".sql") && !path.starts_with("supabase/")) {
        let Some((folder, file)) = path.rsplit_once('/') else { continue };
        if folder.split('/').any(|part| part == "migrations") {
            let digits = file.find(|letter: char| !letter.is_ascii_digit()).map_or(file, |end| &file[..end]);
            folders.entry(folder).or_default().push((digits.parse().ok(), path));
        }
    }
    let mut found = Vec::new();
    for files in folders.values_mut() {
        files.sort();
        for ((number, path), expected) in files.iter().zip(1..) {
            if *number != Some(expected) {
                let says = format!("migrations are numbered from 1 without gaps: {expected} belongs here");
                found.push(Violation { path: (*path).to_owned(), line: 1, says });
            }
        }
    }
    found
}

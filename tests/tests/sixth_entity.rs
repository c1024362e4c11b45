//! The walk through "Add a sixth entity" in CONTRIBUTING.md, done to a copy of the engine, to the letter.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fenced block that says what to do with it.
struct Block {
    attributes: String,
    text: String,
}

impl Block {
    /// The value of an attribute, quoted or not.
    fn attribute(&self, name: &str) -> Option<String> {
        let start = self.attributes.find(&format!("{name}="))? + name.len() + 1;
        let rest = &self.attributes[start..];
        match rest.strip_prefix('"') {
            None => rest.split_whitespace().next().map(str::to_owned),
            Some(quoted) => {
                let mut value = String::new();
                let mut letters = quoted.chars();
                while let Some(letter) = letters.next() {
                    match letter {
                        '"' => break,
                        '\\' => value.extend(letters.next()),
                        other => value.push(other),
                    }
                }
                Some(value)
            }
        }
    }
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(attributes)) => {
                open = Some(Block { attributes: attributes.into(), text: String::new() })
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text += line;
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == "fuzz" => {}
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
}

/// The engine alone, as a workspace of its own.
fn copy_of_the_engine(root: &Path, to: &Path) {
    copy(&root.join("core"), &to.join("core"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    // One entity's test is over at once, and what optimises the engine takes longer.
    let alone: String = manifest
        .lines()
        .filter(|line| !line.starts_with("counterpart-core = { opt-level"))
        .map(|line| if line.starts_with("members = ") { "members = [\"core\"]" } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    fs::write(to.join("Cargo.toml"), alone).unwrap();
    fs::copy(root.join("Cargo.lock"), to.join("Cargo.lock")).unwrap();
}

#[test]
fn the_walk_through_adds_an_entity_that_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy_of_the_engine(root, folder.path());
    let migrations = fs::read_dir(root.join("core/migrations/shop")).unwrap().count();
    let (number, file) = (format!("{}", migrations + 1), format!("{:04}", migrations + 1));
    // The page calls the number NEXT, since it depends on how many there are.
    let numbered =
        |text: &str| text.replace("NEXT_loaners", &format!("{file}_loaners")).replace("NEXT", &number);

    let page = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let mut done = 0;
    for block in blocks(&page) {
        let text = numbered(&block.text);
        if let Some(name) = block.attribute("file") {
            let path: PathBuf = folder.path().join(numbered(&name));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        } else if let Some(name) = block.attribute("in") {
            let path = folder.path().join(name);
            let source = fs::read_to_string(&path).unwrap();
            let changed = match (block.attribute("after"), block.attribute("before")) {
                (Some(line), _) => source.replacen(&format!("{line}\n"), &format!("{line}\n{text}"), 1),
                (None, Some(line)) => source.replacen(&format!("{line}\n"), &format!("{text}{line}\n"), 1),
                (None, None) => source.clone(),
            };
            assert_ne!(source, changed, "the page names a line that is not there: {}", block.attributes);
            fs::write(path, changed).unwrap();
        } else {
            continue;
        }
        done += 1;
    }
    assert_eq!(done, 8, "the page has a file, a migration, five insertions and a test");

    // The workspace's own target folder has the dependencies already; cargo is not building while tests run.
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--offline", "--package", "counterpart-core", "--test", "loaner"]);
    cargo.current_dir(folder.path()).env("CARGO_TARGET_DIR", target);
    // What cargo says of this test would make a build script run again, and everything behind it compile again, twice: now,
    // and in the workspace's next build.
    for (name, _) in std::env::vars_os() {
        let said = name.to_string_lossy();
        if said.starts_with("CARGO_MANIFEST_") || said.starts_with("CARGO_PKG_") {
            cargo.env_remove(&name);
        }
    }
    let ran = cargo.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

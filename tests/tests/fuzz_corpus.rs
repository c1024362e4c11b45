//! What fuzzing found, and where it starts from: every file of every corpus through its target, on stable Rust.

use counterpart_tests::fuzz::TARGETS;
use std::fs;
use std::path::Path;

#[test]
fn every_corpus_passes_through_its_target() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz");
    for (name, target) in TARGETS {
        let files: Vec<_> =
            fs::read_dir(fixtures.join(name)).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "{name} has a corpus");
        for file in files {
            target(&fs::read(&file).unwrap());
        }
    }
}

#[test]
fn every_corpus_has_a_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in fs::read_dir(root.join("fixtures/fuzz")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(TARGETS.iter().any(|(target, _)| *target == name), "{name}");
        assert!(root.join("../core/fuzz/targets").join(format!("{name}.rs")).exists(), "{name}");
    }
}

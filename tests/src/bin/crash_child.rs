//! A process that works on a shop until it is killed: `crash_child work FOLDER SEED STEPS [BOUNDARY]`, or that does
//! one thing with a shop in a process of its own: `hold FOLDER`, `open FOLDER`, `full FOLDER`.

#![allow(clippy::unwrap_used, reason = "the parent sees a panic as a failure")]

use counterpart_core::Shop;
use counterpart_core::store::Tripwire;
use counterpart_tests::crash::{KillAt, opening, work};
use std::path::Path;
use std::sync::Arc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["work", folder, seed, steps, boundary @ ..] => {
            let wire = boundary.first().map(|boundary| KillAt::new(boundary.parse().unwrap()));
            let wire = wire.map(|wire| Arc::new(wire) as Arc<dyn Tripwire>);
            work(Path::new(folder), seed.parse().unwrap(), steps.parse().unwrap(), wire).unwrap();
        }
        // Holds the file until it is killed, or its input ends.
        ["hold", folder] => {
            let shop = Shop::open(opening(Path::new(folder))).unwrap();
            println!("open");
            std::io::stdin().lines().for_each(drop);
            shop.close().unwrap();
        }
        // Says how opening and a first write end.
        ["open", folder] => {
            let done = Shop::open(opening(Path::new(folder))).and_then(|shop| shop.save_draft("a", "b"));
            println!("{}", done.map_or_else(|error| error.code(), |()| "ok"));
        }
        ["full", folder] => fill_the_disk(Path::new(folder)),
        other => panic!("what is {other:?}?"),
    }
}

/// Saves until the disk is full, makes room, and goes on.
fn fill_the_disk(folder: &Path) {
    let shop = Shop::open(opening(folder)).unwrap();
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![0; 200_000]).unwrap();
    let save = |number: usize| {
        let row = serde_json::json!({ "last_name": format!("{number}"), "notes": "n".repeat(3_000) });
        shop.save("customers", row.as_object().unwrap())
    };
    let mut saved = Vec::new();
    let full = loop {
        match save(saved.len()) {
            Ok(id) => saved.push(id),
            Err(error) => break error,
        }
        assert!(saved.len() < 5_000, "this disk has no end");
    };
    assert_eq!(full.code(), "disk_full");
    let here = |shop: &Shop| saved.iter().all(|id| shop.record("customers", id).unwrap().is_some());
    assert!(here(&shop), "readable while it is full");
    let queued = shop.state().unwrap().pending;
    assert_eq!(queued, saved.len() as u64);
    std::fs::remove_file(&ballast).unwrap();
    save(saved.len()).unwrap();
    shop.close().unwrap();
    let shop = Shop::open(opening(folder)).unwrap();
    assert!(here(&shop) && shop.findings().is_empty());
    assert_eq!(shop.state().unwrap().pending, queued + 1);
    println!("{} saved, all there", saved.len());
}

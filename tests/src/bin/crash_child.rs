//! A process that works on a shop until it is killed: `crash_child work FOLDER SEED STEPS [BOUNDARY]`, or that does
//! one thing with a shop in a process of its own: `hold FOLDER`, `open FOLDER`, `fill FOLDER`.

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
        other => panic!("what is {other:?}?"),
    }
}

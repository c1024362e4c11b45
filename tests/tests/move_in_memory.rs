//! A file of any length is moved in and out in bounded memory. Alone in its process, whose peak is measured.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a suite's helper fails by panicking")]

use counterpart_core::desk::layouts::INVENTORY_ITEMS;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::shop::Flow;
use counterpart_core::shop::import::{Format, ImportOptions};
use counterpart_core::store::Durability;
use counterpart_core::{Account, Opening, Shop};
use std::io::{self, BufReader, Read, Write};

/// A file that is made line by line while it is read.
struct Generated<I> {
    lines: I,
    rest: Vec<u8>,
}

impl<I: Iterator<Item = String>> Read for Generated<I> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = self.lines.next().unwrap_or_default().into_bytes();
        }
        let count = self.rest.len().min(into.len());
        into[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        Ok(count)
    }
}

/// The most memory that this process ever held, in MB.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[test]
fn fifty_thousand_lines_take_no_more_memory_than_a_few() {
    let folder = tempfile::tempdir().unwrap();
    let opening =
        Opening::new(folder.path().join("shop.db"), &REPAIR_SHOP, "shop-1", Account::new("ada", "owner"));
    let shop = Shop::open(Opening { durability: Durability::Normal, ..opening }).unwrap();
    let import = |count: usize| {
        let line = |at| format!("{at},Item {at},{}.50,3,\"{}\"\n", at % 90, "a long category ".repeat(7));
        let lines = std::iter::once("id,name,price,stock,category\n".to_owned()).chain((0..count).map(line));
        let from = BufReader::new(Generated { lines, rest: Vec::new() });
        shop.import(&INVENTORY_ITEMS, from, &ImportOptions::new("old", Format::Csv), &mut ()).unwrap()
    };
    // One transaction's worth and the caches are full.
    assert_eq!(import(2_000).created, 2_000);
    let few = peak_mb();
    let report = import(50_000);
    assert_eq!((report.created, report.already_there), (48_000, 2_000));
    assert!(report.read.bytes > 6_000_000);
    let many = peak_mb();
    assert!(many < few + 8, "{few} MB for 2,000 lines, {many} MB for 50,000");

    let mut out = io::BufWriter::new(std::fs::File::create(folder.path().join("export")).unwrap());
    let written = shop.export(&mut out, &mut |_| Flow::GoOn).unwrap().written;
    out.flush().unwrap();
    assert_eq!(written.rows, 100_000);
    let exported = peak_mb();
    assert!(exported < few + 8, "{few} MB before, {exported} MB after an export of {} bytes", written.bytes);
}

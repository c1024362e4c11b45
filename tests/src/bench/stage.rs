//! The files that rows are measured on: a shop with its tickets, made once a run, and a copy of it for each side.

use super::Failure;
use crate::shopfloor::Shopfloor;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::keys::{FolderKeys, SecureStorage};
use counterpart_core::schema::{Entity, Row};
use counterpart_core::shop::Lease;
use counterpart_core::store::Durability;
use counterpart_core::sync::Page;
use counterpart_core::{Account, Opening, Shop};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const SEED: u64 = 20_260_101;
/// Rows that the server sends in one page.
const PAGE: usize = 5_000;

/// A shop's file with that many tickets, confirmed by the server and searchable, and its secure storage.
#[derive(Debug)]
pub(super) struct Stage {
    folder: TempDir,
    copies: usize,
}

/// A copy of a stage's file, gone when it is dropped.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) file: PathBuf,
    pub(super) keys: PathBuf,
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed goes with the stage's folder.
        drop(self.file.parent().map(fs::remove_dir_all));
    }
}

impl Stage {
    pub(super) fn build(tickets: usize) -> Result<Stage, Failure> {
        eprintln!("making a shop with {tickets} tickets …");
        // Beside the program and not in the system's temporary folder, which may be memory and never syncs.
        let program = std::env::current_exe()?;
        let folder = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(program.parent().unwrap_or(Path::new(".")))?;
        let stage = Stage { folder, copies: 0 };
        let (file, keys) = (stage.folder.path().join("shop.db"), stage.folder.path().join("keys"));
        let shop = open(&file, &keys, Durability::Normal)?;
        shop.begin_session(1, "K7")?;
        shop.add_lease(Lease { first: 1_000_000, last: 2_000_000 })?;
        fill(&shop, tickets)?;
        while !shop.index(10_000)?.complete {}
        shop.store().checkpoint()?;
        shop.close()?;
        Ok(stage)
    }

    /// A copy of its own for one side of a row.
    pub(super) fn copy(&mut self) -> Result<Copy, Failure> {
        self.copies += 1;
        let folder = self.folder.path().join(format!("copy-{}", self.copies));
        fs::create_dir_all(&folder)?;
        let file = folder.join("shop.db");
        fs::copy(self.folder.path().join("shop.db"), &file)?;
        // On the disk before anything is measured, or the first syncs would pay for it.
        fs::File::open(&file)?.sync_all()?;
        Ok(Copy { file, keys: self.folder.path().join("keys") })
    }
}

impl Copy {
    pub(super) fn shop(&self, durability: Durability) -> Result<Shop, Failure> {
        open(&self.file, &self.keys, durability)
    }
}

pub(super) fn open(file: &Path, keys: &Path, durability: Durability) -> Result<Shop, Failure> {
    let keys: Arc<dyn SecureStorage> = Arc::new(FolderKeys::new(keys)?);
    let opening = Opening::new(file, &REPAIR_SHOP, "shop-1", Account::new("ada", "owner"));
    Ok(Shop::open(Opening { durability, keys, ..opening })?)
}

fn fill(shop: &Shop, tickets: usize) -> Result<(), Failure> {
    let mut floor = Shopfloor::new(SEED, tickets);
    let mut page = Page::default();
    let mut take = |row: Row, last: bool| -> Result<(), Failure> {
        page.through = page.through.max(row.meta.stamp);
        page.rows.push(row);
        if last || page.rows.len() == PAGE {
            shop.take_page(&page)?;
            page.rows.clear();
        }
        Ok(())
    };
    for _ in 0..5 {
        take(floor.employee().to_row(), false)?;
    }
    for _ in 0..1_200 {
        take(floor.item().to_row(), false)?;
    }
    for _ in 0..tickets * 2 / 3 {
        take(floor.customer().to_row(), false)?;
    }
    for at in 1..=tickets {
        take(floor.ticket().to_row(), at == tickets)?;
    }
    Ok(())
}

//! Snapshots, for suites without sockets: asked for at a real ledger, and put where a device looks for them.

use counterpart_core::Shop;
use counterpart_core::sync::Landed;
use counterpart_core::sync::wire::{SnapshotAnswer, SnapshotRequest};
use counterpart_hub::ledger::{Ledger, LedgerError, Member, Snapshot};
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// A snapshot on its way: what the server said about it, and the file.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// What the server said.
    pub answer: SnapshotAnswer,
    /// What came.
    pub file: Vec<u8>,
}

impl Parcel {
    /// Asks for a snapshot and fetches it, on a network that works.
    pub fn of(ledger: &Ledger, member: &Member, request: &SnapshotRequest) -> Result<Parcel, LedgerError> {
        let Snapshot::Ready(answer) = ledger.snapshot(member, request)? else {
            return Err(LedgerError::Damaged("snapshot"));
        };
        let name = answer.path.rsplit('/').next().unwrap_or_default();
        let found = ledger.snapshot_file(member, &request.shop, name)?;
        let (mut open, _) = found.ok_or(LedgerError::Damaged("snapshot"))?;
        let mut file = Vec::new();
        open.read_to_end(&mut file).map_err(|_| LedgerError::Damaged("snapshot"))?;
        Ok(Parcel { answer: *answer, file })
    }

    /// Puts the file where a device looks for it.
    pub fn land(self, shop: &Shop) -> io::Result<Landed> {
        std::fs::write(shop.landing(), &self.file)?;
        Ok(Landed { bytes: self.file.len() as u64, sha256: hash(&self.file), answer: self.answer })
    }
}

/// The hash by which a file is named.
pub fn hash(file: &[u8]) -> String {
    Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

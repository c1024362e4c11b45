//! Who is told of what waits for a person.

use crate::error::Result;
use crate::journal::{Journal, SyncEvent, SyncKind};
use crate::news;
use crate::store::Tx;

/// Tells whoever wrote them about operations that wait for a person since, and notes how many.
pub(super) fn tell_parked(
    tx: &Tx<'_>,
    journal: &mut Journal,
    before: &[i64],
    now: i64,
    notices: bool,
) -> Result<()> {
    let parked = news::tell_parked(tx, before, now, notices)?;
    if parked > 0 {
        journal.note(SyncEvent::new(now, SyncKind::Parked).count("operations", parked));
    }
    Ok(())
}

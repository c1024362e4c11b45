//! Two people counted one thing, and neither knew of the other's count. Both counts stand, as facts; what the sum is
//! to be, a person chooses.

use super::Result;
use super::books::{Books, Kept, kept};
use super::commit::Commit;
use super::conflict::Clash;
use counterpart_core::outbox::Operation;
use counterpart_core::schema::{Counts, Json, Onto, Row};

/// What a count that has just moved its parent is in conflict with. Each side is the sum as it would be without the
/// other; base is the sum with neither, so that mine and theirs less base is always what the parent has.
pub(super) fn clash(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    (onto, child): (&Onto, &Row),
    parent: &Row,
) -> Result<Option<Clash>> {
    let Some(counts) = &onto.counts else { return Ok(None) };
    let Some(moved) = (counts.moves)(child) else { return Ok(None) };
    let mut unseen = unseen(books, commit, operation, counts, child, &parent.id)?;
    let Some((latest, by_latest)) = unseen.pop() else { return Ok(None) };
    let sum = |row: &Row| row.int(counts.sum).unwrap_or_default();
    let earlier = unseen.iter().fold(0i64, |all, (_, by)| all.wrapping_add(*by));
    let now = sum(parent);
    let mine = now.wrapping_sub(earlier).wrapping_sub(by_latest);
    let theirs = now.wrapping_sub(earlier).wrapping_sub(moved);
    Ok(Some(Clash {
        field: counts.sum.to_owned(),
        base: Json::from(mine.wrapping_add(theirs).wrapping_sub(now)),
        mine: Json::from(mine),
        theirs: Json::from(theirs),
        theirs_by: latest.row.meta.created_by.clone(),
        on_stamp: latest.row.meta.stamp,
    }))
}

/// The counts by other devices that landed after what this one was made on, the oldest first, with what each moved.
fn unseen(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    counts: &Counts,
    child: &Row,
    parent: &str,
) -> Result<Vec<(Kept, i64)>> {
    let on = commit.base(books, operation.on)?;
    let sql = "SELECT body, fields FROM ledger_rows
               WHERE shop = ?1 AND tbl = ?2 AND parent = ?3 AND stamp > ?4 ORDER BY stamp, id";
    let found: Vec<(String, String)> =
        books.all(sql, (commit.shop, child.table.name, parent, on), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut unseen = Vec::new();
    for (body, fields) in found {
        let other = kept(child.table, &body, &fields)?;
        if let (true, Some(by)) = (other.newest_of_others(commit.device) > on, (counts.moves)(&other.row)) {
            unseen.push((other, by));
        }
    }
    Ok(unseen)
}

//! Grants: which people a shared tablet may name, because their PIN was right there once. A wrong PIN is counted before
//! it is checked, so that neither a stop of the hub nor many tries at once win another guess; count and lock survive a
//! restart. It counts the same whether the employee exists or not.

use super::access::Member;
use super::books::Books;
use super::{Ledger, LedgerError, Result, devices};
use counterpart_core::sync::wire::GrantRequest;

/// Wrong PINs before the first lock.
const FREE_TRIES: i64 = 5;
/// How long the fifth wrong PIN locks, and each further one; the last for all that follow.
const LOCKS_MS: [i64; 5] = [30_000, 60_000, 300_000, 900_000, 3_600_000];
/// A guess so long ago counts no more.
const FORGOTTEN_MS: i64 = 7 * 86_400_000;

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// It is not heard, for so many milliseconds.
    Locked(i64),
    /// It counts as a wrong one until it proves right, and then locks for so many milliseconds.
    Counted(i64),
}

impl Ledger {
    /// Counts a try at a PIN on a shared tablet, before anybody looks whether it is right.
    pub fn count_try(&self, member: &Member, request: &GrantRequest) -> Result<Try> {
        self.write(|books| {
            let GrantRequest { shop, device, employee, .. } = request;
            books.shop(shop)?;
            if !member.station {
                return Err(LedgerError::Denied);
            }
            devices::check(books, member, shop, device, None)?;
            count(books, shop, employee)
        })
    }

    /// The PIN was right: operations of that device may name that person from now on.
    pub fn grant(&self, request: &GrantRequest) -> Result<()> {
        self.write(|books| {
            let GrantRequest { shop, device, employee, .. } = request;
            books.execute("DELETE FROM pin_guard WHERE shop = ?1 AND employee = ?2", (shop, employee))?;
            let sql = "INSERT OR REPLACE INTO grants (shop, device, employee, at) VALUES (?1, ?2, ?3, ?4)";
            books.execute(sql, (shop, device, employee, books.env.now()))?;
            Ok(())
        })
    }
}

/// Whether a device may name a person.
pub(super) fn granted(books: &Books<'_>, shop: &str, device: &str, employee: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM grants WHERE shop = ?1 AND device = ?2 AND employee = ?3";
    Ok(books.one(sql, (shop, device, employee), |_| Ok(()))?.is_some())
}

fn count(books: &Books<'_>, shop: &str, employee: &str) -> Result<Try> {
    let now = books.env.now();
    books.execute("DELETE FROM pin_guard WHERE since < ?1", [now - FORGOTTEN_MS])?;
    let sql = "SELECT failures, locked_ms, since FROM pin_guard WHERE shop = ?1 AND employee = ?2";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (failures, locked_ms, since): (i64, i64, i64) =
        books.one(sql, (shop, employee), read)?.unwrap_or((0, 0, now));
    // A clock that was set back has not unlocked anything.
    let left = locked_ms - (now - since).max(0);
    if left > 0 {
        return Ok(Try::Locked(left));
    }
    let failures = failures + 1;
    let locks = lock_after(failures);
    let sql = "INSERT OR REPLACE INTO pin_guard (shop, employee, failures, locked_ms, since)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    books.execute(sql, (shop, employee, failures, locks, now))?;
    Ok(Try::Counted(locks))
}

fn lock_after(failures: i64) -> i64 {
    let Ok(further) = usize::try_from(failures - FREE_TRIES) else { return 0 };
    LOCKS_MS.get(further).or(LOCKS_MS.last()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::lock_after;

    #[test]
    fn the_fifth_wrong_pin_locks_and_each_further_one_for_longer() {
        let locks: Vec<i64> = (1..=11).map(lock_after).collect();
        let seconds = [0, 0, 0, 0, 30, 60, 300, 900, 3_600, 3_600, 3_600];
        assert_eq!(locks, seconds.map(|seconds| seconds * 1_000));
    }
}

//! Devices: each begins its sessions here, gets a code once, and leases numbers that nobody else gets.

use super::books::Books;
use super::{Ledger, LedgerError, Member, Result};
use counterpart_core::sync::wire::{
    DeviceStanding, LeaseAnswer, LeaseRequest, OpenAnswer, OpenRequest, StandingAnswer,
};

/// Numbers in one lease.
const LEASE: i64 = 100;
/// A device with fewer numbers than that gets more.
const FEW: i64 = 20;

impl Ledger {
    /// A device begins a session. A generation that is not the one it was given last means a copy of its file: it has
    /// to come back under a new identity.
    pub fn open_device(&self, member: &Member, request: &OpenRequest) -> Result<OpenAnswer> {
        self.write(|books| {
            let shop = books.shop(&request.shop)?;
            let (generation, code) = match known(books, request)? {
                Some(device) if device.account != member.account => return Err(LedgerError::NoSession),
                Some(device) if device.generation == request.generation => {
                    (device.generation + 1, device.code)
                }
                // The answer to this very attempt never arrived.
                Some(device)
                    if device.generation == request.generation + 1 && device.attempt == request.attempt =>
                {
                    (device.generation, device.code)
                }
                // Sessions that it began since the backup are not in these books.
                Some(device) if device.restored && device.generation < request.generation => {
                    (request.generation + 1, device.code)
                }
                Some(_) => return Err(LedgerError::NoSession),
                None => (request.generation + 1, new_code(books, &request.shop)?),
            };
            let now = books.env.now();
            books.execute(
                "INSERT INTO devices (shop, device, account, generation, attempt, code, unsent, seen_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)
                 ON CONFLICT (shop, device) DO UPDATE SET
                   generation = excluded.generation, attempt = excluded.attempt, seen_at = excluded.seen_at,
                   restored = 0",
                (
                    &request.shop,
                    &request.device,
                    &member.account,
                    i64::try_from(generation).unwrap_or(i64::MAX),
                    &request.attempt,
                    &code,
                    now,
                ),
            )?;
            let lease = if request.numbers_left < FEW { Some(lease(books, &request.shop)?) } else { None };
            Ok(OpenAnswer {
                attempt: request.attempt.clone(),
                generation,
                code,
                epoch: shop.epoch,
                lease,
                now,
                standing: member.standing(),
            })
        })
    }

    /// A block of numbers for a device that runs low.
    pub fn lease(&self, member: &Member, request: &LeaseRequest) -> Result<LeaseAnswer> {
        self.write(|books| {
            let LeaseRequest { shop, device, generation } = request;
            books.shop(shop)?;
            check(books, member, shop, device, Some(*generation))?;
            Ok(LeaseAnswer { lease: lease(books, shop)? })
        })
    }

    /// How a shop's devices stood when they were last heard of.
    pub fn standing(&self, shop: &str) -> Result<StandingAnswer> {
        self.read(|books| {
            books.shop(shop)?;
            let people = books.schema.actors.map_or("", |actors| actors.table);
            let sql = "SELECT device, code, unsent, seen_at, id FROM devices d
                       LEFT JOIN ledger_rows r ON r.shop = d.shop AND r.tbl = ?2 AND r.id = d.account
                       WHERE d.shop = ?1 ORDER BY device";
            let devices = books.all(sql, (shop, people), |row| {
                Ok(DeviceStanding {
                    device: row.get(0)?,
                    code: row.get(1)?,
                    unsent: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                    seen_at: row.get(3)?,
                    employee: row.get(4)?,
                })
            })?;
            Ok(StandingAnswer { devices })
        })
    }

    /// How many conflicts of a shop wait for a person.
    pub fn open_conflicts(&self, shop: &str) -> Result<u64> {
        let sql = "SELECT count(*) FROM conflicts WHERE shop = ?1 AND open AND deleted_at IS NULL";
        self.read(|books| {
            let open: Option<i64> = books.one(sql, [shop], |row| row.get(0))?;
            Ok(u64::try_from(open.unwrap_or(0)).unwrap_or(0))
        })
    }
}

/// A device as the books know it.
struct Device {
    account: String,
    generation: u64,
    attempt: String,
    code: String,
    restored: bool,
}

fn known(books: &Books<'_>, request: &OpenRequest) -> Result<Option<Device>> {
    let sql =
        "SELECT account, generation, attempt, code, restored FROM devices WHERE shop = ?1 AND device = ?2";
    books.one(sql, (&request.shop, &request.device), |row| {
        Ok(Device {
            account: row.get(0)?,
            generation: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
            attempt: row.get(2)?,
            code: row.get(3)?,
            restored: row.get(4)?,
        })
    })
}

/// Holds a request against the session that its device began.
pub(super) fn check(
    books: &Books<'_>,
    member: &Member,
    shop: &str,
    device: &str,
    generation: Option<u64>,
) -> Result<()> {
    let sql = "SELECT account, generation FROM devices WHERE shop = ?1 AND device = ?2";
    let known: Option<(String, i64)> =
        books.one(sql, (shop, device), |row| Ok((row.get(0)?, row.get(1)?)))?;
    match known {
        Some((account, current))
            if account == member.account
                && generation.is_none_or(|given| i64::try_from(given) == Ok(current)) =>
        {
            Ok(())
        }
        Some(_) | None => Err(LedgerError::NoSession),
    }
}

fn new_code(books: &Books<'_>, shop: &str) -> Result<String> {
    let sql = "UPDATE ledger_shops SET next_code = next_code + 1 WHERE shop = ?1 RETURNING next_code - 1";
    let number: i64 = books.one(sql, [shop], |row| row.get(0))?.ok_or(LedgerError::NoShop)?;
    Ok(letters(number))
}

/// A, B … Z, AA, AB …: as a person would count columns.
fn letters(mut number: i64) -> String {
    let mut code = Vec::new();
    while number > 0 {
        number -= 1;
        code.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or(0)));
        number /= 26;
    }
    code.iter().rev().collect()
}

fn lease(books: &Books<'_>, shop: &str) -> Result<(i64, i64)> {
    let sql =
        "UPDATE ledger_shops SET next_number = next_number + ?2 WHERE shop = ?1 RETURNING next_number - ?2";
    let first: i64 = books.one(sql, (shop, LEASE), |row| row.get(0))?.ok_or(LedgerError::NoShop)?;
    Ok((first, first + LEASE - 1))
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn codes_count_as_columns_do() {
        assert_eq!([1, 2, 26, 27, 28, 702, 703].map(letters), ["A", "B", "Z", "AA", "AB", "ZZ", "AAA"]);
    }
}

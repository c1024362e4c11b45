//! PINs: several people at one shared tablet. Wrong ones are counted before they are checked, so that neither a kill
//! nor two tries at once win another guess; the count and the lock survive restarts. Nothing here tells whether an
//! employee exists.

use crate::entity::{Employee, EmployeeId, EmployeePin, Role};
use crate::error::{Error, NotNow, Result};
use crate::schema::{Entity, Invalid, Rule};
use crate::shop::Shop;
use crate::store::Tx;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// Wrong PINs before the first lock.
const FREE_TRIES: i64 = 5;
/// How long the fifth wrong PIN locks, and each further one; the last for all that follow.
const LOCKS_MS: [i64; 5] = [30_000, 60_000, 300_000, 900_000, 3_600_000];

/// Memory in KiB, rounds, lanes.
const COST: (u32, u32, u32) = (19 * 1_024, 2, 1);

/// One and the same answer for whatever is wrong.
fn wrong() -> Error {
    Error::denied("employee_pins", "wrong_pin")
}

impl Shop {
    /// Sets an employee's PIN: 4 to 8 digits, of which only a verifier is kept.
    pub fn set_pin(&self, employee: &EmployeeId, pin: &str) -> Result<()> {
        if !(4..=8).contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::field("pin", Rule::Of("four_to_eight_digits")).of("employee_pins").into());
        }
        let verifier = self.verifier_of(pin)?;
        self.alone(|edits| {
            let employee_id = edits.existing::<Employee>(&employee.0)?.id;
            match newest(edits, employee)? {
                Some(before) => edits.edit(&before, &EmployeePin { verifier, ..before.clone() }),
                None => {
                    edits.create(&EmployeePin { employee_id, verifier, ..EmployeePin::default() })?;
                    Ok(())
                }
            }
        })
    }

    /// On a shared tablet: this person works now, if the PIN is theirs. The first time on a device it needs the
    /// server's grant ([`Shop::grant_station`]).
    pub fn switch(&self, employee: &EmployeeId, pin: &str) -> Result<()> {
        self.needs_station()?;
        let granted = self.read(|reader| reader.fact(&grant(employee)))?.is_some();
        if !granted {
            return Err(Error::needs_server("station_grant"));
        }
        let lock = self.count_try(employee)?;
        let (verifier, role) = self.read(|reader| {
            let row = reader.row(Employee::TABLE, &employee.0)?.filter(|row| !row.is_deleted());
            let person = row.map(|row| Employee::from_row(&row)).transpose()?.filter(|person| person.active);
            let pin = newest(reader, employee)?;
            Ok((pin.map(|pin| pin.verifier), person.map(|person| person.role)))
        })?;
        let fits = self.verify(verifier.as_deref(), pin)?;
        match role.filter(|_| fits) {
            Some(role) => self.take_over(employee, &role),
            None if lock > 0 => Err(locked_for(lock)),
            None => Err(wrong()),
        }
    }

    /// On a shared tablet: nobody works now.
    pub fn switch_off(&self) -> Result<()> {
        self.needs_station()?;
        self.set_actor(None, None);
        Ok(())
    }

    /// The server lets this person work on this device.
    pub fn grant_station(&self, employee: &EmployeeId) -> Result<()> {
        self.store().write(|tx| tx.set_fact(&grant(employee), "1"))
    }

    fn needs_station(&self) -> Result<()> {
        if self.who().station { Ok(()) } else { Err(Error::denied("employee_pins", "station_only")) }
    }

    fn take_over(&self, employee: &EmployeeId, role: &Role) -> Result<()> {
        self.store().write(|tx| {
            tx.execute("DELETE FROM pin_guard WHERE employee = ?1", [&employee.0])?;
            Ok(())
        })?;
        self.set_actor(Some(employee.0.clone()), Some(role.word().to_owned()));
        Ok(())
    }

    /// Counts a try as a wrong one until it proves right. Gives back for how long it locks if it does not.
    fn count_try(&self, employee: &EmployeeId) -> Result<i64> {
        let now = self.env().clock.awake_and_asleep();
        self.store().write(|tx| {
            let guard = Guard::of(tx, employee)?;
            // The clock began anew with the device: how much of the lock has passed is unknown, so all of it is left.
            let since = if now < guard.since { now } else { guard.since };
            let left = guard.locked_ms - (now - since);
            if left > 0 {
                Guard { since, ..guard }.keep(tx, employee)?;
                // The guard that was set anew has to be committed.
                return Ok(Err(locked_for(left)));
            }
            let failures = guard.failures + 1;
            let locked_ms = lock_after(failures);
            Guard { failures, locked_ms, since: now }.keep(tx, employee)?;
            Ok(Ok(locked_ms))
        })?
    }

    fn verifier_of(&self, pin: &str) -> Result<String> {
        let mut salt = [0; 16];
        self.env().entropy.fill(&mut salt);
        let hash = argon2()?.hash_password_with_salt(pin.as_bytes(), &salt);
        Ok(hash.map_err(|error| Error::defect(error.to_string()))?.to_string())
    }

    /// Whether the PIN fits. Where there is nothing to fit it takes as long.
    fn verify(&self, verifier: Option<&str>, pin: &str) -> Result<bool> {
        match verifier.map(PasswordHash::new) {
            Some(Ok(hash)) => Ok(argon2()?.verify_password(pin.as_bytes(), &hash).is_ok()),
            Some(Err(_)) | None => self.verifier_of(pin).map(|_| false),
        }
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let (memory, rounds, lanes) = COST;
    let params =
        Params::new(memory, rounds, lanes, None).map_err(|error| Error::defect(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn grant(employee: &EmployeeId) -> String {
    format!("grant/{employee}")
}

fn lock_after(failures: i64) -> i64 {
    let Ok(further) = usize::try_from(failures - FREE_TRIES) else { return 0 };
    LOCKS_MS.get(further).or(LOCKS_MS.last()).copied().unwrap_or_default()
}

fn locked_for(ms: i64) -> Error {
    Error::not_now(NotNow::PinLocked { seconds: u64::try_from(ms).unwrap_or_default().div_ceil(1_000) })
}

/// The verifier that counts: two devices may each have made one, and the server's order says which came last.
fn newest(reader: &crate::store::Reader<'_>, employee: &EmployeeId) -> Result<Option<EmployeePin>> {
    let tail =
        "WHERE employee_id = ?1 AND deleted_at IS NULL ORDER BY stamp = 0 DESC, stamp DESC, id DESC LIMIT 1";
    let rows = reader.rows(EmployeePin::TABLE, tail, [&employee.0])?;
    Ok(rows.first().map(EmployeePin::from_row).transpose()?)
}

/// Wrong PINs of one person, and the lock they led to, by the clock that counts sleep.
#[derive(Clone, Copy, Debug, Default)]
struct Guard {
    failures: i64,
    locked_ms: i64,
    since: i64,
}

impl Guard {
    fn of(tx: &Tx<'_>, employee: &EmployeeId) -> Result<Guard> {
        let sql = "SELECT failures, locked_ms, since FROM pin_guard WHERE employee = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Guard { failures: row.get(0)?, locked_ms: row.get(1)?, since: row.get(2)? })
        };
        Ok(tx.one(sql, [&employee.0], read)?.unwrap_or_default())
    }

    fn keep(self, tx: &Tx<'_>, employee: &EmployeeId) -> Result<()> {
        let sql =
            "INSERT OR REPLACE INTO pin_guard (employee, failures, locked_ms, since) VALUES (?1, ?2, ?3, ?4)";
        tx.execute(sql, (&employee.0, self.failures, self.locked_ms, self.since))?;
        Ok(())
    }
}

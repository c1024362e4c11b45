//! Shared tablets: who may work at one, once their PIN was right there. A PIN never makes anybody more than technician
//! or front desk.

use super::refuse::Refusal;
use super::{Office, check_id, staff};
use crate::auth::password;
use crate::ledger::{LedgerError, Try};
use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use counterpart_core::entity::{EmployeePin, Role};
use counterpart_core::schema::{Entity, Row};
use counterpart_core::sync::wire::{GrantAnswer, GrantRequest};
use uuid::Uuid;

/// The longest text that is held against a verifier.
pub(super) const LONGEST_PIN: usize = 64;
/// What a verifier may cost at most: memory in KiB, rounds, lanes. A device made it, and the hub pays.
const MOST: (u32, u32, u32) = (64 * 1_024, 8, 4);

pub(super) fn grant(office: &Office, account: Uuid, request: &GrantRequest) -> Result<GrantAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    check_id(&request.employee, "employee")?;
    if request.pin.len() > LONGEST_PIN {
        return Err(LedgerError::Malformed("pin").into());
    }
    let refused = |ms: i64| GrantAnswer {
        granted: false,
        role: String::new(),
        locked_seconds: u64::try_from(ms).unwrap_or_default().div_ceil(1_000),
    };
    let locks = match office.ledger.count_try(&member, request)? {
        Try::Locked(left) => return Ok(refused(left)),
        Try::Counted(locks) => locks,
    };
    let (shop, employee) = (request.shop.as_str(), request.employee.as_str());
    let person = office.ledger.person(shop, employee)?.filter(staff::works);
    let role = person.as_ref().and_then(role_at_station);
    let pin = office.ledger.newest_of(shop, EmployeePin::TABLE, employee)?;
    // The PIN is looked at in any case: how long it takes does not tell who works here.
    let right = fits(pin.as_ref().map(|pin| pin.text("verifier")), &request.pin);
    match role.filter(|_| right) {
        None => Ok(refused(locks)),
        Some(role) => {
            office.ledger.grant(request)?;
            Ok(GrantAnswer { granted: true, role: role.word().to_owned(), locked_seconds: 0 })
        }
    }
}

/// As whom somebody works at a shared tablet; nobody in a role that this hub does not know.
fn role_at_station(person: &Row) -> Option<Role> {
    match Role::from(person.text("role")) {
        Role::FrontDesk => Some(Role::FrontDesk),
        Role::Technician | Role::Manager | Role::Admin | Role::Owner => Some(Role::Technician),
        Role::Other { .. } => None,
    }
}

/// Whether a PIN fits a verifier. Where there is none to fit, or one too dear to try, it takes as long.
pub(super) fn fits(verifier: Option<&str>, pin: &str) -> bool {
    let affordable = |verifier: &&str| {
        let params = PasswordHash::new(verifier).ok().and_then(|hash| Params::try_from(&hash).ok());
        let (memory, rounds, lanes) = MOST;
        params
            .is_some_and(|cost| cost.m_cost() <= memory && cost.t_cost() <= rounds && cost.p_cost() <= lanes)
    };
    match verifier.filter(affordable) {
        Some(verifier) => password::fits(pin, verifier),
        None => {
            // Only for the time that it takes.
            drop(password::hash(pin));
            false
        }
    }
}

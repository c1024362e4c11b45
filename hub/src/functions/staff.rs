//! Where accounts and employees meet: an account's employee has the account's own id, and what the shop's books say of
//! that employee's role and place holds for the account's membership. A shared tablet is nobody's.

use super::{FunctionsError, Office};
use crate::accounts::{Accounts, Membership, Role, align, memberships, shop_names};
use crate::ledger::{Ledger, LedgerError};
use counterpart_core::entity::{self, Employee, EmployeeId, ShopSettings, ShopSettingsId};
use counterpart_core::schema::{Entity, Row};
use uuid::Uuid;

/// The longest part of a person's name.
const LONGEST_NAME: usize = 120;

/// Who is entered in the books.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// The account.
    pub account: Uuid,
    /// Its address.
    pub email: &'a str,
    /// What the person is called, if anybody said.
    pub name: Option<&'a str>,
    /// What the person is in the shop.
    pub role: Role,
}

/// Enters a person in the shop's books, or takes them in again.
pub fn enter(ledger: &Ledger, shop: Uuid, newcomer: Newcomer<'_>) -> Result<(), LedgerError> {
    let (shop, id) = (shop.to_string(), newcomer.account.to_string());
    let known = ledger.person(&shop, &id)?.and_then(|row| Employee::from_row(&row).ok());
    let mut employee = known.unwrap_or_default();
    employee.id = EmployeeId(id);
    (employee.role, employee.active) = (entity::Role::from(newcomer.role.word()), true);
    if employee.email.is_none() {
        employee.email = Some(newcomer.email.to_owned());
    }
    let unnamed = employee.first_name.is_none() && employee.last_name.is_none();
    if newcomer.name.is_some() || unnamed {
        let local = newcomer.email.split('@').next().unwrap_or_default();
        (employee.first_name, employee.last_name) = names(newcomer.name.unwrap_or(local));
    }
    if Employee::TABLE.check(&employee.to_row()).is_err_and(|wrong| wrong.field == "email") {
        employee.email = None;
    }
    ledger.record(&shop, &[employee.to_row()]).map(|_| ())
}

/// Given and family name of a name in one piece.
pub(crate) fn names(name: &str) -> (Option<String>, Option<String>) {
    let part = |part: &str| {
        let short: String = part.trim().chars().take(LONGEST_NAME).collect();
        (!short.is_empty()).then_some(short)
    };
    match name.trim().rsplit_once(' ') {
        Some((first, last)) => (part(first), part(last)),
        None => (part(name), None),
    }
}

/// Makes the books of a shop, with its settings in them.
pub fn found(ledger: &Ledger, shop: Uuid, name: &str) -> Result<(), LedgerError> {
    let shop = shop.to_string();
    ledger.create_shop(&shop)?;
    if ledger.has_rows(&shop, ShopSettings::TABLE.name)? {
        return Ok(());
    }
    let settings = ShopSettings {
        id: ShopSettingsId(shop.clone()),
        name: name.to_owned(),
        time_zone: "UTC".into(),
        currency: "EUR".into(),
        ..ShopSettings::default()
    };
    ledger.record(&shop, &[settings.to_row()]).map(|_| ())
}

/// Brings accounts and books together, whatever was cut off between the one and the other. Nobody gets a place back
/// in this way.
pub(super) fn reconcile(accounts: &Accounts, ledger: &Ledger, now_ms: i64) -> Result<(), FunctionsError> {
    for (shop, name) in accounts.look(shop_names)? {
        found(ledger, shop, &name)?;
        for member in accounts.look(|connection| memberships(connection, shop))? {
            let Membership { account, role, station, active, ref email } = member;
            if station {
                continue;
            }
            match ledger.person(&shop.to_string(), &account.to_string())? {
                Some(row) => {
                    let (role, works) = place(&row);
                    accounts.run(|tx| align(tx, shop, account, (role, active && works), now_ms))?;
                }
                None if active => enter(ledger, shop, Newcomer { account, email, name: None, role })?,
                None => {}
            }
        }
    }
    Ok(())
}

/// Brings the memberships of people in line with the books. Whoever lost their place is out at once.
pub(super) fn follow(office: &Office, shop: &str, people: &[Row]) -> Result<(), FunctionsError> {
    let Ok(shop) = Uuid::parse_str(shop) else { return Ok(()) };
    for row in people {
        // An employee without an account: nothing to bring in line.
        let Ok(account) = Uuid::parse_str(&row.id) else { continue };
        let now_ms = office.clock.now_ms();
        if office.accounts.run(|tx| align(tx, shop, account, place(row), now_ms))? {
            office.realtime.drop_account(account);
        }
    }
    Ok(())
}

/// The role that the books give somebody, where the hub knows it, and whether they work here.
fn place(row: &Row) -> (Option<Role>, bool) {
    (row.text("role").parse().ok(), works(row))
}

/// Whether the books say that somebody works here.
pub(super) fn works(row: &Row) -> bool {
    !row.is_deleted() && row.int("active") == Some(1)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_a_given_and_a_family_name() {
        let of = |first: &str, last: Option<&str>| (Some(first.to_owned()), last.map(str::to_owned));
        assert_eq!(names("tess"), of("tess", None));
        assert_eq!(names(" Ada King Lovelace "), of("Ada King", Some("Lovelace")));
        assert_eq!(names(&"x".repeat(200)), of(&"x".repeat(120), None));
        assert_eq!(names(" "), (None, None));
    }
}

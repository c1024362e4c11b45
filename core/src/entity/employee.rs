//! Employees: the people who work in the shop, and how their roles rank.

use crate::schema::{Invalid, Row, Rule, Search};
use crate::search_key::fold;

crate::entity! {
    /// A person who works in the shop.
    Employee(EmployeeId) in "employees" {
        rule: has_a_name,
        search: Some(Search { text, keys }),
    }
    /// Given name.
    first_name: Option<String> = Z [Chars(1, 120)];
    /// Family name.
    last_name: Option<String> = Z [Chars(1, 120)];
    /// E-mail address.
    email: Option<String> = Z [Email];
    /// Phone number in E.164.
    phone: Option<String> = Z [E164];
    /// What they may do.
    role: Role = Z;
    /// Their colour on the board and in the calendar.
    colour: Option<String> = Z [Colour];
    /// Whether they work here; taking it away signs them out everywhere.
    active: bool = Z;
}

crate::words! {
    /// What somebody is in the shop, the lowest rank first.
    Role {
        FrontDesk = "front_desk",
        Technician = "technician",
        Manager = "manager",
        Admin = "admin",
        Owner = "owner",
    }
}

impl Role {
    /// How high it stands; front desk and technician stand alike. None for a role that this version does not know.
    pub fn rank(&self) -> Option<u8> {
        match self {
            Role::FrontDesk | Role::Technician => Some(0),
            Role::Manager => Some(1),
            Role::Admin => Some(2),
            Role::Owner => Some(3),
            Role::Other { .. } => None,
        }
    }
}

fn has_a_name(row: &Row) -> Result<(), Invalid> {
    let named = ["first_name", "last_name"].iter().any(|field| !row.text(field).trim().is_empty());
    if named { Ok(()) } else { Err(Invalid::field("last_name", Rule::Of("needs_a_name"))) }
}

fn text(row: &Row) -> String {
    format!("{} {}", row.text("first_name"), row.text("last_name"))
}

fn keys(row: &Row) -> Vec<(&'static str, String)> {
    let (first, last) = (row.text("first_name"), row.text("last_name"));
    let mut keys =
        vec![("name", fold(&format!("{last} {first}"))), ("name", fold(&format!("{first} {last}")))];
    keys.retain(|(_, key)| !key.is_empty());
    keys.dedup();
    keys
}

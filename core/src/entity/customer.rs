//! Customers: the people and companies that bring devices. **This file is the one to copy for a new entity.**

use crate::schema::{Element, Holder, Invalid, Json, Row, Rule, Search, Type};
use crate::search_key::fold;
use serde::{Deserialize, Serialize};

// 1. The entity: a doc line, the struct's name, the id's name, the table's name, and what is special about the table.
//    Then each field: its type, its merge policy, its limits.
crate::entity! {
    /// A person or a company that brings devices.
    Customer(CustomerId) in "customers" {
        rule: has_a_name,
        search: Some(Search { text, keys }),
        held_by: &[Holder {
            table: "tickets",
            field: "customer_id",
            condition: "status NOT IN ('picked_up', 'cancelled', 'abandoned')",
            rule: "has_open_tickets",
        }],
    }
    /// Given name.
    first_name: Option<String> = L [Chars(1, 120)];
    /// Family name.
    last_name: Option<String> = L [Chars(1, 120)];
    /// Company.
    company: Option<String> = L [Chars(1, 120)];
    /// Phone numbers in E.164, each with a label.
    phones: Vec<Phone> = S [Items(20)];
    /// E-mail addresses; families share them, so they are never unique.
    emails: Emails = S [Items(20)];
    /// The postal address, one value: never half of one and half of another.
    address: Option<Address> = L;
    /// What to know about them.
    notes: Option<String> = M [Chars(0, 4_000)];
    /// Words to group them by.
    tags: Vec<String> = S [Items(50)];
    /// Wants no text messages.
    sms_opt_out: bool = T;
    /// Wants no e-mail.
    email_opt_out: bool = T;
    /// Pays no sales tax.
    tax_exempt: bool = Z;
    /// The customer that this duplicate was merged into.
    merged_into: Option<CustomerId> = L;
}

// 2. Types of its own, if a field needs one.
/// A phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Phone {
    /// In E.164: `+` and digits.
    pub number: String,
    /// "mobile", "work" …
    pub label: String,
}
crate::json_column!(Vec<Phone>, Type::Set(Element::Phone));

/// E-mail addresses, the same in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Emails(pub Vec<String>);
#[cfg(feature = "uniffi")]
uniffi::custom_newtype!(Emails, Vec<String>);
crate::json_column!(Emails, Type::Set(Element::Email));

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Address {
    /// Street and number, and what else stands above the city.
    pub street: String,
    /// City.
    pub city: String,
    /// State or region.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Country, two letters.
    pub country: String,
}
crate::json_column!(Address, Type::Json);

// 3. Rules over several fields.
fn has_a_name(row: &Row) -> Result<(), Invalid> {
    let named = ["first_name", "last_name", "company"].iter().any(|field| !row.text(field).trim().is_empty());
    if named { Ok(()) } else { Err(Invalid::field("last_name", Rule::Of("needs_a_name"))) }
}

// 4. How people find it.
fn text(row: &Row) -> String {
    let mut words: Vec<String> =
        ["first_name", "last_name", "company", "notes"].map(|field| row.text(field).to_owned()).into();
    words.extend(row.read::<Emails>("emails").unwrap_or_default().0);
    words.extend(row.read::<Vec<String>>("tags").unwrap_or_default());
    words.extend(row.read::<Vec<Phone>>("phones").unwrap_or_default().into_iter().map(|phone| phone.number));
    words.extend(
        row.get("address")
            .to_json(Type::Json)
            .as_object()
            .map(|parts| parts.values().filter_map(Json::as_str).collect::<Vec<_>>().join(" ")),
    );
    words.join(" ")
}

fn keys(row: &Row) -> Vec<(&'static str, String)> {
    let (first, last, company) = (row.text("first_name"), row.text("last_name"), row.text("company"));
    let mut keys = vec![
        ("name", fold(&format!("{last} {first}"))),
        ("name", fold(&format!("{first} {last}"))),
        ("name", fold(company)),
    ];
    keys.retain(|(_, key)| !key.is_empty());
    keys.dedup();
    for phone in row.read::<Vec<Phone>>("phones").unwrap_or_default() {
        let digits: String = phone.number.chars().filter(char::is_ascii_digit).collect();
        // A number is asked for by its beginning or by its end.
        keys.push(("phone_end", digits.chars().rev().collect()));
        keys.push(("phone", digits));
    }
    keys.extend(
        row.read::<Emails>("emails")
            .unwrap_or_default()
            .0
            .into_iter()
            .map(|email| ("email", email.to_lowercase())),
    );
    keys
}

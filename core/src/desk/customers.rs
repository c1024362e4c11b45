//! Finding customers by what people type, and merging two that are one.

use super::{most, name_sql};
use crate::entity::{Customer, CustomerId, Emails, Phone};
use crate::error::Result;
use crate::schema::{Column, Entity, Value};
use crate::search_key::fold;
use crate::shop::Shop;

/// A customer in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CustomerRow {
    /// The customer.
    pub id: CustomerId,
    /// Given and family name, or the company.
    pub name: String,
    /// The company.
    pub company: Option<String>,
    /// The first phone number.
    pub phone: Option<String>,
    /// The first e-mail address.
    pub email: Option<String>,
}

impl Shop {
    /// All customers by what they are called, upper case as lower case, after a customer's name and id.
    pub fn customers(&self, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<CustomerRow>> {
        let (name, id) = after.unwrap_or_default();
        self.read(|reader| reader.all(ALL, (name, id, most(limit)), read))
    }

    /// Customers whose name begins so: given name first or family name first, or the company. Accents and case do not
    /// matter.
    pub fn customers_by_name(&self, prefix: &str, limit: usize) -> Result<Vec<CustomerRow>> {
        let found = self.find_by_key(CUSTOMERS, "name", &fold(prefix), limit)?;
        self.customer_rows(&found)
    }

    /// Customers with a phone number that begins or ends with these digits; whatever else was typed does not matter,
    /// nor does the zero that a number at home begins with.
    pub fn customers_by_phone(&self, typed: &str, limit: usize) -> Result<Vec<CustomerRow>> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let end: String = digits.trim_start_matches('0').chars().rev().collect();
        if end.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.find_by_key(CUSTOMERS, "phone", digits.trim_start_matches("00"), limit)?;
        for id in self.find_by_key(CUSTOMERS, "phone_end", &end, limit)? {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found.truncate(limit);
        self.customer_rows(&found)
    }

    /// Customers with an e-mail address that begins so.
    pub fn customers_by_email(&self, prefix: &str, limit: usize) -> Result<Vec<CustomerRow>> {
        let found = self.find_by_key(CUSTOMERS, "email", &prefix.trim().to_lowercase(), limit)?;
        self.customer_rows(&found)
    }

    /// Customers that contain every word: the best first, of more than a thousand the newest.
    pub fn find_customers(&self, words: &str, limit: usize) -> Result<Vec<CustomerRow>> {
        let found = self.search(CUSTOMERS, words, limit)?;
        self.customer_rows(&found)
    }

    /// Merges a duplicate into the customer that stays: tickets and appointments with it.
    pub fn merge_customers(&self, stays: &CustomerId, duplicate: &CustomerId) -> Result<()> {
        self.merge_duplicates(CUSTOMERS, &stays.0, &duplicate.0)
    }

    fn customer_rows(&self, ids: &[String]) -> Result<Vec<CustomerRow>> {
        self.read(|reader| {
            let rows: Result<Vec<Option<CustomerRow>>> =
                ids.iter().map(|id| reader.one(ROW, [id], read)).collect();
            Ok(rows?.into_iter().flatten().collect())
        })
    }
}

const CUSTOMERS: &str = Customer::TABLE.name;

pub(super) const ROW: &str = concat!(
    "SELECT c.id, ",
    name_sql!("c", "c.company"),
    ", c.company, c.phones, c.emails FROM customers c WHERE c.id = ?1 AND c.deleted_at IS NULL"
);

pub(super) const ALL: &str = concat!(
    "SELECT c.id, ",
    name_sql!("c", "c.company"),
    " AS called, c.company, c.phones, c.emails FROM customers c WHERE c.deleted_at IS NULL AND ",
    name_sql!("c", "c.company"),
    " COLLATE NOCASE >= ?1 AND (",
    name_sql!("c", "c.company"),
    " COLLATE NOCASE > ?1 OR c.id > ?2) ORDER BY ",
    name_sql!("c", "c.company"),
    " COLLATE NOCASE, c.id LIMIT ?3"
);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<CustomerRow> {
    let cell = |column| -> rusqlite::Result<Value> {
        Ok(row.get::<_, Option<String>>(column)?.map_or(Value::Null, Value::Text))
    };
    // A list that cannot be read shows nothing here; the record itself says that it is damaged.
    let phones = Vec::<Phone>::from_value(&cell(3)?).unwrap_or_default();
    let emails = Emails::from_value(&cell(4)?).unwrap_or_default();
    Ok(CustomerRow {
        id: CustomerId(row.get(0)?),
        name: row.get(1)?,
        company: row.get(2)?,
        phone: phones.into_iter().next().map(|phone| phone.number),
        email: emails.0.into_iter().next(),
    })
}

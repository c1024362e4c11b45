//! Finding and merging customers.

use super::{Device, NOON, ticket};
use crate::desk::{Bringer, CustomerRow, Intake, ItemRow};
use crate::entity::{Appointment, Customer, CustomerId, Emails, Phone, Ticket, TicketStatus};
use crate::error::Error;
use crate::schema::{Entity, Row, time_from_ms};

fn nunez(device: &Device) -> String {
    let phone = Phone { number: "+4930123456".into(), label: "home".into() };
    let customer = Customer {
        first_name: Some("José".into()),
        last_name: Some("Núñez".into()),
        phones: vec![phone],
        emails: Emails(vec!["Jose@Example.com".into()]),
        notes: Some("prefers mornings".into()),
        ..Customer::default()
    };
    device.create(&customer).unwrap()
}

fn ids(rows: &[CustomerRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.0.as_str()).collect()
}

#[test]
fn a_customer_is_found_by_what_people_type() {
    let device = Device::new("front_desk");
    let id = nunez(&device);
    device.customer("Okafor");
    for found in [
        device.customers_by_name("nun", 10),
        device.customers_by_name("jose nu", 10),
        device.customers_by_phone("+49 30", 10),
        device.customers_by_phone("0049 30 123", 10),
        device.customers_by_phone("030 / 123456", 10),
        device.customers_by_phone("3456", 10),
        device.customers_by_email("JOSE@", 10),
        device.find_customers("mornings núñ", 10),
    ] {
        assert_eq!(ids(&found.unwrap()), [id.as_str()]);
    }
    let row = device.customers_by_name("nun", 1).unwrap().remove(0);
    assert_eq!((row.name.as_str(), row.phone.as_deref()), ("José Núñez", Some("+4930123456")));
    assert!(device.customers_by_phone("1234", 10).unwrap().is_empty(), "only its beginning or its end");
    assert!(device.customers_by_phone("no digits", 10).unwrap().is_empty());
}

#[test]
fn all_customers_and_all_items_follow_each_other_by_name() {
    let device = Device::new("owner");
    for name in ["quill", "Abel", "Quill", "okafor", "Zöe"] {
        device.customer(name);
        device.item(name);
    }
    let wanted = ["abel", "okafor", "quill", "quill", "zöe"];
    let names = all(|last: Option<&CustomerRow>| {
        device.customers(last.map(|row| (row.name.as_str(), row.id.0.as_str())), 2).unwrap()
    });
    assert_eq!(names.iter().map(|row| row.name.to_lowercase()).collect::<Vec<_>>(), wanted);
    let names = all(|last: Option<&ItemRow>| {
        device.items(last.map(|row| (row.name.as_str(), row.id.0.as_str())), 2).unwrap()
    });
    assert_eq!(names.iter().map(|row| row.name.to_lowercase()).collect::<Vec<_>>(), wanted);
}

/// A list's pages, each after the last row of the one before.
fn all<T>(page: impl Fn(Option<&T>) -> Vec<T>) -> Vec<T> {
    let mut rows = Vec::new();
    loop {
        let next = page(rows.last());
        if next.is_empty() {
            return rows;
        }
        rows.extend(next);
    }
}

#[test]
fn a_word_that_everybody_has_finds_the_newest() {
    let device = Device::new("owner");
    let customer = |at: usize, name: &str| {
        let id = CustomerId(format!("c{at:04}"));
        Customer { id, last_name: Some(name.into()), ..Customer::default() }.to_row()
    };
    let crowd = (1..=1_000).map(|at| customer(at, "Weber and Daughters, Repairs"));
    let rows: Vec<Row> = std::iter::once(customer(0, "Weber")).chain(crowd).collect();
    device.receives(&rows[..1_000], 1);
    assert_eq!(
        ids(&device.find_customers("web", 2).unwrap())[0],
        "c0000",
        "of a thousand the best comes first"
    );
    device.receives(&rows[1_000..], 2);
    let found = device.find_customers("web", 2_000).unwrap();
    let newest: Vec<String> = (1..=1_000).rev().map(|at| format!("c{at:04}")).collect();
    assert_eq!(ids(&found), newest, "the oldest is left out");
    assert_eq!(ids(&device.find_customers("web", 2).unwrap()), ["c1000", "c0999"]);
}

#[test]
fn merged_customers_bring_their_tickets_and_appointments() {
    let device = Device::new("manager");
    let (stays, gone) = (device.customer("Okafor"), CustomerId(nunez(&device)));
    let bringer = Bringer::Known { id: gone.clone() };
    let made = device.intake(&Intake { bringer, ticket: ticket("No sound") }, None).unwrap();
    let appointment = Appointment {
        customer_id: gone.clone(),
        starts_at: time_from_ms(NOON),
        ends_at: time_from_ms(NOON + 1),
        time_zone: "UTC".into(),
        ..Appointment::default()
    };
    device.create(&appointment).unwrap();
    device.merge_customers(&stays, &gone).unwrap();
    assert_eq!(device.get::<Ticket>(&made.ticket.0).unwrap().unwrap().customer_id, stays);
    assert_eq!(device.appointments_of_customer(&stays, None, 10).unwrap().len(), 1);
    assert_eq!(device.get::<Customer>(&gone.0), Ok(None));
    assert_eq!(device.customers_by_phone("3456", 10).unwrap().remove(0).id, stays);
}

#[test]
fn who_may_not_merge_changes_nothing() {
    let device = Device::new("front_desk");
    let (stays, gone) = (device.customer("Okafor"), device.customer("Okafor"));
    let bringer = Bringer::Known { id: gone.clone() };
    let made = device.intake(&Intake { bringer, ticket: ticket("No sound") }, None).unwrap();
    let before = device.rows_in("outbox");
    let refused = device.merge_customers(&stays, &gone);
    assert_eq!(refused, Err(Error::denied("customers", "manage_customers")));
    assert_eq!(device.get::<Ticket>(&made.ticket.0).unwrap().unwrap().customer_id, gone);
    assert_eq!(device.rows_in("outbox"), before);
}

#[test]
fn a_customer_with_an_open_ticket_is_not_deleted() {
    let device = Device::new("manager");
    let customer = device.customer("Okafor");
    let bringer = Bringer::Known { id: customer.clone() };
    let made = device.intake(&Intake { bringer, ticket: ticket("No sound") }, None).unwrap();
    assert_eq!(device.delete("customers", &customer.0).unwrap_err().code(), "has_open_tickets");
    device.transition(&made.ticket, TicketStatus::Cancelled, None).unwrap();
    device.delete("customers", &customer.0).unwrap();
}

//! Tickets: one device, one repair each. The status is moved by [`TicketEvent`](super::TicketEvent)s alone; which
//! move is possible, and whose, is in [`super::ticket_status`].

use super::{CustomerId, EmployeeId, MOST_CENTS, TicketStatus};
use crate::schema::{Row, Search, Type, Window};
use crate::search_key::fold;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

crate::entity! {
    /// The repair of one device.
    Ticket(TicketId) in "tickets" {
        search: Some(Search { text, keys }),
        window: Some(Window {
            outside: "status IN ('picked_up', 'cancelled', 'abandoned') AND closed_at < :edge",
            days: 90,
            length: None,
        }),
    }
    /// What is printed on its label; given with the ticket, never changed.
    number: Option<String> = F [Chars(1, 32)];
    /// Whose device it is.
    customer_id: CustomerId = L;
    /// What kind of device: "phone", "laptop" …
    device_kind: Option<String> = L [Chars(0, 60)];
    /// Who made it.
    device_brand: Option<String> = L [Chars(0, 120)];
    /// Which one it is.
    device_model: Option<String> = L [Chars(0, 120)];
    /// Its serial number.
    device_serial: Option<String> = L [Chars(0, 120)];
    /// Its IMEI.
    imei: Option<String> = L [Imei];
    /// What colour it has.
    device_colour: Option<String> = L [Chars(0, 60)];
    /// What it is about, in a line.
    subject: String = L [Chars(1, 200)];
    /// What the customer says is wrong.
    problem: Option<String> = M [Chars(0, 8_000)];
    /// What the technician found.
    diagnosis: Option<String> = M [Chars(0, 8_000)];
    /// How urgent it is.
    priority: Priority = L;
    /// When it was promised.
    due_at: Option<DateTime<Utc>> = L;
    /// Who works on it.
    assignee_id: Option<EmployeeId> = L;
    /// How far it is.
    status: TicketStatus = E;
    /// While on hold, the status it goes back to.
    on_hold_from: Option<TicketStatus> = E;
    /// When work first started.
    work_started_at: Option<DateTime<Utc>> = E;
    /// When it ended.
    closed_at: Option<DateTime<Utc>> = E;
    /// What it was said to cost.
    estimate_cents: Option<i64> = L [Range(0, MOST_CENTS)];
    /// What the customer agreed to pay.
    approved_cents: Option<i64> = L [Range(0, MOST_CENTS)];
    /// What came with the device.
    accessories: Vec<String> = S [Items(50)];
    /// Words to group tickets by.
    tags: Vec<String> = S [Items(50)];
    /// What was tried when the device came in.
    intake_checklist: Checklist = L [Items(100)];
    /// Until when the repair is under warranty.
    warranty_until: Option<DateTime<Utc>> = L;
    /// The ticket whose warranty this one is.
    warranty_of: Option<TicketId> = L;
}

crate::words! {
    /// How urgent a ticket is.
    Priority { Normal = "normal", Low = "low", High = "high", Urgent = "urgent" }
}

crate::words! {
    /// What a try at intake showed.
    CheckMark { Untested = "untested", Pass = "pass", Fail = "fail", NotApplicable = "na" }
}

/// What was tried when the device came in: item → mark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checklist(pub HashMap<String, CheckMark>);
#[cfg(feature = "uniffi")]
uniffi::custom_newtype!(Checklist, HashMap<String, CheckMark>);
crate::json_column!(Checklist, Type::Map(CheckMark::WORDS));

fn text(row: &Row) -> String {
    let mut words: Vec<String> = [
        "number",
        "subject",
        "problem",
        "diagnosis",
        "device_kind",
        "device_brand",
        "device_model",
        "device_serial",
        "device_colour",
        "imei",
    ]
    .map(|field| row.text(field).to_owned())
    .into();
    words.extend(row.read::<Vec<String>>("tags").unwrap_or_default());
    words.extend(row.read::<Vec<String>>("accessories").unwrap_or_default());
    words.join(" ")
}

fn keys(row: &Row) -> Vec<(&'static str, String)> {
    let number = fold(row.text("number"));
    if number.is_empty() { Vec::new() } else { vec![("number", number)] }
}

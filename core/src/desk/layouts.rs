//! The repair shop's layouts: what other systems call the columns of customers, items and tickets.

use crate::entity::permission::Rights;
use crate::entity::{
    Held, InventoryItemId, MovementKind, StockMovement, StockMovementId, TicketEvent, TicketEventId,
    TicketId, TicketStatus,
};
use crate::error::Result;
use crate::schema::{Entity, Invalid, Row, Rule, Value, time_from_ms};
use crate::shop::import::{Column, Followed, Layout, Reading, To};

const fn column(names: &'static [&'static str], to: To, reading: Reading) -> Column {
    Column { names, to, reading }
}

const fn field(name: &'static str, names: &'static [&'static str]) -> Column {
    column(names, To::Field(name), Reading::Text)
}

const fn part(name: &'static str, names: &'static [&'static str]) -> Column {
    column(names, To::Part("address", name), Reading::Text)
}

/// Customers.
pub static CUSTOMERS: Layout = Layout {
    table: "customers",
    columns: &[
        column(
            &["externalid", "id", "customerid", "customernumber", "customerno", "clientid", "accountnumber"],
            To::ExternalId,
            Reading::Text,
        ),
        field("first_name", &["firstname", "givenname", "forename"]),
        field("last_name", &["lastname", "surname", "familyname"]),
        field("last_name", &["name", "fullname", "customername", "customer", "displayname"]),
        field(
            "company",
            &["company", "companyname", "business", "businessname", "organization", "organisation"],
        ),
        column(
            &["mobile", "mobilephone", "mobilenumber", "cell", "cellphone"],
            To::Field("phones"),
            Reading::Phone("mobile"),
        ),
        column(&["homephone", "phonehome"], To::Field("phones"), Reading::Phone("home")),
        column(&["workphone", "businessphone", "phonework"], To::Field("phones"), Reading::Phone("work")),
        column(
            &["phone", "phones", "phonenumber", "telephone", "tel", "phone1", "phone2"],
            To::Field("phones"),
            Reading::Phone(""),
        ),
        column(
            &["email", "emails", "emailaddress", "mail", "email1", "email2"],
            To::Field("emails"),
            Reading::Email,
        ),
        part("street", &["street", "streetaddress", "address", "address1", "addressline1"]),
        part("street", &["street2", "address2", "addressline2"]),
        part("city", &["city", "town"]),
        part("region", &["region", "state", "province", "county"]),
        part("postal_code", &["postalcode", "postcode", "zip", "zipcode"]),
        part("country", &["country", "countrycode"]),
        field("notes", &["notes", "note", "comments", "comment", "remarks"]),
        column(&["tags", "labels", "groups"], To::Field("tags"), Reading::Words),
        column(&["smsoptout", "nosms"], To::Field("sms_opt_out"), Reading::YesNo),
        column(&["emailoptout", "noemail", "unsubscribed"], To::Field("email_opt_out"), Reading::YesNo),
        column(&["taxexempt"], To::Field("tax_exempt"), Reading::YesNo),
        MADE_AT,
    ],
    follow: |_| Ok(Vec::new()),
};

/// Items, with what of them lies on the shelf.
pub static INVENTORY_ITEMS: Layout = Layout {
    table: "inventory_items",
    columns: &[
        column(&["externalid", "id", "itemid", "productid"], To::ExternalId, Reading::Text),
        field("sku", &["sku", "itemcode", "productcode", "articlenumber", "partnumber", "itemnumber"]),
        field("barcode", &["barcode", "upc", "ean", "gtin", "upccode"]),
        field("name", &["name", "itemname", "productname", "title", "item", "product"]),
        field("name", &["description"]),
        field("category", &["category", "productcategory"]),
        field("brand", &["brand", "manufacturer", "make"]),
        column(
            &["compatiblemodels", "compatiblewith", "fits", "models"],
            To::Field("compatible_models"),
            Reading::Words,
        ),
        column(
            &["price", "retailprice", "sellingprice", "saleprice", "unitprice"],
            To::Field("price_cents"),
            Reading::Money,
        ),
        field("supplier", &["supplier", "vendor", "suppliername"]),
        field("bin", &["bin", "binlocation", "shelf", "location"]),
        column(
            &["reorderlevel", "reorderpoint", "minstock", "minimumstock", "lowstock"],
            To::Field("reorder_level"),
            Reading::Count,
        ),
        column(
            &["stock", "quantity", "qty", "onhand", "instock", "quantityonhand", "qtyonhand", "stocklevel"],
            To::Extra("quantity"),
            Reading::Count,
        ),
        MADE_AT,
    ],
    follow: first_stock,
};

/// Tickets of customers who were moved in before, from the same system.
pub static TICKETS: Layout = Layout {
    table: "tickets",
    columns: &[
        column(
            &["externalid", "id", "ticketid", "repairid", "jobid", "workorderid", "orderid"],
            To::ExternalId,
            Reading::Text,
        ),
        field("number", &["number", "ticketnumber", "ticketno", "repairnumber", "jobnumber", "ordernumber"]),
        column(
            &["customerid", "customerexternalid", "customer", "customernumber", "clientid", "client"],
            To::Field("customer_id"),
            Reading::Row("customers"),
        ),
        field("device_kind", &["devicekind", "devicetype", "kind", "type"]),
        field("device_brand", &["devicebrand", "brand", "manufacturer", "make"]),
        field("device_model", &["devicemodel", "model", "device"]),
        field("device_serial", &["deviceserial", "serial", "serialnumber", "serialno", "sn"]),
        field("imei", &["imei", "imeinumber"]),
        field("device_colour", &["devicecolour", "devicecolor", "colour", "color"]),
        field("subject", &["subject", "title", "summary"]),
        field("problem", &["problem", "issue", "fault", "description", "problemdescription"]),
        field("diagnosis", &["diagnosis", "findings"]),
        column(
            &["priority"],
            To::Field("priority"),
            Reading::Word(&[("medium", "normal"), ("critical", "urgent")]),
        ),
        column(&["dueat", "due", "duedate", "promised", "promiseddate"], To::Field("due_at"), Reading::Time),
        column(
            &["estimate", "estimatecents", "quote", "estimatedcost"],
            To::Field("estimate_cents"),
            Reading::Money,
        ),
        column(&["approved", "approvedamount"], To::Field("approved_cents"), Reading::Money),
        column(&["accessories"], To::Field("accessories"), Reading::Words),
        column(&["tags", "labels"], To::Field("tags"), Reading::Words),
        column(&["warrantyuntil", "warranty", "warrantyend"], To::Field("warranty_until"), Reading::Time),
        column(&["status", "state"], To::Extra("status"), Reading::Word(STATUSES)),
        column(
            &["closedat", "closed", "closeddate", "completedat", "pickedupat"],
            To::Extra("closed_at"),
            Reading::Time,
        ),
        MADE_AT,
    ],
    follow: first_status,
};

const MADE_AT: Column = column(
    &["createdat", "created", "createddate", "dateadded", "date", "datein", "openedat"],
    To::MadeAt,
    Reading::Time,
);

/// Our own words and what other systems say for them.
const STATUSES: &[(&str, &str)] = &[
    ("received", "received"),
    ("new", "received"),
    ("open", "received"),
    ("checkedin", "received"),
    ("diagnosing", "diagnosing"),
    ("diagnosis", "diagnosing"),
    ("awaitingapproval", "awaiting_approval"),
    ("waitingforapproval", "awaiting_approval"),
    ("waitingforcustomer", "awaiting_approval"),
    ("approved", "approved"),
    ("awaitingparts", "awaiting_parts"),
    ("waitingforparts", "awaiting_parts"),
    ("inrepair", "in_repair"),
    ("inprogress", "in_repair"),
    ("repairing", "in_repair"),
    ("qc", "qc"),
    ("testing", "qc"),
    ("ready", "ready"),
    ("readyforpickup", "ready"),
    ("repaired", "ready"),
    ("completed", "ready"),
    ("pickedup", "picked_up"),
    ("collected", "picked_up"),
    ("delivered", "picked_up"),
    ("closed", "picked_up"),
    ("onhold", "on_hold"),
    ("cancelled", "cancelled"),
    ("canceled", "cancelled"),
    ("abandoned", "abandoned"),
];

/// What a movement or an event says of where it comes from.
const MOVED_IN: &str = "moved in from another system";

/// What lies on the shelf, as a movement: quantities are sums and nothing else.
fn first_stock(line: &Followed<'_>) -> Result<Vec<Row>> {
    let quantity = line.extra("quantity").and_then(Value::int).unwrap_or_default();
    if quantity == 0 {
        return Ok(Vec::new());
    }
    let movement = StockMovement {
        id: StockMovementId((line.id)("stock_movements", 0)),
        item_id: InventoryItemId(line.row.id.clone()),
        quantity,
        // A shelf that owes is set right, since nothing was received.
        kind: if quantity > 0 { MovementKind::Receive } else { MovementKind::Adjust },
        reason: Some(MOVED_IN.to_owned()),
        ..StockMovement::default()
    };
    let mut row = movement.to_row();
    row.meta.created_at = line.row.meta.created_at;
    Ok(vec![row])
}

/// The way of a ticket to where it is, by moves that the workflow has: a status is moved by events and nothing else.
fn first_status(line: &Followed<'_>) -> Result<Vec<Row>> {
    let status =
        line.extra("status").and_then(Value::text).map_or(TicketStatus::Received, TicketStatus::from);
    let ended = line.extra("closed_at").and_then(Value::int).map(time_from_ms);
    let (mut from, mut work_started, mut rows) = (TicketStatus::Received, false, Vec::new());
    for (k, to) in way(&status).iter().enumerate() {
        let held = Held { work_started, ..Held::default() };
        from.can_become(to, held, Rights::of(line.who))?;
        let event = TicketEvent {
            id: TicketEventId((line.id)("ticket_events", k)),
            ticket_id: TicketId(line.row.id.clone()),
            from,
            to: to.clone(),
            reason: Some(MOVED_IN.to_owned()),
            ..TicketEvent::default()
        };
        let mut row = event.to_row();
        row.meta.created_at = ended.filter(|_| !status.is_open()).unwrap_or(line.row.meta.created_at);
        rows.push(row);
        (from, work_started) = (to.clone(), work_started || *to == TicketStatus::InRepair);
    }
    if from != status {
        return Err(Invalid::field("status", Rule::Of("status_order")).of("tickets").into());
    }
    Ok(rows)
}

/// The shortest way from received to a status.
fn way(to: &TicketStatus) -> &'static [TicketStatus] {
    use TicketStatus::{
        Abandoned, Approved, AwaitingApproval, AwaitingParts, Cancelled, Diagnosing, InRepair, OnHold, Other,
        PickedUp, Qc, Ready, Received,
    };
    match to {
        Received | Other { .. } => &[],
        Diagnosing => &[Diagnosing],
        AwaitingApproval => &[Diagnosing, AwaitingApproval],
        Approved => &[Diagnosing, AwaitingApproval, Approved],
        AwaitingParts => &[AwaitingParts],
        InRepair => &[InRepair],
        Qc => &[InRepair, Qc],
        Ready => &[InRepair, Ready],
        PickedUp => &[InRepair, Ready, PickedUp],
        OnHold => &[OnHold],
        Cancelled => &[Cancelled],
        Abandoned => &[InRepair, Ready, Abandoned],
    }
}

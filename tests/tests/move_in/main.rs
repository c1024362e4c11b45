//! Moving in and out: our own export and back, files of other systems, and files that mean no good.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a suite's helper fails by panicking")]

mod foreign;

use counterpart_core::desk::layouts::{CUSTOMERS, INVENTORY_ITEMS, TICKETS};
use counterpart_core::entity::{
    Appointment, Customer, CustomerId, Employee, EmployeePay, EmployeePin, InventoryItem, InventoryItemId,
    ItemCost, LineKind, MovementKind, Phone, REPAIR_SHOP, Role, StockMovement, Ticket, TicketEvent, TicketId,
    TicketLine, TicketNote, TicketSecret, TicketStatus,
};
use counterpart_core::schema::{Entity, Row, time_from_ms};
use counterpart_core::shop::import::{
    DateOrder, Format, ImportOptions, ImportReport, Layout, Line, Outcome, Watch,
};
use counterpart_core::shop::{ExportReport, Flow, Lease, Progress};
use counterpart_core::store::Durability;
use counterpart_core::{Account, Fault, Opening, Shop};
use std::io::{BufReader, Cursor};
use tempfile::TempDir;

/// A shop in a folder that goes with it.
struct Site {
    shop: Shop,
    _folder: TempDir,
}

impl std::ops::Deref for Site {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.shop
    }
}

fn site(role: &str) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let opening = Opening::new(path, &REPAIR_SHOP, "shop-1", Account::new("ada", role));
    let shop = Shop::open(Opening { durability: Durability::Normal, ..opening }).unwrap();
    Site { shop, _folder: folder }
}

/// A shop with a row of everything.
fn busy_site() -> Site {
    let site = site("owner");
    site.begin_session(1, "A").unwrap();
    site.add_lease(Lease { first: 100, last: 199 }).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let employee =
        Employee { last_name: text("Rossi"), role: Role::Technician, active: true, ..Employee::default() };
    let employee = site.create(&employee).unwrap();
    let of = employee.as_str().into();
    site.create(&EmployeePay { employee_id: of, hourly_rate_cents: 2_500, ..EmployeePay::default() })
        .unwrap();
    let (of, verifier) = (employee.as_str().into(), "$argon2id$SECRET-PIN".to_owned());
    site.create(&EmployeePin { employee_id: of, verifier, ..EmployeePin::default() }).unwrap();
    let phones = vec![Phone { number: "+4930123456".into(), label: "mobile".into() }];
    let customer =
        Customer {
            last_name: text("Núñez \"Q\"\n"), phones, notes: text("مرحبا"), ..Customer::default()
        };
    let customer = site.create(&customer).unwrap();
    let item = InventoryItem { name: "Screen".into(), price_cents: Some(8_999), ..InventoryItem::default() };
    let item = site.create(&item).unwrap();
    let of: InventoryItemId = item.as_str().into();
    site.create(&ItemCost { item_id: of.clone(), cost_cents: 4_000, ..ItemCost::default() }).unwrap();
    for (kind, quantity) in [(MovementKind::Receive, 7), (MovementKind::Use, -2), (MovementKind::Reserve, 3)]
    {
        site.create(&StockMovement { item_id: of.clone(), kind, quantity, ..StockMovement::default() })
            .unwrap();
    }
    let ticket = |subject: &str, customer: &str| {
        let ticket = Ticket { customer_id: customer.into(), subject: subject.into(), ..Ticket::default() };
        site.create(&ticket).unwrap()
    };
    use TicketStatus::{Diagnosing, InRepair, OnHold, PickedUp, Ready, Received};
    let done = ticket("Cracked screen", &customer);
    moved(&site, &done, &[Received, Diagnosing, InRepair, Ready, PickedUp]);
    moved(&site, &ticket("Battery", &customer), &[Received, InRepair, OnHold]);
    ticket("Port", &customer);
    let of: TicketId = done.as_str().into();
    site.create(&TicketNote {
        ticket_id: of.clone(),
        body: "Glass in the frame".into(),
        ..TicketNote::default()
    })
    .unwrap();
    let line =
        TicketLine { ticket_id: of.clone(), kind: LineKind::Part, quantity: 1, ..TicketLine::default() };
    site.create(&line).unwrap();
    let sealed = TicketSecret { ticket_id: of, sealed: text("SECRET-CODE"), ..TicketSecret::default() };
    site.create(&sealed).unwrap();
    let (starts_at, ends_at) = (time_from_ms(1_800_000_000_000), time_from_ms(1_800_003_600_000));
    let (customer_id, time_zone) = (customer.as_str().into(), "Europe/Berlin".to_owned());
    let visit = Appointment { customer_id, starts_at, ends_at, time_zone, ..Appointment::default() };
    site.create(&visit).unwrap();
    site
}

fn moved(shop: &Shop, ticket: &str, way: &[TicketStatus]) {
    for step in way.windows(2) {
        let [from, to] = step else { continue };
        let (from, to) = (from.clone(), to.clone());
        shop.create(&TicketEvent { ticket_id: ticket.into(), from, to, ..TicketEvent::default() }).unwrap();
    }
}

fn export(shop: &Shop) -> (String, ExportReport) {
    let mut bytes = Vec::new();
    let report = shop.export(&mut bytes, &mut |_| Flow::GoOn).unwrap();
    (String::from_utf8(bytes).unwrap(), report)
}

fn take_back(shop: &Shop, file: &str) -> ImportReport {
    shop.import_export(Cursor::new(file), false, &mut ()).unwrap()
}

fn import(shop: &Shop, layout: &'static Layout, file: &str, options: &ImportOptions) -> ImportReport {
    // A buffer smaller than any line, so that everything falls across a border.
    let from = BufReader::with_capacity(5, Cursor::new(file.as_bytes()));
    shop.import(layout, from, options, &mut ()).unwrap()
}

fn csv() -> ImportOptions {
    ImportOptions::new("old", Format::Csv)
}

fn json() -> ImportOptions {
    ImportOptions::new("old", Format::Json)
}

fn counts(report: &ImportReport) -> (u64, u64, u64) {
    (report.created, report.already_there, report.refused)
}

/// What a refusal says: line, code, field.
fn refusals(report: &ImportReport) -> Vec<(u64, String, String)> {
    let said = |line: &Line| match &line.outcome {
        Outcome::Refused(error) => match error.fault() {
            Fault::Invalid(wrong) => (line.line, wrong.rule.code().to_owned(), wrong.field.to_owned()),
            Fault::Denied { table, rule } => (line.line, (*rule).to_owned(), (*table).to_owned()),
            other @ (Fault::Missing { .. }
            | Fault::NotNow(_)
            | Fault::Storage(_)
            | Fault::NeedsServer { .. }
            | Fault::SignedOut { .. }
            | Fault::Defect { .. }) => panic!("not a refusal: {other:?}"),
        },
        other @ (Outcome::Created | Outcome::AlreadyThere) => panic!("not a refusal: {other:?}"),
    };
    report.refusals.iter().map(said).collect()
}

fn refusal(line: u64, code: &str, field: &str) -> (u64, String, String) {
    (line, code.to_owned(), field.to_owned())
}

fn rows<T: Entity>(shop: &Shop) -> Vec<Row> {
    shop.read(|reader| reader.list(T::TABLE, "", usize::MAX)).unwrap()
}

/// All that a person sees of every row that travels, and when it was made.
fn visible(shop: &Shop) -> Vec<String> {
    let mut seen = Vec::new();
    for table in REPAIR_SHOP.tables.iter().filter(|table| !table.secret) {
        for row in shop.read(|reader| reader.list(table, "", usize::MAX)).unwrap() {
            seen.push(format!("{} {} {:?} {}", table.name, row.id, row.values, row.meta.created_at));
        }
    }
    seen
}

/// Everything in the queue, to the letter.
fn queue(shop: &Shop) -> Vec<String> {
    shop.read(|reader| reader.all("SELECT body FROM outbox ORDER BY seq", [], |row| row.get(0))).unwrap()
}

#[test]
fn an_export_read_into_an_empty_shop_shows_the_same() {
    let (from, to) = (busy_site(), site("owner"));
    let (file, written) = export(&from);
    let read = take_back(&to, &file);
    assert_eq!(counts(&read), (written.written.rows, 0, 0), "{:?}", read.refusals);
    assert!(written.complete && read.complete);
    assert_eq!(written.written.bytes, file.len() as u64);
    assert_eq!(visible(&to), visible(&from));
    let item = to.list::<InventoryItem>("", 9).unwrap().remove(0);
    assert_eq!((item.quantity, item.reserved), (5, 3));
    let mut statuses: Vec<String> =
        to.list::<Ticket>("", 9).unwrap().iter().map(|it| it.status.to_string()).collect();
    statuses.sort();
    assert_eq!(statuses, ["on_hold", "picked_up", "received"]);
}

#[test]
fn an_export_read_twice_changes_nothing_the_second_time() {
    let to = site("owner");
    let (file, written) = export(&busy_site());
    take_back(&to, &file);
    let (seen, queued) = (visible(&to), queue(&to));
    assert_eq!(counts(&take_back(&to, &file)), (0, written.written.rows, 0));
    assert_eq!((visible(&to), queue(&to)), (seen, queued));
}

#[test]
fn a_row_that_was_deleted_here_stays_deleted() {
    let (from, to) = (busy_site(), site("owner"));
    let (file, _) = export(&from);
    take_back(&to, &file);
    let visit = to.list::<Appointment>("", 1).unwrap().remove(0);
    to.delete("appointments", &visit.id.0).unwrap();
    assert_eq!(take_back(&to, &file).created, 0);
    assert_eq!(to.get::<Appointment>(&visit.id.0).unwrap(), None);
}

#[test]
fn secrets_and_what_others_may_not_see_never_leave() {
    let site = busy_site();
    let (whole, report) = export(&site);
    assert!(!whole.contains("SECRET"), "a passcode or a PIN verifier left");
    assert_eq!(report.left_out, ["employee_pins", "ticket_secrets"]);
    assert!(whole.contains("\"table\":\"item_costs\"") && whole.contains("\"table\":\"employee_pay\""));

    // The same rows on the device of somebody at the front desk: they may not be there, and if they are they stay.
    let desk = as_role(site, "front_desk");
    let (file, report) = export(&desk);
    for table in ["item_costs", "employee_pay", "ticket_secrets", "employee_pins", "secret_reveals"] {
        assert!(report.left_out.contains(&table), "{table}");
        assert!(!file.contains(&format!("\"table\":\"{table}\"")), "{table}");
    }
    assert!(file.contains("\"table\":\"customers\""));
}

/// The same file opened with another role.
fn as_role(site: Site, role: &str) -> Site {
    let path = site.shop.store().path().to_owned();
    let folder = site._folder;
    site.shop.close().unwrap();
    drop(site.shop);
    let shop = Shop::open(Opening::new(path, &REPAIR_SHOP, "shop-1", Account::new("ada", role))).unwrap();
    Site { shop, _folder: folder }
}

#[test]
fn what_was_deleted_stays_at_home_with_what_belongs_to_it() {
    let site = busy_site();
    let ticket = rows::<TicketNote>(&site).remove(0).text("ticket_id").to_owned();
    site.delete("tickets", &ticket).unwrap();
    let (file, _) = export(&site);
    assert!(!file.contains(&ticket), "neither the ticket nor its notes, events and lines");
    let to = self::site("owner");
    assert_eq!(take_back(&to, &file).refused, 0);
}

#[test]
fn an_export_can_be_stopped_and_says_so() {
    let site = site("owner");
    let lines: String = (0..1_200).map(|at| format!("{at},Name {at}\n")).collect();
    import(&site, &CUSTOMERS, &format!("id,last name\n{lines}"), &csv());
    let mut bytes = Vec::new();
    let report = site.export(&mut bytes, &mut |_| Flow::Stop).unwrap();
    assert!(!report.complete);
    assert_eq!(report.written.rows, 500);
}

#[test]
fn a_file_that_is_no_export_of_this_schema_is_refused_whole() {
    let site = site("owner");
    for (file, code) in [
        ("", "not_an_export"),
        ("id,name\n1,Ada\n", "not_an_export"),
        (r#"{"counterpart_export":2,"schema":"repair_shop","shop":"s","at":""}"#, "newer_export"),
        (r#"{"counterpart_export":1,"schema":"bakery","shop":"s","at":""}"#, "other_schema"),
    ] {
        let error = site.import_export(Cursor::new(file), false, &mut ()).unwrap_err();
        assert_eq!(error.code(), code);
    }
    assert!(queue(&site).is_empty());
}

const HEADER: &str = r#"{"counterpart_export":1,"schema":"repair_shop","shop":"s","at":""}"#;

#[test]
fn hostile_lines_of_an_export_are_refused_one_by_one_and_change_nothing() {
    let row = |table: &str, row: &str| format!(r#"{{"table":"{table}","row":{row}}}"#);
    let long = row("customers", &format!(r#"{{"id":"x","last_name":"{}"}}"#, "x".repeat(10_000_000)));
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases = [
        (long, "line_too_long", "line"),
        (row("customers", r#"{"id":"x","last_name":"a\u0000b"}"#), "character", "last_name"),
        (row("customers", r#"{"id":"x","last_name":"\ud800"}"#), "not_a_row", "line"),
        (row("customers", r#"{"id":"x","last_name":7}"#), "kind", "last_name"),
        (row("customers", r#"{"id":"x","last_name":1e400}"#), "not_a_row", "line"),
        (row("customers", r#"{"id":"x","phones":"nope"}"#), "kind", "phones"),
        (row("customers", r#"{"id":7,"last_name":"x"}"#), "required", "id"),
        (row("customers", r#"{"id":"","last_name":"x"}"#), "kind", "id"),
        (row("customers", r#"{"id":"x","last_name":"x","surprise":1}"#), "unknown_field", "row"),
        (
            row("customers", r#"{"id":"x","first_name":"x","deleted_at":"2026-01-01T00:00:00Z"}"#),
            "deleted",
            "deleted_at",
        ),
        (row("customers", r#"{"id":"x"}"#), "needs_a_name", "last_name"),
        (row("customers", &format!(r#"{{"id":"x","address":{deep}}}"#)), "not_a_row", "line"),
        (row("inventory_items", r#"{"id":"x","name":"x","price_cents":1.5}"#), "kind", "price_cents"),
        (
            row("inventory_items", r#"{"id":"x","name":"x","price_cents":9223372036854775808}"#),
            "kind",
            "price_cents",
        ),
        (
            row("tickets", r#"{"id":"x","customer_id":"y","subject":"x","priority":"soon"}"#),
            "word",
            "priority",
        ),
        (row("ticket_notes", r#"{"id":"x","ticket_id":"nobody","body":"x"}"#), "no_such_row", "ticket_id"),
        (row("ticket_secrets", r#"{"id":"x","ticket_id":"y"}"#), "secret", "table"),
        (row("employee_pins", r#"{"id":"x","employee_id":"y","verifier":"z"}"#), "secret", "table"),
        (row("outbox", r#"{"id":"x"}"#), "unknown_table", "table"),
        (row("conflicts", r#"{"id":"x"}"#), "unknown_table", "table"),
        ("{\"table\":\"customers\"".to_owned(), "not_a_row", "line"),
        ("null".to_owned(), "not_a_row", "line"),
    ];
    let site = site("owner");
    let before = visible(&site);
    let file: String = cases.iter().map(|(line, ..)| format!("{line}\n")).collect();
    let report = take_back(&site, &format!("{HEADER}\n{file}"));
    let expected: Vec<_> =
        cases.iter().zip(2..).map(|((_, code, field), line)| refusal(line, code, field)).collect();
    assert_eq!(refusals(&report), expected);
    assert!(report.complete);
    assert_eq!((visible(&site), queue(&site)), (before, Vec::new()));
}

#[test]
fn counters_and_statuses_written_into_a_file_are_not_believed() {
    let site = site("owner");
    let item = r#"{"table":"inventory_items","row":{"id":"x","name":"Screen","quantity":999,"reserved":9}}"#;
    assert_eq!(take_back(&site, &format!("{HEADER}\n{item}\n")).created, 1);
    let item = site.get::<InventoryItem>("x").unwrap().unwrap();
    assert_eq!((item.quantity, item.reserved), (0, 0));
}

#[test]
fn an_import_gives_nobody_more_than_their_role() {
    let (file, written) = export(&busy_site());
    let desk = site("front_desk");
    let report = take_back(&desk, &file);
    assert!(report.created > 0 && report.refused > 0);
    assert_eq!(report.created + report.refused, written.written.rows);
    for denied in ["money", "outrank"] {
        assert!(refusals(&report).iter().any(|(_, rule, _)| rule == denied), "{denied}");
    }
    assert!(rows::<ItemCost>(&desk).is_empty() && rows::<Employee>(&desk).is_empty());
}

#[test]
fn a_ticket_keeps_its_number_if_no_other_has_it() {
    let (from, to) = (busy_site(), site("owner"));
    to.begin_session(1, "B").unwrap();
    to.add_lease(Lease { first: 100, last: 100 }).unwrap();
    let customer = Customer { last_name: Some("Okafor".into()), ..Customer::default() };
    let customer = CustomerId(to.create(&customer).unwrap());
    to.create(&Ticket { customer_id: customer, subject: "Here first".into(), ..Ticket::default() }).unwrap();
    assert_eq!(take_back(&to, &export(&from).0).refused, 0);
    let mut numbers: Vec<String> =
        to.list::<Ticket>("", 9).unwrap().into_iter().filter_map(|it| it.number).collect();
    numbers.sort();
    assert_eq!(numbers, ["100", "101", "102", "B-1"]);
}

/// Stops after so many looks.
struct StopAfter(usize);

impl Watch for StopAfter {
    fn progress(&mut self, _: Progress) -> Flow {
        self.0 -= 1;
        if self.0 == 0 { Flow::Stop } else { Flow::GoOn }
    }
}

#[test]
fn a_cancelled_import_goes_on_where_it_stopped_without_doubles() {
    let lines: String = (0..1_700).map(|at| format!("{at},Item {at},{},3\n", at % 90)).collect();
    let file = format!("id,name,price,stock\n{lines}");
    let site = site("owner");
    let stopped = site.import(&INVENTORY_ITEMS, Cursor::new(&file), &csv(), &mut StopAfter(2)).unwrap();
    assert!(!stopped.complete);
    assert_eq!(counts(&stopped), (1_000, 0, 0));
    let rest = import(&site, &INVENTORY_ITEMS, &file, &csv());
    assert_eq!(counts(&rest), (700, 1_000, 0));
    let items = rows::<InventoryItem>(&site);
    assert_eq!(items.len(), 1_700);
    assert!(items.iter().all(|item| item.int("quantity") == Some(3)));
    assert_eq!(rows::<StockMovement>(&site).len(), 1_700);

    let (file, _) = export(&site);
    let to = self::site("owner");
    let stopped = to.import_export(Cursor::new(&file), false, &mut StopAfter(3)).unwrap();
    assert!(!stopped.complete && stopped.created > 0);
    let rest = take_back(&to, &file);
    assert_eq!(rest.created + stopped.created, 3_400);
    assert_eq!(visible(&to), visible(&site));
}

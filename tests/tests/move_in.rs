//! Moving in and out: our own export and back, files of other systems, and files that mean no good.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a suite's helper fails by panicking")]

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
use counterpart_core::{Account, Error, Opening, Shop};
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
        Outcome::Refused(Error::Invalid(wrong)) => {
            (line.line, wrong.rule.code().to_owned(), wrong.field.to_owned())
        }
        Outcome::Refused(Error::Denied { table, rule }) => {
            (line.line, (*rule).to_owned(), (*table).to_owned())
        }
        other @ (Outcome::Created | Outcome::AlreadyThere | Outcome::Refused(_)) => {
            panic!("not a refusal: {other:?}")
        }
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

#[test]
fn customers_come_from_any_table_that_people_make() {
    let semicolons = "\u{feff}Customer ID;First Name;SURNAME;Mobile;E-Mail;Street;Zip;City;Tags;Notes;Shoe size\r\n\
        7;Ada;Okafor;0171 2345678;Ada@Example.org, b@example.org;Main St. 1;10115;Berlin;vip, loyal;\"says \"\"hi\"\";\r\nbye\";38\r\n\
        \r\n\
        8;;Núñez;;;;;;;;\r\n";
    let site = site("owner");
    let options = ImportOptions { country_code: Some("49".into()), ..csv() };
    let report = import(&site, &CUSTOMERS, semicolons, &options);
    assert_eq!(counts(&report), (2, 0, 0), "{:?}", report.refusals);
    assert_eq!(report.ignored_columns, [11]);
    assert_eq!(report.read.bytes, semicolons.len() as u64);
    let mut customers = site.list::<Customer>("", 9).unwrap();
    customers.sort_by_key(|customer| customer.last_name.clone());
    let ada = &customers[1];
    assert_eq!(ada.first_name.as_deref(), Some("Ada"));
    assert_eq!(ada.phones, [Phone { number: "+491712345678".into(), label: "mobile".into() }]);
    assert_eq!(ada.emails.0, ["Ada@Example.org", "b@example.org"]);
    assert_eq!(ada.tags, ["loyal", "vip"]);
    assert_eq!(ada.notes.as_deref(), Some("says \"hi\";\r\nbye"));
    let address = ada.address.clone().unwrap();
    assert_eq!(
        (address.street.as_str(), address.postal_code.as_str(), address.city.as_str()),
        ("Main St. 1", "10115", "Berlin")
    );

    let queued = queue(&site);
    assert_eq!(counts(&import(&site, &CUSTOMERS, semicolons, &options)), (0, 2, 0));
    assert_eq!(queue(&site), queued);
    // Another system may use the same ids for other people.
    let other = ImportOptions { source: "other".into(), ..options };
    assert_eq!(counts(&import(&site, &CUSTOMERS, semicolons, &other)), (2, 0, 0));
}

#[test]
fn every_separator_is_found_out() {
    for (sign, source) in [(",", "a"), (";", "b"), ("\t", "c"), ("|", "d")] {
        let site = site("owner");
        let file = format!("\"id\"{sign}last name{sign}notes\n1{sign}Okafor{sign}\"a{sign}b\"\n");
        let report = import(&site, &CUSTOMERS, &file, &ImportOptions::new(source, Format::Csv));
        assert_eq!(counts(&report), (1, 0, 0), "{sign:?}");
        assert_eq!(rows::<Customer>(&site)[0].text("notes"), format!("a{sign}b"));
    }
    let site = site("owner");
    assert_eq!(counts(&import(&site, &CUSTOMERS, "sep=;\nid;name\n1;Okafor, Ada\n", &csv())), (1, 0, 0));
}

#[test]
fn items_bring_their_first_stock_as_a_movement_in_the_same_group() {
    let file = "SKU,Item Name,Retail Price,Qty On Hand,Fits,Reorder Point\n\
        SCR-1,Screen,\"$1,089.50\",12,\"A1, A2\",3\n\
        BAT-1,Battery,12.5,-2,,\n\
        TAP-1,Tape,.99,0,,\n";
    let site = site("owner");
    let options = ImportOptions { derive: Some("sku".into()), ..csv() };
    assert_eq!(counts(&import(&site, &INVENTORY_ITEMS, file, &options)), (3, 0, 0));
    let mut items = site.list::<InventoryItem>("", 9).unwrap();
    items.sort_by_key(|item| item.name.clone());
    let seen: Vec<_> =
        items.iter().map(|item| (item.name.as_str(), item.price_cents, item.quantity)).collect();
    assert_eq!(seen, [("Battery", Some(1_250), -2), ("Screen", Some(108_950), 12), ("Tape", Some(99), 0)]);
    assert_eq!(items[1].sku.as_deref(), Some("SCR-1"));
    assert_eq!(items[1].compatible_models, ["A1", "A2"]);
    let movements = rows::<StockMovement>(&site);
    assert_eq!(movements.len(), 2);
    let sql = "SELECT count(*) FROM outbox AS one JOIN outbox AS two USING (grp) WHERE one.seq < two.seq AND one.lane = 1";
    assert_eq!(site.read(|reader| reader.one(sql, [], |row| row.get::<_, i64>(0))).unwrap(), Some(2));
    assert_eq!(counts(&import(&site, &INVENTORY_ITEMS, file, &options)), (0, 3, 0));
    assert_eq!(rows::<StockMovement>(&site), movements);
}

#[test]
fn tickets_find_their_customers_and_walk_to_their_status() {
    let site = site("owner");
    import(&site, &CUSTOMERS, "id,last name\n7,Okafor\n", &csv());
    let file = "Ticket ID,Ticket No,Customer,Subject,Priority,Status,Created,Closed,Estimate,IMEI\n\
        1,T-1,7,Screen,Medium,Picked Up,2024-05-01 09:30,2024-05-03,89.90,490154203237518\n\
        2,T-2,7,Battery,urgent,In Progress,2026-01-02,,,\n\
        3,T-3,8,Nobody's,low,new,,,,\n\
        4,T-4,7,Port,low,half done,,,,\n\
        5,T-1,7,Same number,low,on hold,,,,\n";
    let report = import(&site, &TICKETS, file, &csv());
    assert_eq!(counts(&report), (3, 0, 2));
    assert_eq!(refusals(&report), [refusal(4, "no_such_row", "customer_id"), refusal(5, "word", "status")]);
    let mut tickets = site.list::<Ticket>("", 9).unwrap();
    tickets.sort_by_key(|ticket| ticket.subject.clone());
    let [battery, same, screen] = tickets.as_slice() else { panic!("three tickets") };
    assert_eq!(battery.status, TicketStatus::InRepair);
    assert_eq!((same.status.clone(), same.number.as_deref()), (TicketStatus::OnHold, None));
    assert_eq!((screen.status.clone(), screen.number.as_deref()), (TicketStatus::PickedUp, Some("T-1")));
    assert_eq!(screen.estimate_cents, Some(8_990));
    assert_eq!(screen.meta.created_at.to_rfc3339(), "2024-05-01T09:30:00+00:00");
    assert_eq!(screen.closed_at.unwrap().to_rfc3339(), "2024-05-03T00:00:00+00:00");
    assert_eq!(counts(&import(&site, &TICKETS, file, &csv())), (0, 3, 2));

    // Somebody at the bench may not hand devices out, in a file no more than by hand.
    let bench = as_role(site, "technician");
    let report = import(&bench, &TICKETS, "id,customer,subject,status\n9,7,Fan,picked up\n", &csv());
    assert_eq!(refusals(&report), [refusal(2, "status_role", "tickets")]);
}

#[test]
fn what_could_mean_two_things_is_refused_by_field_and_never_shown() {
    let site = site("owner");
    let file = "id,last name,phone,email,tax exempt\n\
        1,Zebra,030 123456,,\n2,Zebra,,not-an-address,\n3,Zebra,,,perhaps\n,Zebra,,,\n5,,,,\n6,Zebra,,,,surplus\n";
    let report = import(&site, &CUSTOMERS, file, &csv());
    assert_eq!(
        refusals(&report),
        [
            refusal(2, "phone", "phones"),
            refusal(3, "email", "emails"),
            refusal(4, "kind", "tax_exempt"),
            refusal(5, "required", "external_id"),
            refusal(6, "needs_a_name", "last_name"),
            refusal(7, "more_cells_than_columns", "line"),
        ]
    );
    let said = format!(
        "{:?}{}",
        report,
        report.refusals.iter().map(|line| format!("{:?}", line)).collect::<String>()
    );
    for value in ["Zebra", "030", "not-an-address", "perhaps", "surplus"] {
        assert!(!said.contains(value), "{value} is in the report");
    }
    let file = "id,name,price,stock\n1,Screen,\"1,234\",\n2,Screen,1e400,\n3,Screen,,1.5\n4,Screen,-1,\n";
    let report = import(&site, &INVENTORY_ITEMS, file, &csv());
    let kinds =
        [("kind", "price_cents"), ("kind", "price_cents"), ("kind", "quantity"), ("range", "price_cents")];
    let expected: Vec<_> =
        kinds.iter().zip(2..).map(|((code, field), line)| refusal(line, code, field)).collect();
    assert_eq!(refusals(&report), expected);
    // Told what the signs mean, they mean one thing.
    let options = ImportOptions { decimal: Some(".".into()), ..csv() };
    assert_eq!(
        counts(&import(&site, &INVENTORY_ITEMS, "id,name,price\n1,Screen,\"1,234\"\n", &options)),
        (1, 0, 0)
    );
    let options = ImportOptions { dates: Some(DateOrder::DayFirst), ..csv() };
    assert_eq!(
        counts(&import(&site, &CUSTOMERS, "id,name,created\n9,Ada,04/03/2026\n", &options)),
        (1, 0, 0)
    );
    assert!(rows::<Customer>(&site)[0].meta.created_at.to_rfc3339().starts_with("2026-03-04"));
}

#[test]
fn a_file_without_an_id_says_so_line_by_line() {
    let site = site("owner");
    let report = import(&site, &CUSTOMERS, "last name\nOkafor\nNúñez\n", &csv());
    assert_eq!(
        refusals(&report),
        [refusal(2, "required", "external_id"), refusal(3, "required", "external_id")]
    );
    let options = ImportOptions { derive: Some("Last Name".into()), ..csv() };
    assert_eq!(counts(&import(&site, &CUSTOMERS, "last name\nOkafor\nNúñez\n", &options)), (2, 0, 0));
}

#[test]
fn json_comes_as_lines_or_as_one_array() {
    let lines = "{\"id\":1,\"last_name\":\"Okafor\",\"phone\":[\"+4930123456\",\"+4930123457\"],\"address\":{\"city\":\"Berlin\"}}\r\n\
        {\"id\":\"2\",\"last_name\":\"N\\u00fa\\u00f1ez\",\"tax_exempt\":true,\"email\":null}\n";
    let array = format!(" [\n{}\n]\n", lines.trim_end().replace("}\r\n{", "},\n{"));
    for file in [lines, &array] {
        let site = site("owner");
        assert_eq!(counts(&import(&site, &CUSTOMERS, file, &json())), (2, 0, 0));
        let mut customers = site.list::<Customer>("", 9).unwrap();
        customers.sort_by_key(|customer| customer.tax_exempt);
        assert_eq!(customers[0].phones.len(), 2);
        assert_eq!(customers[0].address.clone().unwrap().city, "Berlin");
        assert_eq!(customers[1].last_name.as_deref(), Some("Núñez"));
        // The same people, told in CSV.
        let again = import(&site, &CUSTOMERS, "id,last name\n1,Okafor\n2,Núñez\n", &csv());
        assert_eq!(counts(&again), (0, 2, 0));
    }
    let site = site("owner");
    let file = r#"[{"id":1,"name":"Screen","price":12.50,"stock":4},{"id":2,"name":"Tape","price":1.234}]"#;
    let report = import(&site, &INVENTORY_ITEMS, file, &json());
    assert_eq!(counts(&report), (1, 0, 1));
    assert_eq!(rows::<InventoryItem>(&site)[0].int("price_cents"), Some(1_250));
}

#[test]
fn hostile_files_of_other_systems_are_refused_line_by_line_and_change_nothing() {
    let long = "x".repeat(10_000_000);
    let objects = [
        (format!(r#"{{"id":"1","last_name":"{long}"}}"#), "line_too_long", "line"),
        (r#"{"id":"1","last_name":"a\u0000b"}"#.into(), "character", "last_name"),
        (r#"{"id":"1","last_name":"\ud800"}"#.into(), "kind", "last_name"),
        (r#"{"id":"1","last_name":{"id":{"x":[]}}}"#.into(), "kind", "external_id"),
        (r#"{"id":"1","last_name":[["x"]]}"#.into(), "kind", "last_name"),
        (r#"{"id":"a\u001fb","last_name":"x"}"#.into(), "character", "external_id"),
        (r#"{"id":"1","tax_exempt":1e400,"last_name":"x"}"#.into(), "kind", "tax_exempt"),
        (format!(r#"{{"id":"1","last_name":"{}"}}"#, "x".repeat(121)), "length", "last_name"),
        (format!(r#"{{"id":"1","last_name":"{}"}}"#, "x".repeat(70_000)), "cell_too_long", "last_name"),
        (format!(r#"{{"id":"{}","last_name":"x"}}"#, "1".repeat(201)), "length", "external_id"),
        ("[1]".into(), "not_an_object", "line"),
        ("\"text\"".into(), "not_an_object", "line"),
    ];
    let site = site("owner");
    let lines: String = objects.iter().map(|(line, ..)| format!("{line}\n")).collect();
    let array = format!("[\n{}]", objects.iter().map(|(line, ..)| format!("{line},\n")).collect::<String>());
    for (file, first) in [(lines.as_str(), 1), (array.as_str(), 2)] {
        let from = BufReader::new(Cursor::new(file));
        // An array's elements begin one line later, and the first line begins no object.
        let report = site.import(&CUSTOMERS, from, &json(), &mut ()).unwrap();
        let expected: Vec<_> =
            objects.iter().zip(first..).map(|((_, code, field), line)| refusal(line, code, field)).collect();
        assert_eq!(refusals(&report), expected);
    }
    let mut file = b"id,last name\n1,".to_vec();
    file.extend_from_slice(long.as_bytes());
    file.extend_from_slice(b"\n2,a\0b\n3,\xff\n4,\"never closed\n5,x\n");
    let report = site.import(&CUSTOMERS, BufReader::new(Cursor::new(file)), &csv(), &mut ()).unwrap();
    let codes: Vec<_> = refusals(&report).into_iter().map(|(line, code, _)| (line, code)).collect();
    let said =
        [(2, "line_too_long"), (3, "character"), (4, "not_utf8")].map(|(line, code)| (line, code.to_owned()));
    assert_eq!(codes[..3], said);
    assert_eq!(rows::<Customer>(&site).len(), 1, "a quote that is never closed takes the rest into its cell");
    let other = self::site("owner");
    let report =
        import(&other, &CUSTOMERS, "[{\"id\":1,\"last_name\":\"whole\"},{\"id\":2,\"last_na", &json());
    assert_eq!(counts(&report), (1, 0, 1), "an array cut short");
    for header in ["", "id,last name", "id,last name\r\n", "sep=,\nid,last name"] {
        let report = import(&other, &CUSTOMERS, header, &csv());
        assert_eq!((report.complete, report.read.rows, report.read.bytes), (true, 0, header.len() as u64));
    }
    assert!(import(&other, &CUSTOMERS, "", &json()).complete);
}

#[test]
fn a_dry_run_says_what_would_happen_and_does_nothing() {
    let lines: String = (0..1_200).map(|at| format!("{},Name {at},\n", at % 1_100)).collect();
    let file = format!("id,last name,email\n{lines}x,,\n");
    let (dry, wet) = (site("owner"), site("owner"));
    let options = ImportOptions { dry_run: true, ..csv() };
    let told = import(&dry, &CUSTOMERS, &file, &options);
    assert_eq!((visible(&dry), queue(&dry)), (Vec::new(), Vec::new()));
    assert_eq!(told, import(&wet, &CUSTOMERS, &file, &csv()));
    assert_eq!(counts(&told), (1_100, 100, 1));

    let (file, _) = export(&busy_site());
    let told = dry.import_export(Cursor::new(&file), true, &mut ()).unwrap();
    assert_eq!((visible(&dry), queue(&dry)), (Vec::new(), Vec::new()));
    assert_eq!(told, take_back(&site("owner"), &file));
}

#[test]
fn each_line_is_reported_once_in_order_and_after_it_is_saved() {
    struct Hears<'a> {
        shop: &'a Shop,
        lines: Vec<u64>,
        read: Vec<Progress>,
    }
    impl Watch for Hears<'_> {
        fn line(&mut self, line: &Line) {
            assert_eq!(line.outcome, Outcome::Created);
            assert!(!rows::<Customer>(self.shop).is_empty());
            self.lines.push(line.line);
        }

        fn progress(&mut self, progress: Progress) -> Flow {
            self.read.push(progress);
            Flow::GoOn
        }
    }
    let lines: String = (0..700).map(|at| format!("{at},Name\n")).collect();
    let file = format!("id,name\n{lines}");
    let site = site("owner");
    let mut hears = Hears { shop: &site, lines: Vec::new(), read: Vec::new() };
    site.import(&CUSTOMERS, Cursor::new(&file), &csv(), &mut hears).unwrap();
    assert_eq!(hears.lines, (2..702).collect::<Vec<u64>>());
    let rows: Vec<u64> = hears.read.iter().map(|progress| progress.rows).collect();
    assert_eq!(rows, [500, 700]);
    assert_eq!(hears.read[1].bytes, file.len() as u64);
}

#[test]
fn what_people_do_goes_before_what_moves_in() {
    let site = site("owner");
    import(&site, &CUSTOMERS, "id,name\n1,Moved in\n", &csv());
    site.create(&Customer { last_name: Some("Walked in".into()), ..Customer::default() }).unwrap();
    let lanes = site
        .read(|reader| reader.all("SELECT lane FROM outbox ORDER BY seq", [], |row| row.get::<_, i64>(0)));
    assert_eq!(lanes.unwrap(), [1, 0]);
}

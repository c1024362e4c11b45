//! `tour [--exit]`: a day in the shop on a fresh database, with a server that is told when to fail and a clock that
//! does not make anybody wait. Whatever it claims it has checked; the exit status is zero only if every check held.

use chrono::{TimeZone, Utc};
use counterpart_core::entity::{
    Customer, CustomerId, InventoryItem, LineKind, MovementKind, REPAIR_SHOP, StockMovement, Ticket,
    TicketEvent, TicketId, TicketLine, TicketLineId, TicketStatus, movement_id,
};
use counterpart_core::env::{Clock, Env, SystemClock, SystemEntropy};
use counterpart_core::keys::FolderKeys;
use counterpart_core::outbox::Status;
use counterpart_core::schema::Entity;
use counterpart_core::shop::{Flow, Lease};
use counterpart_core::sync::{Event, RetryPolicy};
use counterpart_core::{Account, Opening, Shop};
use counterpart_tests::shopfloor::Shopfloor;
use counterpart_tests::tour::{Failure, Line, Link, Server, Timeline, VirtualClock};
use serde::Serialize;
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

const SEED: u64 = 7;
const CUSTOMERS: usize = 6;
/// Writes of the other process before it is killed.
const WRITES: usize = 40;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => Tour::run(false),
        ["--exit"] => Tour::run(true),
        ["--writer", folder] => write_until_killed(Path::new(folder)),
        _ => Err("usage: tour [--exit]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\ntour: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Shop, Failure> {
    let opening = Opening::new(folder.join("shop.db"), &REPAIR_SHOP, "shop-1", Account::new("ada", "owner"));
    let env = Env { clock, entropy: Arc::new(SystemEntropy) };
    let keys = Arc::new(FolderKeys::new(folder.join("keys"))?);
    // Small pushes, so that the queue can be seen to shrink.
    let retry = RetryPolicy { batch: 8, ..RetryPolicy::default() };
    Ok(Shop::open(Opening { env, keys, retry, ..opening })?)
}

/// What the other process does: intakes, each a customer and a ticket in one group, each named once it was saved.
fn write_until_killed(folder: &Path) -> Result<(), Failure> {
    let shop = open(folder, Arc::new(SystemClock))?;
    let mut floor = Shopfloor::new(SEED + 1, 10_000);
    for _ in 0..10_000 {
        println!("{}", take_in(&shop, &mut floor)?.1);
    }
    Ok(())
}

/// An intake at the desk: a new customer and the ticket of what they brought.
fn take_in(shop: &Shop, floor: &mut Shopfloor) -> Result<(CustomerId, TicketId), Failure> {
    let customer = Customer { id: CustomerId::default(), meta: Default::default(), ..floor.customer() };
    let done = shop.together(|edits| {
        let customer = CustomerId(edits.create(&customer)?);
        let ticket = edits.create(&floor.intake(&customer))?;
        Ok((customer, TicketId(ticket)))
    })?;
    Ok(done)
}

/// The last line, for scripts.
#[derive(Serialize)]
struct Last {
    operations: usize,
    conflicts: u64,
    devices: usize,
    equal: bool,
    seconds: f64,
}

/// The tour so far.
struct Tour {
    folder: PathBuf,
    clock: Arc<VirtualClock>,
    shop: Shop,
    link: Link,
    floor: Shopfloor,
    timeline: Timeline,
    customers: Vec<CustomerId>,
    tickets: Vec<TicketId>,
}

impl Tour {
    fn run(exit: bool) -> Result<(), Failure> {
        let begin = SystemClock.awake_and_asleep();
        let folder = tempfile::tempdir()?;
        let mut tour = Tour::begin(folder.path())?;
        tour.intake()?;
        tour.work()?;
        tour.search()?;
        tour.three_retries()?;
        tour.lost_answer()?;
        tour.refusals()?;
        tour.kill()?;
        let equal = tour.compare()?;
        tour.export()?;
        let conflicts = tour.shop.state()?.conflicts;
        tour.shop.close()?;
        let operations = tour.link.server.applied();
        #[allow(clippy::cast_precision_loss, reason = "some seconds")]
        let seconds = (SystemClock.awake_and_asleep() - begin) as f64 / 1_000.0;
        tour.timeline
            .ends(&format!("{operations} operations in {seconds:.1} s, nothing lost, nothing twice."));
        if exit {
            let last = Last { operations, conflicts, devices: 1, equal, seconds };
            println!("{}", serde_json::to_string(&last)?);
        }
        Ok(())
    }

    fn begin(folder: &Path) -> Result<Tour, Failure> {
        let morning = Utc.with_ymd_and_hms(2026, 1, 5, 9, 0, 0).single().ok_or("no such morning")?;
        let clock = Arc::new(VirtualClock::new(morning.timestamp_millis()));
        let mut floor = Shopfloor::new(SEED, 3_000);
        let mut server = Server::default();
        server.hold((0..5).map(|_| floor.employee().to_row()));
        server.hold((0..40).map(|_| floor.item().to_row()));
        let shop = open(folder, clock.clone())?;
        shop.begin_session(1, "K7")?;
        // Fewer numbers than customers: the last ones get the device's own.
        shop.add_lease(Lease { first: 4_100, last: 4_103 })?;
        let mut link = Link::new(server, clock.clone());
        link.pull(&shop)?;
        let (customers, tickets) = (Vec::new(), Vec::new());
        let (folder, timeline) = (folder.to_owned(), Timeline::new(9));
        Ok(Tour { folder, clock, shop, link, floor, timeline, customers, tickets })
    }

    fn says(&self, what: &str) {
        self.timeline.says(self.clock.now(), what);
    }

    fn holds(&self, what: &str, holds: bool) -> Result<(), Failure> {
        self.timeline.holds(self.clock.now(), what, holds)
    }

    fn intake(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("Morning. There is no network, and customers come.");
        for _ in 0..CUSTOMERS {
            self.clock.pass(7 * 60_000);
            let (customer, ticket) = take_in(&self.shop, &mut self.floor)?;
            let saved: Ticket = self.shop.get(&ticket.0)?.ok_or("the ticket is not there")?;
            let number = saved.number.unwrap_or_default();
            self.says(&format!("ticket {number:<6} {}", saved.subject));
            self.customers.push(customer);
            self.tickets.push(ticket);
        }
        let numbers = self.numbers()?;
        self.holds("every ticket has a number of its own, two of them the device's", {
            numbers.len() == CUSTOMERS
                && numbers.iter().filter(|number| number.starts_with("K7-")).count() == 2
        })?;
        let state = self.shop.state()?;
        self.holds("two operations a customer wait, offline", state.pending == 12 && !state.online)
    }

    fn numbers(&self) -> Result<HashSet<String>, Failure> {
        let tickets = self.shop.list::<Ticket>("", 100_000)?;
        Ok(tickets.into_iter().filter_map(|ticket| ticket.number).collect())
    }

    fn ticket(&self, at: usize) -> Result<Ticket, Failure> {
        let id = self.tickets.get(at).ok_or("no such ticket")?;
        Ok(self.shop.get(&id.0)?.ok_or("the ticket is not there")?)
    }

    fn work(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("At the bench: an edit, a part, a move.");
        self.clock.pass(20 * 60_000);
        let before = self.ticket(0)?;
        let waiting = self.shop.state()?.pending;
        for diagnosis in ["Display cracked", "Display cracked, frame straight"] {
            let seen = self.ticket(0)?;
            self.shop.edit(&seen, &Ticket { diagnosis: Some(diagnosis.into()), ..seen.clone() })?;
        }
        self.says("a diagnosis, written in two goes");
        let joined = self.shop.state()?.pending == waiting + 1;
        self.holds("the second joined the first: one operation more, not two", joined)?;

        let item = self.shop.list::<InventoryItem>("", 1)?.pop().ok_or("no item")?;
        let movement =
            |kind, quantity| StockMovement { item_id: item.id.clone(), kind, quantity, ..Default::default() };
        self.shop.create(&movement(MovementKind::Receive, 5))?;
        self.shop.together(|edits| {
            let line = TicketLine {
                ticket_id: before.id.clone(),
                kind: LineKind::Part,
                inventory_item_id: Some(item.id.clone()),
                quantity: 1,
                unit_price_cents: item.price_cents.unwrap_or_default(),
                ..TicketLine::default()
            };
            let line = TicketLineId(edits.create(&line)?);
            let used = StockMovement {
                id: movement_id(&line, &MovementKind::Use, 0),
                ticket_line_id: Some(line),
                ..movement(MovementKind::Use, -1)
            };
            edits.create(&used)
        })?;
        let left = self.shop.get::<InventoryItem>(&item.id.0)?.map(|item| item.quantity);
        self.holds(&format!("five of {} came, one was used, four are left", item.name), left == Some(4))?;

        let to = TicketStatus::Diagnosing;
        self.shop.create(&TicketEvent {
            ticket_id: before.id.clone(),
            from: before.status,
            to: to.clone(),
            ..TicketEvent::default()
        })?;
        self.holds("the ticket moved from received to diagnosing", self.ticket(0)?.status == to)
    }

    fn search(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("A customer calls.");
        let ticket = self.ticket(0)?;
        let found = self.shop.search("tickets", "frame strai", 10)?;
        self.holds("\"frame strai\" finds the ticket by its new diagnosis", found == [ticket.id.0.clone()])?;
        let customer: Customer = self.shop.get(&ticket.customer_id.0)?.ok_or("no customer")?;
        let number = customer.phones.first().map(|phone| phone.number.clone()).unwrap_or_default();
        let end: String = number.chars().rev().take(4).collect();
        let found = self.shop.find_by_key("customers", "phone_end", &end, 10)?;
        self.holds("the last four digits find who calls", found.contains(&ticket.customer_id.0))
    }

    fn three_retries(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("The network is back, the server is not.");
        self.clock.pass(30 * 60_000);
        self.link.line = Line::Dead;
        self.link.happens(&self.shop, Event::Network { up: true })?;
        for _ in 0..3 {
            self.link.next_alarm(&self.shop)?;
        }
        let tried = std::mem::take(&mut self.link.tried);
        tried.iter().for_each(|attempt| self.timeline.sends(attempt));
        let gaps: Vec<i64> = tried.windows(2).map(|two| two[1].at - two[0].at).collect();
        self.holds("one attempt and three retries, five seconds apart", gaps == [5_000; 3])?;
        let state = self.shop.state()?;
        let failed = !state.reachable && state.failed == state.pending && state.pending > 0;
        self.holds("the server counts as unreachable, the queue as failed, and nothing is gone", failed)?;

        self.link.line = Line::Up;
        self.says("the server is back; nobody has told the device");
        while self.shop.state()?.pending > 0 && self.link.next_alarm(&self.shop)? {}
        let tried = std::mem::take(&mut self.link.tried);
        tried.iter().for_each(|attempt| self.timeline.sends(attempt));
        let probe = tried.first().is_some_and(|attempt| attempt.operations <= 2);
        self.holds("the oldest went ahead to see, the rest followed", probe && tried.len() > 2)?;
        self.link.pull(&self.shop)?;
        let state = self.shop.state()?;
        self.holds("everything is sent, everything is synced", state.pending == 0 && state.reachable)
    }

    fn lost_answer(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("A push arrives, its answer does not.");
        let before = self.ticket(1)?;
        let applied = self.link.server.applied();
        self.shop.edit(&before, &Ticket { estimate_cents: Some(12_900), ..before.clone() })?;
        self.link.line = Line::AnswerLost;
        self.link.happens(&self.shop, Event::Wrote)?;
        self.holds("the device does not know, and keeps it", self.shop.state()?.pending == 1)?;
        self.link.line = Line::Up;
        self.link.next_alarm(&self.shop)?;
        self.link.pull(&self.shop)?;
        self.holds("sent again, it took effect once", self.link.server.applied() == applied + 1)?;
        self.link.tried.clear();
        Ok(())
    }

    fn refusals(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("The server refuses two edits.");
        let [first, second, ..] = self.customers.as_slice() else { return Err("no customers".into()) };
        let (first, second) = (first.clone(), second.clone());
        let mut was = Vec::new();
        for customer in [&first, &second] {
            self.link.server.refuse(&customer.0, "customer_locked");
            let before: Customer = self.shop.get(&customer.0)?.ok_or("no customer")?;
            self.shop.edit(&before, &Customer { company: Some("Okafor & Co.".into()), ..before.clone() })?;
            was.push(before);
        }
        self.link.happens(&self.shop, Event::Wrote)?;
        std::mem::take(&mut self.link.tried).iter().for_each(|attempt| self.timeline.sends(attempt));
        let parked = self.shop.parked()?;
        let waits = parked.len() == 2 && parked.iter().all(|parked| parked.code == "customer_locked");
        self.holds("both wait for a person, with the reason", waits)?;
        let status = self.shop.record("customers", &first.0)?.map(|record| record.status);
        self.holds("what was typed still shows, marked as failed", status == Some(Status::Failed))?;

        let of = |customer: &CustomerId| parked.iter().find(|parked| parked.id == customer.0);
        self.link.server.allow(&first.0);
        self.shop.retry(&of(&first).ok_or("not parked")?.operation)?;
        self.shop.discard(&of(&second).ok_or("not parked")?.operation)?;
        self.link.happens(&self.shop, Event::Wrote)?;
        self.link.pull(&self.shop)?;
        let company = |customer: &CustomerId| {
            Ok::<_, Failure>(self.shop.get::<Customer>(&customer.0)?.and_then(|customer| customer.company))
        };
        self.holds("tried again, the first is taken", company(&first)?.as_deref() == Some("Okafor & Co."))?;
        let restored = company(&second)? == was.pop().and_then(|customer| customer.company);
        self.holds("discarded, the second is as it was", restored && self.shop.parked()?.is_empty())
    }

    fn kill(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("The app is killed while it writes.");
        let before =
            (self.shop.list::<Customer>("", 100_000)?.len(), self.shop.list::<Ticket>("", 100_000)?.len());
        self.shop.close()?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--writer".as_ref(), self.folder.as_os_str()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no pipe")?).lines();
        let mut written: Vec<String> = lines.by_ref().take(WRITES).collect::<Result<_, _>>()?;
        child.kill()?;
        // What it still said before it died was saved as well.
        written.extend(lines.collect::<Result<Vec<_>, _>>()?);
        child.wait()?;
        self.says(&format!("kill -9 after {} intakes", written.len()));

        self.shop = open(&self.folder, self.clock.clone())?;
        self.holds("the file opens as if nothing had been", self.shop.findings().is_empty())?;
        let mut there = written.len() >= WRITES;
        for ticket in &written {
            let record = self.shop.record("tickets", ticket)?;
            there &= record.is_some_and(|record| record.status == Status::Pending);
        }
        self.holds("every intake that was saved is there, with its operations", there)?;
        let customers = self.shop.list::<Customer>("", 100_000)?.len() - before.0;
        let tickets = self.shop.list::<Ticket>("", 100_000)?.len() - before.1;
        self.holds("no customer came without a ticket, no ticket without a customer", customers == tickets)?;
        let numbers = self.numbers()?.len();
        self.holds("no number was given twice", numbers == before.1 + tickets)
    }

    /// Sends what is left, and holds every row of the device against the server's.
    fn compare(&mut self) -> Result<bool, Failure> {
        self.timeline.chapter("Evening. Both sides are compared.");
        self.link.tried.clear();
        self.link.happens(&self.shop, Event::Network { up: true })?;
        std::mem::take(&mut self.link.tried).iter().for_each(|attempt| self.timeline.sends(attempt));
        self.link.pull(&self.shop)?;
        let state = self.shop.state()?;
        self.holds("nothing waits, nothing failed", state.pending + state.failed + state.conflicts == 0)?;
        let mut rows = 0;
        for table in REPAIR_SHOP.tables {
            rows += self.shop.read(|reader| reader.rows(table, "", []))?.len();
        }
        let mut equal = rows == self.link.server.rows().count();
        for theirs in self.link.server.rows() {
            let ours = self.shop.read(|reader| reader.row(theirs.table, &theirs.id))?;
            equal &= ours.as_ref() == Some(theirs);
        }
        self.holds(&format!("all {rows} rows are the same on the device and on the server"), equal)?;
        Ok(equal)
    }

    fn export(&mut self) -> Result<(), Failure> {
        self.timeline.chapter("Nobody is locked in.");
        let mut file = Vec::new();
        let report = self.shop.export(&mut file, &mut |_| Flow::GoOn)?;
        let lines = file.lines().collect::<Result<Vec<_>, _>>()?;
        let rows = self.link.server.rows().count();
        let json = lines.iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
        let whole = report.complete && json && lines.len() == rows + 1;
        self.holds(&format!("the export has all {rows} rows, a line of JSON each, and a header"), whole)
    }
}

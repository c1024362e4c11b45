//! A day in the shop, chapter by chapter. Each says what people do, then checks what must have come of it.

use super::opening::{Stock, stock_up};
use super::{Device, Failure, Premises, afternoon};
use counterpart_core::entity::{InventoryItemId, NoteKind, TicketId};
use counterpart_core::env::{Clock, SystemClock};
use counterpart_core::shop::{Choice, OpenConflict};
use counterpart_core::{Error, NotNow};
use fastrand::Rng;
use std::time::Duration;

const SEED: u64 = 11;
/// What the two write.
const WORDS: (&str, &str) =
    ("The customer called: only while it charges.", "On battery too, seen on the bench.");
/// Longer than anything on loopback takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Works the day, and gives back what is left to work with.
pub fn work(premises: &Premises) -> Result<Stock, Failure> {
    let stock = stock_up(premises, SEED)?;
    let mut day = Day { premises, stock, chance: Rng::with_seed(SEED) };
    day.morning()?;
    let waiting = day.wifi_goes()?;
    day.wifi_is_back(waiting)?;
    day.one_field_two_people()?;
    afternoon::work(&mut day)?;
    Ok(day.stock)
}

/// The day so far.
pub(super) struct Day<'a> {
    pub(super) premises: &'a Premises,
    pub(super) stock: Stock,
    pub(super) chance: Rng,
}

impl Day<'_> {
    pub(super) fn says(&self, device: &Device, what: &str) {
        self.premises.timeline.says(device.post.name, what);
    }

    pub(super) fn holds(&self, what: &str, holds: bool) -> Result<(), Failure> {
        self.premises.timeline.holds(what, holds)
    }

    pub(super) fn take_in(&mut self, device: &Device) -> Result<TicketId, Failure> {
        let customer = self.stock.somebody()?;
        let ticket = device.take_in(&mut self.stock, &customer)?;
        self.says(device, &format!("takes in ticket {}", device.label(&ticket)?));
        Ok(ticket)
    }

    fn morning(&mut self) -> Result<(), Failure> {
        let Premises { desk, bench, timeline, .. } = self.premises;
        timeline.chapter(14, "Morning. Customers come to the counter; the workbench sees them at once.");
        let mut first = None;
        for _ in 0..4 {
            let ticket = self.take_in(desk)?;
            let ms = wait_for(bench, &ticket)?;
            self.says(bench, &format!("shows it after {ms} ms"));
            first.get_or_insert(ticket);
        }
        let ticket = first.ok_or("nobody came")?;
        let shown = bench.board(&[])?.into_iter().find(|row| row.id == ticket).ok_or("not on the board")?;
        bench.move_on(&shown)?;
        bench.diagnose(
            &ticket,
            "Display assembly cracked, digitiser dead. Frame straight, no water inside.",
        )?;
        bench.note(&ticket, NoteKind::Diagnostic, "Touch answers above the crack only.")?;
        self.says(
            bench,
            &format!("looks at ticket {}: a status, a diagnosis, a note", bench.label(&ticket)?),
        );
        bench.sync()?;
        desk.sync()?;
        let read = |device: &Device| device.shop.record("tickets", &ticket.0);
        let same = read(desk)?.map(|record| record.row) == read(bench)?.map(|record| record.row);
        self.holds("the counter reads what the workbench wrote", same)
    }

    fn wifi_goes(&mut self) -> Result<Waiting, Failure> {
        let Premises { desk, bench, timeline, .. } = self.premises;
        timeline.chapter(28, "The wifi goes. Nobody stops working.");
        for device in [desk, bench] {
            device.network(false)?;
            self.says(device, "is offline");
        }
        let mut numbers = Vec::new();
        for _ in 0..4 {
            let ticket = self.take_in(desk)?;
            let row = desk.shop.record("tickets", &ticket.0)?.ok_or("no such ticket here")?.row;
            numbers.push(row.text("number").to_owned());
        }
        let customer = self.stock.somebody()?;
        desk.book(&customer, 26)?;
        self.says(desk, "books a pick-up for tomorrow");
        let item = self.stock.items.first().ok_or("no items")?.clone();
        let shelf = desk.on_shelf(&item)?;
        let board = bench.board(&[])?;
        let [one, other, ..] = board.as_slice() else { return Err("the board is empty".into()) };
        bench.note(&one.id, NoteKind::Customer, "Your phone will be ready this afternoon.")?;
        bench.shop.use_part(&one.id, &item, 1)?;
        desk.shop.use_part(&other.id, &item, 1)?;
        self.says(bench, &format!("writes a note; takes a part for ticket {}", bench.label(&one.id)?));
        self.says(desk, &format!("takes the same part for ticket {}", desk.label(&other.id)?));
        let shown = [desk.on_shelf(&item)?, bench.on_shelf(&item)?];
        self.holds(
            &format!("each device shows {} of {shelf}: its own is gone", shelf - 1),
            shown == [shelf - 1; 2],
        )?;
        numbers.sort();
        numbers.dedup();
        self.holds("the labels were printed offline, each with a number of its own", numbers.len() == 4)?;
        let queued = [desk.shop.state()?.pending, bench.shop.state()?.pending];
        self.holds(&format!("{} and {} operations wait", queued[0], queued[1]), !queued.contains(&0))?;
        Ok(Waiting { item, shelf })
    }

    fn wifi_is_back(&mut self, Waiting { item, shelf }: Waiting) -> Result<(), Failure> {
        let Premises { desk, bench, timeline, .. } = self.premises;
        timeline.chapter(40, "The wifi is back. Both send what they have.");
        for device in [desk, bench] {
            device.network(true)?;
            device.idle()?;
            self.says(device, "is online again, and has sent everything");
        }
        self.premises.settle()?;
        let shown = self.premises.devices().map(|device| device.on_shelf(&item).ok());
        let left = shelf - 2;
        self.holds(&format!("the stock fell by two: {left} of {shelf}, everywhere"), shown == [Some(left); 3])
    }

    fn one_field_two_people(&mut self) -> Result<(), Failure> {
        let Premises { desk, bench, timeline, .. } = self.premises;
        timeline.chapter(50, "Offline again, two people write into one field.");
        let row = desk.board(&[])?.into_iter().next().ok_or("the board is empty")?;
        let conflict = clash(self.premises, &row.id, WORDS)?;
        let label = bench.label(&row.id)?;
        self.says(desk, &format!("“{}”", conflict.theirs.0.as_str().unwrap_or_default()));
        self.says(bench, &format!("“{}”", conflict.mine.0.as_str().unwrap_or_default()));
        self.premises.settle()?;
        let seen = self.premises.devices().map(|device| device.shop.open_conflicts().unwrap_or_default());
        let both = seen.iter().all(|seen| seen.contains(&conflict));
        self.holds(&format!("a conflict on ticket {label}: both versions are kept, everywhere"), both)?;
        bench.shop.resolve(&conflict.conflict, &Choice::Mine)?;
        self.says(bench, "decides: mine");
        self.premises.settle()?;
        let problem = |device: &Device| {
            let record = device.shop.record("tickets", &row.id.0).ok().flatten()?;
            Some(record.row.text("problem").to_owned())
        };
        let wanted = conflict.mine.0.as_str().map(str::to_owned);
        let decided = self.premises.devices().map(problem).iter().all(|shown| *shown == wanted);
        let closed = desk.shop.state()?.conflicts == 0;
        self.holds("the decision is everywhere, and nothing waits for anybody", decided && closed)
    }
}

/// What was used while the wifi was away, and how many there were.
struct Waiting {
    item: InventoryItemId,
    shelf: i64,
}

/// Both write into one field while they are offline, and come back one after the other. The later one's is the
/// conflict's `mine`.
pub(super) fn clash(
    premises: &Premises,
    ticket: &TicketId,
    words: (&str, &str),
) -> Result<OpenConflict, Failure> {
    let Premises { desk, bench, .. } = premises;
    for device in [desk, bench] {
        device.network(true)?;
        device.sync()?;
    }
    for device in [desk, bench] {
        device.network(false)?;
    }
    desk.tell_problem(ticket, words.0)?;
    bench.tell_problem(ticket, words.1)?;
    for device in [desk, bench] {
        device.network(true)?;
        device.sync()?;
    }
    desk.sync()?;
    let mut open = bench.shop.open_conflicts()?.into_iter();
    Ok(open.find(|conflict| conflict.id == ticket.0).ok_or("no conflict came of it")?)
}

/// How long until a device shows a ticket, without asking for it.
fn wait_for(device: &Device, ticket: &TicketId) -> Result<i64, Failure> {
    let began = SystemClock.awake_and_asleep();
    let id = ticket.0.clone();
    let there = device.shop.live(&["tickets"], move |reader| {
        Ok(reader.one("SELECT 1 FROM tickets WHERE id = ?1", [&id], |_| Ok(()))?.is_some())
    });
    device.terminal.wait(async {
        let seen = async {
            while !there.next().await? {}
            Ok(())
        };
        tokio::time::timeout(PATIENCE, seen).await.unwrap_or(Err(Error::not_now(NotNow::Busy)))
    })?;
    Ok(SystemClock.awake_and_asleep() - began)
}

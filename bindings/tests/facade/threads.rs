//! No call touches SQLite on the thread that polls it, for that may be the one that draws. SQLite itself is asked: it
//! tells of every statement that begins, on the thread on which it begins.

use crate::desk::{Device, quick};
use crate::shell::Storage;
use chrono::{DateTime, Utc};
use counterpart_core::Account;
use counterpart_core::desk::{BoardFilter, Bringer, Intake, Slot};
use counterpart_core::entity::{Approval, NoteKind, Priority, TicketStatus};
use counterpart_core::journal::SyncLogFilter;
use counterpart_core::net::Trouble;
use counterpart_core::shop::Choice;
use counterpart_core::shop::import::{Format, ImportOptions};
use counterpart_core::terminal::Unsent;
use counterpart_ffi::*;
use rusqlite::{Connection, ffi};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::pin::pin;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

thread_local! {
    static MARKED: Cell<bool> = const { Cell::new(false) };
}
static ON_MARKED: AtomicUsize = AtomicUsize::new(0);
static ELSEWHERE: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn statement(_: c_uint, _: *mut c_void, _: *mut c_void, _: *mut c_void) -> c_int {
    let counter = if MARKED.get() { &ON_MARKED } else { &ELSEWHERE };
    counter.fetch_add(1, Ordering::SeqCst);
    0
}

unsafe extern "C" fn listen(
    db: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite gives the connection that it is opening, and the callback keeps nothing of what it is given.
    unsafe { ffi::sqlite3_trace_v2(db, ffi::SQLITE_TRACE_STMT as c_uint, Some(statement), ptr::null_mut()) }
}

struct Unpark(Thread, AtomicBool);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.1.store(true, Ordering::SeqCst);
        self.0.unpark();
    }
}

/// Does something on this thread, marked meanwhile.
fn marked<T>(work: impl FnOnce() -> T) -> T {
    MARKED.set(true);
    let done = work();
    MARKED.set(false);
    done
}

/// Polls a future to its end on this thread, marked while it is being polled.
fn poll_marked<T>(future: impl Future<Output = T>) -> T {
    let woken = Arc::new(Unpark(std::thread::current(), AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut future = pin!(future);
    loop {
        while !woken.1.swap(false, Ordering::SeqCst) {
            std::thread::park();
        }
        let polled = marked(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
        if let Poll::Ready(done) = polled {
            return done;
        }
    }
}

/// Polls calls, and notes their names. Whether they succeed is another test's business.
struct Polled(Mutex<BTreeSet<String>>);

macro_rules! poll {
    ($polled:ident: $($on:ident.$name:ident($($argument:expr),* $(,)?);)+) => {
        $(
            drop(poll_marked($on.$name($($argument),*)));
            $polled.0.lock().unwrap().insert(stringify!($name).to_owned());
        )+
    };
}

// Beginning a watch is no call that waits, and is made on that thread too.
macro_rules! watch {
    ($polled:ident, $shop:ident: $($name:ident($($argument:expr),* $(,)?);)+) => {
        $(
            let watch = marked(|| $shop.$name($($argument),*));
            poll! { $polled: watch.next(); }
            $polled.0.lock().unwrap().insert(stringify!($name).to_owned());
        )+
    };
}

#[test]
fn no_call_touches_the_database_on_the_thread_that_polls_it() {
    // SAFETY: it opens no database and closes none.
    assert_eq!(unsafe { ffi::sqlite3_auto_extension(Some(listen)) }, ffi::SQLITE_OK);
    let polled = Polled(Mutex::default());
    let ada = poll_marked(Device::alone());
    polled.0.lock().unwrap().extend(["open".to_owned(), "enter".to_owned()]);
    let shop = ada.shop();
    records(shop, &polled);
    lists(shop, &polled);
    work(shop, &polled);
    rest(shop, &ada, &polled);
    comings_and_goings(&ada, &polled);

    let polled = polled.0.into_inner().unwrap();
    let exported = exported();
    assert!(exported.len() > 100, "the sources were not read: {exported:?}");
    assert_eq!(exported.difference(&polled).collect::<Vec<_>>(), Vec::<&String>::new(), "not polled here");
    assert_eq!(ON_MARKED.load(Ordering::SeqCst), 0, "statements ran on the thread that polls");
    assert!(ELSEWHERE.load(Ordering::SeqCst) > 100, "SQLite told of nothing");

    // The mark and SQLite's word for it work.
    marked(|| Connection::open_in_memory().unwrap().execute_batch("SELECT 1").unwrap());
    assert_ne!(ON_MARKED.load(Ordering::SeqCst), 0);
}

macro_rules! record {
    ($polled:ident, $shop:ident: $blank:ident, $create:ident, $read:ident, $edit:ident, $delete:ident) => {
        poll! { $polled:
            $shop.$create($blank());
            $shop.$read("none".into());
            $shop.$edit($blank(), $blank());
            $shop.$delete("none".into());
        }
    };
}

fn records(shop: &Shop, polled: &Polled) {
    record!(polled, shop: blank_customer, create_customer, customer, edit_customer, delete_customer);
    record!(polled, shop: blank_ticket, create_ticket, ticket, edit_ticket, delete_ticket);
    record!(polled, shop: blank_item, create_item, item, edit_item, delete_item);
    record!(polled, shop: blank_employee, create_employee, employee, edit_employee, delete_employee);
    record!(polled, shop: blank_appointment, create_appointment, appointment, edit_appointment, delete_appointment);
    record!(polled, shop: blank_item_cost, create_item_cost, item_cost, edit_item_cost, delete_item_cost);
    record!(polled, shop: blank_pay, create_pay, pay, edit_pay, delete_pay);
    poll! { polled:
        shop.add_note("none".into(), NoteKind::Internal, "note".into());
        shop.settings();
        shop.edit_settings(Default::default(), Default::default());
        shop.cost_of_item("none".into());
        shop.pay_of_employee("none".into());
        shop.standings(RecordKind::Ticket, vec!["none".into()]);
        shop.history(RecordKind::Ticket, "none".into());
        shop.save_draft("intake".into(), "{}".into());
        shop.draft("intake".into());
        shop.drafts();
        shop.drop_draft("intake".into());
    }
}

fn day(day: i64) -> DateTime<Utc> {
    counterpart_core::schema::time_from_ms(day * 86_400_000)
}

fn lists(shop: &Shop, polled: &Polled) {
    let filter = BoardFilter { priority: Some(Priority::High), ..BoardFilter::default() };
    poll! { polled:
        shop.board(filter, None, 50);
        shop.ticket_view("none".into());
        shop.ticket_by_number("1".into());
        shop.tickets_by_imei("1".into(), None, 50);
        shop.tickets_by_serial("1".into(), None, 50);
        shop.tickets_of_customer("none".into(), None, 50);
        shop.find_tickets("screen".into(), 50);
        shop.customers_by_name("o".into(), 50);
        shop.customers_by_phone("1".into(), 50);
        shop.customers_by_email("o".into(), 50);
        shop.find_customers("o".into(), 50);
        shop.customers(None, 50);
        shop.items(None, 50);
        shop.employees();
        shop.items_by_sku("1".into());
        shop.items_by_barcode("1".into());
        shop.find_items("screen".into(), 50);
        shop.low_stock(None, 50);
        shop.movements("none".into(), None, 50);
        shop.calendar(day(0), day(1), None);
        shop.appointments_of_customer("none".into(), None, 50);
        shop.reminders(day(1), 50);
        shop.badges(day(0), day(1));
    }
}

fn work(shop: &Shop, polled: &Polled) {
    let intake = Intake { bringer: Bringer::New { customer: blank_customer() }, ticket: blank_ticket() };
    let slot = Slot { starts_at: day(0), ends_at: day(1), time_zone: "UTC".into() };
    poll! { polled:
        shop.intake(intake, None);
        shop.transition("none".into(), TicketStatus::Ready, None);
        shop.assign("none".into(), None);
        shop.add_line("none".into(), blank_ticket_line());
        shop.ticket_line("none".into());
        shop.edit_line(blank_ticket_line(), blank_ticket_line());
        shop.approve_line("none".into(), Approval::Approved);
        shop.set_passcode("none".into(), "1234".into());
        shop.reveal_passcode("none".into());
        shop.use_part("none".into(), "none".into(), 1);
        shop.use_line("none".into());
        shop.cancel_line("none".into());
        shop.set_line_quantity("none".into(), 1);
        shop.reserve("none".into());
        shop.release("none".into());
        shop.receive("none".into(), 1, None);
        shop.adjust("none".into(), 1, None);
        shop.write_off("none".into(), 1, None);
        shop.count("none".into(), 1);
        shop.merge_items("none".into(), "none".into());
        shop.who();
        shop.set_pin("none".into(), "1234".into());
        shop.switch_off();
        shop.switch_to("none".into(), "1234".into(), None);
        shop.merge_customers("none".into(), "none".into());
        shop.reschedule("none".into(), slot);
    }
}

fn rest(shop: &Shop, ada: &Device, polled: &Polled) {
    let file = format!("{}/export", ada.path());
    let options = ImportOptions::new("other", Format::Csv);
    let short = Duration::from_millis(1);
    poll! { polled:
        shop.state();
        shop.parked();
        shop.retry("none".into());
        shop.retry_all();
        shop.discard("none".into());
        shop.edit_parked("none".into(), Default::default());
        shop.conflicts();
        shop.resolve("none".into(), Choice::Mine);
        shop.numbers_left();
        shop.findings();
        shop.space();
        shop.notices(50);
        shop.mark_notices_seen(1);
        shop.view(RecordKind::Ticket, "none".into());
        shop.unread();
        shop.flag("realtime".into());
        shop.export_to(file.clone(), None, None);
        shop.import_export(file.clone(), true, None, None);
        shop.import_from(file, ImportLayout::Customers, options, None, None);
        shop.sync_log(SyncLogFilter::default());
        shop.network_log(50);
        shop.analytics();
        shop.inspect();
        shop.raw_record(RecordKind::Ticket, "none".into());
        shop.checksum();
        shop.evict(None);
        shop.wipe_due();
        shop.id();
        shop.device();
        shop.sync(None);
        shop.sync_once(short, None);
        shop.idle(short, None);
        shop.fetch(RecordKind::Ticket, "none".into(), None);
        shop.fetch_days(RecordKind::Appointment, 90, None);
        shop.fetch_between(RecordKind::Appointment, day(0), day(90), None);
        shop.has_between(RecordKind::Appointment, day(0), day(90));
        shop.devices(None);
        shop.server_counts(None);
        shop.trail(RecordKind::Ticket, "none".into(), 50, None, None);
        shop.safe("none".into(), None);
        shop.present();
        shop.show(None);
    }
    watch! { polled, shop:
        watch_state();
        watch_board(BoardFilter::default(), 50);
        watch_ticket("none".into());
        watch_calendar(day(0), day(1), None);
        watch_badges(day(0), day(1));
        watch_notices(50);
        watch_parked();
        watch_conflicts();
        watch_presence();
        watch_changes(vec![RecordKind::Customer]);
        watch_customer("none".into());
        watch_item("none".into());
        watch_employees();
        watch_low_stock(50);
    }
}

fn comings_and_goings(ada: &Device, polled: &Polled) {
    let (terminal, shop) = (&ada.terminal, ada.shop());
    let server =
        ServerAddress { url: "http://127.0.0.1:1".into(), anon_key: "key".into(), root_sha256: None };
    let owner = Account::new("ada", "owner");
    let path = ada.path();
    let email = || "ada@example.org".to_owned();
    poll! { polled:
        terminal.simulate(Trouble::None);
        terminal.purge();
        terminal.force_full_sync();
        terminal.edit_elsewhere(RecordKind::Ticket, "none".into(), "subject".into(), "\"\"".into());
        shop.make_up(1, 7);
        terminal.shop();
        terminal.shops();
        terminal.known_shops();
        terminal.overview(None);
        terminal.change_password("password".into(), "another".into(), None);
        terminal.enter(owner, "south".into());
        terminal.switch_shop("north".into());
        terminal.sign_in(server.clone(), email(), "password".into(), None, None);
        terminal.sign_up(server, email(), "first".into(), "password".into(), None, None);
        terminal.network(true);
        terminal.suspend();
        terminal.resume();
        terminal.forgot();
        terminal.sign_out(Some(Unsent::Keep), None);
        terminal.shut_down();
    }
    drop(poll_marked(Terminal::open(path, Storage::new(), None, quick())).unwrap());
}

/// The names of all asynchronous calls that the sources export.
fn exported() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in [source.clone(), source.join("shop")] {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                std::fs::read_to_string(path).unwrap().lines().for_each(|line| names.extend(named(line)));
            }
        }
    }
    names
}

/// The calls that one line declares: a function, a line of a table of calls, one of records, or one of watches.
fn named(line: &str) -> Vec<String> {
    let line = line.trim();
    if let Some((watch, _)) =
        line.split(' ').find_map(|word| word.strip_prefix("watch_")?.split_once("(shop"))
    {
        return vec![format!("watch_{watch}")];
    }
    if let Some((_, calls)) = line.strip_prefix("record!(").and_then(|rest| rest.split_once(':')) {
        let calls = calls.trim_end_matches(");").split(',').skip(1);
        return calls.map(|call| call.trim().to_owned()).collect();
    }
    let asynchronous = line.strip_prefix("pub async fn ");
    let of_a_table = line.strip_prefix("fn ").filter(|rest| rest.contains("(shop"));
    let name = asynchronous.or(of_a_table).and_then(|rest| rest.split_once('(')).map(|(name, _)| name);
    name.filter(|name| !name.starts_with('$')).map(str::to_owned).into_iter().collect()
}

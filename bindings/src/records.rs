//! Values that cross and that the engine has in another shape: with borrowed words, JSON, ordered maps or paths.

use chrono::{DateTime, Utc};
use counterpart_core::Fault;
use counterpart_core::desk::{Key, TicketRow};
use counterpart_core::entity;
use counterpart_core::journal;
use counterpart_core::outbox::{Status, Trace};
use counterpart_core::schema::{AnyJson, Entity, time_from_ms};
use counterpart_core::shop::import::{self, Outcome};
use counterpart_core::shop::{self, Progress};
use counterpart_core::store::Durability;
use counterpart_core::sync::wire::{self, MemberStanding, TrailAnswer};
use counterpart_core::sync::{RetryPolicy, SyncState};
use counterpart_core::terminal::{Address, Options};
use std::collections::HashMap;

/// Where a server is, and by what a device knows it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ServerAddress {
    /// Its URL.
    pub url: String,
    /// The key of every device.
    pub anon_key: String,
    /// SHA-256 of the server's own root certificate in hexadecimal, from the QR code; none for a public authority's.
    #[uniffi(default = None)]
    pub root_sha256: Option<String>,
}

impl From<ServerAddress> for Address {
    fn from(address: ServerAddress) -> Self {
        let ServerAddress { url, anon_key, root_sha256 } = address;
        Address { url, anon_key, root_sha256 }
    }
}

/// How a terminal works.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TerminalOptions {
    /// Whether a write that returned survives a power cut, and not only the app's and the system's end. It takes longer.
    #[uniffi(default = true)]
    pub survives_power_cuts: bool,
    /// After the first attempt, how many more before the server counts as unreachable, or an operation as failed.
    #[uniffi(default = 3)]
    pub retries: u32,
    /// Milliseconds between them, and before the first look whether the server is back.
    #[uniffi(default = 5000)]
    pub retry_delay_ms: u32,
    /// Whether a journal is kept of what the sync does.
    #[uniffi(default = true)]
    pub keeps_journal: bool,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        TerminalOptions { survives_power_cuts: true, retries: 3, retry_delay_ms: 5_000, keeps_journal: true }
    }
}

impl From<TerminalOptions> for Options {
    fn from(options: TerminalOptions) -> Self {
        let delay = i64::from(options.retry_delay_ms);
        let retry = RetryPolicy::default();
        Options {
            durability: if options.survives_power_cuts { Durability::Full } else { Durability::Normal },
            retry: RetryPolicy {
                retries: options.retries,
                delay_ms: delay,
                probe_first_ms: delay,
                probe_longest_ms: retry.probe_longest_ms.max(delay),
                ..retry
            },
            logs: options.keeps_journal,
        }
    }
}

/// What a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RecordKind {
    /// A customer.
    Customer,
    /// A ticket.
    Ticket,
    /// A ticket's line.
    TicketLine,
    /// A ticket's note.
    TicketNote,
    /// An item of the shelf.
    InventoryItem,
    /// What an item costs the shop.
    ItemCost,
    /// An employee.
    Employee,
    /// What an employee earns.
    EmployeePay,
    /// An appointment.
    Appointment,
    /// How the shop is set up.
    ShopSettings,
}

impl RecordKind {
    /// Its table, as errors, notices and parked operations name it.
    pub(crate) fn table(self) -> &'static str {
        match self {
            RecordKind::Customer => entity::Customer::TABLE,
            RecordKind::Ticket => entity::Ticket::TABLE,
            RecordKind::TicketLine => entity::TicketLine::TABLE,
            RecordKind::TicketNote => entity::TicketNote::TABLE,
            RecordKind::InventoryItem => entity::InventoryItem::TABLE,
            RecordKind::ItemCost => entity::ItemCost::TABLE,
            RecordKind::Employee => entity::Employee::TABLE,
            RecordKind::EmployeePay => entity::EmployeePay::TABLE,
            RecordKind::Appointment => entity::Appointment::TABLE,
            RecordKind::ShopSettings => entity::ShopSettings::TABLE,
        }
        .name
    }
}

/// Where a record stands between this device, the server and the person.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Standing {
    /// The record.
    pub id: String,
    /// Between this device and the server.
    pub status: Status,
    /// Whether somebody else changed it and nobody here has looked at it since.
    pub unread: bool,
}

/// One window of the board.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct BoardPage {
    /// Its tickets.
    pub rows: Vec<TicketRow>,
    /// Where the next window begins; nothing where there is none.
    pub next: Option<Key>,
}

/// A ticket that somebody watches.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct WatchedTicket {
    /// All that its screen shows; nothing while it is not here, or deleted.
    pub view: Option<counterpart_core::desk::TicketView>,
}

/// A customer that somebody watches.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct WatchedCustomer {
    /// The customer; nothing while it is not here, or deleted.
    pub customer: Option<entity::Customer>,
}

/// An item that somebody watches.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct WatchedItem {
    /// The item; nothing while it is not here, or deleted.
    pub item: Option<entity::InventoryItem>,
}

/// One window of an item's history.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct MovementPage {
    /// Its movements.
    pub rows: Vec<counterpart_core::desk::MovementRow>,
    /// Where the next window begins; nothing where there is none.
    pub next: Option<Key>,
}

/// Something that happened when the file was opened and that a person has to know.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Finding {
    /// The file was damaged. It was set aside, and this was carried over.
    Damaged {
        /// Where the damaged file is now.
        aside: String,
        /// How many operations without an outcome were carried over.
        operations: u64,
        /// How many drafts.
        drafts: u64,
        /// Whether the reading of the queue came to its end. If not, operations may be missing.
        complete: bool,
    },
    /// The file is a copy, or an older state of itself. Its queue is kept under a new identity.
    Copied,
}

impl From<&shop::Finding> for Finding {
    fn from(finding: &shop::Finding) -> Self {
        match finding {
            shop::Finding::Copied => Finding::Copied,
            shop::Finding::Damaged(salvage) => Finding::Damaged {
                aside: salvage.aside.to_string_lossy().into_owned(),
                operations: count(salvage.operations),
                drafts: count(salvage.drafts),
                complete: salvage.complete,
            },
        }
    }
}

/// One change of one field, for a record's history.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct HistoryEntry {
    /// When, by the device's clock.
    pub at: DateTime<Utc>,
    /// Whose work it was.
    pub actor: Option<String>,
    /// The field; nothing where the record was made or deleted.
    pub field: Option<String>,
    /// What it was.
    pub from: AnyJson,
    /// What it became.
    pub to: AnyJson,
    /// What was done: insert, patch, delete, append.
    pub kind: String,
    /// What became of it: waiting, accepted, applied, discarded …
    pub outcome: String,
}

/// How a device stands, for whoever has to find out why. Its words are the engine's own.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Inspection {
    /// What a person sees of the sync.
    pub state: SyncState,
    /// Whether the app is in the foreground.
    pub awake: bool,
    /// Whether the server accepts who is signed in: good, refreshing, renewed, refused, outside.
    pub session: String,
    /// Whether the device's own session with the server has begun.
    pub opened: bool,
    /// What is going on: idle, refreshing, opening, sending, pulling, ranging, waiting.
    pub phase: String,
    /// Attempts since the server last answered.
    pub failures: u32,
    /// The channel: off, joining, joined, waiting.
    pub channel: String,
    /// The epoch of the cursor.
    pub epoch: String,
    /// How far this device has seen the shop.
    pub cursor: i64,
    /// How many rows are here, table by table.
    pub rows: Vec<TableRows>,
    /// Unread rows, by table.
    pub unread: HashMap<String, u64>,
    /// Operations in the queue, by state.
    pub queue: HashMap<String, u64>,
    /// Operations whose outcome is kept until the server cannot lose them any more.
    pub settled: u64,
    /// Pages that wait until the cursor may cover them.
    pub staged_pages: u64,
    /// Ranges that are not here whole.
    pub missing_ranges: u64,
    /// Facts about the file, by name.
    pub file: HashMap<String, String>,
}

/// How many rows of a table are here and not deleted.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TableRows {
    /// The table.
    pub table: String,
    /// The rows.
    pub here: u64,
    /// How many of them lie beyond the windows: fetched, or not taken off yet. The server counts none of those.
    pub beyond: u64,
}

impl From<shop::Inspection> for Inspection {
    fn from(inspection: shop::Inspection) -> Self {
        let beyond = inspection.beyond;
        let rows = inspection.rows.into_iter().map(|(table, here)| {
            let beyond = beyond.get(&table).copied().unwrap_or(0);
            TableRows { table, here, beyond }
        });
        Inspection {
            state: inspection.state,
            awake: inspection.awake,
            session: inspection.session.to_owned(),
            opened: inspection.opened,
            phase: inspection.phase.to_owned(),
            failures: inspection.failures,
            channel: inspection.channel.to_owned(),
            epoch: inspection.epoch,
            cursor: inspection.cursor,
            rows: rows.collect(),
            unread: inspection.unread.into_iter().collect(),
            queue: inspection.queue.into_iter().collect(),
            settled: inspection.settled,
            staged_pages: inspection.staged_pages,
            missing_ranges: inspection.missing_ranges,
            file: inspection.facts.into_iter().collect(),
        }
    }
}

/// How many rows the server has for this device, at one commit.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ServerCounts {
    /// The epoch of the shop's history.
    pub epoch: String,
    /// The commit, as a device's cursor has it.
    pub cursor: i64,
    /// Rows that are not deleted, within the windows, by each table that this account may read.
    pub rows: HashMap<String, u64>,
}

impl From<wire::CountsAnswer> for ServerCounts {
    fn from(answer: wire::CountsAnswer) -> Self {
        let wire::CountsAnswer { cursor, rows } = answer;
        ServerCounts { epoch: cursor.epoch, cursor: cursor.n, rows: rows.into_iter().collect() }
    }
}

/// A page of a record's audit trail.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Trail {
    /// What happened, newest first.
    pub entries: Vec<TrailEntry>,
    /// Where the page before this one in time begins, if there is one.
    pub next: Option<i64>,
}

/// One field of a record that somebody set, or wanted to.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct TrailEntry {
    /// When, by the clock of the device.
    pub at: DateTime<Utc>,
    /// The employee; nobody where it was done beside the devices.
    pub actor: Option<String>,
    /// On which device; none where it was done beside them.
    pub device: String,
    /// The field.
    pub field: String,
    /// What it was.
    pub from: AnyJson,
    /// What it became, or should have.
    pub to: AnyJson,
    /// Whether it did: what somebody else had set later stands.
    pub kept: bool,
}

impl From<TrailAnswer> for Trail {
    fn from(page: TrailAnswer) -> Self {
        let entry = |entry: wire::TrailEntry| TrailEntry {
            at: time_from_ms(entry.at),
            actor: entry.actor,
            device: entry.device,
            field: entry.field,
            from: AnyJson(entry.was),
            to: AnyJson(entry.became),
            kept: entry.kept,
        };
        Trail { entries: page.entries.into_iter().map(entry).collect(), next: page.next }
    }
}

impl From<Trace> for HistoryEntry {
    fn from(trace: Trace) -> Self {
        HistoryEntry {
            at: time_from_ms(trace.at),
            actor: trace.actor,
            field: trace.field,
            from: AnyJson(trace.from),
            to: AnyJson(trace.to),
            kind: trace.kind,
            outcome: trace.outcome,
        }
    }
}

/// Whether a ticket may leave the shop: what of it the server does not have.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct TicketSafety {
    /// Operations of this device without an answer, or that wait for a person.
    pub unsent: u64,
    /// Other devices that last reported unsent work; nothing when the server cannot be asked.
    pub devices: Option<Vec<DeviceStanding>>,
}

/// One device as the server last heard of it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct DeviceStanding {
    /// The device.
    pub device: String,
    /// Its code, as on the tickets that it numbers itself.
    pub code: String,
    /// The employee whose account it is signed in with.
    pub employee: Option<String>,
    /// Operations that it said it had not sent.
    pub unsent: u64,
    /// When it was last heard of.
    pub seen_at: DateTime<Utc>,
}

impl From<wire::DeviceStanding> for DeviceStanding {
    fn from(standing: wire::DeviceStanding) -> Self {
        let wire::DeviceStanding { device, code, employee, unsent, seen_at } = standing;
        DeviceStanding { device, code, employee, unsent, seen_at: time_from_ms(seen_at) }
    }
}

/// One of the shops that an account manages: its people, its devices, what waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ShopOverview {
    /// The shop.
    pub shop: String,
    /// What it is called.
    pub name: String,
    /// Who works or worked there.
    pub members: Vec<MemberStanding>,
    /// Its devices: when each was last heard of, and what it had unsent.
    pub devices: Vec<DeviceStanding>,
    /// Conflicts that wait for a person.
    pub open_conflicts: u64,
}

impl From<wire::ShopOverview> for ShopOverview {
    fn from(overview: wire::ShopOverview) -> Self {
        let wire::ShopOverview { shop, name, members, devices, open_conflicts } = overview;
        let devices = devices.into_iter().map(Into::into).collect();
        ShopOverview { shop, name, members, devices, open_conflicts }
    }
}

/// What an export wrote.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ExportReport {
    /// Rows and bytes.
    pub written: Progress,
    /// Whether it came to its end. A stopped one leaves no file.
    pub complete: bool,
    /// Tables left out, because they are secret or not for this person.
    pub left_out: Vec<String>,
}

impl From<shop::ExportReport> for ExportReport {
    fn from(report: shop::ExportReport) -> Self {
        ExportReport {
            written: report.written,
            complete: report.complete,
            left_out: report.left_out.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Which of the shop's tables a file of another system is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ImportLayout {
    /// Customers.
    Customers,
    /// Items, with what of them lies on the shelf.
    InventoryItems,
    /// Tickets of customers who were moved in before, from the same system.
    Tickets,
}

/// A line that was refused. Nothing of it was done.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct RefusedLine {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Why: a stable code.
    pub code: String,
    /// The field that it is about, of an entry that breaks a rule.
    pub field: Option<String>,
    /// Why, naming the field and the rule, never the value.
    pub message: String,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ImportReport {
    /// Lines that made a row.
    pub created: u64,
    /// Lines whose row was here already.
    pub already_there: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// The first of the refused ones.
    pub refusals: Vec<RefusedLine>,
    /// Columns that no field takes, counted from 1.
    pub ignored_columns: Vec<u64>,
    /// How much was read.
    pub read: Progress,
    /// Whether the file was read to its end.
    pub complete: bool,
}

impl From<import::ImportReport> for ImportReport {
    fn from(report: import::ImportReport) -> Self {
        let refusal = |line: import::Line| match line.outcome {
            Outcome::Refused(error) => Some(RefusedLine {
                line: line.line,
                code: error.code().to_owned(),
                field: if let Fault::Invalid(wrong) = error.fault() {
                    Some(wrong.field.to_owned())
                } else {
                    None
                },
                message: error.to_string(),
            }),
            Outcome::Created | Outcome::AlreadyThere => None,
        };
        ImportReport {
            created: report.created,
            already_there: report.already_there,
            refused: report.refused,
            refusals: report.refusals.into_iter().filter_map(refusal).collect(),
            ignored_columns: report.ignored_columns.into_iter().map(count).collect(),
            read: report.read,
            complete: report.complete,
        }
    }
}

/// Something that the sync did.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncEvent {
    /// When, by this device's clock.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: journal::SyncKind,
    /// A stable code, where there is more to say.
    pub code: Option<String>,
    /// How many of what.
    pub counts: HashMap<String, u64>,
    /// How long it took, in milliseconds.
    pub ms: Option<i64>,
}

impl From<journal::SyncEvent> for SyncEvent {
    fn from(event: journal::SyncEvent) -> Self {
        SyncEvent {
            at: time_from_ms(event.at),
            kind: event.kind,
            code: event.code,
            counts: event.counts.into_iter().collect(),
            ms: event.ms,
        }
    }
}

/// A count as it crosses.
pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

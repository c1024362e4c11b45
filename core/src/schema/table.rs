//! Tables as data: fields, merge policies, limits, and what a schema adds in functions.

use super::{Check, Conflict, Entity, Invalid, Json, Row, Rule, Value};
use std::fmt;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// An integer; money is in minor units.
    Int,
    /// Yes or no.
    Bool,
    /// A moment, UTC, to the millisecond.
    Time,
    /// The id of a row.
    Id,
    /// One of these words; one that a newer app wrote is kept.
    Word(&'static [&'static str]),
    /// One JSON value, never half-merged.
    Json,
    /// A JSON object whose entries merge one by one; its values are of these words.
    Map(&'static [&'static str]),
    /// A JSON array whose elements merge one by one.
    Set(Element),
}

impl Type {
    /// What the field holds, in a word for a message.
    pub fn name(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Int => "whole number",
            Type::Bool => "true or false",
            Type::Time => "time",
            Type::Id => "id",
            Type::Word(_) => "word",
            Type::Json => "json",
            Type::Map(_) => "object",
            Type::Set(_) => "list",
        }
    }

    /// What a set's elements are.
    pub fn element(self) -> Option<Element> {
        match self {
            Type::Set(element) => Some(element),
            Type::Text
            | Type::Int
            | Type::Bool
            | Type::Time
            | Type::Id
            | Type::Word(_)
            | Type::Json
            | Type::Map(_) => None,
        }
    }

    /// The SQLite column that holds it.
    pub fn column(self) -> &'static str {
        match self {
            Type::Int | Type::Bool | Type::Time => "INTEGER",
            Type::Text | Type::Id | Type::Word(_) | Type::Json | Type::Map(_) | Type::Set(_) => "TEXT",
        }
    }
}

/// What the elements of a set are, and so when two of them are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// A word or two, the same when equal without the spaces around them.
    Word,
    /// An e-mail address, the same in any case.
    Email,
    /// `{"number", "label"}`, the same when the number is.
    Phone,
}

/// What decides when two devices changed one field without knowing of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// **L**: the later edit shows.
    Latest,
    /// **S**: elements are added and removed one by one.
    Set,
    /// **C**: a sum that the server keeps over appended rows; never written.
    Counter,
    /// **T**: true wins.
    TrueWins,
    /// **Z**: an allowed person's edit applies; if concurrent, the server's stays.
    Server,
    /// **K**: the client's goes in.
    Client,
    /// **M**: both are kept and a person chooses.
    Manual,
    /// **O**: a place in an order, moved concurrently.
    Order,
    /// **E**: moved by appended events alone (a status); never written.
    Event,
    /// **F**: set when the row is made, never changed.
    Fixed,
}

/// The policies under the letters that entity files write beside their fields.
pub mod policies {
    use super::Policy;
    /// The later edit shows.
    pub const L: Policy = Policy::Latest;
    /// Elements are added and removed one by one.
    pub const S: Policy = Policy::Set;
    /// A sum over appended rows.
    pub const C: Policy = Policy::Counter;
    /// True wins.
    pub const T: Policy = Policy::TrueWins;
    /// The server's stays.
    pub const Z: Policy = Policy::Server;
    /// The client's goes in.
    pub const K: Policy = Policy::Client;
    /// A person chooses.
    pub const M: Policy = Policy::Manual;
    /// A place in an order.
    pub const O: Policy = Policy::Order;
    /// Moved by events.
    pub const E: Policy = Policy::Event;
    /// Never changed.
    pub const F: Policy = Policy::Fixed;
}

/// One field of a table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name: in the struct, in SQL, on the wire.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// Whether it may be empty.
    pub optional: bool,
    /// What decides between concurrent edits.
    pub policy: Policy,
    /// The table whose rows it names, if it names any.
    pub refers: Option<&'static str>,
    /// Fields of one joint are one value: edited, sent and merged together.
    pub joint: Option<&'static str>,
    /// Its limits.
    pub checks: &'static [Check],
}

impl Field {
    /// Whether a person's edit may set it at all (later than at creation, for [`Policy::Fixed`]).
    pub fn is_kept_by_events(&self) -> bool {
        matches!(self.policy, Policy::Counter | Policy::Event)
    }
}

/// Who receives a table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Every member of the shop.
    Members,
    /// Members in one of these roles.
    Roles(&'static [&'static str]),
    /// Members in one of these roles, and everybody the rows whose field names themselves.
    RolesAndOwn(&'static [&'static str], &'static str),
}

/// How many of a table's rows somebody receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// None.
    Nothing,
    /// Those that name themselves.
    Own,
    /// All.
    Everything,
}

impl Readers {
    /// How many rows a member in that role receives.
    pub fn reach(self, role: &str) -> Reach {
        match self {
            Readers::Members => Reach::Everything,
            Readers::Roles(roles) | Readers::RolesAndOwn(roles, _) if roles.contains(&role) => {
                Reach::Everything
            }
            Readers::RolesAndOwn(..) => Reach::Own,
            Readers::Roles(_) => Reach::Nothing,
        }
    }

    /// Whether a member in that role, who may be an employee, receives this row.
    pub fn include(self, role: &str, employee: Option<&str>, row: &Row) -> bool {
        match (self.reach(role), self) {
            (Reach::Everything, _) => true,
            (Reach::Own, Readers::RolesAndOwn(_, field)) => employee == Some(row.text(field)),
            (Reach::Own | Reach::Nothing, _) => false,
        }
    }
}

/// An appended row that moves its parent: a movement its item's quantity, an event its ticket's status.
#[derive(Clone, Copy)]
pub struct Onto {
    /// The parent's table.
    pub table: &'static str,
    /// The field of the child that names the parent.
    pub key: &'static str,
    /// What the child does to the parent. It is pure, and for sums independent of order.
    pub apply: fn(child: &Row, parent: &mut Row),
    /// What the server makes of the child before it applies: a late event becomes history, a move that the person may
    /// not make is refused.
    pub judge: fn(child: &mut Row, parent: &Row, who: &Who) -> Result<(), Denied>,
    /// Which children say what a sum of the parent is, if any do.
    pub counts: Option<Counts>,
}

/// Children that say what a sum of their parent is, as somebody found it. Two that knew nothing of each other leave a
/// person to choose: each moves the sum by what it found less what it was shown, so both together are neither's.
#[derive(Clone, Copy)]
pub struct Counts {
    /// The sum.
    pub sum: &'static str,
    /// By how much the sum moves, if the child is one of them.
    pub moves: fn(child: &Row) -> Option<i64>,
    /// The child that says the sum is what a person chose.
    pub settles: fn(parent: &Row, chosen: i64) -> Row,
}

/// The table whose rows are the people that work is attributed to.
#[derive(Clone, Copy, Debug)]
pub struct Actors {
    /// The table.
    pub table: &'static str,
    /// The field that holds a person's role.
    pub role: &'static str,
    /// The field that says whether they still work here.
    pub active: &'static str,
}

/// Rows that keep another from being deleted: an open ticket its customer.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    /// The table that they are in.
    pub table: &'static str,
    /// The field that names the held row.
    pub field: &'static str,
    /// An SQL condition over the holding row.
    pub condition: &'static str,
    /// The rule that a refusal names.
    pub rule: &'static str,
}

/// Rows that get a short number for people when they are made, also offline, never twice.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    /// The table.
    pub table: &'static str,
    /// The text field that holds the number.
    pub field: &'static str,
}

/// Which rows a device may leave on the server.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// An SQL condition over the row: true where it lies outside. `:edge` is now less the window, in milliseconds.
    pub outside: &'static str,
    /// How many days the window reaches back, unless set otherwise.
    pub days: i64,
    /// How many days it is long from there; without it, it has no end. One that has is followed: what it comes to show
    /// as days go by is fetched.
    pub length: Option<i64>,
}

/// How rows are found by what people type.
#[derive(Clone, Copy)]
pub struct Search {
    /// All the words of a row.
    pub text: fn(&Row) -> String,
    /// Keys to be found by their beginning: (what kind, key). Folded by the caller.
    pub keys: fn(&Row) -> Vec<(&'static str, String)>,
}

/// One table: everything the engine knows of an entity.
#[derive(Clone, Copy)]
pub struct Table {
    /// Its name in SQL and on the wire.
    pub name: &'static str,
    /// Its fields, in order.
    pub fields: &'static [Field],
    /// Whether rows are only ever added.
    pub append_only: bool,
    /// Who receives its rows.
    pub readers: Readers,
    /// The field that names the row this one belongs to and is deleted, windowed and evicted with.
    pub parent: Option<&'static str>,
    /// Whether its parent has one such row at most: its id follows from the parent's, so that two devices that make it
    /// at once make the same row.
    pub single: bool,
    /// What an appended row does to its parent.
    pub onto: Option<Onto>,
    /// Rules over several fields.
    pub rule: fn(&Row) -> Result<(), Invalid>,
    /// Which rows may stay on the server.
    pub window: Option<Window>,
    /// How its rows are found by text.
    pub search: Option<Search>,
    /// What keeps its rows from being deleted.
    pub held_by: &'static [Holder],
    /// Whether exports leave it out.
    pub secret: bool,
    /// Text fields whose value one row alone should have: the server opens a conflict where two have it.
    pub unique: &'static [&'static str],
}

impl fmt::Debug for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Table({})", self.name)
    }
}

impl Table {
    /// A table with these fields and nothing special about it.
    pub const fn plain(name: &'static str, fields: &'static [Field]) -> Table {
        Table {
            name,
            fields,
            append_only: false,
            readers: Readers::Members,
            parent: None,
            single: false,
            onto: None,
            rule: |_| Ok(()),
            window: None,
            search: None,
            held_by: &[],
            secret: false,
            unique: &[],
        }
    }

    /// Where a field stands.
    pub fn position(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|known| known.name == field)
    }

    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|known| known.name == name)
    }

    /// Judges a whole row: every limit of every field, then the table's own rule.
    pub fn check(&self, row: &Row) -> Result<(), Invalid> {
        for (field, value) in self.fields.iter().zip(&row.values) {
            field.check(value).map_err(|wrong| wrong.of(self.name))?;
        }
        (self.rule)(row).map_err(|wrong| wrong.of(self.name))
    }

    /// Reads the named fields of an object, each in its table's shape; an unknown name is refused.
    pub fn read(
        &self,
        object: &serde_json::Map<String, Json>,
    ) -> Result<Vec<(&'static Field, Value)>, Invalid> {
        object
            .iter()
            .filter(|(name, _)| name.as_str() != "id")
            .map(|(name, json)| {
                let field =
                    self.field(name).ok_or(Invalid::field("row", Rule::UnknownField).of(self.name))?;
                let value = Value::from_json(field, json).map_err(|wrong| wrong.of(self.name))?;
                Ok((field, value))
            })
            .collect()
    }
}

/// Who is at work: the signed-in account, and the person it works for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Who {
    /// The signed-in account.
    pub account: String,
    /// The account's role in the shop; all authority comes from here.
    pub role: String,
    /// Whether the account is a shared tablet.
    pub station: bool,
    /// The employee whose work this is, where known.
    pub actor: Option<String>,
    /// The actor's own role: it narrows, it never widens.
    pub actor_role: Option<String>,
}

/// What somebody is about to do to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Make it.
    Create,
    /// Change fields of it.
    Change,
    /// Delete it.
    Delete,
}

/// A write, as the permission function sees it.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The table.
    pub table: &'static Table,
    /// Create, change or delete.
    pub verb: Verb,
    /// The row as it is, where there is one.
    pub before: Option<&'a Row>,
    /// The row as it would be.
    pub after: &'a Row,
    /// The names of the fields that would change.
    pub fields: &'a [&'static str],
    /// When it is done, in milliseconds since 1970.
    pub now: i64,
}

/// The person's role does not allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The table.
    pub table: &'static str,
    /// A stable word for what is missing.
    pub rule: &'static str,
}

/// Content that has to disappear when its time has come, also from the queue.
#[derive(Clone, Copy, Debug)]
pub struct Wipe {
    /// The table.
    pub table: &'static str,
    /// The fields that are emptied.
    pub fields: &'static [&'static str],
    /// A query for the ids that are due; `:now` in milliseconds.
    pub due: &'static str,
}

/// A numbered step of the local database; frozen once released.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, from 1, without gaps.
    pub number: u32,
    /// The SQL.
    pub sql: &'static str,
}

/// Everything that makes an engine the engine of one trade.
#[derive(Clone, Copy)]
pub struct Schema {
    /// Its name, stored in the file: a file of another schema is refused.
    pub name: &'static str,
    /// Its tables, parents before children.
    pub tables: &'static [&'static Table],
    /// The SQL of its tables and indexes.
    pub migrations: &'static [Migration],
    /// Whether somebody may do something; judged first here, again by the server.
    pub permit: fn(&Who, &Attempt<'_>) -> Result<(), Denied>,
    /// What disappears on schedule.
    pub wipes: &'static [Wipe],
    /// Where the people are.
    pub actors: Option<Actors>,
    /// What is numbered for people.
    pub numbered: Option<Numbered>,
    /// Roles that see who changed what.
    pub auditors: &'static [&'static str],
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Schema({})", self.name)
    }
}

impl Schema {
    /// Every table: the schema's own, and those that every schema has.
    pub fn all_tables(&self) -> impl Iterator<Item = &'static Table> {
        self.tables.iter().copied().chain([Conflict::TABLE])
    }

    /// A table by name.
    pub fn table(&self, name: &str) -> Option<&'static Table> {
        self.all_tables().find(|table| table.name == name)
    }
}

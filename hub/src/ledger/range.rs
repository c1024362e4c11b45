//! A range: rows that a device may newly hold, whatever its cursor. Pages go by table in the schema's order and by id,
//! so that a page never depends on what came meanwhile. The windows are kept here, in SQL, and nowhere else.

use super::access::Member;
use super::books::{Books, ShopState};
use super::{Ledger, LedgerError, Result, devices};
use counterpart_core::env::DAY_MS;
use counterpart_core::schema::{Readers, Schema, Table};
use counterpart_core::sync::wire::{Cursor, RangeAnswer, RangeRequest, RangeToken, TableRows, Wanted};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Cell;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Rows in a page, at most, whatever was asked for.
const MOST: usize = 5_000;
/// Of a table with more rows so many are looked at to tell how many lie inside its window.
const MANY: i64 = 10_000;
const LOOKED_AT: i64 = 500;
/// How far one of them is from the next, round and round the file: a prime, so that they fall in step with nothing.
const STRIDE: i64 = 618_034_003;
/// The longest window that anybody may ask for: a century.
const LONGEST_DAYS: i64 = 36_500;

impl Ledger {
    /// A page of the rows that were asked for: inside the windows, not deleted, and for this member to read.
    pub fn range(&self, member: &Member, request: &RangeRequest) -> Result<RangeAnswer> {
        self.read(|books| {
            let shop = books.shop(&request.shop)?;
            devices::check(books, member, &request.shop, &request.device, None)?;
            if !request.epoch.is_empty() && request.epoch != shop.epoch {
                return Err(LedgerError::OtherEpoch);
            }
            let parts = parts(books, member, &request.what);
            let total = match request.token {
                None => Some(count(books, request, &parts)?),
                Some(_) => None,
            };
            let (rows, next) = page(books, request, &parts)?;
            let (what, after) = (request.what.clone(), request.token.clone());
            Ok(RangeAnswer { what, after, head: head(shop), next, total, rows })
        })
    }
}

/// The head of a shop as a cursor.
pub(super) fn head(shop: ShopState) -> Cursor {
    Cursor { epoch: shop.epoch, n: shop.head, tag: shop.tag }
}

/// The rows of one table that are asked for: a condition, and what its parameters from the third on are.
pub(super) struct Part {
    pub(super) table: &'static Table,
    pub(super) condition: String,
    values: Vec<Cell>,
}

impl Part {
    fn all_of(table: &'static Table) -> Part {
        Part { table, condition: "deleted_at IS NULL".into(), values: Vec::new() }
    }

    /// The place of one more parameter.
    fn parameter(&mut self, value: impl Into<Cell>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len() + 2)
    }

    fn and(mut self, condition: &str) -> Part {
        self.condition += " AND ";
        self.condition += condition;
        self
    }

    /// Only what the member may read.
    fn for_reader(mut self, member: &Member) -> Part {
        match self.table.readers {
            Readers::RolesAndOwn(_, field) if !member.reads_every_row(self.table) => {
                let own = self.parameter(member.employee.clone());
                self.and(&format!("\"{field}\" = {own}"))
            }
            Readers::Members | Readers::Roles(_) | Readers::RolesAndOwn(..) => self,
        }
    }

    /// Only what lies inside the window of its table, and of the table of its parent.
    fn inside(mut self, books: &Books<'_>, days: &BTreeMap<String, i64>) -> Part {
        let now = books.env.now();
        match self.outside(books, self.table, days, now) {
            Some(outside) => self.and(&format!("({outside}) IS NOT TRUE")),
            None => self,
        }
    }

    fn outside(
        &mut self,
        books: &Books<'_>,
        table: &'static Table,
        days: &BTreeMap<String, i64>,
        now: i64,
    ) -> Option<String> {
        let own = table.window.as_ref().map(|window| {
            let days = days.get(table.name).copied().unwrap_or(window.days).clamp(0, LONGEST_DAYS);
            let edge = self.parameter(now - days * DAY_MS);
            window.outside.replace(":edge", &edge)
        });
        let with_it = books.schema.parent_of(table).and_then(|(_, parent)| {
            let outside = self.outside(books, parent, days, now)?;
            let (child, parent) = (table.name, parent.name);
            Some(format!(
                "EXISTS (SELECT 1 FROM {parent} WHERE {parent}.shop = ?1 AND {parent}.id = {child}.ledger_parent AND ({outside}))"
            ))
        });
        match (own, with_it) {
            (Some(own), Some(with_it)) => Some(format!("({own}) OR {with_it}")),
            (own, with_it) => own.or(with_it),
        }
    }
}

/// What every member's device holds: the tables that all may see, within the schema's own windows.
pub(super) fn of_members(books: &Books<'_>) -> Vec<Part> {
    let tables = books.schema.all_tables().filter(|table| table.readers == Readers::Members);
    of_tables(books, &tables.collect::<Vec<_>>())
}

/// All rows of these tables within the schema's own windows, whoever reads them.
pub(super) fn of_tables(books: &Books<'_>, tables: &[&'static Table]) -> Vec<Part> {
    tables.iter().map(|table| Part::all_of(table).inside(books, &BTreeMap::new())).collect()
}

/// What is wanted, of the tables that this member reads.
pub(super) fn parts(books: &Books<'_>, member: &Member, what: &Wanted) -> Vec<Part> {
    let tables = books.schema.all_tables().filter(|table| member.reads(table));
    let none = BTreeMap::new();
    let parts: Vec<Part> = match what {
        Wanted::Windows(days) => tables.map(|table| Part::all_of(table).inside(books, days)).collect(),
        Wanted::Tables(names) => tables
            .filter(|table| names.iter().any(|name| name == table.name))
            .map(|table| Part::all_of(table).inside(books, &none))
            .collect(),
        Wanted::Between { table: wanted, from, until } => {
            tables.filter_map(|table| between(books.schema, table, wanted, (*from, *until))).collect()
        }
        Wanted::Row { table: wanted, id } => {
            tables.filter_map(|table| family(books.schema, table, wanted, id)).collect()
        }
    };
    parts.into_iter().map(|part| part.for_reader(member)).collect()
}

/// The row itself, or what belongs to it.
fn family(schema: &Schema, table: &'static Table, wanted: &str, id: &str) -> Option<Part> {
    let mut part = Part::all_of(table);
    let id = part.parameter(id.to_owned());
    if table.name == wanted {
        return Some(part.and(&format!("id = {id}")));
    }
    let belongs = schema.parent_of(table).is_some_and(|(_, parents)| parents.name == wanted);
    belongs.then(|| part.and(&format!("ledger_parent = {id}")))
}

/// Rows that lie outside a window that ends at the second moment, and inside one that ends at the first; or what belongs
/// to them.
fn between(schema: &Schema, table: &'static Table, wanted: &str, moments: (i64, i64)) -> Option<Part> {
    let mut part = Part::all_of(table);
    let parent = schema.parent_of(table).map(|(_, parent)| parent).filter(|parent| parent.name == wanted);
    let of = if table.name == wanted { table } else { parent? };
    let window = of.window.as_ref()?;
    let (from, until) = (part.parameter(moments.0), part.parameter(moments.1));
    let outside = |edge: &str| window.outside.replace(":edge", edge);
    let inside = format!("({}) IS NOT TRUE AND ({})", outside(&from), outside(&until));
    Some(match parent {
        None => part.and(&inside),
        Some(Table { name, .. }) => part.and(&format!(
            "EXISTS (SELECT 1 FROM {name} WHERE {name}.shop = ?1 AND {name}.id = {}.ledger_parent AND {inside})",
            table.name
        )),
    })
}

/// How many rows there are, for a device to show how far it is. Of a large table it is an estimate from a few of its
/// rows, from all over the file: every condition read of every row takes longer than a page.
fn count(books: &Books<'_>, request: &RangeRequest, parts: &[Part]) -> Result<u64> {
    let number = |sql: &str, values: Vec<Cell>| -> Result<i64> {
        Ok(books.one(sql, params_from_iter(values), |row| row.get(0))?.unwrap_or(0))
    };
    let shop = request.shop.as_str();
    let few = matches!(request.what, Wanted::Row { .. });
    let mut total = 0;
    for part in parts {
        let (table, condition) = (part.table.name, &part.condition);
        let all = "SELECT count(*) FROM ledger_rows WHERE shop = ?1 AND tbl = ?2";
        let of = vec![Cell::from(shop.to_owned()), Cell::from(table.to_owned())];
        let all = if few { 0 } else { number(all, of)? };
        // The second parameter is the pages'; here it stands for the beginning.
        let exact = format!("SELECT count(*) FROM {table} WHERE shop = ?1 AND id > ?2 AND {condition}");
        // Of the table's rows that were looked at, the part that is inside; all, where none was its own.
        let estimate = format!(
            "WITH RECURSIVE looked_at (ledger_at, ledger_last) AS (
               SELECT 1, max(rowid) FROM ledger_rows UNION ALL
               SELECT ledger_at + 1, ledger_last FROM looked_at WHERE ledger_at < {LOOKED_AT})
             SELECT CAST({all} * coalesce(avg(({condition}) IS TRUE), 1) AS INTEGER)
             FROM looked_at CROSS JOIN {table}
             WHERE ledger_place = 1 + ledger_at * {STRIDE} % ledger_last AND shop = ?1 AND id > ?2"
        );
        total += number(if all > MANY { &estimate } else { &exact }, values(shop, "", part))?;
    }
    Ok(u64::try_from(total).unwrap_or(0))
}

pub(super) fn values(shop: &str, after: &str, part: &Part) -> Vec<Cell> {
    let mut values = vec![Cell::from(shop.to_owned()), Cell::from(after.to_owned())];
    values.extend(part.values.iter().cloned());
    values
}

fn page(
    books: &Books<'_>,
    request: &RangeRequest,
    parts: &[Part],
) -> Result<(Vec<TableRows>, Option<RangeToken>)> {
    let mut left = request.limit.clamp(1, MOST);
    let mut pages: Vec<TableRows> = Vec::new();
    let begun = request.token.as_ref().map(|token| {
        let place = parts.iter().position(|part| part.table.name == token.table);
        place.map(|place| (place, token.id.as_str())).ok_or(LedgerError::Malformed("token"))
    });
    let (first, mut after) = begun.transpose()?.unwrap_or((0, ""));
    for part in parts.iter().skip(first) {
        let table = part.table.name;
        let mut values = values(&request.shop, after, part);
        values.push(Cell::from(i64::try_from(left).unwrap_or(i64::MAX)));
        let sql = format!(
            "SELECT id, ledger_body FROM {table} WHERE shop = ?1 AND id > ?2 AND {} ORDER BY id LIMIT ?{}",
            part.condition,
            values.len()
        );
        let found = books.all(&sql, params_from_iter(values), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        left = left.saturating_sub(found.len());
        let last = found.last().map(|(id, _)| id.clone());
        let rows: serde_json::Result<Vec<_>> =
            found.into_iter().map(|(_, body)| RawValue::from_string(body)).collect();
        let rows = rows.map_err(|_| LedgerError::Damaged("row"))?;
        if !rows.is_empty() {
            pages.push(TableRows { table: table.to_owned(), rows });
        }
        if let Some(id) = last.filter(|_| left == 0) {
            return Ok((pages, Some(RangeToken { table: table.to_owned(), id })));
        }
        after = "";
    }
    Ok((pages, None))
}

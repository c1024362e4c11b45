//! The audit trail: who changed which field from what to what, when, on which device; what was merged away is there too.
//! Written with every operation, read by those whom the schema names. A new row is one entry here, with all its fields, and
//! one for each of them to whoever reads.

use super::access::Member;
use super::books::Books;
use super::commit::Commit;
use super::{Ledger, LedgerError, Result};
use counterpart_core::outbox::Operation;
use counterpart_core::schema::Json;
use counterpart_core::sync::wire::{TrailAnswer, TrailEntry, TrailRequest};

/// Entries of a page, at most, whatever was asked for; the last commit on it is whole.
const MOST: usize = 500;

/// One field that an operation set, or wanted to.
pub(super) struct Mark {
    pub(super) field: String,
    pub(super) was: Json,
    pub(super) became: Json,
    /// Whether it stands.
    pub(super) kept: bool,
}

/// Notes what an operation did to a row.
pub(super) fn note(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    (table, id, new): (&str, &str, bool),
    marks: Vec<Mark>,
) -> Result<()> {
    let all_stand = !marks.is_empty() && marks.iter().all(|mark| mark.kept);
    let marks = if new && all_stand { vec![whole(marks)] } else { marks };
    for mark in &marks {
        books.execute(
            "INSERT INTO audit (shop, id, n, part, tbl, field, was, became, kept, actor, device, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            (
                commit.shop,
                id,
                commit.n,
                commit.next_part(),
                table,
                &mark.field,
                text(&mark.was)?,
                text(&mark.became)?,
                mark.kept,
                &operation.actor,
                commit.device,
                operation.at,
            ),
        )?;
    }
    Ok(())
}

fn text(value: &Json) -> Result<String> {
    serde_json::to_string(value).map_err(|_| LedgerError::Damaged("entry"))
}

/// The field of an entry that stands for all fields of a new row.
const EVERY: &str = "";

fn whole(marks: Vec<Mark>) -> Mark {
    let fields = marks.into_iter().map(|mark| (mark.field, mark.became));
    Mark { field: EVERY.into(), was: Json::Null, became: Json::Object(fields.collect()), kept: true }
}

/// Who wrote a field last, if that is on record.
pub(super) fn author(
    books: &Books<'_>,
    shop: &str,
    (table, id): (&str, &str),
    field: &str,
) -> Result<Option<String>> {
    let sql =
        "SELECT actor FROM audit WHERE shop = ?1 AND id = ?2 AND tbl = ?3 AND field IN (?4, ?5) AND kept
               ORDER BY n DESC, part DESC LIMIT 1";
    let found: Option<Option<String>> = books.one(sql, (shop, id, table, field, EVERY), |row| row.get(0))?;
    Ok(found.flatten())
}

impl Ledger {
    /// What happened to a row, newest first.
    pub fn trail(&self, member: &Member, request: &TrailRequest) -> Result<TrailAnswer> {
        let Some(table) = self.schema.table(&request.table) else {
            return Err(LedgerError::Malformed("table"));
        };
        let sees = !table.secret && member.reads_every_row(table) && member.audits(self.schema);
        if !sees {
            return Err(LedgerError::Denied);
        }
        let most = i64::try_from(request.limit.clamp(1, MOST)).unwrap_or(1);
        let before = request.before.unwrap_or(i64::MAX);
        self.read(|books| {
            let (shop, id, table) = (&request.shop, &request.id, table.name);
            let edge =
                "SELECT min(n) FROM (SELECT n FROM audit WHERE shop = ?1 AND id = ?2 AND tbl = ?3 AND n < ?4
                                            ORDER BY n DESC LIMIT ?5)";
            let edge: Option<i64> =
                books.one(edge, (shop, id, table, before, most), |row| row.get(0))?.flatten();
            let Some(edge) = edge else { return Ok(TrailAnswer::default()) };
            let page = "SELECT n, at, field, was, became, kept, actor, device FROM audit
                        WHERE shop = ?1 AND id = ?2 AND tbl = ?3 AND n < ?4 AND n >= ?5
                        ORDER BY n DESC, at DESC, field, part DESC";
            let entries = books.all(page, (shop, id, table, before, edge), read)?;
            let entries = entries.into_iter().flat_map(each_field).collect();
            let more = "SELECT 1 FROM audit WHERE shop = ?1 AND id = ?2 AND tbl = ?3 AND n < ?4 LIMIT 1";
            let more = books.one(more, (shop, id, table, edge), |_| Ok(()))?;
            Ok(TrailAnswer { entries, next: more.map(|()| edge) })
        })
    }
}

/// An entry for every field of a new row.
fn each_field(entry: TrailEntry) -> Vec<TrailEntry> {
    if entry.field != EVERY {
        return vec![entry];
    }
    let one = |(field, became): (&String, &Json)| TrailEntry {
        field: field.clone(),
        became: became.clone(),
        was: Json::Null,
        ..entry.clone()
    };
    entry.became.as_object().into_iter().flatten().map(one).collect()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<TrailEntry> {
    let json = |at| -> rusqlite::Result<Json> {
        let text: Option<String> = row.get(at)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    };
    Ok(TrailEntry {
        n: row.get(0)?,
        at: row.get(1)?,
        field: row.get(2)?,
        was: json(3)?,
        became: json(4)?,
        kept: row.get(5)?,
        actor: row.get(6)?,
        device: row.get(7)?,
    })
}

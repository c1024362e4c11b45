//! A pull: what changed since a cursor, from one snapshot, writing nothing.

use super::books::{Books, kept_row, read_receipt};
use super::range::head;
use super::{Ledger, LedgerError, Member, Result, devices};
use counterpart_core::sync::wire::{Cursor, PageToken, PullAnswer, PullRequest, TableRows};
use serde_json::value::RawValue;

/// Rows in a page, at most, whatever was asked for.
const MOST: usize = 5_000;

impl Ledger {
    /// Rows changed since a cursor, deletions included, and the device's receipts for the commits covered.
    pub fn pull(&self, member: &Member, request: &PullRequest) -> Result<PullAnswer> {
        self.read(|books| {
            let shop = books.shop(&request.shop)?;
            devices::check(books, member, &request.shop, &request.device, None)?;
            let mut answer = PullAnswer {
                since: request.cursor.clone(),
                after: request.token.clone(),
                safe_through: shop.safe_through,
                head: head(shop),
                standing: member.standing(),
                ..PullAnswer::default()
            };
            if !is_of_this_history(books, &request.shop, &request.cursor, &answer.head)? {
                answer.reset = true;
                return Ok(answer);
            }
            page(books, member, request, &mut answer)?;
            if answer.next.is_none() {
                // What stands in for an operation that never arrived names no content, and settles none.
                let sql = "SELECT op, hash, outcome, n, code, field, message FROM receipts
                           WHERE shop = ?1 AND device = ?2 AND n > ?3 AND hash <> '' ORDER BY n";
                answer.receipts =
                    books.all(sql, (&request.shop, &request.device, request.cursor.n), read_receipt)?;
            }
            Ok(answer)
        })
    }
}

/// Whether the commit that a cursor names is one of this shop's. Nothing seen yet is of every history.
fn is_of_this_history(books: &Books<'_>, shop: &str, cursor: &Cursor, head: &Cursor) -> Result<bool> {
    if cursor.n == 0 {
        return Ok(cursor.epoch.is_empty() || cursor.epoch == head.epoch);
    }
    let sql = "SELECT tag FROM commits WHERE shop = ?1 AND n = ?2";
    let tag: Option<String> = books.one(sql, (shop, cursor.n), |row| row.get(0))?;
    Ok(cursor.epoch == head.epoch && tag.as_ref() == Some(&cursor.tag))
}

fn page(books: &Books<'_>, member: &Member, request: &PullRequest, answer: &mut PullAnswer) -> Result<()> {
    let limit = request.limit.clamp(1, MOST);
    let start = request.token.clone().unwrap_or(PageToken {
        n: request.cursor.n,
        table: "\u{10ffff}".into(),
        id: String::new(),
    });
    let sql = "SELECT tbl, id, stamp, body FROM ledger_rows
               WHERE shop = ?1 AND (stamp, tbl, id) > (?2, ?3, ?4) ORDER BY stamp, tbl, id LIMIT ?5";
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = books.all(sql, (&request.shop, start.n, &start.table, &start.id, most), |row| {
        let place = PageToken { table: row.get(0)?, id: row.get(1)?, n: row.get(2)? };
        Ok((place, row.get::<_, String>(3)?))
    })?;
    if found.len() == limit {
        answer.next = found.last().map(|(place, _)| place.clone());
    }
    for (place, body) in found {
        let Some(table) = books.schema.table(&place.table).filter(|table| member.reads(table)) else {
            continue;
        };
        if !member.reads_every_row(table) && !member.reads_row(&kept_row(table, &body)?) {
            continue;
        }
        let row = RawValue::from_string(body).map_err(|_| LedgerError::Damaged("row"))?;
        match answer.rows.last_mut().filter(|rows| rows.table == place.table) {
            Some(rows) => rows.rows.push(row),
            None => answer.rows.push(TableRows { table: place.table, rows: vec![row] }),
        }
    }
    Ok(())
}

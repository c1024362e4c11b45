//! What can be wrong with the books: found by reading them, told in words without what the rows say.

use super::books::{Books, Kept, kept};
use super::record::close;
use super::{Ledger, Result};
use counterpart_core::schema::{Policy, Row, Table};
use counterpart_core::sync::FieldState;
use std::collections::HashMap;

/// Something wrong with the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word for it.
    pub code: &'static str,
    /// What it is and what helps.
    pub message: String,
}

/// Rows that no pull brings to the devices as they are: stamped past the head, not at all, or changed in SQL since.
const UNSEEN: &str = "SELECT r.tbl, r.id FROM ledger_rows r JOIN ledger_shops s ON s.shop = r.shop
    WHERE r.shop = ?1 AND (r.stamp > s.head OR r.stamp < 1 OR EXISTS
      (SELECT 1 FROM unstamped u WHERE u.shop = r.shop AND u.tbl = r.tbl AND u.id = r.id)) ORDER BY r.tbl, r.id";

impl Ledger {
    /// Looks at all books and changes nothing.
    pub fn look(&self) -> Result<Vec<Finding>> {
        self.read(|books| {
            let mut findings = Vec::new();
            let mut find = |code, message: String| findings.push(Finding { code, message });
            let damage = books.all("PRAGMA integrity_check(20)", [], |row| row.get::<_, String>(0))?;
            if damage.iter().any(|line| line != "ok") {
                find("books_damaged", "the books are damaged: restore the last backup".into());
                return Ok(findings);
            }
            for shop in books.all("SELECT shop FROM ledger_shops", [], |row| row.get::<_, String>(0))? {
                sequence(books, &shop, &mut find)?;
                rows(books, &shop, &mut find)?;
            }
            Ok(findings)
        })
    }

    /// Since when, in milliseconds, the oldest change waits that is in no backup; nothing where all are.
    pub fn unsafe_since(&self) -> Result<Option<i64>> {
        let sql = "SELECT min(c.at) FROM commits c JOIN ledger_shops s ON s.shop = c.shop WHERE c.n > s.safe_through";
        self.read(|books| Ok(books.one(sql, [], |row| row.get(0))?.flatten()))
    }

    /// Stamps what no pull would bring to the devices: one commit a shop, that overwrites, having no base. Gives back
    /// how many rows it stamped.
    pub fn restamp(&self) -> Result<usize> {
        self.write(|books| {
            let mut stamped = 0;
            for shop in books.all("SELECT shop FROM ledger_shops", [], |row| row.get::<_, String>(0))? {
                let (state, now) = (books.shop(&shop)?, books.env.now());
                let n = state.head + 1;
                let unseen: Vec<(String, String)> =
                    books.all(UNSEEN, [&shop], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let mut here = 0;
                for (table, id) in unseen {
                    let Some(table) = books.schema.table(&table) else { continue };
                    // A damaged row is told of, never guessed at.
                    let Ok(Some(mut kept)) = books.row(&shop, table, &id) else { continue };
                    overwrite(&mut kept, n, now);
                    books.put(&shop, &kept)?;
                    let sql = "DELETE FROM unstamped WHERE shop = ?1 AND tbl = ?2 AND id = ?3";
                    books.execute(sql, (&shop, table.name, &id))?;
                    here += 1;
                }
                if here > 0 {
                    close(books, &shop, &state, (n, now), "")?;
                }
                stamped += here;
            }
            Ok(stamped)
        })
    }
}

fn overwrite(kept: &mut Kept, n: i64, now: i64) {
    kept.row.meta.stamp = n;
    for field in kept.row.table.fields {
        let state = FieldState { stamp: n, at: now, ..FieldState::default() };
        kept.fields.insert(field.name.to_owned(), state);
    }
}

fn sequence(books: &Books<'_>, shop: &str, find: &mut impl FnMut(&'static str, String)) -> Result<()> {
    let count = |sql: &str| -> Result<i64> { Ok(books.one(sql, [shop], |row| row.get(0))?.unwrap_or(0)) };
    let gap = "SELECT count(*) FROM ledger_shops s WHERE shop = ?1 AND
        (head <> (SELECT coalesce(max(n), 0) FROM commits c WHERE c.shop = s.shop)
         OR head > 0 AND tag IS NOT (SELECT tag FROM commits c WHERE c.shop = s.shop AND c.n = s.head)
         OR safe_through > head)";
    if count(gap)? > 0 {
        let message = format!("shop {shop}: its head is not its last commit: restore the last backup");
        find("head_is_not_the_last_commit", message);
    }
    let lost = "SELECT count(*) FROM receipts r WHERE shop = ?1 AND NOT EXISTS
        (SELECT 1 FROM commits c WHERE c.shop = r.shop AND c.n = r.n)";
    let lost = count(lost)?;
    if lost > 0 {
        let message = format!("shop {shop}: {lost} receipts are of no commit: restore the last backup");
        find("receipt_without_commit", message);
    }
    let unseen = count(&format!("SELECT count(*) FROM ({UNSEEN})"))?;
    if unseen > 0 {
        let message = format!(
            "shop {shop}: {unseen} rows were changed beside the hub and reach no device: run `doctor --restamp`"
        );
        find("rows_without_stamp", message);
    }
    Ok(())
}

/// Every row on its own, and the sums that its rows make.
fn rows(books: &Books<'_>, shop: &str, find: &mut impl FnMut(&'static str, String)) -> Result<()> {
    for table in books.schema.all_tables() {
        let mut damaged = 0_u64;
        books.each(
            "SELECT id, stamp, deleted, body, fields FROM ledger_rows WHERE shop = ?1 AND tbl = ?2",
            (shop, table.name),
            |row| {
                let fits = fits(table, row)?;
                damaged += u64::from(!fits);
                Ok(())
            },
        )?;
        if damaged > 0 {
            let message =
                format!("shop {shop}: {damaged} rows of {} do not fit what is kept beside them", table.name);
            find("row_damaged", message);
        } else if table.fields.iter().any(|field| field.policy == Policy::Counter) {
            let wrong = wrong_sums(books, shop, table)?;
            if wrong > 0 {
                let message =
                    format!("shop {shop}: {wrong} sums of {} are not those of their rows", table.name);
                find("sum_differs", message);
            }
        }
    }
    Ok(())
}

fn fits(table: &'static Table, row: &rusqlite::Row<'_>) -> rusqlite::Result<bool> {
    let (id, stamp, deleted): (String, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let Ok(kept) = kept(table, row.get_ref(3)?.as_str()?, row.get_ref(4)?.as_str()?) else {
        return Ok(false);
    };
    let known = |name: &String| table.field(name.split('/').next().unwrap_or_default()).is_some();
    let fields = kept.fields.iter().all(|(name, state)| known(name) && state.stamp <= stamp);
    Ok(fields && kept.row.id == id && kept.row.is_deleted() == deleted)
}

/// How many rows hold another sum than that of the rows appended to them.
fn wrong_sums(books: &Books<'_>, shop: &str, parents: &'static Table) -> Result<usize> {
    let sql = "SELECT body, fields FROM ledger_rows WHERE shop = ?1 AND tbl = ?2";
    let read = |table: &'static Table| -> Result<Vec<Row>> {
        let found = books
            .all(sql, (shop, table.name), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        found.into_iter().map(|(body, fields)| Ok(kept(table, &body, &fields)?.row)).collect()
    };
    let mut sums: HashMap<String, Row> = HashMap::new();
    for child in books.schema.all_tables() {
        let Some(onto) = child.onto.filter(|onto| onto.table == parents.name) else { continue };
        for row in read(child)? {
            let id = row.text(onto.key).to_owned();
            (onto.apply)(&row, sums.entry(id.clone()).or_insert_with(|| Row::blank(parents, id)));
        }
    }
    let differs = |parent: &Row| {
        let counters = parents.fields.iter().filter(|field| field.policy == Policy::Counter);
        let sum = |name| sums.get(&parent.id).and_then(|sum| sum.int(name)).unwrap_or(0);
        counters.clone().any(|field| parent.int(field.name).unwrap_or(0) != sum(field.name))
    };
    Ok(read(parents)?.iter().filter(|parent| differs(parent)).count())
}

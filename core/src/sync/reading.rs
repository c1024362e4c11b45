//! The rows of a page, as they came: read from their texts and handed on one after the other. A long page is read on a
//! thread of its own while the rows before are taken in, for either is about as much work as the other.

use super::wire::TableRows;
use crate::error::{Error, Result};
use crate::schema::{Row, Table};
use serde_json::value::RawValue;
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

/// A page of fewer rows is read where it is taken in: a thread is not worth it.
const LONG: usize = 256;
/// Rows that are handed over at once.
const HANDFUL: usize = 64;
/// Handfuls that may wait: rows that were read take more memory than their texts.
const WAITING: usize = 8;

/// Hands each row of a table's page on, in order, until one is refused.
pub(super) fn each_row(
    table: &'static Table,
    page: &TableRows,
    take: &mut dyn FnMut(&Row) -> Result<()>,
) -> Result<()> {
    let rows = page.rows.as_slice();
    if rows.len() < LONG {
        return rows.iter().try_for_each(|raw| take(&read(table, raw)?));
    }
    thread::scope(|scope| {
        let (hand, taken) = sync_channel(WAITING);
        // Whoever made them lets go of them: threads that free each other's memory wait for each other. They go back in
        // the type that they came in, for each type of channel is as long as all the rest of this.
        let (give_back, used) = channel();
        let reader = thread::Builder::new().name("counterpart-rows".into()).spawn_scoped(scope, move || {
            for raws in rows.chunks(HANDFUL) {
                used.try_iter().for_each(drop::<Result<Vec<Row>>>);
                let handful: Result<Vec<Row>> = raws.iter().map(|raw| read(table, raw)).collect();
                let ends = handful.is_err();
                // Whoever takes them in may have stopped.
                if hand.send(handful).is_err() || ends {
                    return;
                }
            }
        });
        match reader {
            Ok(_) => taken.into_iter().try_for_each(|rows| {
                let rows = rows?;
                rows.iter().try_for_each(&mut *take)?;
                // Nobody reads on after the last ones.
                give_back.send(Ok(rows)).unwrap_or_default();
                Ok(())
            }),
            Err(_) => rows.iter().try_for_each(|raw| take(&read(table, raw)?)),
        }
    })
}

/// A row as it came.
pub(super) fn read(table: &'static Table, raw: &RawValue) -> Result<Row> {
    Ok(Row::from_json_text(table, raw.get()).ok_or_else(Error::damaged)??)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Conflict, Entity};

    fn page(rows: usize) -> TableRows {
        let row = |at| {
            let id = format!("{at:08}");
            let row = Row::blank(Conflict::TABLE, &id);
            RawValue::from_string(row.to_json_text().unwrap()).unwrap()
        };
        TableRows { table: Conflict::TABLE.name.into(), rows: (0..rows).map(row).collect() }
    }

    fn ids(page: &TableRows, most: usize) -> (Vec<String>, Result<()>) {
        let mut ids = Vec::new();
        let ended = each_row(Conflict::TABLE, page, &mut |row| {
            ids.push(row.id.clone());
            if ids.len() == most { Err(Error::damaged()) } else { Ok(()) }
        });
        (ids, ended)
    }

    #[test]
    fn rows_of_a_long_page_come_in_the_order_of_a_short_one() {
        for rows in [LONG - 1, LONG, 10 * LONG + 7] {
            let (ids, ended) = ids(&page(rows), usize::MAX);
            assert_eq!(ended, Ok(()));
            assert_eq!(ids, (0..rows).map(|at| format!("{at:08}")).collect::<Vec<_>>());
        }
    }

    #[test]
    fn whoever_refuses_a_row_gets_no_other() {
        for rows in [LONG - 1, 10 * LONG] {
            let (ids, ended) = ids(&page(rows), 100);
            assert_eq!((ids.len(), ended), (100, Err(Error::damaged())));
        }
    }

    #[test]
    fn a_damaged_row_ends_a_page_where_it_stands() {
        let mut page = page(3 * LONG);
        page.rows[2 * LONG] = RawValue::from_string("[]".into()).unwrap();
        let (ids, ended) = ids(&page, usize::MAX);
        assert!(ended.is_err());
        assert_eq!(ids.len(), 2 * LONG);
    }
}

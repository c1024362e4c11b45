//! Reading our own export back: rows keep their ids and the time they were made; counters and statuses follow from the
//! rows that move them.

use super::lines::{Counted, Text};
use super::{ImportReport, Need, Piece, Source, Watch, Wish, refused};
use crate::error::Result;
use crate::schema::{Invalid, Json, Row, Rule, Schema, Table};
use crate::shop::Shop;
use crate::shop::export::{FORM, Header};
use serde::Deserialize;
use std::io::BufRead;

/// The longest id that is taken.
const LONGEST_ID: usize = 64;

impl Shop {
    /// Reads an export into this shop. Rows that are here already, deleted or not, stay as they are; the others are made
    /// under their own id, if the person at work may make them. A ticket's number is kept if no other has it.
    pub fn import_export(
        &self,
        from: impl BufRead,
        dry_run: bool,
        watch: &mut dyn Watch,
    ) -> Result<ImportReport> {
        let schema = self.store().schema();
        let mut from = Counted::new(from)?;
        header(&mut from, schema)?;
        self.move_in(&mut Export { from, schema }, dry_run, watch)
    }
}

fn header(from: &mut Counted<impl BufRead>, schema: &Schema) -> Result<()> {
    let wrong = |rule| refused("export", "header", rule);
    let Some((_, Text::Whole(first))) = from.line()? else { return Err(wrong("not_an_export")) };
    let header: Header = serde_json::from_str(&first).map_err(|_| wrong("not_an_export"))?;
    match (header.counterpart_export, header.schema == schema.name) {
        (..=FORM, true) => Ok(()),
        (..=FORM, false) => Err(wrong("other_schema")),
        (_, _) => Err(wrong("newer_export")),
    }
}

struct Export<R> {
    from: Counted<R>,
    schema: &'static Schema,
}

/// A line after the header.
#[derive(Deserialize)]
struct Entry {
    table: String,
    row: serde_json::Map<String, Json>,
}

impl<R: BufRead> Source for Export<R> {
    fn next(&mut self) -> Result<Option<Piece>> {
        let Some((line, text)) = self.from.line()? else { return Ok(None) };
        let wish = match text {
            Text::Whole(text) => match serde_json::from_str::<Entry>(&text) {
                Ok(entry) => wish(self.schema, &entry),
                Err(_) => Err(refused("export", "line", "not_a_row")),
            },
            Text::TooLong => Err(refused("export", "line", "line_too_long")),
            Text::NotUtf8 => Err(refused("export", "line", "not_utf8")),
        };
        Ok(Some(Piece { line, wish }))
    }

    fn bytes(&self) -> u64 {
        self.from.bytes
    }
}

fn wish(schema: &'static Schema, entry: &Entry) -> Result<Wish> {
    let named = schema.tables.iter().find(|table| table.name == entry.table);
    let table: &'static Table = named.ok_or(refused("export", "table", "unknown_table"))?;
    if table.secret {
        return Err(refused(table.name, "table", "secret"));
    }
    let of = |wrong: Invalid| wrong.of(table.name);
    let read = Row::from_json(table, &entry.row).map_err(of)?;
    let wrong = |field, rule| Err(Invalid::field(field, rule).of(table.name).into());
    if !(1..=LONGEST_ID).contains(&read.id.len()) || read.id.chars().any(char::is_control) {
        return wrong("id", Rule::Kind("id"));
    }
    if read.extra.is_some() {
        return wrong("row", Rule::UnknownField);
    }
    if read.is_deleted() {
        return wrong("deleted_at", Rule::Of("deleted"));
    }
    let mut row = Row::blank(table, read.id);
    row.meta.created_at = read.meta.created_at;
    for (field, value) in table.fields.iter().zip(read.values) {
        if !field.is_kept_by_events() && (field.optional || !value.is_null()) {
            row.set(field.name, value);
        }
    }
    Ok(Wish { needs: parent(schema, table, &row), rows: vec![row] })
}

/// What a row belongs to has to be here before it.
fn parent(schema: &'static Schema, table: &'static Table, row: &Row) -> Vec<Need> {
    let need = |name| {
        let field = table.field(name)?;
        let id = row.get(name).text()?.to_owned();
        Some(Need { table: schema.table(field.refers?)?, id, field: field.name })
    };
    table.parent.and_then(need).into_iter().collect()
}

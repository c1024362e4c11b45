//! Files of other systems: each line becomes one row, and what follows from it, under ids that follow from the other
//! system's own.

use super::csv::Csv;
use super::json::JsonFile;
use super::layout::{Column, Followed, Layout, Reading, To, plain_name};
use super::{ImportReport, Need, Watch, Wish, phone, reading, refused};
use crate::env::derived_id;
use crate::error::{Error, Result};
use crate::schema::{Check, Field, Invalid, Json, Row, Rule, Schema, Table, Type, Value, Who};
use crate::shop::Shop;
use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

/// The longest cell that is read, in bytes.
const LONGEST_CELL: usize = 64 * 1024;
/// The longest id of another system, in bytes.
const LONGEST_ID: usize = 200;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Format {
    /// Cells between commas, semicolons, tabs or bars, the first line naming the columns.
    Csv,
    /// An object a line, or one array of objects.
    Json,
}

/// Which comes first in 04/03/2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum DateOrder {
    /// The day: the fourth of March.
    DayFirst,
    /// The month: the third of April.
    MonthFirst,
}

/// What a file does not say of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ImportOptions {
    /// The system that it comes from. The same name again finds what came from there before.
    pub source: String,
    /// How it is written.
    pub format: Format,
    /// The column that stands for the other system's id, where the file has none called so.
    pub derive: Option<String>,
    /// The country code of phone numbers that have none: "49".
    pub country_code: Option<String>,
    /// The sign before decimals, "." or ",", for numbers like 1,234 that could mean two things.
    pub decimal: Option<String>,
    /// Which comes first in 04/03/2026.
    pub dates: Option<DateOrder>,
    /// How far the file's times without a zone are ahead of UTC.
    pub utc_offset_minutes: i32,
    /// Only say what would become of each line.
    pub dry_run: bool,
}

impl ImportOptions {
    /// A file of a system, with nothing known about it.
    pub fn new(source: &str, format: Format) -> ImportOptions {
        ImportOptions {
            source: source.to_owned(),
            format,
            derive: None,
            country_code: None,
            decimal: None,
            dates: None,
            utc_offset_minutes: 0,
            dry_run: false,
        }
    }
}

impl Shop {
    /// Moves in a file of another system. A line that was moved in before changes nothing.
    pub fn import(
        &self,
        layout: &'static Layout,
        from: impl BufRead,
        options: &ImportOptions,
        watch: &mut dyn Watch,
    ) -> Result<ImportReport> {
        let who = self.who();
        let plan = Plan::new(layout, options, self.store().schema(), &who)?;
        match options.format {
            Format::Csv => {
                let mut file = Csv::new(from, &plan)?;
                let ignored_columns = file.ignored();
                let report = self.move_in(&mut file, options.dry_run, watch)?;
                Ok(ImportReport { ignored_columns, ..report })
            }
            Format::Json => self.move_in(&mut JsonFile::new(from, &plan)?, options.dry_run, watch),
        }
    }
}

/// One import: what each column means, and how a line becomes rows.
pub(super) struct Plan<'a> {
    pub(super) table: &'static Table,
    layout: &'static Layout,
    options: &'a ImportOptions,
    schema: &'static Schema,
    who: &'a Who,
    columns: HashMap<&'static str, usize>,
    derive: Option<String>,
    decimal: Option<char>,
}

/// What one line has for one column.
#[derive(Clone, Default)]
pub(super) struct Cell {
    /// Its place in the layout, if it has one there.
    column: Option<(usize, &'static Column)>,
    /// Whether it stands for the other system's id.
    is_id: bool,
    texts: Vec<String>,
    /// Whether it was written as a number, whose decimal sign is known.
    is_number: bool,
}

impl Cell {
    pub(super) fn is_idle(&self) -> bool {
        self.column.is_none() && !self.is_id
    }

    pub(super) fn name(&self) -> &'static str {
        self.column.map_or("external_id", |(_, column)| column.to.name())
    }

    pub(super) fn with(&self, texts: Vec<String>, is_number: bool) -> Cell {
        Cell { texts, is_number, ..self.clone() }
    }
}

/// A line's row as it comes together.
struct Draft {
    row: Row,
    external_id: Option<String>,
    lists: BTreeMap<&'static str, Vec<Json>>,
    objects: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
    extras: BTreeMap<&'static str, Value>,
    needs: Vec<Need>,
}

impl<'a> Plan<'a> {
    fn new(
        layout: &'static Layout,
        options: &'a ImportOptions,
        schema: &'static Schema,
        who: &'a Who,
    ) -> Result<Plan<'a>> {
        let table = schema.table(layout.table).ok_or(Error::Missing { what: "table" })?;
        let wrong = |field, rule| Err(refused("import", field, rule));
        if options.source.trim().is_empty() || options.source.chars().any(char::is_control) {
            return wrong("source", "needs_a_source");
        }
        let decimal = match options.decimal.as_deref() {
            None => None,
            Some(".") => Some('.'),
            Some(",") => Some(','),
            Some(_) => return wrong("decimal", "point_or_comma"),
        };
        let names = layout.columns.iter().enumerate();
        let columns =
            names.flat_map(|(at, column)| column.names.iter().map(move |name| (*name, at))).collect();
        let derive = options.derive.as_deref().map(plain_name);
        Ok(Plan { table, layout, options, schema, who, columns, derive, decimal })
    }

    /// What a column of this name is for.
    pub(super) fn cell(&self, name: &str) -> Cell {
        let name = plain_name(name);
        let at = self.columns.get(name.as_str());
        let column = at.and_then(|at| Some((*at, self.layout.columns.get(*at)?)));
        let named_id = column.is_some_and(|(_, column)| column.to == To::ExternalId);
        let is_id = self.derive.as_ref().map_or(named_id, |derive| *derive == name);
        Cell { column: column.filter(|_| !named_id), is_id, ..Cell::default() }
    }

    /// The rows that a line asks for.
    pub(super) fn wish(&self, mut cells: Vec<Cell>) -> Result<Wish> {
        cells.sort_by_key(|cell| cell.column.map_or(0, |(at, _)| at));
        let mut draft = Draft {
            row: Row::blank(self.table, ""),
            external_id: None,
            lists: BTreeMap::new(),
            objects: BTreeMap::new(),
            extras: BTreeMap::new(),
            needs: Vec::new(),
        };
        for cell in &cells {
            for text in cell.texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
                self.put(&mut draft, cell, text)
                    .map_err(|rule| Invalid::field(cell.name(), rule).of(self.table.name))?;
            }
        }
        self.finish(draft)
    }

    fn put(&self, draft: &mut Draft, cell: &Cell, text: &str) -> Result<(), Rule> {
        if text.len() > LONGEST_CELL {
            return Err(Rule::Of("cell_too_long"));
        }
        if text.contains('\0') {
            return Err(Rule::Character);
        }
        if cell.is_id && draft.external_id.is_none() {
            draft.external_id = Some(text.to_owned());
        }
        let Some((_, column)) = cell.column else { return Ok(()) };
        match column.to {
            To::ExternalId => {}
            To::Field(name) => {
                let field = self.table.field(name).ok_or(Rule::UnknownField)?;
                if let Type::Set(_) = field.kind {
                    draft.lists.entry(name).or_default().extend(self.elements(column.reading, text)?);
                } else if draft.row.get(name) == Row::blank(self.table, "").get(name) {
                    let value = self.value(column.reading, Some(field), cell, text)?;
                    if let Reading::Row(table) = column.reading {
                        draft.needs.extend(self.schema.table(table).map(|table| Need {
                            table,
                            id: value.text().unwrap_or_default().to_owned(),
                            field: name,
                        }));
                    }
                    draft.row.set(name, value);
                }
            }
            To::Part(name, part) => {
                let parts = draft.objects.entry(name).or_default();
                parts
                    .entry(part)
                    .and_modify(|had| *had = format!("{had}, {text}"))
                    .or_insert_with(|| text.to_owned());
            }
            To::MadeAt => {
                let made = reading::time(text, self.options).ok_or(Rule::Kind("time"))?;
                draft.row.meta.created_at = made;
            }
            To::Extra(name) => {
                let value = self.value(column.reading, None, cell, text)?;
                draft.extras.entry(name).or_insert(value);
            }
        }
        Ok(())
    }

    fn elements(&self, reading: Reading, text: &str) -> Result<Vec<Json>, Rule> {
        let is_between = |letter| match letter {
            ',' | ';' => true,
            '|' => reading == Reading::Words,
            ' ' => reading == Reading::Email,
            _ => false,
        };
        let parts = text.split(is_between).map(str::trim).filter(|part| !part.is_empty());
        let Reading::Phone(label) = reading else { return Ok(parts.map(Json::from).collect()) };
        let phone = |part| {
            let number = phone::e164(part, self.options.country_code.as_deref());
            let number = number.ok_or(Rule::Limit(Check::E164))?;
            Ok(serde_json::json!({ "number": number, "label": label }))
        };
        parts.map(phone).collect()
    }

    fn value(&self, reading: Reading, field: Option<&Field>, cell: &Cell, text: &str) -> Result<Value, Rule> {
        let decimal = if cell.is_number { Some('.') } else { self.decimal };
        let number = |number: Option<i64>, kind| number.map(Value::Int).ok_or(Rule::Kind(kind));
        match reading {
            Reading::Text | Reading::Words | Reading::Email => Ok(Value::Text(text.to_owned())),
            Reading::Phone(_) => {
                let number = phone::e164(text, self.options.country_code.as_deref());
                number.map(Value::Text).ok_or(Rule::Limit(Check::E164))
            }
            Reading::Money => number(reading::money(text, decimal), "amount"),
            Reading::Count => number(reading::count(text, decimal), "whole number"),
            Reading::YesNo => number(reading::yes_no(text).map(i64::from), "yes or no"),
            Reading::Time => {
                let time = reading::time(text, self.options).ok_or(Rule::Kind("time"))?;
                Ok(Value::Int(time.timestamp_millis()))
            }
            Reading::Word(others) => {
                let said = plain_name(text);
                let own =
                    if let Some(Type::Word(words)) = field.map(|field| field.kind) { words } else { &[] };
                let known = own.iter().find(|word| plain_name(word) == said);
                let other = || others.iter().find(|(other, _)| *other == said).map(|(_, word)| word);
                known.or_else(other).map(|word| Value::Text((*word).to_owned())).ok_or(Rule::Word)
            }
            Reading::Row(table) => Ok(Value::Text(self.id(table, &external_id(text)?, None))),
        }
    }

    /// The id that a row of the other system has here.
    fn id(&self, table: &str, external_id: &str, follows: Option<(&str, usize)>) -> String {
        let source = self.options.source.trim();
        match follows {
            None => derived_id(&["import", source, table, external_id]),
            Some((child, k)) => derived_id(&["import", source, table, external_id, child, &k.to_string()]),
        }
    }

    fn finish(&self, mut draft: Draft) -> Result<Wish> {
        let of = |field, rule| Invalid::field(field, rule).of(self.table.name);
        let known = draft.external_id.ok_or(of("external_id", Rule::Required))?;
        let known = external_id(&known).map_err(|rule| of("external_id", rule))?;
        let lists = draft.lists.into_iter().map(|(name, items)| (name, Json::Array(items)));
        let objects = draft.objects.into_iter().map(|(name, parts)| (name, serde_json::json!(parts)));
        for (name, json) in lists.chain(objects) {
            if let Some(field) = self.table.field(name) {
                draft
                    .row
                    .set(name, Value::from_json(field, &json).map_err(|wrong| wrong.of(self.table.name))?);
            }
        }
        draft.row.id = self.id(self.table.name, &known, None);
        let follows = (self.layout.follow)(&Followed {
            who: self.who,
            row: &draft.row,
            extras: &draft.extras,
            id: &|child, k| self.id(self.table.name, &known, Some((child, k))),
        })?;
        let mut rows = vec![draft.row];
        rows.extend(follows);
        Ok(Wish { rows, needs: draft.needs })
    }
}

/// Another system's id, if it can be one.
fn external_id(text: &str) -> Result<String, Rule> {
    if text.len() > LONGEST_ID {
        return Err(Rule::Limit(Check::Chars(1, LONGEST_ID)));
    }
    // The sign that joins the parts of a derived id is one of these.
    if text.chars().any(char::is_control) {
        return Err(Rule::Character);
    }
    Ok(text.to_owned())
}

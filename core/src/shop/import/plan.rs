//! How a line of another system's file becomes one row, and what follows from it, under ids that follow from that system's
//! own.

use super::layout::{Column, Followed, Layout, Reading, To, plain_name};
use super::options::ImportOptions;
use super::{Need, Wish, phone, reading, refused};
use crate::env::derived_id;
use crate::error::{Error, Result};
use crate::few;
use crate::schema::{Check, Field, Invalid, Json, Row, Rule, Schema, Table, Type, Value, Who};
use std::collections::HashMap;

/// The longest cell that is read, in bytes.
const LONGEST_CELL: usize = 64 * 1024;
/// The longest id of another system, in bytes.
const LONGEST_ID: usize = 200;

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

    fn place(&self) -> usize {
        self.column.map_or(0, |(at, _)| at)
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
    lists: Vec<(&'static str, Vec<Json>)>,
    objects: Vec<(&'static str, serde_json::Map<String, Json>)>,
    extras: Vec<(&'static str, Value)>,
    needs: Vec<Need>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        layout: &'static Layout,
        options: &'a ImportOptions,
        schema: &'static Schema,
        who: &'a Who,
    ) -> Result<Plan<'a>> {
        let table = schema.table(layout.table).ok_or_else(|| Error::missing("table"))?;
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
    pub(super) fn wish(&self, cells: Vec<Cell>) -> Result<Wish> {
        let mut ordered: Vec<Cell> = Vec::with_capacity(cells.len());
        for cell in cells {
            let at = ordered.partition_point(|before| before.place() <= cell.place());
            ordered.insert(at, cell);
        }
        let mut draft = Draft {
            row: Row::blank(self.table, ""),
            external_id: None,
            lists: Vec::new(),
            objects: Vec::new(),
            extras: Vec::new(),
            needs: Vec::new(),
        };
        for cell in &ordered {
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
                    few::of(&mut draft.lists, name).extend(self.elements(column.reading, text)?);
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
                let parts = few::of(&mut draft.objects, name);
                let had = parts.get(part).and_then(Json::as_str);
                let all = had.map_or_else(|| text.to_owned(), |had| format!("{had}, {text}"));
                parts.insert(part.to_owned(), Json::String(all));
            }
            To::MadeAt => {
                let made = reading::time(text, self.options).ok_or(Rule::Kind("time"))?;
                draft.row.meta.created_at = made;
            }
            To::Extra(name) => {
                let value = self.value(column.reading, None, cell, text)?;
                draft.extras.push((name, value));
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
        let objects = draft.objects.into_iter().map(|(name, parts)| (name, Json::Object(parts)));
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

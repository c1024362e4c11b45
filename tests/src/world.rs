//! A schema as a test sees it, written down a second time: what each field is, how chance fills it, what an appended
//! row does to its parent. The oracle and the server believe this and nothing of the engine's.

use crate::dice::Dice;
use counterpart_core::Result;
use counterpart_core::schema::{Entity, Row, Schema};
use counterpart_core::shop::Edits;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The fields of a row by name.
pub type Cells = serde_json::Map<String, Json>;

/// How a field behaves.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// One value.
    Plain,
    /// Elements, the same when this text of them is.
    Set(fn(&Json) -> String),
    /// Entries by name.
    Map,
    /// Moved by appended rows alone.
    Kept,
    /// Given with the row, never changed.
    Fixed,
}

/// A field.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Its name.
    pub name: &'static str,
    /// How it behaves.
    pub form: Form,
    /// Fields that are one value with it.
    pub joint: Option<&'static str>,
    /// The table whose rows it names.
    pub refers: Option<&'static str>,
    /// Whether it may be empty.
    pub optional: bool,
    /// What a new row has there.
    pub blank: fn() -> Json,
    /// What a person might put in; ids of the table that it names are given.
    pub fill: fn(&mut Dice, &[String]) -> Json,
}

/// What an appended row does to its parent: the field that names it, its table, the effect (child, when, parent).
#[derive(Clone, Copy, Debug)]
pub struct Moves {
    /// The child's field that names the parent.
    pub key: &'static str,
    /// The parent's table.
    pub table: &'static str,
    /// What happens to the parent at that moment.
    pub effect: fn(&Cells, i64, &mut Cells),
}

/// Saves what a person changed between two versions of a row, through the table's own type.
pub type EditSeen = fn(&Edits<'_>, &Row, &Row) -> Result<()>;

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// Its name.
    pub table: &'static str,
    /// Whether rows are only ever added.
    pub append: bool,
    /// Its fields.
    pub cells: &'static [Cell],
    /// What its rows do to another table's.
    pub moves: Option<Moves>,
    /// The way of typed edits.
    pub edit_seen: EditSeen,
}

/// A schema and what a test knows of it.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// The schema.
    pub schema: &'static Schema,
    /// Its tables, those that chance plays with.
    pub plays: &'static [Play],
}

impl World {
    /// A table by name.
    pub fn play(&self, table: &str) -> &'static Play {
        self.plays.iter().find(|play| play.table == table).expect("a table of the world")
    }
}

impl Play {
    /// A field by name.
    pub fn cell(&self, name: &str) -> &'static Cell {
        self.cells.iter().find(|cell| cell.name == name).expect("a field of the table")
    }

    /// A new row's fields.
    pub fn blank(&self) -> Cells {
        self.cells.iter().map(|cell| (cell.name.to_owned(), (cell.blank)())).collect()
    }

    /// What a person might put into a new row.
    pub fn filled(&self, dice: &mut Dice, ids: &dyn Fn(&str) -> Vec<String>) -> Cells {
        let mut cells = Cells::new();
        for cell in self.cells.iter().filter(|cell| !matches!(cell.form, Form::Kept)) {
            let named = cell.refers.map(ids).unwrap_or_default();
            if cell.optional && !self.append && dice.percent(40) {
                continue;
            }
            cells.insert(cell.name.into(), (cell.fill)(dice, &named));
        }
        cells
    }
}

/// One change of one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// The field becomes this.
    Set(String, Json),
    /// Elements go out, others come in.
    Elements(String, Vec<Json>, Vec<Json>),
    /// An entry of a map becomes this, or goes.
    Entry(String, String, Json),
}

impl Deed {
    /// The field.
    pub fn field(&self) -> &str {
        match self {
            Deed::Set(field, _) | Deed::Elements(field, ..) | Deed::Entry(field, ..) => field,
        }
    }

    /// Does it.
    pub fn done(&self, play: &Play, cells: &mut Cells) {
        let now = cells.get(self.field()).cloned().unwrap_or(Json::Null);
        let form = play.cell(self.field()).form;
        let then = match self {
            Deed::Set(_, to) => to.clone(),
            Deed::Elements(_, add, remove) => {
                let Form::Set(same) = form else { panic!("elements of no set") };
                let mut all = elements(&now, same);
                for gone in remove {
                    all.remove(&same(gone));
                }
                all.extend(add.iter().map(|item| (same(item), item.clone())));
                Json::Array(all.into_values().collect())
            }
            Deed::Entry(_, entry, to) => {
                let mut entries = now.as_object().cloned().unwrap_or_default();
                if to.is_null() {
                    entries.remove(entry);
                } else {
                    entries.insert(entry.clone(), to.clone());
                }
                Json::Object(entries)
            }
        };
        cells.insert(self.field().to_owned(), spelled(form, &then));
    }
}

fn elements(list: &Json, same: fn(&Json) -> String) -> BTreeMap<String, Json> {
    list.as_array().into_iter().flatten().map(|item| (same(item), item.clone())).collect()
}

/// A value in its one spelling: sets in order, nothing instead of an empty list or object.
pub fn spelled(form: Form, value: &Json) -> Json {
    let value = match form {
        Form::Set(same) => Json::Array(elements(value, same).into_values().collect()),
        Form::Plain | Form::Map | Form::Kept | Form::Fixed => value.clone(),
    };
    let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Cells::is_empty);
    if empty { Json::Null } else { value }
}

/// What a person changed between what they saw and what they want, field by field.
pub fn deeds_between(cell: &Cell, seen: &Json, want: &Json) -> Vec<Deed> {
    let name = cell.name.to_owned();
    match cell.form {
        Form::Set(same) => {
            let (old, new) = (elements(seen, same), elements(want, same));
            let add =
                new.values().filter(|item| !old.values().any(|known| known == *item)).cloned().collect();
            let remove =
                old.iter().filter(|(normal, _)| !new.contains_key(*normal)).map(|(_, item)| item.clone());
            vec![Deed::Elements(name, add, remove.collect())]
        }
        Form::Map => {
            let empty = Cells::new();
            let (old, new) = (seen.as_object().unwrap_or(&empty), want.as_object().unwrap_or(&empty));
            let gone = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key, Json::Null));
            let set =
                new.iter().filter(|(key, to)| old.get(*key) != Some(to)).map(|(key, to)| (key, to.clone()));
            gone.chain(set).map(|(key, to)| Deed::Entry(name.clone(), key.clone(), to)).collect()
        }
        Form::Plain | Form::Kept | Form::Fixed => vec![Deed::Set(name, want.clone())],
    }
}

/// An [`EditSeen`] of a type.
pub fn edit_seen<T: Entity>(edits: &Edits<'_>, seen: &Row, want: &Row) -> Result<()> {
    edits.edit(&T::from_row(seen)?, &T::from_row(want)?)
}

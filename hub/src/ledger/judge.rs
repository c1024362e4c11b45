//! Field by field: what an operation's edits become beside what others did, what is lost, what a person must choose.

use super::Result;
use super::books::{Books, Kept};
use super::commit::Commit;
use super::conflict::{Clash, put_conflict};
use super::trail::{self, Mark};
use super::unique;
use super::verdict::Refused;
use counterpart_core::env::derived_id;
use counterpart_core::outbox::{Edit, EditKind, Kind, Operation};
use counterpart_core::schema::{
    AnyJson, Column, Conflict, ConflictId, Entity, Field, Invalid, Json, Policy, Row, Rule, Value,
};
use counterpart_core::sync::{FieldState, Incoming, Verdict, merge};

/// What became of an operation's fields.
#[derive(Default)]
pub(super) struct Merged {
    /// Fields where what others set stands.
    pub(super) lost: Vec<String>,
    /// Fields where a person has to choose.
    pub(super) conflicts: Vec<Clash>,
}

/// Merges every edit into the row. A value that breaks a limit refuses the operation.
pub(super) fn merge_fields(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    kept: &mut Kept,
) -> Result<std::result::Result<Merged, Refused>> {
    let mut merged = Merged::default();
    let mut marks = Vec::new();
    let creates = kept.row.meta.stamp == 0;
    for (name, edit) in &operation.fields {
        let (field_name, entry) =
            name.split_once('/').map_or((name.as_str(), None), |(field, entry)| (field, Some(entry)));
        let Some(field) = kept.row.table.field(field_name) else {
            return Ok(Err(Invalid::field("row", Rule::UnknownField).of(kept.row.table.name).into()));
        };
        if field.is_kept_by_events()
            || (field.policy == Policy::Fixed && !creates && operation.kind == Kind::Patch)
        {
            let rule = if field.is_kept_by_events() { Rule::Kept } else { Rule::Fixed };
            return Ok(Err(Invalid::field(field.name, rule).of(kept.row.table.name).into()));
        }
        let current = current(field, entry, kept);
        let on = commit.base(books, edit.on)?;
        let at = clamp(books, commit, operation, edit)?;
        let incoming = Incoming { edit: &edit.kind, on, at, device: commit.device, stamp: commit.n };
        let (verdict, state) =
            merge(field.policy, field.kind.element(), &current, &kept.state(name), incoming);
        // What is wiped on schedule leaves no trail.
        if verdict != Verdict::Same && !kept.row.table.secret {
            let stands = matches!(verdict, Verdict::Becomes(_));
            let (was, became) = (current.clone(), wanted(&edit.kind));
            marks.push(Mark { field: name.clone(), was, became, kept: stands });
        }
        match verdict {
            Verdict::Becomes(value) => {
                if let Err(refused) = put(field, entry, kept, value, creates) {
                    return Ok(Err(refused));
                }
                kept.fields.insert(name.clone(), state);
            }
            Verdict::Same => {
                kept.fields.insert(name.clone(), state);
            }
            Verdict::Lost => merged.lost.push(name.clone()),
            Verdict::Conflict => merged.conflicts.push(Clash {
                field: name.clone(),
                base: edit.was.clone(),
                mine: wanted(&edit.kind),
                theirs: current,
                // Where nobody is on record, whoever changed the row last.
                theirs_by: trail::author(books, commit.shop, (kept.row.table.name, &kept.row.id), name)?
                    .or_else(|| kept.row.meta.updated_by.clone()),
                on_stamp: kept.state(name).stamp,
            }),
        }
    }
    trail::note(books, commit, operation, (kept.row.table.name, &kept.row.id, creates), marks)?;
    Ok(Ok(merged))
}

/// Whether a row has every value already that an operation sets.
pub(super) fn says_the_same(operation: &Operation, kept: &Kept) -> bool {
    operation.fields.iter().all(|(name, edit)| {
        let (name, entry) =
            name.split_once('/').map_or((name.as_str(), None), |(field, entry)| (field, Some(entry)));
        let field = kept.row.table.field(name);
        field.is_some_and(|field| match (&edit.kind, entry) {
            (EditKind::To(to), None) => Value::from_json(field, to).as_ref() == Ok(kept.row.get(name)),
            (EditKind::To(to), Some(_)) => *to == current(field, entry, kept),
            (EditKind::Elements { .. }, _) => false,
        })
    })
}

/// The edit's time, within what can be believed: after the commit that it was made on, before now.
fn clamp(books: &Books<'_>, commit: &Commit<'_>, operation: &Operation, edit: &Edit) -> Result<i64> {
    let at = if edit.at == 0 { operation.at } else { edit.at };
    Ok(at.max(commit.time_of(books, commit.base(books, edit.on)?)?).min(commit.now))
}

fn wanted(kind: &EditKind) -> Json {
    match kind {
        EditKind::To(value) => value.clone(),
        EditKind::Elements { add, .. } => Json::Array(add.clone()),
    }
}

fn current(field: &Field, entry: Option<&str>, kept: &Kept) -> Json {
    let whole = kept.row.get(field.name).to_json(field.kind);
    match entry {
        None => whole,
        Some(entry) => whole.get(entry).cloned().unwrap_or(Json::Null),
    }
}

/// Puts a merged value into the row, judged by the field's limits. Those of a new row are judged when it is whole.
fn put(
    field: &'static Field,
    entry: Option<&str>,
    kept: &mut Kept,
    value: Json,
    new: bool,
) -> std::result::Result<(), Refused> {
    let table = kept.row.table.name;
    let whole = match entry {
        None => value,
        Some(entry) => {
            let mut entries =
                kept.row.get(field.name).to_json(field.kind).as_object().cloned().unwrap_or_default();
            match value.is_null() {
                true => entries.remove(entry),
                false => entries.insert(entry.to_owned(), value),
            };
            Json::Object(entries)
        }
    };
    let cell: Value = Value::from_json(field, &whole).map_err(|wrong| Refused::from(wrong.of(table)))?;
    if !new {
        field.check(&cell).map_err(|wrong| Refused::from(wrong.of(table)))?;
    }
    kept.row.set(field.name, cell);
    Ok(())
}

/// Opens a conflict for each clash, or brings the open one up to date: it keeps what the first began from, unless it is
/// about a sum, which moves on.
pub(super) fn open_conflicts(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    kept: &Kept,
    merged: &Merged,
) -> Result<()> {
    for clash in &merged.conflicts {
        let id = derived_id(&[kept.row.table.name, &kept.row.id, &clash.field, "conflict"]);
        let earlier = books.row(commit.shop, Conflict::TABLE, &id)?;
        let is_sum = kept.row.table.field(&clash.field).is_some_and(|field| field.policy == Policy::Counter);
        let began = earlier.as_ref().map(|earlier| &earlier.row);
        let began = began.filter(|row| row.int("open") == Some(1) && !is_sum);
        let base = began.and_then(|row| row.read("base")).unwrap_or_else(|| AnyJson(clash.base.clone()));
        let conflict = Conflict {
            id: ConflictId(id),
            tbl: kept.row.table.name.to_owned(),
            row_id: kept.row.id.clone(),
            field: clash.field.clone(),
            base,
            mine: AnyJson(clash.mine.clone()),
            theirs: AnyJson(clash.theirs.clone()),
            mine_by: operation.actor.clone().or_else(|| Some(operation.account.clone())),
            theirs_by: clash.theirs_by.clone(),
            on_stamp: clash.on_stamp,
            open: true,
            ..Conflict::default()
        };
        put_conflict(books, commit, conflict.to_row(), earlier.as_ref())?;
    }
    Ok(())
}

/// Whether a choice comes too late to close its conflict, which then stays open or is opened anew: the conflict was
/// decided or brought up to date since, the field was changed again, or what it is about still stands.
pub(super) fn reopens(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    before: &Kept,
    conflict: &mut Row,
) -> Result<bool> {
    let closes = |edit: &&Edit| edit.kind == EditKind::To(Json::Bool(false));
    let Some(choice) = operation.fields.get("open").filter(closes) else { return Ok(false) };
    let on = commit.base(books, choice.on)?;
    let newer = |state: &FieldState| state.stamp > on && state.device != commit.device;
    let mut again = newer(&before.state("open"));
    if unique::names_two(&before.row) {
        again |= unique::lasts(books, commit.shop, &before.row)?;
    } else if let Some(table) = books.schema.table(before.row.text("tbl")) {
        let about = books.row(commit.shop, table, before.row.text("row_id"))?;
        let name = before.row.text("field").to_owned();
        if let Some(about) = about.filter(|about| newer(&about.state(&name))) {
            let (field, entry) = name.split_once('/').map_or((name.as_str(), None), |(f, e)| (f, Some(e)));
            if let Some(field) = table.field(field) {
                conflict.set("theirs", Column::to_value(&AnyJson(current(field, entry, &about))));
            }
            let by = about.row.meta.updated_by.clone();
            conflict.set("theirs_by", by.map_or(Value::Null, Value::Text));
            conflict.set("on_stamp", Value::Int(about.state(&name).stamp));
            again = true;
        }
    }
    if again {
        conflict.set("open", Value::Int(1));
    }
    Ok(again)
}

//! One operation against the books: permission, limits, merging by policy, tombstones, what an appended row moves.

use super::Result;
use super::books::{Books, Kept};
use super::commit::Commit;
use super::judge::{Merged, merge_fields, open_conflicts, reopens, says_the_same};
use super::verdict::{Applied, Refused, Verdict};
use super::{counts, unique};
use counterpart_core::outbox::{Kind, Operation, Outcome};
use counterpart_core::schema::{
    Attempt, Conflict, Entity, Field, Onto, Policy, Row, Table, Verb, time_from_ms,
};
use std::collections::BTreeMap;

const APPLIED: Applied = Applied { outcome: Outcome::Applied, code: None, field: None };

pub(super) fn apply(books: &Books<'_>, commit: &Commit<'_>, operation: &Operation) -> Verdict {
    let Some(table) = books.schema.table(&operation.table) else {
        return Ok(Err(Refused::rule("unknown_table")));
    };
    // What only grows may be written by whoever may not read it: a technician's reveal is for the managers to see.
    if !(table.append_only || commit.member.reads(table)) {
        return Ok(Err(Refused::rule("denied")));
    }
    let before = books.row(commit.shop, table, &operation.row)?;
    let verdict = match (operation.kind, table.append_only) {
        (Kind::Append, true) => append(books, commit, operation, table, before)?,
        (Kind::Insert | Kind::Patch, false) => set(books, commit, operation, table, before)?,
        (Kind::Delete, false) => delete(books, commit, operation, before)?,
        (Kind::Append, false) | (Kind::Insert | Kind::Patch | Kind::Delete, true) | (Kind::Void, _) => {
            Err(Refused::rule("kind"))
        }
    };
    if books.schema.actors.is_some_and(|actors| actors.table == table.name) {
        commit.ask_again_who();
    }
    Ok(verdict)
}

/// Asks the schema whether this person may, judged now that it arrives.
fn permitted(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    verb: Verb,
    rows: (Option<&Row>, &Row),
    fields: &[&'static str],
) -> Result<std::result::Result<(), Refused>> {
    let who = commit.who(books, operation.actor.as_deref())?;
    let attempt =
        Attempt { table: rows.1.table, verb, before: rows.0, after: rows.1, fields, now: commit.now };
    Ok((books.schema.permit)(&who, &attempt).map_err(Refused::from))
}

/// Signs a row with the commit, and whoever wrote it.
fn sign(row: &mut Row, commit: &Commit<'_>, operation: &Operation, new: bool) {
    let at = time_from_ms(operation.at.min(commit.now));
    if new {
        (row.meta.created_at, row.meta.created_by) = (at, operation.actor.clone());
    }
    (row.meta.updated_at, row.meta.updated_by) = (at, operation.actor.clone());
    row.meta.stamp = commit.n;
}

/// A new row, or fields of one that is there. An edit made before a deletion brings the row back.
fn set(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    table: &'static Table,
    before: Option<Kept>,
) -> Verdict {
    let creates = operation.kind == Kind::Insert;
    // Made twice under one id, from one cause: nothing is left to do, whoever asks.
    let twice = |before: &Kept| creates && !before.row.is_deleted() && says_the_same(operation, before);
    if before.as_ref().is_some_and(twice) {
        return Ok(Ok(APPLIED));
    }
    let mut kept = match (&before, creates) {
        (Some(before), _) => before.clone(),
        (None, true) => Kept { row: Row::blank(table, &operation.row), fields: BTreeMap::new() },
        (None, false) => return Ok(Err(Refused::rule("not_found"))),
    };
    let merged = match merge_fields(books, commit, operation, &mut kept)? {
        Ok(merged) => merged,
        Err(refused) => return Ok(Err(refused)),
    };
    let names: Vec<&'static str> = operation
        .fields
        .keys()
        .filter_map(|name| table.field(name.split('/').next().unwrap_or_default()))
        .map(|field: &Field| field.name)
        .collect();
    let brought_back = !creates && kept.row.is_deleted();
    if brought_back && before.as_ref().is_some_and(Kept::is_forgotten) {
        return Ok(Err(Refused::rule("deleted")));
    }
    kept.row.meta.deleted_at = None;
    let verb = if before.is_none() { Verb::Create } else { Verb::Change };
    let rows = (before.as_ref().map(|before| &before.row), &kept.row);
    if let Err(refused) = permitted(books, commit, operation, verb, rows, &names)? {
        return Ok(Err(refused));
    }
    // Limits of what is there already, from a newer app, are not this operation's business.
    let checked = if before.is_none() { table.check(&kept.row) } else { (table.rule)(&kept.row) };
    if let Err(wrong) = checked {
        return Ok(Err(wrong.into()));
    }
    let reopened = match &before {
        Some(before) if table.name == Conflict::TABLE.name => {
            reopens(books, commit, operation, before, &mut kept.row)?
        }
        Some(_) | None => false,
    };
    sign(&mut kept.row, commit, operation, before.is_none());
    books.put(commit.shop, &kept)?;
    bring_back(books, commit, &kept.row)?;
    if let Err(refused) = with_its_parent(books, commit, &kept.row)? {
        return Ok(Err(refused));
    }
    open_conflicts(books, commit, operation, &kept, &merged)?;
    let shared = unique::compare(books, commit, &kept)?;
    Ok(Ok(match shared {
        Some(field) if merged.conflicts.is_empty() => {
            Applied { outcome: Outcome::Conflict, code: Some("not_unique".into()), field: Some(field) }
        }
        Some(_) | None => outcome(&merged, reopened, brought_back),
    }))
}

/// What a row holds comes back, if it was deleted by somebody who did not know of that row.
fn bring_back(books: &Books<'_>, commit: &Commit<'_>, row: &Row) -> Result<()> {
    for table in books.schema.all_tables() {
        for holder in table.held_by.iter().filter(|holder| holder.table == row.table.name) {
            let held = books.row(commit.shop, table, row.text(holder.field))?;
            let Some(mut held) = held.filter(|held| held.row.is_deleted() && !held.is_forgotten()) else {
                continue;
            };
            let sql = format!(
                "SELECT 1 FROM {} WHERE shop = ?1 AND id = ?2 AND deleted_at IS NULL AND ({})",
                holder.table, holder.condition
            );
            if books.one(&sql, (commit.shop, &row.id), |_| Ok(()))?.is_some() {
                (held.row.meta.deleted_at, held.row.meta.stamp) = (None, commit.n);
                books.put(commit.shop, &held)?;
            }
        }
    }
    Ok(())
}

fn outcome(merged: &Merged, reopened: bool, brought_back: bool) -> Applied {
    let named = |fields: &[String]| fields.first().cloned();
    if !merged.conflicts.is_empty() {
        let names: Vec<String> = merged.conflicts.iter().map(|conflict| conflict.field.clone()).collect();
        Applied { outcome: Outcome::Conflict, code: Some("conflict".into()), field: named(&names) }
    } else if !merged.lost.is_empty() {
        Applied { outcome: Outcome::Merged, code: Some("lost".into()), field: named(&merged.lost) }
    } else if reopened {
        Applied { outcome: Outcome::Conflict, code: Some("reopened".into()), field: None }
    } else if brought_back {
        Applied { code: Some("brought_back".into()), ..APPLIED }
    } else {
        APPLIED
    }
}

/// A deletion, unless somebody changed the row without knowing of it: an edit beats a deletion.
fn delete(books: &Books<'_>, commit: &Commit<'_>, operation: &Operation, before: Option<Kept>) -> Verdict {
    let Some(mut kept) = before.filter(|kept| !kept.row.is_deleted()) else {
        // Gone already: what was wanted is so.
        return Ok(Ok(APPLIED));
    };
    let before = kept.row.clone();
    if let Err(refused) = permitted(books, commit, operation, Verb::Delete, (Some(&before), &before), &[])? {
        return Ok(Err(refused));
    }
    for holder in before.table.held_by {
        let sql = format!(
            "SELECT 1 FROM {} WHERE shop = ?1 AND \"{}\" = ?2 AND deleted_at IS NULL AND ({}) LIMIT 1",
            holder.table, holder.field, holder.condition
        );
        if books.one(&sql, (commit.shop, &before.id), |_| Ok(()))?.is_some() {
            return Ok(Err(Refused::rule(holder.rule)));
        }
    }
    if kept.newest_of_others(commit.device) > commit.base(books, operation.on)? {
        return Ok(Ok(Applied {
            outcome: Outcome::Merged,
            code: Some("edited_meanwhile".into()),
            field: None,
        }));
    }
    sign(&mut kept.row, commit, operation, false);
    kept.row.meta.deleted_at = Some(time_from_ms(commit.now));
    books.put(commit.shop, &kept)?;
    unique::compare(books, commit, &kept)?;
    Ok(Ok(APPLIED))
}

/// A row of a table that only grows, and what it does to its parent.
fn append(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    table: &'static Table,
    before: Option<Kept>,
) -> Verdict {
    let known = before.map(|kept| kept.row);
    let mut kept = Kept { row: Row::blank(table, &operation.row), fields: BTreeMap::new() };
    if let Err(refused) = merge_fields(books, commit, operation, &mut kept)? {
        return Ok(Err(refused));
    }
    if let Some(known) = known {
        // Made by two devices from the same cause: one row. The same id for something else is not.
        let same =
            |field: &&Field| !field.is_kept_by_events() && known.get(field.name) != kept.row.get(field.name);
        return Ok(match table.fields.iter().find(same) {
            None => Ok(APPLIED),
            Some(field) => Err(Refused { field: Some(field.name.into()), ..Refused::rule("id_taken") }),
        });
    }
    if let Err(refused) = permitted(books, commit, operation, Verb::Create, (None, &kept.row), &[])? {
        return Ok(Err(refused));
    }
    if let Err(wrong) = table.check(&kept.row) {
        return Ok(Err(wrong.into()));
    }
    sign(&mut kept.row, commit, operation, true);
    let applied = match &table.onto {
        None => APPLIED,
        Some(onto) => match move_parent(books, commit, operation, onto, &mut kept.row)? {
            Ok(applied) => applied,
            Err(refused) => return Ok(Err(refused)),
        },
    };
    books.put(commit.shop, &kept)?;
    Ok(with_its_parent(books, commit, &kept.row)?.map(|()| applied))
}

/// What a row belongs to, where devices may not hold that: it has to be there, for a device would take the row for one
/// that was left on the server with it. If it is deleted it stays so, and goes along: a device that began after the
/// deletion has never heard of it.
fn with_its_parent(
    books: &Books<'_>,
    commit: &Commit<'_>,
    row: &Row,
) -> Result<std::result::Result<(), Refused>> {
    let Some((field, parents)) = books.schema.parent_of(row.table) else { return Ok(Ok(())) };
    let id = row.text(field.name);
    if id.is_empty() || !books.schema.is_windowed(parents) {
        return Ok(Ok(()));
    }
    let sql = "SELECT deleted AND stamp < ?4 FROM ledger_rows WHERE shop = ?1 AND tbl = ?2 AND id = ?3";
    match books.one(sql, (commit.shop, parents.name, id, commit.n), |row| row.get::<_, bool>(0))? {
        None => Ok(Err(Refused { field: Some(field.name.into()), ..Refused::rule("not_found") })),
        Some(false) => Ok(Ok(())),
        Some(true) => {
            let Some(mut parent) = books.row(commit.shop, parents, id)? else { return Ok(Ok(())) };
            parent.row.meta.stamp = commit.n;
            books.put(commit.shop, &parent)?;
            with_its_parent(books, commit, &parent.row)
        }
    }
}

/// Does to the parent what an appended row does, once it was judged. Work recorded on it brings it back.
fn move_parent(
    books: &Books<'_>,
    commit: &Commit<'_>,
    operation: &Operation,
    onto: &Onto,
    child: &mut Row,
) -> Verdict {
    let refused = |code| Ok(Err(Refused { field: Some(onto.key.into()), ..Refused::rule(code) }));
    let parents = books.schema.table(onto.table);
    let id = child.text(onto.key).to_owned();
    let found = parents.map(|parents| books.row(commit.shop, parents, &id)).transpose()?.flatten();
    let Some(mut parent) = found else { return refused("not_found") };
    if parent.is_forgotten() {
        return refused("deleted");
    }
    let who = commit.who(books, operation.actor.as_deref())?;
    if let Err(denied) = (onto.judge)(child, &parent.row, &who) {
        return Ok(Err(denied.into()));
    }
    let values = parent.row.values.clone();
    (onto.apply)(child, &mut parent.row);
    // It was judged, and moved nothing: it came too late to.
    let judged = child.table.fields.iter().any(|field| field.policy == Policy::Event);
    let history = judged && parent.row.values == values;
    parent.row.meta.deleted_at = None;
    parent.row.meta.stamp = commit.n;
    books.put(commit.shop, &parent)?;
    bring_back(books, commit, &parent.row)?;
    if let Some(clash) = counts::clash(books, commit, operation, (onto, child), &parent.row)? {
        let merged = Merged { conflicts: vec![clash], ..Merged::default() };
        open_conflicts(books, commit, operation, &parent, &merged)?;
        return Ok(Ok(outcome(&merged, false, false)));
    }
    Ok(Ok(if history { Applied { code: Some("history".into()), ..APPLIED } } else { APPLIED }))
}

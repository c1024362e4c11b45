//! Changing things: permission, limits, then the row and its operation in one transaction.

use super::Shop;
use crate::env::derived_id;
use crate::error::{Error, Result};
use crate::news;
use crate::outbox::{self, Author, Lane};
use crate::schema::{
    Attempt, Entity, Field, Invalid, Json, Policy, Row, Rule, Table, Value, Verb, Who, time_from_ms,
};
use crate::store::Tx;
use std::cell::Cell;

/// Operations that apply together or not at all; more than that would not fit one push.
const GROUP_LIMIT: usize = 1_000;

/// A transaction in progress, and who makes it.
pub struct Edits<'a> {
    tx: &'a Tx<'a>,
    shop: &'a Shop,
    who: Who,
    now: i64,
    lane: Lane,
    group: Option<String>,
    written: Cell<usize>,
}

impl<'a> std::ops::Deref for Edits<'a> {
    type Target = Tx<'a>;

    fn deref(&self) -> &Tx<'a> {
        self.tx
    }
}

impl Shop {
    /// Does everything in `work` as one transaction and one group: on every device and on the server, all or none.
    pub fn together<T>(&self, work: impl FnOnce(&Edits<'_>) -> Result<T>) -> Result<T> {
        self.transact(Some(self.env().new_id()), Lane::People, work)
    }

    /// One change on its own.
    pub fn alone<T>(&self, work: impl FnOnce(&Edits<'_>) -> Result<T>) -> Result<T> {
        self.transact(None, Lane::People, work)
    }

    pub(crate) fn transact<T>(
        &self,
        group: Option<String>,
        lane: Lane,
        work: impl FnOnce(&Edits<'_>) -> Result<T>,
    ) -> Result<T> {
        let (mut work, mut done) = (Some(work), None);
        self.transact_told(group, lane, &mut |edits| {
            if let Some(work) = work.take() {
                done = Some(work(edits)?);
            }
            Ok(())
        })?;
        done.ok_or_else(|| Error::defect("a change without its work"))
    }

    // Behind a pointer, as the store has it.
    fn transact_told(
        &self,
        group: Option<String>,
        lane: Lane,
        work: &mut dyn FnMut(&Edits<'_>) -> Result<()>,
    ) -> Result<()> {
        self.store().write(|tx| {
            let edits = Edits {
                tx,
                shop: self,
                who: self.who(),
                now: self.env().now(),
                lane,
                group,
                written: Cell::new(0),
            };
            work(&edits)
        })?;
        self.wrote();
        Ok(())
    }

    /// Saves a new record, and gives back its id.
    pub fn create<T: Entity>(&self, item: &T) -> Result<String> {
        self.alone(|edits| edits.create(item))
    }

    /// Saves what was changed between two versions of a record, and nothing else of it.
    pub fn edit<T: Entity>(&self, before: &T, after: &T) -> Result<()> {
        self.alone(|edits| edits.edit(before, after))
    }

    /// Saves fields by name, as scripts do: without `id` a new row, with it only the fields named change.
    pub fn save(&self, table: &str, row: &serde_json::Map<String, Json>) -> Result<String> {
        let table = self.table(table)?;
        self.alone(|edits| match row.get("id") {
            None => edits.insert(table, None, &table.read(row)?),
            Some(Json::String(id)) => {
                edits.change(table, id, &table.read(row)?)?;
                Ok(id.clone())
            }
            Some(_) => Err(Invalid::field("id", Rule::Kind("text")).of(table.name).into()),
        })
    }

    /// Deletes a record.
    pub fn delete(&self, table: &str, id: &str) -> Result<()> {
        let table = self.table(table)?;
        self.alone(|edits| edits.delete(table, id))
    }
}

impl Edits<'_> {
    /// The wall clock when the transaction began.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Who makes it.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// The shop it is made in.
    pub fn shop(&self) -> &Shop {
        self.shop
    }

    /// A record that is there and not deleted.
    pub fn get<T: Entity>(&self, id: &str) -> Result<Option<T>> {
        let row = self.row(T::TABLE, id)?.filter(|row| !row.is_deleted());
        Ok(row.map(|row| T::from_row(&row)).transpose()?)
    }

    /// A record that has to be there.
    pub fn existing<T: Entity>(&self, id: &str) -> Result<T> {
        self.get(id)?.ok_or_else(|| Error::missing(T::TABLE.name))
    }

    /// Saves a new record, under its own id if it has one.
    pub fn create<T: Entity>(&self, item: &T) -> Result<String> {
        self.create_row(&item.to_row())
    }

    fn create_row(&self, row: &Row) -> Result<String> {
        let id = Some(row.id.as_str()).filter(|id| !id.is_empty());
        let values: Vec<_> = row.table.fields.iter().zip(row.values.iter().cloned()).collect();
        self.insert(row.table, id, &values)
    }

    /// Saves what differs between two versions of a record.
    pub fn edit<T: Entity>(&self, before: &T, after: &T) -> Result<()> {
        self.edit_row(&before.to_row(), &after.to_row())
    }

    fn edit_row(&self, seen: &Row, wanted: &Row) -> Result<()> {
        let differs = |(at, _): &(usize, &'static Field)| seen.values.get(*at) != wanted.values.get(*at);
        let changes: Vec<_> = seen
            .table
            .fields
            .iter()
            .enumerate()
            .filter(differs)
            .map(|(at, field)| (field, wanted.values.get(at).cloned().unwrap_or_default()))
            .collect();
        self.change_seen(seen.table, &seen.id, Some(seen), &changes)
    }

    /// Adds a row.
    pub fn insert(
        &self,
        table: &'static Table,
        id: Option<&str>,
        values: &[(&'static Field, Value)],
    ) -> Result<String> {
        let only = only_id(table, values).filter(|_| id.is_none());
        if let Some(only) = &only
            && self.row(table, only)?.is_some_and(|row| !row.is_deleted())
        {
            let changes: Vec<_> =
                values.iter().filter(|(field, _)| Some(field.name) != table.parent).cloned().collect();
            self.change(table, only, &changes)?;
            return Ok(only.clone());
        }
        let id = id.map(str::to_owned).or(only).unwrap_or_else(|| self.shop.env().new_id());
        let mut row = Row::blank(table, id);
        for (field, value) in values {
            if field.is_kept_by_events() && value != row.get(field.name) && !value.is_null() {
                return Err(Invalid::field(field.name, Rule::Kept).of(table.name).into());
            }
            // An empty value in a field that has a default leaves the default.
            if field.optional || !value.is_null() {
                row.set(field.name, canonical(table, field, value)?);
            }
        }
        self.permit(Verb::Create, None, &row, &[])?;
        self.shop.number(self.tx, &mut row)?;
        table.check(&row)?;
        let id = row.id.clone();
        let moved = table.onto.as_ref().map(|onto| (onto.table, row.text(onto.key).to_owned()));
        outbox::insert(self.tx, &self.author()?, row)?;
        if let Some((parents, parent)) = moved {
            // Moving a row is an edit of it.
            news::forget(self.tx, self.shop.table(parents)?, &parent)?;
        }
        Ok(id)
    }

    /// Judges rows from a file as if a person made each of them.
    pub(super) fn judge_import(&self, rows: &[Row]) -> Result<()> {
        rows.iter().try_for_each(|row| {
            self.permit(Verb::Create, None, row, &[])?;
            Ok(row.table.check(row)?)
        })
    }

    /// Adds rows from a file that were judged before, together or not at all. Each was made when it says, if it says.
    pub(super) fn import(&self, rows: Vec<Row>) -> Result<()> {
        let group = (rows.len() > 1).then(|| self.shop.env().new_id());
        for mut row in rows {
            self.shop.keep_number(self.tx, &mut row)?;
            let made = row.meta.created_at.timestamp_millis();
            let now = if (1..self.now).contains(&made) { made } else { self.now };
            let group = group.clone();
            outbox::insert(self.tx, &Author { now, group, ..self.author()? }, row)?;
        }
        Ok(())
    }

    /// Changes fields of a row.
    pub fn change(&self, table: &'static Table, id: &str, changes: &[(&'static Field, Value)]) -> Result<()> {
        self.change_seen(table, id, None, changes)
    }

    fn change_seen(
        &self,
        table: &'static Table,
        id: &str,
        seen: Option<&Row>,
        changes: &[(&'static Field, Value)],
    ) -> Result<()> {
        let before = self.row(table, id)?.filter(|row| !row.is_deleted());
        let before = before.ok_or_else(|| Error::missing(table.name))?;
        let changes: Vec<_> = changes
            .iter()
            .map(|(field, value)| Ok((*field, canonical(table, field, value)?)))
            .collect::<Result<_>>()?;
        let names: Vec<&'static str> = changes.iter().map(|(field, _)| field.name).collect();
        let seen = seen.unwrap_or(&before);
        let changes = outbox::whole_changes(&before, seen, &changes);
        let mut after = before.clone();
        for (field, value) in &changes {
            if before.get(field.name) != value {
                field.check(value).map_err(|wrong| wrong.of(table.name))?;
                editable(table, field)?;
                after.set(field.name, value.clone());
            }
        }
        (table.rule)(&after).map_err(|wrong| wrong.of(table.name))?;
        self.permit(Verb::Change, Some(&before), &after, &names)?;
        outbox::patch(self.tx, &self.author()?, &before, seen, &changes)?;
        news::forget(self.tx, table, id)?;
        Ok(())
    }

    /// Deletes a row.
    pub fn delete(&self, table: &'static Table, id: &str) -> Result<()> {
        let before = self.row(table, id)?.filter(|row| !row.is_deleted());
        let before = before.ok_or_else(|| Error::missing(table.name))?;
        let mut after = before.clone();
        after.meta.deleted_at = Some(time_from_ms(self.now));
        self.permit(Verb::Delete, Some(&before), &after, &[])?;
        for holder in table.held_by {
            let sql = format!(
                "SELECT 1 FROM {} WHERE \"{}\" = ?1 AND deleted_at IS NULL AND ({}) LIMIT 1",
                holder.table, holder.field, holder.condition
            );
            if self.one(&sql, [id], |_| Ok(()))?.is_some() {
                return Err(Invalid::field("id", Rule::Of(holder.rule)).of(table.name).into());
            }
        }
        outbox::delete(self.tx, &self.author()?, &before)?;
        news::forget(self.tx, table, id)?;
        Ok(())
    }

    /// Asks the schema whether this person may do it. Whoever is no member of the shop may do nothing.
    fn permit(&self, verb: Verb, before: Option<&Row>, after: &Row, fields: &[&'static str]) -> Result<()> {
        if self.who.role.is_empty() {
            return Err(Error::denied("shop", "no_member"));
        }
        let attempt = Attempt { table: after.table, verb, before, after, fields, now: self.now };
        Ok((self.schema().permit)(&self.who, &attempt)?)
    }

    fn author(&self) -> Result<Author> {
        self.written.set(self.written.get() + 1);
        if self.group.is_some() && self.written.get() > GROUP_LIMIT {
            return Err(Invalid::field("group", Rule::Of("group_too_large")).of("outbox").into());
        }
        Ok(Author {
            account: self.who.account.clone(),
            actor: self.who.actor.clone(),
            now: self.now,
            operation: self.shop.env().new_id(),
            group: self.group.clone(),
            lane: self.lane,
        })
    }
}

/// The id of the one row that a parent has of this table.
fn only_id(table: &Table, values: &[(&Field, Value)]) -> Option<String> {
    let parent = table.parent.filter(|_| table.single)?;
    let (_, named) = values.iter().find(|(field, _)| field.name == parent)?;
    Some(derived_id(&[table.name, named.text()?]))
}

fn canonical(table: &'static Table, field: &Field, value: &Value) -> Result<Value> {
    Ok(field.canonical(value).map_err(|wrong| wrong.of(table.name))?)
}

fn editable(table: &'static Table, field: &Field) -> Result<()> {
    let rule = match field.policy {
        Policy::Counter | Policy::Event => Rule::Kept,
        Policy::Fixed => Rule::Fixed,
        Policy::Latest
        | Policy::Set
        | Policy::TrueWins
        | Policy::Server
        | Policy::Client
        | Policy::Manual
        | Policy::Order => {
            if !table.append_only {
                return Ok(());
            }
            Rule::Fixed
        }
    };
    Err(Invalid::field(field.name, rule).of(table.name).into())
}

impl Shop {
    /// Called after every write of a person: what waits for it is woken.
    fn wrote(&self) {
        self.inner.wrote.notify_one();
    }
}

//! Somebody who works with any schema: makes rows, edits, orders and deletes them, as the fields' types allow.

use crate::dice::Dice;
use crate::simulation::allowed;
use counterpart_core::env::derived_id;
use counterpart_core::schema::{Field, Policy, Row, Table, Type, Value};
use counterpart_core::{Result, Shop};
use serde_json::{Value as Json, json};

/// What a clerk has to know of a schema beyond its types.
pub(super) struct Habits {
    /// Fields that name whoever makes the row.
    pub(super) own: &'static [&'static str],
    /// Tables whose rows have a natural key: their id follows from these fields.
    pub(super) keys: &'static [(&'static str, &'static [&'static str])],
    /// Numbers that a field may hold, where not any small one will do.
    pub(super) numbers: fn(&str, &Shop, &Dice) -> Option<i64>,
}

const WORDS: &[&str] = &["call", "visit", "Wonderwall", "月曜", "Ünal", "rehearsal", "draft"];

/// One thing that a clerk does.
pub(super) fn act(shop: &Shop, dice: &Dice, habits: &Habits) -> Result<()> {
    let tables = shop.store().schema().tables;
    let Some(table) = dice.pick(tables).copied() else { return Ok(()) };
    let some = shop.records(table.name, "", 200)?;
    let row = dice.pick(&some).map(|record| &record.row);
    match (dice.below(10), row) {
        (0..4, _) | (_, None) => allowed(make(shop, dice, habits, table)),
        (4, _) => allowed(shop.together(|edits| {
            for _ in 0..2 {
                if let Some((id, values)) = values(shop, dice, habits, table)? {
                    edits.insert(table, id.as_deref(), &values)?;
                }
            }
            Ok(())
        })),
        (5, Some(row)) if !table.append_only => allowed(shop.delete(table.name, &row.id)),
        (_, Some(row)) if !table.append_only => allowed(change(shop, dice, habits, row)),
        (_, Some(_)) => allowed(make(shop, dice, habits, table)),
    }
}

fn make(shop: &Shop, dice: &Dice, habits: &Habits, table: &'static Table) -> Result<()> {
    let Some((id, values)) = values(shop, dice, habits, table)? else { return Ok(()) };
    shop.alone(|edits| match &id {
        // Who makes what is there already means to change it.
        Some(id) if edits.row(table, id)?.is_some_and(|row| !row.is_deleted()) => {
            let values: Vec<_> =
                values.iter().filter(|(field, _)| field.policy != Policy::Fixed).cloned().collect();
            edits.change(table, id, &values)
        }
        Some(_) | None => edits.insert(table, id.as_deref(), &values).map(drop),
    })
}

type Values = Vec<(&'static Field, Value)>;

/// What a new row says, and its id, if that follows from it. Nothing, where it lacks what it refers to.
fn values(
    shop: &Shop,
    dice: &Dice,
    habits: &Habits,
    table: &'static Table,
) -> Result<Option<(Option<String>, Values)>> {
    let mut values = Vec::new();
    for field in table.fields.iter().filter(|field| !field.is_kept_by_events()) {
        if field.optional && dice.percent(40) && !habits.own.contains(&field.name) {
            continue;
        }
        let Some(json) = value(shop, dice, habits, table, field)? else { return Ok(None) };
        values.push((field, Value::from_json(field, &json).unwrap_or(Value::Null)));
    }
    let key = habits.keys.iter().find(|(name, _)| *name == table.name).map(|(_, fields)| {
        let part = |name: &&str| {
            let found = values.iter().find(|(field, _)| field.name == *name);
            found.map(|(field, value)| value.to_json(field.kind).to_string()).unwrap_or_default()
        };
        let parts: Vec<String> = fields.iter().map(part).collect();
        let place = [shop.id(), table.name];
        let parts: Vec<&str> = place.into_iter().chain(parts.iter().map(String::as_str)).collect();
        derived_id(&parts)
    });
    Ok(Some((key, values)))
}

fn change(shop: &Shop, dice: &Dice, habits: &Habits, row: &Row) -> Result<()> {
    let fields: Vec<&'static Field> = row
        .table
        .fields
        .iter()
        .filter(|field| !field.is_kept_by_events() && field.policy != Policy::Fixed)
        .filter(|field| !habits.own.contains(&field.name))
        .collect();
    let Some(field) = dice.pick(&fields).copied() else { return Ok(()) };
    let Some(json) = value(shop, dice, habits, row.table, field)? else { return Ok(()) };
    let value = Value::from_json(field, &json).unwrap_or(Value::Null);
    shop.alone(|edits| edits.change(row.table, &row.id, &[(field, value.clone())]))
}

fn value(
    shop: &Shop,
    dice: &Dice,
    habits: &Habits,
    table: &'static Table,
    field: &Field,
) -> Result<Option<Json>> {
    if habits.own.contains(&field.name) {
        return Ok(shop.who().actor.map(Json::String));
    }
    if let Some(refers) = field.refers {
        let rows = shop.records(refers, "", 200)?;
        return Ok(dice.pick(&rows).map(|record| json!(record.row.id)));
    }
    if field.policy == Policy::Order {
        return Ok(Some(json!(place(shop, dice, table, field.name)?)));
    }
    let word = |dice: &Dice| dice.pick(WORDS).copied().unwrap_or_default();
    Ok(Some(match field.kind {
        Type::Int => {
            json!((habits.numbers)(field.name, shop, dice).unwrap_or(1 + dice.below(9) as i64))
        }
        Type::Bool => json!(dice.percent(50)),
        Type::Word(words) => json!(dice.pick(words)),
        Type::Set(_) => json!((0..dice.below(3)).map(|_| word(dice)).collect::<Vec<_>>()),
        Type::Text | Type::Id => json!(format!("{} {}", word(dice), dice.below(50))),
        Type::Time | Type::Json | Type::Map(_) => Json::Null,
    }))
}

/// A place between two neighbours, that no other device chooses: letters between theirs, and a word of its own.
fn place(shop: &Shop, dice: &Dice, table: &'static Table, field: &str) -> Result<String> {
    let rows = shop.records(table.name, "", 200)?;
    let mut places: Vec<String> = rows.iter().map(|record| record.row.text(field).to_owned()).collect();
    places.sort();
    let at = dice.below(places.len() + 1);
    let before = at.checked_sub(1).and_then(|at| places.get(at)).map_or("", String::as_str);
    let after = places.get(at).map_or("", String::as_str);
    Ok(format!("{}.{:02x}", between(letters(before), letters(after)), dice.below(256)))
}

fn letters(place: &str) -> &str {
    place.split('.').next().unwrap_or_default()
}

/// Letters after the one and, where there is room, before the other.
fn between(low: &str, high: &str) -> String {
    let mut out = String::new();
    let mut low = low.bytes();
    let mut high = (!high.is_empty()).then(|| high.bytes());
    loop {
        let from = low.next().unwrap_or(b'a' - 1);
        let to = high.as_mut().map_or(b'z' + 1, |high| high.next().unwrap_or(b'z' + 1));
        if to > from + 1 {
            out.push(char::from(from + (to - from) / 2));
            return out;
        }
        out.push(char::from(from.max(b'a')));
        if to > from {
            high = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn a_place_lies_between_its_neighbours() {
        for (low, high) in [("", ""), ("m", ""), ("", "b"), ("c", "d"), ("cz", "d"), ("m", "t")] {
            let found = between(low, high);
            assert!(
                found.as_str() > low && (high.is_empty() || found.as_str() < high),
                "{low} {found} {high}"
            );
        }
    }
}

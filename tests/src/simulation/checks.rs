//! What has to hold, after every step and at the end. Each failure begins with the name of the check.

use super::backend::{Backend, SHOP, text};
use super::device::{Device, is_here};
use super::history::Key;
use super::net::Net;
use counterpart_core::Result as CoreResult;
use counterpart_core::outbox::{EditKind, Kind, Operation, content_hash};
use counterpart_core::schema::{Json, Policy, Readers, Row, Schema, Table, Value, time_from_ms};
use counterpart_core::store::Reader;
use counterpart_core::sync::wire::Standing;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// A check that failed.
pub(super) fn broken(check: &str, what: String) -> String {
    format!("{check}: {what}")
}

/// An operation as it stands in a device's queue.
struct Queued {
    operation: Operation,
    state: String,
    tries: i64,
}

/// All that is looked at, from one snapshot.
struct Seen {
    queue: Vec<Queued>,
    /// Rows as the server confirmed them, by what this device has.
    confirmed: BTreeMap<Key, String>,
    /// Rows as they are shown.
    shown: BTreeMap<Key, Row>,
    standing: Option<Standing>,
    acked: Vec<String>,
    tag: String,
    orphans: i64,
    /// Rows of the server's that carry operations over no confirmed copy.
    bare: Vec<Key>,
    wrong: Option<String>,
}

fn body(row: &Row) -> String {
    row.to_canonical_text()
}

fn touched(schema: &Schema, operation: &Operation) -> Vec<Key> {
    let mut keys = vec![(operation.table.clone(), operation.row.clone())];
    let onto = schema.table(&operation.table).and_then(|table| table.onto.as_ref());
    if let Some(onto) = onto
        && let Some(edit) = operation.fields.get(onto.key)
        && let EditKind::To(Json::String(id)) = &edit.kind
    {
        keys.push((onto.table.to_owned(), id.clone()));
    }
    keys
}

fn look(reader: &Reader<'_>, wrong: fn(&Reader<'_>) -> CoreResult<Option<String>>) -> CoreResult<Seen> {
    let schema = reader.schema();
    let queue = reader.all("SELECT body, state, tries FROM outbox ORDER BY seq", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    })?;
    let queue: Vec<Queued> = queue
        .into_iter()
        .filter_map(|(body, state, tries)| {
            Some(Queued { operation: serde_json::from_str(&body).ok()?, state, tries })
        })
        .collect();
    let own: BTreeSet<Key> = queue.iter().flat_map(|queued| touched(schema, &queued.operation)).collect();
    let aside = "SELECT tbl, row_id FROM base_rows";
    let aside: BTreeSet<Key> =
        reader.all(aside, [], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect();
    let (mut confirmed, mut shown, mut bare) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for table in schema.all_tables() {
        reader.each_row(table, "", [], |row| {
            let key = (table.name.to_owned(), row.id.clone());
            if !own.contains(&key) && !row.is_deleted() {
                confirmed.insert(key.clone(), body(&row));
            } else if row.meta.stamp > 0 && own.contains(&key) && !aside.contains(&key) {
                bare.push(key.clone());
            }
            shown.insert(key, row);
            Ok(true)
        })?;
    }
    for (table, id, text) in reader.all("SELECT tbl, row_id, body FROM base_rows", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })? {
        let row = schema.table(&table).zip(serde_json::from_str(&text).ok());
        let row = row.and_then(|(table, object)| Row::from_json(table, &object).ok());
        if let Some(row) = row.filter(|row| !row.is_deleted()) {
            confirmed.insert((table, id), body(&row));
        }
    }
    let orphans = "SELECT count(*) FROM base_rows WHERE NOT EXISTS
                   (SELECT 1 FROM outbox WHERE outbox.row_id = base_rows.row_id OR outbox.also_id = base_rows.row_id)";
    let acked = "SELECT id FROM outbox WHERE state = 'accepted'
                 UNION ALL SELECT id FROM settled WHERE outcome = 'applied' AND commit_n IS NOT NULL";
    Ok(Seen {
        queue,
        confirmed,
        shown,
        standing: reader.fact("standing")?.and_then(|text| serde_json::from_str(&text).ok()),
        acked: reader.all(acked, [], |row| row.get(0))?,
        tag: reader.fact("cursor_tag")?.unwrap_or_default(),
        orphans: reader.one(orphans, [], |row| row.get(0))?.unwrap_or(0),
        bare,
        wrong: wrong(reader)?,
    })
}

/// What has to hold at any moment.
pub(super) fn of_a_moment(device: &mut Device, net: &Net) -> Result<(), String> {
    if !is_here(device) {
        return Ok(());
    }
    let schema = device.shop.store().schema();
    let scene_wrong = device.scene().wrong;
    let seen = device.shop.read(|reader| look(reader, scene_wrong)).map_err(text)?;
    let name = device.caller.account.clone();
    device.memory.acked.extend(seen.acked.iter().cloned());
    if seen.orphans > 0 {
        return Err(broken("overlay", format!("{name} keeps a confirmed copy without an operation")));
    }
    if let Some((table, _)) = seen.bare.first() {
        return Err(broken("overlay", format!("{name} keeps no confirmed copy of {table} under its work")));
    }
    pending_shows(&seen, schema, &name)?;
    moves_show_once(&seen, schema, &name)?;
    nothing_forbidden(&seen, schema, &name)?;
    offline_costs_nothing(device, &seen)?;
    bases_stay(device, &seen)?;
    if seen.standing.as_ref().is_some_and(|standing| standing.role.is_empty()) {
        device.memory.whole = false;
        if !(seen.confirmed.is_empty() && seen.shown.is_empty() && seen.queue.is_empty()) {
            return Err(broken("access", format!("{name} left the shop and still holds some of it")));
        }
    }
    // Whoever left the shop begins anew, also where the app ended before it knew that it had left.
    device.memory.whole &= !(seen.tag.is_empty() && seen.confirmed.is_empty());
    if device.memory.whole {
        is_as_at_its_cursor(&seen, schema, net, &name)?;
        if let Some(wrong) = seen.wrong {
            return Err(broken("scene", format!("{name}: {wrong}")));
        }
    }
    Ok(())
}

/// Under its own work a device holds precisely what the server held at its cursor: commits whole, and none beyond.
fn is_as_at_its_cursor(seen: &Seen, schema: &Schema, net: &Net, name: &str) -> Result<(), String> {
    let history = &net.backend.history;
    let Some(moment) = history.moment_of(&seen.tag) else {
        return Err(broken("replica", format!("{name} is at a commit that never was")));
    };
    for (key, body) in &seen.confirmed {
        if history.row(key, moment) != Some(body) {
            let then = history.row(key, moment);
            return Err(broken(
                "replica",
                format!("{name} holds of {}: {body}; at its cursor it was {then:?}", key.0),
            ));
        }
    }
    let public = |key: &Key| schema.table(&key.0).is_some_and(|table| table.readers == Readers::Members);
    let lacks = |(key, body): &(&Key, &str)| {
        public(key) && !seen.confirmed.contains_key(*key) && !net.backend.is_far(&key.0, body)
    };
    match history.rows_at(moment).find(lacks) {
        Some((key, body)) => Err(broken("replica", format!("{name} lacks of {}: {body}", key.0))),
        None => Ok(()),
    }
}

/// What a person typed and the server has not is what they see.
fn pending_shows(seen: &Seen, schema: &Schema, name: &str) -> Result<(), String> {
    let mut last: BTreeMap<(Key, &str), &Json> = BTreeMap::new();
    for queued in seen.queue.iter().filter(|queued| queued.state != "voiding") {
        let operation = &queued.operation;
        for (field, edit) in &operation.fields {
            let place = ((operation.table.clone(), operation.row.clone()), field.as_str());
            match &edit.kind {
                EditKind::To(value) => last.insert(place, value),
                EditKind::Elements { .. } => last.remove(&place),
            };
        }
    }
    for ((key, field), value) in last {
        let (Some(row), Some(table)) = (seen.shown.get(&key), schema.table(&key.0)) else { continue };
        let Some(kind) = table.field(field).filter(|field| !field.is_kept_by_events()) else { continue };
        let shown = row.get(field);
        if Value::from_json(kind, value).as_ref() != Ok(shown) {
            return Err(broken(
                "pending",
                format!("{name} shows {shown:?} in {field} of {}, where {value} was set", key.0),
            ));
        }
    }
    Ok(())
}

/// Over the row as it was confirmed, every movement that waits shows, and each once.
fn moves_show_once(seen: &Seen, schema: &Schema, name: &str) -> Result<(), String> {
    let mut moved: BTreeMap<Key, Row> = BTreeMap::new();
    for queued in seen.queue.iter().filter(|queued| queued.operation.kind == Kind::Append) {
        let operation = &queued.operation;
        let Some(table) = schema.table(&operation.table) else { continue };
        let (Some(onto), Some(key)) = (&table.onto, touched(schema, operation).into_iter().nth(1)) else {
            continue;
        };
        let mut movement = Row::blank(table, &operation.row);
        movement.meta.created_at = time_from_ms(operation.at);
        movement.meta.created_by.clone_from(&operation.actor);
        for (field, edit) in &operation.fields {
            let Some(field) = table.field(field) else { continue };
            if let EditKind::To(value) = &edit.kind {
                movement.set(field.name, Value::from_json(field, value).map_err(text)?);
            }
        }
        if let Some(parent) = moved.get_mut(&key) {
            (onto.apply)(&movement, parent);
        } else if let (Some(parents), Some(body)) = (schema.table(onto.table), seen.confirmed.get(&key)) {
            let object = serde_json::from_str(body).map_err(text)?;
            let mut parent = Row::from_json(parents, &object).map_err(text)?;
            (onto.apply)(&movement, &mut parent);
            moved.insert(key, parent);
        }
    }
    for (key, expected) in moved {
        let Some(row) = seen.shown.get(&key) else { continue };
        for field in row.table.fields.iter().filter(|field| field.is_kept_by_events()) {
            let (shown, sum) = (row.get(field.name), expected.get(field.name));
            if shown != sum {
                return Err(broken(
                    "movements",
                    format!(
                        "{name} shows {shown:?} as {} of {}, where they come to {sum:?}",
                        field.name, key.0
                    ),
                ));
            }
        }
    }
    Ok(())
}

fn sees(standing: &Standing, table: &Table, row: &Row) -> bool {
    let role = if standing.station { "station" } else { &standing.role };
    match table.readers {
        Readers::Members => true,
        Readers::Roles(roles) => roles.contains(&role),
        Readers::RolesAndOwn(roles, field) => {
            roles.contains(&role) || standing.employee.as_deref().is_some_and(|own| row.text(field) == own)
        }
    }
}

/// Nothing confirmed is here that the account may not see, by the last that it was told.
fn nothing_forbidden(seen: &Seen, schema: &Schema, name: &str) -> Result<(), String> {
    let Some(standing) = &seen.standing else { return Ok(()) };
    for key in seen.confirmed.keys() {
        let (Some(table), Some(row)) = (schema.table(&key.0), seen.shown.get(key)) else { continue };
        if !sees(standing, table, row) {
            return Err(broken("access", format!("{name} as {} holds a row of {}", standing.role, key.0)));
        }
    }
    Ok(())
}

/// Without a network nothing is held against an operation.
fn offline_costs_nothing(device: &mut Device, seen: &Seen) -> Result<(), String> {
    let now: BTreeMap<String, i64> =
        seen.queue.iter().map(|queued| (queued.operation.id.clone(), queued.tries)).collect();
    let cost = now.iter().any(|(id, tries)| *tries > device.tries.get(id).copied().unwrap_or(0));
    let known = !std::mem::replace(&mut device.fresh, false);
    device.tries = now;
    if cost && known && !device.is_online() {
        return Err(broken(
            "retries",
            format!("{} counted a try while it was offline", device.caller.account),
        ));
    }
    Ok(())
}

/// What an edit was made on never becomes newer while the edit waits.
fn bases_stay(device: &mut Device, seen: &Seen) -> Result<(), String> {
    let mut bases = BTreeMap::new();
    for queued in &seen.queue {
        for (field, edit) in &queued.operation.fields {
            let place = (queued.operation.id.clone(), field.clone());
            if device.bases.get(&place).is_some_and(|before| *before < edit.on) {
                return Err(broken(
                    "bases",
                    format!("an edit of {field} waits on a newer base than it was made on"),
                ));
            }
            bases.insert(place, edit.on);
        }
    }
    device.bases = bases;
    Ok(())
}

/// What has to hold once everything is quiet.
pub(super) fn of_the_end(devices: &[Device], net: &Net) -> Result<(), String> {
    let backend = &net.backend;
    let server = backend.ledger()?.checksum(SHOP).map_err(text)?;
    for device in devices {
        let sum = device.shop.checksum().map_err(text)?;
        let far =
            backend.history.rows_at(backend.history.moment()).any(|(key, body)| backend.is_far(&key.0, body));
        let same = sum.hash == server.hash || far;
        if !same || sum.cursor != server.cursor.n {
            return Err(broken("replica", format!("{} differs from the server", device.caller.account)));
        }
        all_it_may_see(device, backend)?;
        own_content_only(device, backend)?;
    }
    nothing_lost(devices, backend)?;
    if let Some(device) = devices.first() {
        once_and_whole(backend, device.scene().schema)?;
    }
    numbers_are_unique(devices, backend)?;
    nothing_from_elsewhere(devices, backend)
}

/// Also of the tables that not everybody sees.
fn all_it_may_see(device: &Device, backend: &Backend) -> Result<(), String> {
    let wrong = device.scene().wrong;
    let seen = device.shop.read(|reader| look(reader, wrong)).map_err(text)?;
    let standing = backend.member(&device.caller.account).map(|member| member.standing()).unwrap_or_default();
    let history = &backend.history;
    for (key, body) in history.rows_at(history.moment()) {
        let Some(table) = device.shop.store().schema().table(&key.0) else { continue };
        let row = serde_json::from_str(body).ok().and_then(|object| Row::from_json(table, &object).ok());
        let may = row.is_some_and(|row| sees(&standing, table, &row));
        let left = backend.is_far(&key.0, body) && !claims(device, backend, &key.0, body)?;
        if may != seen.confirmed.contains_key(key) && !left {
            let has = if may { "lacks" } else { "holds" };
            return Err(broken(
                "access",
                format!("{} as {} {has} a row of {}", device.caller.account, standing.role, key.0),
            ));
        }
    }
    Ok(())
}

/// Whether a device says that it has all there is about the moment of a row.
fn claims(device: &Device, backend: &Backend, table: &str, body: &str) -> Result<bool, String> {
    let Some(at) = backend.moment(table, body) else { return Ok(false) };
    device.shop.has_between(table, at, at + 1).map_err(text)
}

/// What a device takes for applied is what the server judged, to the letter.
fn own_content_only(device: &Device, backend: &Backend) -> Result<(), String> {
    let sql = "SELECT id, body FROM settled WHERE outcome = 'applied' AND commit_n IS NOT NULL AND body IS NOT NULL";
    let settled = device
        .shop
        .read(|reader| reader.all(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))))
        .map_err(text)?;
    let peek = backend.peek()?;
    let mut judged =
        peek.prepare("SELECT 1 FROM receipts WHERE op = ?1 AND hash NOT IN ('', ?2)").map_err(text)?;
    for (id, body) in settled {
        let operation: Operation = serde_json::from_str(&body).map_err(text)?;
        // An appended row that arrived is its own receipt, whoever sent it.
        if operation.kind != Kind::Append && judged.exists([&id, &content_hash(&body)]).map_err(text)? {
            return Err(broken(
                "content",
                format!("{} took another's receipt for its own", device.caller.account),
            ));
        }
    }
    Ok(())
}

/// Whatever a device saw accepted took effect on the server that there is now, unless somebody gave it up.
fn nothing_lost(devices: &[Device], backend: &Backend) -> Result<(), String> {
    let peek = backend.peek()?;
    let mut stands = peek
        .prepare(
            "WITH RECURSIVE tries (op) AS (SELECT ?1 UNION
               SELECT r.instead FROM receipts r JOIN tries ON r.op = tries.op WHERE r.instead IS NOT NULL)
             SELECT 1 FROM receipts JOIN tries USING (op) WHERE outcome IN ('applied', 'merged', 'conflict')",
        )
        .map_err(text)?;
    for device in devices {
        for op in &device.memory.acked {
            // A device that may not see a row any more forgot its copy: it cannot give it back to a restored server.
            let given_up = format!(
                "SELECT 1 FROM settled WHERE id = ?1 AND (outcome <> 'applied' OR (body IS NULL AND {}))",
                backend.was_restored()
            );
            let given_up = |device: &Device| {
                device
                    .shop
                    .read(|reader| reader.one(&given_up, [op], |_| Ok(())))
                    .map(|found| found.is_some())
            };
            if backend.gone_with_an_older.contains(op) || stands.exists([op]).map_err(text)? {
                continue;
            }
            let arrived = backend.said.iter().find(|((id, _), _)| id == op).map(|(_, operation)| operation);
            let held = arrived.is_some_and(|operation| {
                let key = (operation.table.clone(), operation.row.clone());
                operation.kind == Kind::Append
                    && backend.history.row(&key, backend.history.moment()).is_some()
            });
            if !held && !devices.iter().any(|device| given_up(device).unwrap_or(false)) {
                let what = arrived.map(|operation| format!("{:?} of {}", operation.kind, operation.table));
                return Err(broken(
                    "acknowledged",
                    format!("{} saw {what:?} accepted, and it is gone", device.caller.account),
                ));
            }
        }
    }
    Ok(())
}

/// What applied shows or was set again since; of two that stand for one another at most one applied.
fn once_and_whole(backend: &Backend, schema: &'static Schema) -> Result<(), String> {
    let policies: BTreeMap<(&str, &str), Policy> = schema
        .all_tables()
        .flat_map(|table| table.fields.iter().map(|field| ((table.name, field.name), field.policy)))
        .collect();
    let peek = backend.peek()?;
    let mut receipts = peek
        .prepare("SELECT op, hash, n, outcome FROM receipts WHERE shop = 'shop' AND outcome IN ('applied', 'merged', 'conflict')")
        .map_err(text)?;
    let applied: BTreeMap<String, (String, i64, String)> = receipts
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))
        .map_err(text)?
        .collect::<rusqlite::Result<_>>()
        .map_err(text)?;
    let mut fields = peek
        .prepare("SELECT body, fields FROM ledger_rows WHERE shop = 'shop' AND tbl = ?1 AND id = ?2")
        .map_err(text)?;
    for (id, (hash, n, outcome)) in &applied {
        let Some(operation) = backend.said.get(&(id.clone(), hash.clone())) else { continue };
        if operation.replaces.as_ref().is_some_and(|old| applied.contains_key(old)) {
            return Err(broken(
                "at most once",
                format!("an operation on {} applied beside the one that it replaces", operation.table),
            ));
        }
        if outcome != "applied" || !matches!(operation.kind, Kind::Insert | Kind::Patch) {
            continue;
        }
        let row = fields.query_row((&operation.table, &operation.row), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let Ok((body, states)) = row else {
            return Err(broken(
                "acknowledged",
                format!("a row of {} that was made is gone", operation.table),
            ));
        };
        let (body, states): (Json, Json) =
            (serde_json::from_str(&body).map_err(text)?, serde_json::from_str(&states).map_err(text)?);
        for (field, edit) in &operation.fields {
            // Each state stands there once, with the names of the fields that share it.
            let shares = |shared: &&Json| {
                shared[1].as_array().is_some_and(|names| names.iter().any(|name| name == field))
            };
            let state = states.as_array().and_then(|states| states.iter().find(shares));
            let stamp = state.and_then(|state| state[0]["stamp"].as_i64()).unwrap_or(0);
            let value = match &edit.kind {
                EditKind::To(value) if !field.contains('/') => Some(value),
                EditKind::To(_) | EditKind::Elements { .. } => None,
            };
            let cell = |json: &Json| {
                let field = schema.table(&operation.table)?.field(field)?;
                Value::from_json(field, json).ok()
            };
            let same = value.is_none_or(|value| cell(&body[field]) == cell(value));
            let policy = policies.get(&(operation.table.as_str(), field.as_str()));
            let wins = matches!(policy, Some(Policy::TrueWins | Policy::Set));
            if stamp < *n && !same && !wins {
                return Err(broken(
                    "acknowledged",
                    format!("{field} of {} was set, and is not", operation.table),
                ));
            }
        }
    }
    Ok(())
}

/// No two rows have one number, unless two copies of one device made them, secure storage included.
fn numbers_are_unique(devices: &[Device], backend: &Backend) -> Result<(), String> {
    let Some(first) = devices.first() else { return Ok(()) };
    let Some(numbered) = first.shop.store().schema().numbered else { return Ok(()) };
    let peek = backend.peek()?;
    let sql = format!(
        "SELECT body ->> '$.{0}', group_concat(DISTINCT body ->> '$.created_by') FROM ledger_rows
         WHERE shop = 'shop' AND tbl = '{1}' AND body ->> '$.{0}' IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
        numbered.field, numbered.table
    );
    let mut twice = peek.prepare(&sql).map_err(text)?;
    let twice = twice
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)))
        .map_err(text)?;
    for found in twice {
        let (number, by) = found.map_err(text)?;
        let copied = devices.iter().any(|device| device.copied && device.member.employee == by);
        if !copied {
            return Err(broken("numbers", format!("{number} was given twice, by {by:?}")));
        }
    }
    Ok(())
}

/// No byte of another shop is in any file.
fn nothing_from_elsewhere(devices: &[Device], backend: &Backend) -> Result<(), String> {
    let peek = backend.peek()?;
    let mut ids = peek.prepare("SELECT id FROM ledger_rows WHERE shop = 'elsewhere'").map_err(text)?;
    let ids: Vec<String> =
        ids.query_map([], |row| row.get(0)).map_err(text)?.collect::<rusqlite::Result<_>>().map_err(text)?;
    for device in devices {
        let mut bytes = fs::read(&device.path).map_err(text)?;
        bytes.extend(fs::read(super::copies::with(&device.path, "-wal")).unwrap_or_default());
        let held = String::from_utf8_lossy(&bytes);
        if ids.iter().any(|id| held.contains(id.as_str())) {
            return Err(broken(
                "other shops",
                format!("{} holds what belongs elsewhere", device.caller.account),
            ));
        }
    }
    Ok(())
}

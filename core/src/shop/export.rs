//! Export: everything a person may see, as JSON lines, from one snapshot, in bounded memory, without secrets.
//!
//! The first line is a header; then one object a row, parents before children:
//!
//! ```json
//! {"counterpart_export":1,"schema":"repair_shop","shop":"…","at":"2026-03-01T09:00:00.000Z"}
//! {"table":"customers","row":{"id":"…","last_name":"Okafor",…}}
//! ```
//!
//! Deleted rows stay at home, and so do the rows that belong to one.

use super::Shop;
use crate::error::{Error, Result};
use crate::schema::{Json, Readers, Row, Schema, Table, Who, time_from_ms, time_text};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// The form of the file; a later one is refused when it is read back.
pub(super) const FORM: u32 = 1;

/// Rows between two looks at whether to go on.
const LOOK_EVERY: u64 = 500;

/// How far an export or an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Progress {
    /// Rows written, or lines read.
    pub rows: u64,
    /// Bytes written or read.
    pub bytes: u64,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Flow {
    /// Go on.
    GoOn,
    /// Stop here. What is done stays done.
    Stop,
}

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Rows and bytes.
    pub written: Progress,
    /// Whether it came to its end; a stopped one is not whole.
    pub complete: bool,
    /// Tables left out, because they are secret or not for this person.
    pub left_out: Vec<&'static str>,
}

/// The first line of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) counterpart_export: u32,
    pub(super) schema: String,
    pub(super) shop: String,
    pub(super) at: String,
}

impl Shop {
    /// Writes everything that the person at work may see. `progress` is asked now and then whether to go on.
    pub fn export(&self, to: impl Write, progress: &mut dyn FnMut(Progress) -> Flow) -> Result<ExportReport> {
        let who = self.who();
        let header = Header {
            counterpart_export: FORM,
            schema: self.store().schema().name.to_owned(),
            shop: self.id().to_owned(),
            at: time_text(time_from_ms(self.env().now())),
        };
        let mut out = Lines { to, progress, report: ExportReport::default() };
        self.read(|reader| {
            out.line(&header)?;
            for table in reader.schema().tables {
                let Some(own) = readable(table, &who) else {
                    out.report.left_out.push(table.name);
                    continue;
                };
                let mut more = true;
                reader.each_row(table, &tail(reader.schema(), table), [], |row| {
                    if own.is_none_or(|field| is_own(&row, field, &who)) {
                        more = out.row(&row)?;
                    }
                    Ok(more)
                })?;
                if !more {
                    return Ok(());
                }
            }
            out.to.flush()?;
            out.report.complete = true;
            Ok(())
        })?;
        Ok(out.report)
    }
}

/// The file as it grows.
struct Lines<'p, W> {
    to: W,
    progress: &'p mut dyn FnMut(Progress) -> Flow,
    report: ExportReport,
}

impl<W: Write> Lines<'_, W> {
    fn line(&mut self, content: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(content).map_err(|error| Error::defect(error.to_string()))?;
        line.push(b'\n');
        self.to.write_all(&line)?;
        self.report.written.bytes += line.len() as u64;
        Ok(())
    }

    /// Gives back whether to go on.
    fn row(&mut self, row: &Row) -> Result<bool> {
        self.line(&serde_json::json!({ "table": row.table.name, "row": Json::Object(row.to_json()) }))?;
        self.report.written.rows += 1;
        let look = self.report.written.rows.is_multiple_of(LOOK_EVERY);
        Ok(!look || (self.progress)(self.report.written) == Flow::GoOn)
    }
}

/// Whether a person may see a table: not at all, whole (`Some(None)`), or the rows whose field names themselves.
#[allow(clippy::option_option, reason = "the outer is whether, the inner is which")]
fn readable(table: &Table, who: &Who) -> Option<Option<&'static str>> {
    // Whoever is at work narrows what the account may see.
    let listed = |roles: &[&str]| {
        let among = |role: &String| roles.contains(&role.as_str());
        among(&who.role) && who.actor_role.as_ref().is_none_or(among)
    };
    match table.readers {
        _ if table.secret => None,
        Readers::Members => Some(None),
        Readers::Roles(roles) => listed(roles).then_some(None),
        Readers::RolesAndOwn(roles, field) => Some((!listed(roles)).then_some(field)),
    }
}

fn is_own(row: &Row, field: &str, who: &Who) -> bool {
    let named = row.text(field);
    !named.is_empty() && (who.actor.as_deref() == Some(named) || who.account == named)
}

/// Which rows of a table, and in which order: what moves a parent in the order in which it did, so that it moves it to
/// the same place when the file is read back. That sort goes parent by parent and so needs no more memory than the
/// longest history.
fn tail(schema: &Schema, table: &Table) -> String {
    let order = match &table.onto {
        Some(onto) => format!("\"{}\", stamp = 0, stamp, created_at, rowid", onto.key),
        None => "id".to_owned(),
    };
    format!("WHERE {} ORDER BY {order}", lives(schema, table))
}

/// The SQL condition that neither a row nor what it belongs to is deleted.
fn lives(schema: &Schema, table: &Table) -> String {
    let own = format!("{}.deleted_at IS NULL", table.name);
    let parent = table.parent.and_then(|name| Some((name, schema.table(table.field(name)?.refers?)?)));
    match parent {
        Some((field, parent)) if parent.name != table.name => format!(
            "{own} AND NOT EXISTS (SELECT 1 FROM {1} WHERE {1}.id = {0}.\"{field}\" AND NOT ({2}))",
            table.name,
            parent.name,
            lives(schema, parent)
        ),
        Some(_) | None => own,
    }
}

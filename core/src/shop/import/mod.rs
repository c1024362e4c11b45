//! Moving in: files from other systems ([`foreign`]) and our own exports ([`own`]).
//!
//! A file is read piece by piece and never held whole. Each line is taken whole or refused with a reason that names the
//! field and the rule, never the value; a refused line changes nothing. Ids follow from the file, so that the same file
//! again, or the rest of one that was stopped, changes nothing twice. What is made goes behind people's work in the queue.

mod csv;
mod foreign;
mod json;
mod layout;
mod lines;
mod options;
mod own;
mod phone;
mod plan;
mod reading;
mod rehearsal;

pub use layout::{Column, Followed, Layout, Reading, To, plain_name};
pub use options::{DateOrder, Format, ImportOptions};

use super::export::{Flow, Progress};
use super::{Edits, Shop};
use crate::error::{Error, Fault, Result};
use crate::outbox::Lane;
use crate::schema::{Invalid, Row, Rule, Table};
use rehearsal::Rehearsal;

/// Lines taken in one transaction, so that a writer waits for no more than that.
const AT_ONCE: usize = 500;
/// Bytes of lines held at a time; one line may be more.
const HELD_BYTES: usize = 1 << 20;
/// The longest line that is read.
const LONGEST_LINE: usize = 1 << 20;
/// Refusals that a report names one by one; the others are counted.
const REFUSALS_NAMED: usize = 1_000;

/// What became of one line.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It made a row.
    Created,
    /// Its row is here already, or was and is deleted. Nothing changed.
    AlreadyThere,
    /// It was refused, and nothing of it was done.
    Refused(Error),
}

/// One line's report.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportReport {
    /// Lines that made a row.
    pub created: u64,
    /// Lines whose row was here already.
    pub already_there: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// The first of the refused ones.
    pub refusals: Vec<Line>,
    /// Columns that no field takes, counted from 1.
    pub ignored_columns: Vec<usize>,
    /// How much was read.
    pub read: Progress,
    /// Whether the file was read to its end.
    pub complete: bool,
}

/// Hears of an import while it runs. `()` hears nothing.
pub trait Watch {
    /// What became of a line, after it was saved.
    fn line(&mut self, _line: &Line) {}

    /// How far it is, and whether to go on.
    fn progress(&mut self, _progress: Progress) -> Flow {
        Flow::GoOn
    }
}

impl Watch for () {}

/// What a line asks for, before anything is looked up.
struct Wish {
    /// The rows that it makes, together or not at all. The first decides whether it was done before.
    rows: Vec<Row>,
    /// Rows that have to be here.
    needs: Vec<Need>,
}

struct Need {
    table: &'static Table,
    id: String,
    /// Named in a refusal.
    field: &'static str,
}

/// A line as it was read.
struct Piece {
    line: u64,
    wish: Result<Wish>,
}

/// Where lines come from.
trait Source {
    /// The next line; nothing at the end. A line that cannot be read is a refused wish, not an error.
    fn next(&mut self) -> Result<Option<Piece>>;
    /// Bytes read so far.
    fn bytes(&self) -> u64;
}

/// A refusal that names a rule over the line itself.
fn refused(table: &'static str, field: &'static str, rule: &'static str) -> Error {
    Invalid::field(field, Rule::Of(rule)).of(table).into()
}

/// Whether an error is about the line, so that the next one can still be taken.
fn is_refusal(error: &Error) -> bool {
    match error.fault() {
        Fault::Invalid(_) | Fault::Denied { .. } => true,
        Fault::Missing { .. }
        | Fault::NotNow(_)
        | Fault::Storage(_)
        | Fault::NeedsServer { .. }
        | Fault::SignedOut { .. }
        | Fault::Defect { .. } => false,
    }
}

impl Shop {
    fn move_in(&self, from: &mut dyn Source, rehearse: bool, watch: &mut dyn Watch) -> Result<ImportReport> {
        let rehearsal = if rehearse { Some(Rehearsal::new()?) } else { None };
        let mut report = ImportReport::default();
        loop {
            let pieces = next_pieces(from)?;
            report.read.bytes = from.bytes();
            if pieces.is_empty() {
                report.complete = true;
                return Ok(report);
            }
            let lines = self.transact(None, Lane::Import, |edits| {
                pieces.into_iter().map(|piece| take(edits, piece, rehearsal.as_ref())).collect()
            });
            let lines: Vec<Line> = lines?;
            for line in lines {
                watch.line(&line);
                report.count(line);
            }
            if watch.progress(report.read) == Flow::Stop {
                return Ok(report);
            }
        }
    }
}

impl ImportReport {
    fn count(&mut self, line: Line) {
        self.read.rows += 1;
        match line.outcome {
            Outcome::Created => self.created += 1,
            Outcome::AlreadyThere => self.already_there += 1,
            Outcome::Refused(_) => {
                self.refused += 1;
                if self.refusals.len() < REFUSALS_NAMED {
                    self.refusals.push(line);
                }
            }
        }
    }
}

/// Lines for one transaction, bounded in number and in bytes.
fn next_pieces(from: &mut dyn Source) -> Result<Vec<Piece>> {
    let (begun, mut pieces) = (from.bytes(), Vec::new());
    while pieces.len() < AT_ONCE && from.bytes() - begun < HELD_BYTES as u64 {
        match from.next()? {
            Some(piece) => pieces.push(piece),
            None => break,
        }
    }
    Ok(pieces)
}

fn take(edits: &Edits<'_>, piece: Piece, rehearsal: Option<&Rehearsal>) -> Result<Line> {
    let line = piece.line;
    let outcome = piece.wish.and_then(|wish| grant(edits, wish, rehearsal));
    match outcome {
        Ok(outcome) => Ok(Line { line, outcome }),
        Err(error) if is_refusal(&error) => Ok(Line { line, outcome: Outcome::Refused(error) }),
        Err(error) => Err(error),
    }
}

fn grant(edits: &Edits<'_>, wish: Wish, rehearsal: Option<&Rehearsal>) -> Result<Outcome> {
    let Some(first) = wish.rows.first() else { return Err(Error::defect("a line that makes nothing")) };
    let id = first.id.clone();
    let rehearsed = |table: &Table, id: &str| rehearsal.map_or(Ok(false), |seen| seen.has(table.name, id));
    if edits.row(first.table, &id)?.is_some() || rehearsed(first.table, &id)? {
        return Ok(Outcome::AlreadyThere);
    }
    let table = first.table;
    edits.judge_import(&wish.rows)?;
    for need in &wish.needs {
        let here = edits.row(need.table, &need.id)?.is_some_and(|row| !row.is_deleted());
        if !here && !rehearsed(need.table, &need.id)? {
            return Err(refused(table.name, need.field, "no_such_row"));
        }
    }
    match rehearsal {
        Some(seen) => seen.note(table.name, &id)?,
        None => edits.import(wish.rows)?,
    }
    Ok(Outcome::Created)
}

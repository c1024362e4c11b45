//! CSV of any flavour: commas, semicolons, tabs or bars, quotes, any line end, with or without a mark at the beginning.

use super::LONGEST_LINE;
use super::lines::{Counted, Text};
use super::plan::{Cell, Plan};
use super::{Piece, Source, refused};
use crate::error::{Error, Result};
use std::io::{BufRead, Chain, Cursor};

/// The most columns that are read.
const MOST_COLUMNS: usize = 1_000;

type Rejoined<R> = Chain<Cursor<Vec<u8>>, R>;

pub(super) struct Csv<'p, R> {
    from: Counted<Rejoined<R>>,
    core: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    plan: &'p Plan<'p>,
    /// What each column is for.
    columns: Vec<Cell>,
}

/// A record as it was read.
enum Record {
    Cells(Vec<String>),
    TooLong,
    NotUtf8,
}

impl<'p, R: BufRead> Csv<'p, R> {
    pub(super) fn new(from: R, plan: &'p Plan<'p>) -> Result<Csv<'p, R>> {
        let (from, delimiter) = rejoin(from)?;
        let mut csv = Csv {
            from,
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            text: vec![0; LONGEST_LINE],
            ends: vec![0; MOST_COLUMNS],
            plan,
            columns: Vec::new(),
        };
        match csv.record()? {
            None => {}
            Some((_, Record::Cells(names))) => {
                csv.columns = names.iter().map(|name| plan.cell(name)).collect()
            }
            Some((_, Record::TooLong)) => return Err(refused("import", "header", "line_too_long")),
            Some((_, Record::NotUtf8)) => return Err(refused("import", "header", "not_utf8")),
        }
        Ok(csv)
    }

    /// Columns that nothing takes, counted from 1.
    pub(super) fn ignored(&self) -> Vec<usize> {
        self.columns.iter().enumerate().filter(|(_, cell)| cell.is_idle()).map(|(at, _)| at + 1).collect()
    }

    fn record(&mut self) -> Result<Option<(u64, Record)>> {
        while let Some(b'\r' | b'\n') = self.from.peek()? {
            self.from.line += u64::from(self.from.peek()? == Some(b'\n'));
            self.from.consume(1);
        }
        let line = self.from.line;
        let (mut text, mut ends, mut too_long) = (0, 0, false);
        loop {
            let input = self.from.buffer()?;
            let room = (self.text.get_mut(text..), self.ends.get_mut(ends..));
            let (Some(text_room), Some(ends_room)) = room else { return Err(Error::defect("csv room")) };
            let (result, used, wrote, ended) = self.core.read_record(input, text_room, ends_room);
            let passed = input.get(..used).unwrap_or_default();
            let newlines = passed.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.from.line += newlines;
            self.from.consume(used);
            (text, ends) = (text + wrote, ends + ended);
            match result {
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull | csv_core::ReadRecordResult::OutputEndsFull => {
                    // What came so far is let go, and the rest passed over.
                    (text, ends, too_long) = (0, 0, true);
                }
                csv_core::ReadRecordResult::Record if too_long => return Ok(Some((line, Record::TooLong))),
                csv_core::ReadRecordResult::Record => return Ok(Some((line, self.cells(ends)))),
                csv_core::ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn cells(&self, count: usize) -> Record {
        let ends = self.ends.get(..count).unwrap_or_default();
        let starts = std::iter::once(&0).chain(ends);
        let cells: Option<Vec<String>> = starts
            .zip(ends)
            .map(|(start, end)| String::from_utf8(self.text.get(*start..*end)?.to_vec()).ok())
            .collect();
        cells.map_or(Record::NotUtf8, Record::Cells)
    }
}

impl<R: BufRead> Source for Csv<'_, R> {
    fn next(&mut self) -> Result<Option<Piece>> {
        let Some((line, record)) = self.record()? else { return Ok(None) };
        let wish = match record {
            Record::Cells(cells) if cells.len() > self.columns.len() => {
                Err(refused(self.plan.table.name, "line", "more_cells_than_columns"))
            }
            Record::Cells(cells) => {
                let named = self.columns.iter().zip(cells);
                self.plan.wish(named.map(|(cell, text)| cell.with(vec![text], false)).collect())
            }
            Record::TooLong => Err(refused(self.plan.table.name, "line", "line_too_long")),
            Record::NotUtf8 => Err(refused(self.plan.table.name, "line", "not_utf8")),
        };
        Ok(Some(Piece { line, wish }))
    }

    fn bytes(&self) -> u64 {
        self.from.bytes
    }
}

/// Looks at the first line for what stands between its cells, and puts it back.
fn rejoin<R: BufRead>(from: R) -> Result<(Counted<Rejoined<R>>, u8)> {
    let mut from = Counted::new(from)?;
    let (mut line, mut first) = match from.line()? {
        None => (1, String::new()),
        Some((line, Text::Whole(text))) => (line, text),
        Some((_, Text::TooLong)) => return Err(refused("import", "header", "line_too_long")),
        Some((_, Text::NotUtf8)) => return Err(refused("import", "header", "not_utf8")),
    };
    // Some spreadsheets say it themselves.
    let told = match first.strip_prefix("sep=").map(str::as_bytes) {
        Some([sign]) => Some(*sign),
        Some(_) | None => None,
    };
    if told.is_some() {
        (line, first) = (line + 1, String::new());
    }
    let delimiter = told.unwrap_or_else(|| delimiter(&first));
    if from.line > line && !first.is_empty() {
        first.push('\n');
    }
    Ok((from.rejoined(first.into_bytes(), line), delimiter))
}

fn delimiter(header: &str) -> u8 {
    let count = |sign: u8| {
        let mut quoted = false;
        header
            .bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                !quoted && *byte == sign
            })
            .count()
    };
    // Of two that are there equally often, the one named last.
    b"|\t;,".iter().copied().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

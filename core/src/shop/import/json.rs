//! JSON: an object a line, or one array of objects. An array is cut into its elements as it is read, never held whole.

use super::LONGEST_LINE;
use super::lines::{Counted, Text};
use super::plan::{Cell, Plan};
use super::{Piece, Source, refused};
use crate::error::{Error, Result};
use crate::schema::{Invalid, Rule};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::BufRead;

pub(super) struct JsonFile<'p, R> {
    from: Counted<R>,
    plan: &'p Plan<'p>,
    is_array: bool,
}

impl<'p, R: BufRead> JsonFile<'p, R> {
    pub(super) fn new(from: R, plan: &'p Plan<'p>) -> Result<JsonFile<'p, R>> {
        let mut from = Counted::new(from)?;
        skip_space(&mut from)?;
        let is_array = from.peek()? == Some(b'[');
        if is_array {
            from.consume(1);
        }
        Ok(JsonFile { from, plan, is_array })
    }
}

impl<R: BufRead> Source for JsonFile<'_, R> {
    fn next(&mut self) -> Result<Option<Piece>> {
        let next = if self.is_array { element(&mut self.from)? } else { self.from.line()? };
        let Some((line, text)) = next else { return Ok(None) };
        let wish = match text {
            Text::Whole(text) => cells(&text, self.plan).and_then(|cells| self.plan.wish(cells)),
            Text::TooLong => Err(refused(self.plan.table.name, "line", "line_too_long")),
            Text::NotUtf8 => Err(refused(self.plan.table.name, "line", "not_utf8")),
        };
        Ok(Some(Piece { line, wish }))
    }

    fn bytes(&self) -> u64 {
        self.from.bytes
    }
}

fn skip_space(from: &mut Counted<impl BufRead>) -> Result<()> {
    while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = from.peek()? {
        from.line += u64::from(byte == b'\n');
        from.consume(1);
    }
    Ok(())
}

/// Where in an element the scan is.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl Scan {
    /// Whether the element ends before this byte.
    fn ends_at(&mut self, byte: u8) -> bool {
        match (self.in_text, byte) {
            (true, _) if self.escaped => self.escaped = false,
            (true, b'\\') => self.escaped = true,
            (_, b'"') => self.in_text = !self.in_text,
            (false, b',' | b']') if self.depth == 0 => return true,
            (false, b'{' | b'[') => self.depth += 1,
            (false, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            (true | false, _) => {}
        }
        false
    }
}

/// The array's next element, and the line that it begins on.
fn element(from: &mut Counted<impl BufRead>) -> Result<Option<(u64, Text)>> {
    skip_space(from)?;
    while from.peek()? == Some(b',') {
        from.consume(1);
        skip_space(from)?;
    }
    // The end, told or not: an array cut short ends where the file does.
    if matches!(from.peek()?, None | Some(b']')) {
        return Ok(None);
    }
    let (line, mut scan) = (from.line, Scan::default());
    let (mut bytes, mut too_long) = (Vec::new(), false);
    loop {
        let buffer = from.buffer()?;
        let end = buffer.iter().position(|byte| scan.ends_at(*byte));
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        let (used, newlines) = (part.len(), part.iter().filter(|byte| **byte == b'\n').count() as u64);
        let is_over = end.is_some() || buffer.is_empty();
        too_long |= bytes.len() + used > LONGEST_LINE;
        if !too_long {
            bytes.extend_from_slice(part);
        }
        from.consume(used);
        from.line += newlines;
        if is_over {
            return Ok(Some((line, Text::of(bytes, too_long))));
        }
    }
}

type Object<'t> = BTreeMap<String, &'t RawValue>;

/// An object's entries as cells; an object in it is taken as if its entries stood there.
fn cells(text: &str, plan: &Plan<'_>) -> Result<Vec<Cell>> {
    let object = |text| serde_json::from_str::<Object<'_>>(text);
    let outer = object(text).map_err(|_| refused(plan.table.name, "line", "not_an_object"))?;
    let mut cells = Vec::new();
    for (name, value) in outer {
        match object(value.get()) {
            Ok(inner) => {
                for (name, value) in inner {
                    cells.push(filled(plan.cell(&name), value, plan)?);
                }
            }
            Err(_) => cells.push(filled(plan.cell(&name), value, plan)?),
        }
    }
    Ok(cells)
}

fn filled(cell: Cell, value: &RawValue, plan: &Plan<'_>) -> Result<Cell> {
    if cell.is_idle() {
        return Ok(cell);
    }
    let wrong = || -> Error { Invalid::field(cell.name(), Rule::Kind("text")).of(plan.table.name).into() };
    let values = match value.get().as_bytes() {
        [b'[', ..] => serde_json::from_str::<Vec<&RawValue>>(value.get()).map_err(|_| wrong())?,
        _ => vec![value],
    };
    let (mut texts, mut is_number) = (Vec::new(), false);
    for value in values {
        match value.get().as_bytes() {
            [b'"', ..] => texts.push(serde_json::from_str(value.get()).map_err(|_| wrong())?),
            [b'n', ..] => {}
            [b'{' | b'[', ..] | [] => return Err(wrong()),
            // A number as it is spelled, so that no digit is lost on the way through a float.
            [b't' | b'f', ..] => texts.push(value.get().to_owned()),
            [_, ..] => {
                is_number = true;
                texts.push(value.get().to_owned());
            }
        }
    }
    Ok(cell.with(texts, is_number))
}

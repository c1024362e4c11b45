//! Lines in and out. However long a line is, no more of it is held than is allowed; a line goes out whole.

use serde_json::Value as Json;
use std::io::{self, BufRead, Write};
use std::sync::{Mutex, PoisonError};

/// The longest line that is taken, in bytes, its end not counted.
pub(super) const LONGEST: usize = 1_000_000;

/// A line that came in.
pub(super) enum Line {
    /// It is here, without its end.
    Whole(Vec<u8>),
    /// It was too long and is gone.
    TooLong,
}

/// Reads lines.
pub(super) struct Lines<R> {
    from: R,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(from: R) -> Lines<R> {
        Lines { from }
    }

    /// The next line; nothing at the end of the input.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        let mut too_long = false;
        let mut any = false;
        loop {
            let piece = self.from.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            any = true;
            let end = piece.iter().position(|byte| *byte == b'\n');
            let text = &piece[..end.unwrap_or(piece.len())];
            too_long |= line.len() + text.len() > LONGEST;
            if !too_long {
                line.extend_from_slice(text);
            }
            let used = end.map_or(piece.len(), |end| end + 1);
            self.from.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(any.then_some(if too_long { Line::TooLong } else { Line::Whole(line) }))
    }
}

/// Where lines go, whichever thread they come from.
pub(super) struct Out {
    to: Mutex<Box<dyn Write + Send>>,
}

impl Out {
    pub(super) fn new(to: impl Write + Send + 'static) -> Out {
        Out { to: Mutex::new(Box::new(to)) }
    }

    /// Writes one line, and waits until it is on its way.
    pub(super) fn line(&self, content: &Json) -> io::Result<()> {
        let mut line = serde_json::to_vec(content)?;
        line.push(b'\n');
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        to.write_all(&line)?;
        to.flush()
    }

    /// Writes an event. If nobody reads any more, the next answer ends the device.
    pub(super) fn event(&self, event: &Json) {
        if let Err(error) = self.line(&serde_json::json!({ "event": event })) {
            eprintln!("device: an event was lost: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(input: &[u8]) -> Vec<Option<usize>> {
        let mut lines = Lines::new(input);
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|line| match line {
                Line::Whole(line) => Some(line.len()),
                Line::TooLong => None,
            })
            .collect()
    }

    #[test]
    fn every_line_counts_also_an_empty_one_and_the_last_without_an_end() {
        assert_eq!(lengths(b""), []);
        assert_eq!(lengths(b"ab\n\nc"), [Some(2), Some(0), Some(1)]);
    }

    #[test]
    fn a_line_that_is_too_long_is_one_line() {
        let longest = vec![b'x'; LONGEST];
        assert_eq!(lengths(&[&longest[..], b"\nab\n"].concat()), [Some(LONGEST), Some(2)]);
        assert_eq!(lengths(&[&longest[..], b"x\nab\n"].concat()), [None, Some(2)]);
        assert_eq!(lengths(&[&longest[..], b"x"].concat()), [None]);
    }
}

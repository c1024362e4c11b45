//! Lines of a file, none held beyond a limit: the rest of a longer one is passed over.

use super::LONGEST_LINE;
use crate::error::Result;
use std::io::{BufRead, Chain, Cursor, Read};

/// What was read of a line, or of an element of an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    Whole(String),
    TooLong,
    NotUtf8,
}

impl Text {
    pub(super) fn of(bytes: Vec<u8>, too_long: bool) -> Text {
        match String::from_utf8(bytes) {
            _ if too_long => Text::TooLong,
            Ok(text) => Text::Whole(text),
            Err(_) => Text::NotUtf8,
        }
    }
}

/// A reader that knows how far it is.
pub(super) struct Counted<R> {
    from: R,
    pub(super) bytes: u64,
    /// The line that the next byte is on.
    pub(super) line: u64,
}

impl<R: BufRead> Counted<R> {
    /// Passes over a UTF-8 mark at the beginning.
    pub(super) fn new(from: R) -> Result<Counted<R>> {
        let mut counted = Counted { from, bytes: 0, line: 1 };
        for byte in *b"\xef\xbb\xbf" {
            // Byte by byte, since a reader may hold only one at a time.
            if counted.peek()? != Some(byte) {
                break;
            }
            counted.consume(1);
        }
        Ok(counted)
    }

    /// The same with a line before it that was read already.
    pub(super) fn rejoined(self, first: Vec<u8>, line: u64) -> Counted<Chain<Cursor<Vec<u8>>, R>> {
        let bytes = self.bytes.saturating_sub(first.len() as u64);
        Counted { from: Cursor::new(first).chain(self.from), bytes, line }
    }

    pub(super) fn buffer(&mut self) -> Result<&[u8]> {
        loop {
            match self.from.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.from.fill_buf()?)
    }

    pub(super) fn peek(&mut self) -> Result<Option<u8>> {
        Ok(self.buffer()?.first().copied())
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.from.consume(count);
        self.bytes += count as u64;
    }

    /// The next line without its end, and its number. Empty ones are passed over.
    pub(super) fn line(&mut self) -> Result<Option<(u64, Text)>> {
        let (mut bytes, mut too_long) = (Vec::new(), false);
        loop {
            let buffer = self.buffer()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let (empty, used) = (buffer.is_empty(), part.len() + usize::from(end.is_some()));
            too_long |= bytes.len() + part.len() > LONGEST_LINE;
            if !too_long {
                bytes.extend_from_slice(part);
            }
            self.consume(used);
            if end.is_none() && !empty {
                continue;
            }
            let number = self.line;
            self.line += u64::from(end.is_some());
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
            if too_long || !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some((number, Text::of(bytes, too_long))));
            }
            if empty {
                return Ok(None);
            }
            bytes.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    fn lines(bytes: &[u8]) -> Vec<(u64, Text)> {
        // A buffer of three bytes, so that everything falls across a border.
        let mut from = Counted::new(BufReader::with_capacity(3, Cursor::new(bytes.to_vec()))).unwrap();
        std::iter::from_fn(|| from.line().unwrap()).collect()
    }

    #[test]
    fn lines_end_in_every_way_and_keep_their_number() {
        let whole = |text: &str| Text::Whole(text.into());
        assert_eq!(lines(b"\xef\xbb\xbfa\r\n\n  \nb c\n"), [(1, whole("a")), (4, whole("b c"))]);
        assert_eq!(lines(b"a\nlast"), [(1, whole("a")), (2, whole("last"))]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_past_the_limit_is_passed_over_and_the_next_is_read() {
        let mut bytes = vec![b'x'; LONGEST_LINE + 1];
        bytes.extend_from_slice(b"\nnext\n\xff\n");
        let read = lines(&bytes);
        assert_eq!(read, [(1, Text::TooLong), (2, Text::Whole("next".into())), (3, Text::NotUtf8)]);
    }
}

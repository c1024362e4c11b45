//! What a load leaves for later, so that its rows are seen as soon as they are there: indexes, and what search has to read.
//! And what any write does: its pages in the log. Done in small pieces, between which whoever writes has their turn.

use super::{Shop, search};
use crate::error::Result;

/// Rows that search reads in one piece.
const PIECE: usize = 100;

impl Shop {
    /// Does a piece of what is left to do. Whether there is more.
    pub fn tidy_up(&self) -> Result<bool> {
        let (loading, lacks_indexes) =
            self.read(|reader| Ok((crate::sync::is_loading(reader)?, reader.lacks_indexes()?)))?;
        if loading {
            return Ok(false);
        }
        if lacks_indexes {
            self.store().write_again(|tx| {
                tx.build_an_index()?;
                if tx.lacks_indexes()? { Ok(()) } else { tx.give_room_back() }
            })?;
            return Ok(true);
        }
        if !self.read(search::is_far_behind)? {
            self.store().empty_log()?;
            return Ok(false);
        }
        Ok(!self.index(PIECE)?.complete)
    }
}

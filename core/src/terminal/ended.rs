//! What came of a call to the server.

use crate::sync::wire::{OpenAnswer, PullAnswer, RangeAnswer};
use crate::sync::{Answer, Event, Landed, PushAnswer};

/// How a call ended.
pub(super) enum Ended {
    Open(Result<OpenAnswer, Answer>),
    Push(Result<PushAnswer, Answer>),
    Pull(Result<PullAnswer, Answer>),
    Range(Result<RangeAnswer, Answer>),
    Snapshot(Result<Landed, Answer>),
    Token(Event, Option<String>),
}

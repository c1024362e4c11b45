//! A server's courtesies, for suites that are about the queue alone: a session begins at once, an empty load is whole,
//! nothing is ever new. What is left of an engine's calls is the suite's own business.

use counterpart_core::Shop;
use counterpart_core::sync::wire::{Cursor, OpenAnswer, OpenRequest, PullAnswer, RangeAnswer};
use counterpart_core::sync::{Answer, Call, RetryPolicy};
use std::collections::VecDeque;

/// The epoch of every server of these suites.
const EPOCH: &str = "epoch-1";

/// Retries as they are, without asking for news that nobody has.
pub fn retry() -> RetryPolicy {
    RetryPolicy { poll_ms: None, poll_alone_ms: None, ..RetryPolicy::default() }
}

/// Answers what is asked beside pushes, and gives back the rest.
pub fn answered(shop: &Shop, calls: Vec<Call>) -> Vec<Call> {
    let mut calls = VecDeque::from(calls);
    let mut rest = Vec::new();
    while let Some(call) = calls.pop_front() {
        let more = match call {
            Call::Open(request) => shop.opened(Ok(session(shop, &request))),
            Call::Snapshot(_) => shop.landed(Err(Answer::NotTaken)),
            Call::Range(request) => shop.ranged(Ok(RangeAnswer {
                what: request.what,
                after: request.token,
                head: head(0, ""),
                next: None,
                total: Some(0),
                rows: Vec::new(),
            })),
            Call::Pull(request) => shop.pulled(Ok(PullAnswer {
                head: head(request.cursor.n, &request.cursor.tag),
                since: request.cursor,
                after: request.token,
                ..PullAnswer::default()
            })),
            Call::Join | Call::Leave => Ok(Vec::new()),
            Call::TakeNewIdentity
            | Call::LeaveShop
            | Call::Push(_)
            | Call::RefreshToken
            | Call::WakeAt(_) => {
                rest.push(call);
                Ok(Vec::new())
            }
        };
        calls.extend(more.unwrap());
    }
    rest
}

/// A session, as any server would begin it.
pub fn session(shop: &Shop, request: &OpenRequest) -> OpenAnswer {
    OpenAnswer {
        attempt: request.attempt.clone(),
        generation: request.generation + 1,
        epoch: EPOCH.into(),
        now: shop.env().now(),
        ..OpenAnswer::default()
    }
}

fn head(n: i64, tag: &str) -> Cursor {
    let tag = if n == 0 && tag.is_empty() { "origin" } else { tag };
    Cursor { epoch: EPOCH.into(), n, tag: tag.into() }
}

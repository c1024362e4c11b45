//! The link between the engine and the server: makes the calls that the engine asks for, and lets the clock run on to
//! the next moment that it waits for.

use super::{Failure, Server, VirtualClock};
use crate::courtesy::answered;
use counterpart_core::Shop;
use counterpart_core::sync::{Answer, Call, Event};
use std::collections::VecDeque;
use std::sync::Arc;

/// How the line to the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It answers.
    Up,
    /// It takes a push, and its answer gets lost.
    AnswerLost,
    /// Nothing arrives.
    Dead,
}

/// A push that was tried.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// When, by the wall clock.
    pub at: i64,
    /// How many operations it held.
    pub operations: usize,
    /// How much of the queue was done after it, 0 to 1.
    pub progress: f64,
}

/// The link, and what went over it.
#[derive(Debug)]
pub struct Link {
    /// The server at its other end.
    pub server: Server,
    /// How the line is.
    pub line: Line,
    /// Pushes that were tried since this was last taken.
    pub tried: Vec<Attempt>,
    clock: Arc<VirtualClock>,
    alarm: Option<i64>,
}

impl Link {
    /// A link over a good line.
    pub fn new(server: Server, clock: Arc<VirtualClock>) -> Link {
        Link { server, line: Line::Up, tried: Vec::new(), clock, alarm: None }
    }

    /// Something happens to the device: does all that follows at once.
    pub fn happens(&mut self, shop: &Shop, event: Event) -> Result<(), Failure> {
        let mut calls = VecDeque::from(answered(shop, shop.step(event)?));
        while let Some(call) = calls.pop_front() {
            match call {
                Call::Push(request) => {
                    let (at, operations) = (shop.env().now(), request.ops.len());
                    let answer = match self.line {
                        Line::Up => Ok(self.server.push(&request)?),
                        Line::AnswerLost => {
                            self.server.push(&request)?;
                            Err(Answer::NoAnswer)
                        }
                        Line::Dead => Err(Answer::NoAnswer),
                    };
                    calls.extend(answered(shop, shop.pushed(answer)?));
                    self.tried.push(Attempt { at, operations, progress: shop.state()?.progress });
                }
                Call::RefreshToken => calls.extend(shop.step(Event::SignedIn)?),
                Call::WakeAt(moment) => self.alarm = Some(moment),
                Call::TakeNewIdentity
                | Call::Open(_)
                | Call::Pull(_)
                | Call::Range(_)
                | Call::Join
                | Call::Leave => {}
            }
        }
        Ok(())
    }

    /// Time passes until the engine wants to be woken. Gives back whether it wanted to be.
    pub fn next_alarm(&mut self, shop: &Shop) -> Result<bool, Failure> {
        let Some(moment) = self.alarm.take() else { return Ok(false) };
        self.clock.pass_until(moment);
        self.happens(shop, Event::Tick)?;
        Ok(true)
    }

    /// Takes in what the server has.
    pub fn pull(&mut self, shop: &Shop) -> Result<(), Failure> {
        Ok(shop.take_page(&self.server.pull())?)
    }
}

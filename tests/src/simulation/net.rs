//! The network between devices and the ledger: what is asked may be lost, answered twice, or answered too late.

use crate::dice::Dice;
use counterpart_core::sync::Answer;
use counterpart_core::sync::wire::{
    OpenAnswer, OpenRequest, PullAnswer, PullRequest, PushAnswer, PushRequest, RangeAnswer, RangeRequest,
};
use counterpart_hub::ledger::{Ledger, LedgerError, Member};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A network that can be bad.
pub(super) struct Net {
    ledger: Arc<Ledger>,
    dice: Arc<Dice>,
    bad: bool,
    // Pushes that were answered or given up long ago, and may arrive once more.
    late: Vec<(Member, String)>,
    pub(super) faults: BTreeMap<&'static str, u64>,
    /// Receipts by operation: the outcome that it had first.
    outcomes: BTreeMap<String, String>,
}

impl Net {
    pub(super) fn new(ledger: Arc<Ledger>, dice: Arc<Dice>) -> Net {
        Net { ledger, dice, bad: true, late: Vec::new(), faults: BTreeMap::new(), outcomes: BTreeMap::new() }
    }

    /// From now on nothing goes wrong.
    pub(super) fn heal(&mut self) {
        self.bad = false;
    }

    fn fault(&mut self, name: &'static str, percent: usize) -> bool {
        let happens = self.bad && self.dice.percent(percent);
        if happens {
            *self.faults.entry(name).or_default() += 1;
        }
        happens
    }

    pub(super) fn open(
        &mut self,
        member: &Member,
        request: &OpenRequest,
    ) -> Result<Result<OpenAnswer, Answer>, String> {
        if self.fault("open_lost", 10) {
            return Ok(Err(Answer::NoAnswer));
        }
        let answer = told(self.ledger.open_device(member, request))?;
        Ok(if self.fault("open_answer_lost", 10) { Err(Answer::NoAnswer) } else { answer })
    }

    /// A push, and what the device hears of it.
    pub(super) fn push(
        &mut self,
        member: &Member,
        request: &PushRequest,
    ) -> Result<Result<PushAnswer, Answer>, String> {
        let text = serde_json::to_string(request).map_err(|error| error.to_string())?;
        if self.fault("push_lost", 15) {
            if self.fault("push_late", 50) {
                self.late.push((member.clone(), text));
            }
            return Ok(Err(Answer::NoAnswer));
        }
        let answer = self.arrive(member, &text)?;
        if self.fault("push_doubled", 15) {
            let again = self.arrive(member, &text)?;
            if again != answer {
                return Err(format!("the same push got another answer{}", first_difference(&answer, &again)));
            }
        }
        if self.fault("push_repeated_later", 10) {
            self.late.push((member.clone(), text));
        }
        Ok(if self.fault("receipts_lost", 15) { Err(Answer::NoAnswer) } else { answer })
    }

    fn arrive(&mut self, member: &Member, text: &str) -> Result<Result<PushAnswer, Answer>, String> {
        let request: PushRequest = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let answer = match told(self.ledger.push(member, &request))? {
            Ok(end) => end.answer,
            // A late push of an earlier session is refused whole.
            Err(refused) => return Ok(Err(refused)),
        };
        for receipt in answer
            .receipts
            .iter()
            .filter(|receipt| receipt.outcome != counterpart_core::outbox::Outcome::Held)
        {
            let outcome = format!("{:?}", receipt.outcome);
            let first = self.outcomes.entry(receipt.id.clone()).or_insert_with(|| outcome.clone());
            if *first != outcome {
                return Err(format!("an operation was {first} and then {outcome}"));
            }
        }
        Ok(Ok(answer))
    }

    /// Old pushes come out of nowhere. Nobody hears the answers.
    pub(super) fn deliver_late(&mut self) -> Result<(), String> {
        if !self.late.is_empty() && self.dice.percent(20) {
            let (member, text) = self.late.swap_remove(self.dice.below(self.late.len()));
            // Nobody hears the answer; what is wrong about it is an error of the run.
            drop(self.arrive(&member, &text)?);
        }
        Ok(())
    }

    pub(super) fn pull(
        &mut self,
        member: &Member,
        request: &PullRequest,
    ) -> Result<Result<PullAnswer, Answer>, String> {
        if self.fault("pull_lost", 15) {
            return Ok(Err(Answer::NoAnswer));
        }
        told(self.ledger.pull(member, request))
    }

    pub(super) fn range(
        &mut self,
        member: &Member,
        request: &RangeRequest,
    ) -> Result<Result<RangeAnswer, Answer>, String> {
        if self.fault("range_lost", 15) {
            return Ok(Err(Answer::NoAnswer));
        }
        told(self.ledger.range(member, request))
    }

    /// The outcome that an operation had, if the ledger ever judged it.
    pub(super) fn outcome(&self, operation: &str) -> Option<&str> {
        self.outcomes.get(operation).map(String::as_str)
    }
}

/// What a device hears of the ledger's answer. What only a defect can bring about ends the run.
fn told<T>(answer: Result<T, LedgerError>) -> Result<Result<T, Answer>, String> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(LedgerError::NoShop) => Ok(Err(Answer::NoShop)),
        Err(LedgerError::NoSession) => Ok(Err(Answer::NoSession)),
        Err(LedgerError::OtherEpoch) => Ok(Err(Answer::OtherEpoch)),
        Err(
            error @ (LedgerError::Malformed(_)
            | LedgerError::Denied
            | LedgerError::Invalid(_)
            | LedgerError::Database(_)
            | LedgerError::Damaged(_)),
        ) => Err(error.to_string()),
    }
}

/// The first receipt that differs, in words short enough to read.
fn first_difference(one: &Result<PushAnswer, Answer>, other: &Result<PushAnswer, Answer>) -> String {
    let receipts = |answer: &Result<PushAnswer, Answer>| answer.clone().unwrap_or_default().receipts;
    receipts(one)
        .iter()
        .zip(&receipts(other))
        .find(|(one, other)| one != other)
        .map_or_else(String::new, |(one, other)| format!(": {one:?} and {other:?}"))
}

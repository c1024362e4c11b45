//! A push: one transaction, one commit, a receipt per operation, groups whole or not at all.

use super::apply::apply;
use super::books::Books;
use super::commit::Commit;
use super::record::{close, people_of};
use super::verdict::{Applied, Refused};
use super::{Ledger, LedgerError, Member, Result, devices};
use counterpart_core::outbox::{Kind, Operation, Outcome, Receipt, content_hash};
use counterpart_core::schema::Row;
use counterpart_core::sync::wire::{Cursor, PushAnswer, PushRequest};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// What a push did.
#[derive(Clone, Debug, PartialEq)]
pub struct PushEnd {
    /// The answer for the device.
    pub answer: PushAnswer,
    /// The new head, if anything changed: what the other devices are poked with.
    pub head: Option<Cursor>,
    /// The people whose role or place in the shop it set, as they are now.
    pub people: Vec<Row>,
}

/// The longest id of an operation or a row, in bytes.
const LONGEST_ID: usize = 64;
/// How often an operation is sent again under a new id, at most.
const MOST_TRIES: usize = 100;

/// One operation of a push, with its content's hash.
struct Arrived {
    operation: Operation,
    hash: String,
}

impl Ledger {
    /// Takes operations in. The same operation again gets the receipt that it got before.
    ///
    /// All groups are taken in as one and, where one of them cannot be, each by itself in a transaction begun anew: to be
    /// able to undo every single one costs more than most of them.
    pub fn push(&self, member: &Member, request: &PushRequest) -> Result<PushEnd> {
        let arrived = request.ops.iter().map(|raw| read(raw)).collect::<Result<Vec<_>>>()?;
        match self.take_in(member, request, &arrived, Groups::Together)? {
            Some(end) => Ok(end),
            None => {
                self.take_in(member, request, &arrived, Groups::Apart)?.ok_or(LedgerError::Damaged("push"))
            }
        }
    }

    /// One transaction, of which nothing stays where a group cannot be taken in and none is to stand by itself.
    fn take_in(
        &self,
        member: &Member,
        request: &PushRequest,
        arrived: &[Arrived],
        groups: Groups,
    ) -> Result<Option<PushEnd>> {
        self.write_if(|books| {
            let shop = books.shop(&request.shop)?;
            devices::check(books, member, &request.shop, &request.device, Some(request.generation))?;
            if shop.epoch != request.epoch {
                return Err(LedgerError::OtherEpoch);
            }
            let place = (shop.head + 1, books.env.now());
            let commit = Commit::new((&request.shop, &request.device), member, place);
            forget_details(books, &commit, request.acked.min(shop.head))?;
            let Some((receipts, changed)) = take_groups(books, &commit, arrived, groups)? else {
                return Ok(None);
            };
            let unsent = i64::try_from(request.unsent).unwrap_or(i64::MAX);
            let sql = "UPDATE devices SET unsent = ?3, seen_at = ?4 WHERE shop = ?1 AND device = ?2";
            books.execute(sql, (commit.shop, commit.device, unsent, commit.now))?;
            let answer = PushAnswer { epoch: shop.epoch.clone(), receipts, safe_through: shop.safe_through };
            if !changed {
                return Ok(Some(PushEnd { answer, head: None, people: Vec::new() }));
            }
            let people = people_of(books, commit.shop, commit.n)?;
            let head = close(books, commit.shop, &shop, (commit.n, commit.now), commit.device)?;
            Ok(Some(PushEnd { answer, head: Some(head), people }))
        })
    }
}

fn read(raw: &RawValue) -> Result<Arrived> {
    let malformed = LedgerError::Malformed("an operation");
    let Ok(operation) = serde_json::from_str::<Operation>(raw.get()) else { return Err(malformed) };
    // Ids are keys of the books: they are kept for ever.
    if !(1..=LONGEST_ID).contains(&operation.id.len()) || operation.row.len() > LONGEST_ID {
        return Err(malformed);
    }
    Ok(Arrived { operation, hash: content_hash(raw.get()) })
}

/// What was said with receipts that have arrived is needed no more. That there was an operation, which content it had
/// and what became of it stays for ever.
fn forget_details(books: &Books<'_>, commit: &Commit<'_>, acked: i64) -> Result<()> {
    let sql = "SELECT acked FROM devices WHERE shop = ?1 AND device = ?2";
    let before: i64 = books.one(sql, (commit.shop, commit.device), |row| row.get(0))?.unwrap_or(0);
    if acked <= before {
        return Ok(());
    }
    let sql = "UPDATE receipts SET code = NULL, field = NULL, message = NULL
               WHERE shop = ?1 AND device = ?2 AND n > ?3 AND n <= ?4 AND code IS NOT NULL";
    books.execute(sql, (commit.shop, commit.device, before, acked))?;
    let sql = "UPDATE devices SET acked = ?3 WHERE shop = ?1 AND device = ?2";
    books.execute(sql, (commit.shop, commit.device, acked))?;
    Ok(())
}

/// How groups are taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Groups {
    /// All of them, or none.
    Together,
    /// Each by itself.
    Apart,
}

/// Group by group. Gives back a receipt for each operation, and whether anything was written; nothing where a group cannot
/// be taken in and none is to stand by itself.
fn take_groups(
    books: &Books<'_>,
    commit: &Commit<'_>,
    arrived: &[Arrived],
    groups: Groups,
) -> Result<Option<(Vec<Receipt>, bool)>> {
    let mut receipts = Vec::with_capacity(arrived.len());
    let mut changed = false;
    let mut rest = arrived;
    while let Some(first) = rest.first() {
        let together = match &first.operation.group {
            None => 1,
            Some(_) => rest.iter().take_while(|next| next.operation.group == first.operation.group).count(),
        };
        let (group, later) = rest.split_at(together);
        let Some((given, wrote)) = take_group(books, commit, group, groups)? else { return Ok(None) };
        receipts.extend(given);
        changed |= wrote;
        rest = later;
    }
    Ok(Some((receipts, changed)))
}

fn take_group(
    books: &Books<'_>,
    commit: &Commit<'_>,
    group: &[Arrived],
    groups: Groups,
) -> Result<Option<(Vec<Receipt>, bool)>> {
    let mut known = HashMap::new();
    for arrived in group {
        if let Some(receipt) = books.receipt(commit.shop, &arrived.operation.id)? {
            known.insert(arrived.operation.id.as_str(), receipt);
        }
    }
    // All that came before: answered from the books. A part of a group that was voided takes the rest along.
    let voided = known.values().any(|receipt| receipt.outcome == Outcome::Voided);
    if !voided && known.len() == group.len() {
        let given = group.iter().filter_map(|arrived| known.remove(arrived.operation.id.as_str()));
        return Ok(Some((given.collect(), false)));
    }
    if groups == Groups::Apart {
        books.execute("SAVEPOINT together", ())?;
    }
    let mut receipts = Vec::new();
    let mut ended = None;
    for arrived in group {
        match known.remove(arrived.operation.id.as_str()) {
            Some(receipt) if receipt.outcome == Outcome::Voided => {
                ended = Some((arrived, Refused::rule("voided")));
                break;
            }
            Some(receipt) => receipts.push(receipt),
            None => match judge_one(books, commit, arrived)? {
                Ok(more) => receipts.extend(more),
                Err(refused) => {
                    ended = Some((arrived, refused));
                    break;
                }
            },
        }
    }
    match (ended, groups) {
        (None, Groups::Together) => Ok(Some((receipts, true))),
        (None, Groups::Apart) => {
            books.execute("RELEASE together", ())?;
            Ok(Some((receipts, true)))
        }
        (Some(_), Groups::Together) => Ok(None),
        (Some((culprit, refused)), Groups::Apart) => {
            books.execute("ROLLBACK TO together", ())?;
            commit.ask_again_who();
            books.execute("RELEASE together", ())?;
            refuse(books, commit, group, culprit, &refused).map(Some)
        }
    }
}

/// None of the group applied: each gets its receipt, the culprit's with the reason. What is held is not stored.
fn refuse(
    books: &Books<'_>,
    commit: &Commit<'_>,
    group: &[Arrived],
    culprit: &Arrived,
    refused: &Refused,
) -> Result<(Vec<Receipt>, bool)> {
    let held = refused.held;
    let mut receipts = Vec::new();
    let mut stored = false;
    for arrived in group {
        let own = arrived.operation.id == culprit.operation.id;
        let known = books.receipt(commit.shop, &arrived.operation.id)?;
        let n = known.as_ref().map_or(Some(commit.n), |known| known.n);
        let receipt = Receipt {
            id: arrived.operation.id.clone(),
            hash: arrived.hash.clone(),
            outcome: if held { Outcome::Held } else { Outcome::Rejected },
            n: n.filter(|_| !held),
            code: Some(if own { refused.code.clone() } else { "group".into() }),
            field: refused.field.clone().filter(|_| own),
            message: refused.message.clone().filter(|_| own),
        };
        if !held && known.is_none() {
            books.keep_receipt(commit.shop, commit.device, commit.n, &receipt)?;
            stand_in(books, commit, &arrived.operation)?;
            stored = true;
        }
        receipts.push(receipt);
    }
    Ok((receipts, stored))
}

/// One operation that has no receipt yet. What it gives back was stored.
fn judge_one(
    books: &Books<'_>,
    commit: &Commit<'_>,
    arrived: &Arrived,
) -> Result<std::result::Result<Vec<Receipt>, Refused>> {
    let operation = &arrived.operation;
    if operation.kind == Kind::Void {
        return void(books, commit, arrived).map(Ok);
    }
    if !named_rightly(books, commit, operation)? {
        return Ok(Err(Refused::rule("no_grant")));
    }
    for needed in &operation.needs {
        if !stands(books, commit.shop, needed)? {
            return Ok(Err(Refused::held()));
        }
    }
    if let Some(old) = &operation.replaces {
        if stands(books, commit.shop, old)? {
            return Ok(Err(Refused::rule("replaced_stands")));
        }
        if books.receipt(commit.shop, old)?.is_none() {
            // Its late copy must never apply beside this one.
            bar(books, commit, old)?;
        }
    }
    let applied = match apply(books, commit, operation)? {
        Ok(applied) => applied,
        Err(refused) => return Ok(Err(refused)),
    };
    let Applied { outcome, code, field } = applied;
    let receipt = Receipt {
        id: operation.id.clone(),
        hash: arrived.hash.clone(),
        outcome,
        n: Some(commit.n),
        code,
        field,
        message: None,
    };
    books.keep_receipt(commit.shop, commit.device, commit.n, &receipt)?;
    stand_in(books, commit, operation)?;
    Ok(Ok(vec![receipt]))
}

/// Whoever needed the operation that this one was sent instead of, needs this one now.
fn stand_in(books: &Books<'_>, commit: &Commit<'_>, operation: &Operation) -> Result<()> {
    if let (Some(old), false) = (&operation.replaces, operation.kind == Kind::Void) {
        let sql = "UPDATE receipts SET instead = ?3 WHERE shop = ?1 AND op = ?2 AND op <> ?3";
        books.execute(sql, (commit.shop, old, &operation.id))?;
    }
    Ok(())
}

/// Whether this device may name the person that an operation does. A person's own account works for that person alone;
/// a shared tablet for whoever has shown their PIN there.
fn named_rightly(books: &Books<'_>, commit: &Commit<'_>, operation: &Operation) -> Result<bool> {
    match operation.actor.as_deref() {
        None => Ok(true),
        Some(actor) if commit.member.station => commit.granted(books, actor),
        actor => Ok(actor == commit.member.employee.as_deref()),
    }
}

fn took_effect(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Applied | Outcome::Merged | Outcome::Conflict => true,
        Outcome::Rejected | Outcome::Held | Outcome::Voided => false,
    }
}

/// Whether an operation took effect, or what was sent instead of it, or instead of that.
fn stands(books: &Books<'_>, shop: &str, op: &str) -> Result<bool> {
    let mut op = op.to_owned();
    for _ in 0..MOST_TRIES {
        if books.receipt(shop, &op)?.is_some_and(|receipt| took_effect(receipt.outcome)) {
            return Ok(true);
        }
        match books.instead(shop, &op)? {
            Some(next) => op = next,
            None => break,
        }
    }
    Ok(false)
}

/// Stores, as the receipt of an operation that never came, that it will never take effect.
fn bar(books: &Books<'_>, commit: &Commit<'_>, op: &str) -> Result<()> {
    let receipt = Receipt {
        id: op.to_owned(),
        hash: String::new(),
        outcome: Outcome::Voided,
        n: Some(commit.n),
        code: None,
        field: None,
        message: None,
    };
    books.keep_receipt(commit.shop, commit.device, commit.n, &receipt)
}

/// Asked that an operation never take effect: so be it, unless it did.
fn void(books: &Books<'_>, commit: &Commit<'_>, arrived: &Arrived) -> Result<Vec<Receipt>> {
    let target = arrived.operation.replaces.as_deref().unwrap_or_default();
    let known = books.receipt(commit.shop, target)?;
    let stands = known.as_ref().is_some_and(|receipt| took_effect(receipt.outcome));
    if known.is_none() {
        bar(books, commit, target)?;
    }
    let receipt = Receipt {
        id: arrived.operation.id.clone(),
        hash: arrived.hash.clone(),
        outcome: if stands { Outcome::Rejected } else { Outcome::Applied },
        n: Some(commit.n),
        code: stands.then(|| "stands".into()),
        field: None,
        message: None,
    };
    books.keep_receipt(commit.shop, commit.device, commit.n, &receipt)?;
    Ok([Some(receipt), known.filter(|_| stands)].into_iter().flatten().collect())
}

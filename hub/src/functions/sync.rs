//! What devices do all day: sessions, pushes, pulls, ranges, numbers, and the doctor's question.

use super::refuse::Refusal;
use super::{Office, check_id, staff};
use crate::accounts::named_memberships;
use crate::ledger::LedgerError;
use counterpart_core::sync::wire::{
    ChecksumAnswer, CountsAnswer, LeaseAnswer, LeaseRequest, MyShop, OfShop, OpenAnswer, OpenRequest,
    PullAnswer, PullRequest, PushAnswer, PushRequest, RangeAnswer, RangeRequest, ShopsAnswer, ShopsRequest,
    StandingAnswer, TrailAnswer, TrailRequest,
};
use uuid::Uuid;

/// Operations of one push, at most.
const MOST_OPERATIONS: usize = 10_000;

pub(super) fn device_open(
    office: &Office,
    account: Uuid,
    request: &OpenRequest,
) -> Result<OpenAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    check_id(&request.device, "device")?;
    check_id(&request.attempt, "attempt")?;
    Ok(office.ledger.open_device(&member, request)?)
}

pub(super) fn push(office: &Office, account: Uuid, request: &PushRequest) -> Result<PushAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    if request.ops.len() > MOST_OPERATIONS {
        return Err(LedgerError::Malformed("ops").into());
    }
    let end = office.ledger.push(&member, request)?;
    // Before anybody is told: whoever lost their place must not hear of it on a socket that they still have.
    staff::follow(office, &request.shop, &end.people)?;
    if let Some(head) = end.head {
        office.poke(&request.shop, head);
    }
    Ok(end.answer)
}

pub(super) fn pull(office: &Office, account: Uuid, request: &PullRequest) -> Result<PullAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    Ok(office.ledger.pull(&member, request)?)
}

pub(super) fn range(office: &Office, account: Uuid, request: &RangeRequest) -> Result<RangeAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    Ok(office.ledger.range(&member, request)?)
}

pub(super) fn lease(office: &Office, account: Uuid, request: &LeaseRequest) -> Result<LeaseAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    Ok(office.ledger.lease(&member, request)?)
}

pub(super) fn checksums(office: &Office, account: Uuid, request: &OfShop) -> Result<ChecksumAnswer, Refusal> {
    office.member(&request.shop, account)?;
    Ok(office.ledger.checksum(&request.shop)?)
}

pub(super) fn counts(office: &Office, account: Uuid, request: &OfShop) -> Result<CountsAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    Ok(office.ledger.rows_here(&member, &request.shop)?)
}

/// Where an account works. One that works nowhere any more is told so by an empty list.
pub(super) fn my_shops(office: &Office, account: Uuid, _: &ShopsRequest) -> Result<ShopsAnswer, Refusal> {
    let found = office.accounts.look(|connection| named_memberships(connection, account))?;
    let mut shops = Vec::new();
    for (shop, name) in found {
        let id = shop.to_string();
        match office.member(&id, account) {
            Ok(member) => shops.push(MyShop { standing: member.standing(), id, name }),
            Err(refused) if refused.is_no_shop() => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(ShopsAnswer { shops })
}

pub(super) fn trail(office: &Office, account: Uuid, request: &TrailRequest) -> Result<TrailAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    Ok(office.ledger.trail(&member, request)?)
}

pub(super) fn standing(office: &Office, account: Uuid, request: &OfShop) -> Result<StandingAnswer, Refusal> {
    office.member(&request.shop, account)?;
    Ok(office.ledger.standing(&request.shop)?)
}

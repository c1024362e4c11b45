//! What a shop keeps apart: the key to its passcodes, and how its people and devices stand.

use super::Office;
use super::refuse::Refusal;
use crate::accounts::{self, Membership, active_memberships, memberships, shop_key, shop_names};
use crate::ledger::{LedgerError, Member};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use counterpart_core::entity::{Rights, Role};
use counterpart_core::sync::wire::{
    MemberStanding, OfShop, Overview, OverviewRequest, ShopKey, ShopOverview,
};
use uuid::Uuid;

/// The key that wraps the keys of passcodes, for whoever may see those.
pub(super) fn key(office: &Office, account: Uuid, request: &OfShop) -> Result<ShopKey, Refusal> {
    let member = office.member(&request.shop, account)?;
    if !may_see_passcodes(&member) {
        return Err(LedgerError::Denied.into());
    }
    let shop = Uuid::parse_str(&request.shop).map_err(|_| LedgerError::NoShop)?;
    let now_ms = office.clock.now_ms();
    let key = office.accounts.run(|tx| shop_key(tx, shop, now_ms))?;
    Ok(ShopKey { key: STANDARD.encode(key) })
}

/// A shared tablet holds the key for those who work at it.
fn may_see_passcodes(member: &Member) -> bool {
    member.station || Rights::of_role(&Role::from(member.role.as_str())).any(Rights::INTAKE)
}

/// Every shop that the caller manages: its people, its devices, what waits for a decision.
pub(super) fn overview(office: &Office, account: Uuid, _: &OverviewRequest) -> Result<Overview, Refusal> {
    let (mine, names) = office
        .accounts
        .look(|connection| Ok((active_memberships(connection, account)?, shop_names(connection)?)))?;
    let mut shops = Vec::new();
    for (shop, name) in names {
        let member = mine.iter().find(|member| member.shop == shop);
        if !member.is_some_and(manages) {
            continue;
        }
        let id = shop.to_string();
        // The books have a say too: who does not work there any more manages nothing.
        match office.member(&id, account) {
            Err(Refusal::Ledger(LedgerError::NoShop)) => continue,
            other => other?,
        };
        let people = office.accounts.look(|connection| memberships(connection, shop))?;
        shops.push(ShopOverview {
            name,
            members: people.into_iter().map(standing).collect(),
            devices: office.ledger.standing(&id)?.devices,
            open_conflicts: office.ledger.open_conflicts(&id)?,
            shop: id,
        });
    }
    Ok(Overview { shops })
}

fn manages(member: &accounts::Member) -> bool {
    !member.station && Rights::of_role(&Role::from(member.role.word())).any(Rights::AUDIT)
}

fn standing(member: Membership) -> MemberStanding {
    MemberStanding {
        account: member.account.to_string(),
        email: member.email,
        role: member.role.word().to_owned(),
        station: member.station,
        active: member.active,
    }
}

//! What `doctor` finds on a database: it looks, and changes nothing.

use super::{AccountsOnPostgres, Database, DatabaseError, Standing, owner_of, standing};
use crate::accounts::StoreError;
use crate::auth::token::Signer;

/// Something that is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

/// Everything that is wrong.
pub async fn look(database: &Database) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut find = |code, message: String| findings.push(Finding { code, message });
    match standing(database).await? {
        Standing::Empty => return Err(DatabaseError::Missing.into()),
        Standing::Behind(many) => {
            find("database_behind", format!("{many} migrations are still to come: `serve` applies them"));
            return Ok(findings);
        }
        Standing::Ready => {}
    }
    let client = database.client().await?;
    let shops = owner_of(&client).await?;
    if shops.is_empty() {
        find("no_shop", "there is no shop: run `counterpart-hub init`".into());
    }
    for (shop, _) in shops.iter().filter(|(_, owners)| *owners == 0) {
        find("no_owner", format!("shop {shop} has no active owner: invite one with --role owner"));
    }
    drop(client);
    match AccountsOnPostgres::new(database.clone()).keys().await {
        Ok(keys) if Signer::new(&keys.signing).is_ok() => {}
        Ok(_) | Err(StoreError::Broken(_)) => {
            find("keys_broken", "the hub's keys are missing or broken: restore the last backup".into());
        }
        Err(error) => return Err(error),
    }
    Ok(findings)
}

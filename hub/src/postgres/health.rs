//! What `doctor` finds on a database: it looks, and changes nothing unless it is asked to restamp. What has to be done now
//! and then is done here too.

use super::{AccountsOnPostgres, Database, DatabaseError, Standing, open, owner_of, standing};
use crate::accounts::StoreError;
use crate::auth::token::Signer;
use crate::clock::Clock;
use std::time::Duration;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(86_400);

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
    let asks = "select shop, code, sum(many)::bigint from public.look_over() group by shop, code order by shop, code";
    for row in client.query(asks, &[]).await.map_err(DatabaseError::from)? {
        let (shop, code, many): (Uuid, &str, i64) = (row.get(0), row.get(1), row.get(2));
        let (code, says) = in_words(code, many);
        find(code, format!("shop {shop}: {says}"));
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

/// What the database says of a shop's books.
fn in_words(code: &str, many: i64) -> (&'static str, String) {
    match code {
        "rows_without_stamp" => (
            "rows_without_stamp",
            format!("{many} rows were written with triggers off and reach no device: run `doctor --restamp`"),
        ),
        "sum_differs" => {
            ("sum_differs", format!("{many} sums of inventory_items are not those of their rows"))
        }
        "receipt_without_commit" => {
            ("receipt_without_commit", format!("{many} receipts are of no commit: restore the last backup"))
        }
        _ => {
            ("head_is_not_the_last_commit", "its head is not its last commit: restore the last backup".into())
        }
    }
}

/// Stamps what was written with triggers off, so that it reaches the devices. Gives back how many rows.
pub async fn restamp(database: &Database) -> Result<i64, DatabaseError> {
    open(database).await?;
    let client = database.client().await?;
    Ok(client.query_one("select public.restamp()", &[]).await?.get(0))
}

/// Empties once a day what was deleted long ago, as long as it is awaited. Hubs on one database take turns, and the second
/// of them finds nothing left to do.
pub(super) async fn forget_daily(database: &Database, clock: &dyn Clock) {
    loop {
        let forgotten = async {
            let client = database.client().await?;
            let forgets = "set lock_timeout = '300ms'; select public.forget_deleted(); reset lock_timeout";
            client.batch_execute(forgets).await.map_err(DatabaseError::from)
        };
        if let Err(error) = forgotten.await {
            tracing::warn!(%error, "rows that were deleted long ago are kept another day");
        }
        clock.reached(clock.elapsed() + DAY).await;
    }
}

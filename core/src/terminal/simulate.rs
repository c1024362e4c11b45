//! What an inspector may do to a device that is signed in, in builds that are no release: make its network bad, start
//! over, edit as somebody else.

use super::{Terminal, closed, nobody};
use crate::error::{Error, Result};
use crate::net::Trouble;
use crate::outbox::{Edit, EditKind, Kind, Operation, Outcome};
use crate::schema::{AnyJson, Invalid, Json, Rule};
use crate::shop::Shop;
use crate::sync::Call;
use crate::sync::wire::{OpenAnswer, OpenRequest, PushAnswer, PushRequest};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

impl Terminal {
    /// Makes the network bad, or well again: for whoever is signed in now or signs in later. What waits because of what
    /// was wrong before goes on. That there is no network at all is what [`network`](Terminal::network) says.
    pub fn simulate(&self, trouble: Trouble) -> Result<()> {
        let mut guard = self.lock();
        let inside = guard.as_mut().ok_or_else(closed)?;
        inside.trouble = trouble;
        if let Some(line) = &inside.line {
            line.http.simulate(trouble);
        }
        Ok(())
    }

    /// Empties the open shop's file of everything that the server has, and fetches it anew. While operations have no
    /// outcome it is refused.
    pub async fn purge(&self) -> Result<()> {
        self.start_over(Shop::purge).await
    }

    /// Fetches everything of the open shop anew. What is here stays until it has come.
    pub async fn force_full_sync(&self) -> Result<()> {
        self.start_over(Shop::force_full_sync).await
    }

    async fn start_over(&self, begin: fn(&Shop) -> Result<Vec<Call>>) -> Result<()> {
        match self.driver() {
            Ok(driver) => driver.start_over(begin).await,
            // Nobody to ask: it is fetched once there is.
            Err(error) if error.is_signed_out() => begin(&self.shop().ok_or_else(nobody)?).map(drop),
            Err(error) => Err(error),
        }
    }

    /// Sets a field the way another device of this account would that knows of the row what this one was last told: an
    /// edit of it here that the server has not, or that is made before the next sync, meets that one there.
    pub async fn edit_elsewhere(&self, table: &str, id: &str, field: &str, value: &Json) -> Result<()> {
        let (_, shop) = self.line()?;
        let begins = OpenRequest {
            shop: shop.id().to_owned(),
            device: shop.env().new_id(),
            generation: 0,
            attempt: shop.env().new_id(),
            // It makes no tickets.
            numbers_left: i64::MAX,
        };
        let device = begins.device.clone();
        let begun: OpenAnswer = self.ask("device_open", begins).await?;
        let operation = elsewhere(&shop, (table, id), field, value)?;
        let op = RawValue::from_string(operation.body()?).map_err(|_| Error::damaged())?;
        let push = PushRequest {
            shop: shop.id().to_owned(),
            device,
            generation: begun.generation,
            epoch: begun.epoch,
            unsent: 0,
            acked: 0,
            ops: vec![op],
        };
        let answer: PushAnswer = self.ask("sync_push", push).await?;
        let refused = answer
            .receipts
            .iter()
            .find(|receipt| matches!(receipt.outcome, Outcome::Rejected | Outcome::Held));
        match refused {
            None => Ok(()),
            Some(_) => Err(Invalid::field("field", Rule::Of("refused")).of("elsewhere").into()),
        }
    }

    async fn ask<Q, A>(&self, function: &'static str, request: Q) -> Result<A>
    where
        Q: serde::Serialize + Send + Sync + 'static,
        A: serde::de::DeserializeOwned + Send + 'static,
    {
        let (line, _) = self.line()?;
        self.call(line, function, request).await
    }
}

/// One field set, on the row as the server last confirmed it here.
fn elsewhere(shop: &Shop, (table, id): (&str, &str), field: &str, value: &Json) -> Result<Operation> {
    let record = shop.raw_record(table, id)?;
    let AnyJson(confirmed) = record.base.or(record.shown).unwrap_or_default();
    let on = confirmed["stamp"].as_i64().filter(|on| *on > 0);
    let on = on.ok_or_else(|| Error::missing("row on the server"))?;
    let edit = Edit { kind: EditKind::To(value.clone()), was: confirmed[field].clone(), on, at: 0 };
    let who = shop.who();
    Ok(Operation {
        id: shop.env().new_id(),
        seq: 1,
        group: None,
        table: table.to_owned(),
        row: id.to_owned(),
        kind: Kind::Patch,
        at: shop.env().now(),
        account: who.account,
        actor: who.actor,
        on,
        fields: BTreeMap::from([(field.to_owned(), edit)]),
        needs: Vec::new(),
        replaces: None,
    })
}

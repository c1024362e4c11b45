//! A PIN where the shops are in PostgreSQL, which cannot work out Argon2id: the database counts the try and gives the
//! verifier, the hub holds the PIN against it, the database stores the grant.

use super::refuse::{Refusal, busy, internal};
use super::station::{LONGEST_PIN, fits};
use super::{PATIENCE, PINS};
use crate::clock::Clock;
use crate::ledger::LedgerError;
use crate::rpc::{RpcAnswer, RpcError};
use axum::body::Bytes;
use counterpart_core::sync::wire::{GrantAnswer, GrantRequest};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Whoever asks the database as the service.
pub(crate) trait AsService: Send + Sync {
    /// Calls a function. What it refuses goes on to the caller.
    fn ask<'a>(&'a self, function: &'static str, body: &'a Json) -> BoxFuture<'a, Result<Json, RpcError>>;
}

/// The PINs that are worked on.
pub(crate) struct Pins {
    turns: Semaphore,
    clock: Arc<dyn Clock>,
}

/// What the database says to a try at a PIN.
#[derive(Deserialize)]
struct Tried {
    locked_seconds: u64,
    #[serde(default)]
    locks_seconds: u64,
    role: Option<String>,
    verifier: Option<String>,
}

impl Pins {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Pins {
        Pins { turns: Semaphore::new(PINS), clock }
    }

    /// Says whether somebody may work at a shared tablet from now on.
    pub(crate) async fn grant(
        &self,
        database: &dyn AsService,
        account: Uuid,
        body: Bytes,
    ) -> Result<RpcAnswer, RpcError> {
        let malformed = |field| Refusal::from(LedgerError::Malformed(field)).answer();
        let Ok(asks) = serde_json::from_slice::<GrantRequest>(&body) else { return malformed("its fields") };
        if asks.pin.len() > LONGEST_PIN {
            return malformed("pin");
        }
        let late = self.clock.reached(self.clock.elapsed() + PATIENCE);
        let _turn = tokio::select! {
            biased;
            turn = self.turns.acquire() => turn.map_err(|_| internal())?,
            () = late => return Ok(busy()),
        };
        let GrantRequest { shop, device, employee, pin } = asks;
        let mut of_device = json!({ "shop": shop, "device": device, "employee": employee });
        of_device["account"] = json!(account);
        let tried = database.ask("station_try", &of_device).await?;
        let tried: Tried = serde_json::from_value(tried).map_err(|_| internal())?;
        let refused = |locked_seconds| GrantAnswer { granted: false, role: String::new(), locked_seconds };
        if tried.locked_seconds > 0 {
            return answer(&refused(tried.locked_seconds));
        }
        // Also where nobody is to be found: how long it takes does not tell who works here.
        let verifier = tried.verifier;
        let check = tokio::task::spawn_blocking(move || fits(verifier.as_deref(), &pin));
        let right = check.await.map_err(|_| internal())?;
        let Some(role) = tried.role.filter(|_| right) else { return answer(&refused(tried.locks_seconds)) };
        database.ask("station_granted", &of_device).await?;
        answer(&GrantAnswer { granted: true, role, locked_seconds: 0 })
    }
}

fn answer(grant: &GrantAnswer) -> Result<RpcAnswer, RpcError> {
    serde_json::to_vec(grant).map(|json| RpcAnswer::Json(json.into())).map_err(|_| internal())
}

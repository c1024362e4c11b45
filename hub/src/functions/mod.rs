//! The functions under `/rest/v1/rpc/`: the ledger, asked by members of its shops.
//!
//! What the caller is in the shop is read from the accounts on every call, never from a token. SQLite works on threads
//! of its own, writes one after another in the order they came, reads beside them. A commit is told to the shop's
//! devices before its answer returns, also when whoever pushed it has gone meanwhile.

mod beside;
mod office;
pub(crate) mod pins;
pub(crate) mod refuse;
mod snapshot;
pub mod staff;
mod station;
mod sync;

pub use beside::Beside;

use crate::accounts::{Accounts, StoreError, membership};
use crate::caller::Caller;
use crate::clock::Clock;
use crate::ledger::{Ledger, LedgerError, Member};
use crate::realtime::Realtime;
use crate::rpc::{Rpc, RpcAnswer, RpcError};
use axum::body::Bytes;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::{Env, SystemEntropy};
use counterpart_core::sync::wire::{Cursor, Poke, refusal};
use futures_util::future::BoxFuture;
use refuse::{Refusal, busy};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// How long a call waits for its turn before it is told to come back.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How many calls read at a time.
const READERS: usize = 8;
/// How many PINs are worked on at a time: each takes a processor, and memory.
const PINS: usize = 2;
/// The longest id that a request may name.
const LONGEST_ID: usize = 64;

/// Why there are no functions.
#[derive(Debug, thiserror::Error)]
pub enum FunctionsError {
    /// The accounts.
    #[error(transparent)]
    Accounts(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The functions of a hub.
pub struct Functions {
    office: Arc<Office>,
    writing: Arc<Semaphore>,
    reading: Arc<Semaphore>,
    pins: Arc<Semaphore>,
}

/// What the functions work with.
struct Office {
    accounts: Accounts,
    ledger: Ledger,
    realtime: Arc<Realtime>,
    clock: Arc<dyn Clock>,
}

impl Functions {
    /// Opens the ledger in a data folder that `init` has made, with books for each of its shops and a page in them for
    /// everybody who works there.
    pub fn open(
        data: &Path,
        clock: Arc<dyn Clock>,
        realtime: Arc<Realtime>,
    ) -> Result<Arc<Functions>, FunctionsError> {
        let accounts = Accounts::open(data)?;
        let ledger = Ledger::open(&Ledger::path(data), &REPAIR_SHOP, env(clock.clone()))?;
        staff::reconcile(&accounts, &ledger, clock.now_ms())?;
        ledger.forget_deleted()?;
        Ok(Arc::new(Functions {
            office: Arc::new(Office { accounts, ledger, realtime, clock }),
            writing: Arc::new(Semaphore::new(1)),
            reading: Arc::new(Semaphore::new(READERS)),
            pins: Arc::new(Semaphore::new(PINS)),
        }))
    }

    async fn answer(&self, caller: &Caller, function: &str, body: Bytes) -> Result<RpcAnswer, RpcError> {
        let account = account(caller)?;
        let (write, read) = (&self.writing, &self.reading);
        match function {
            "device_open" => self.run(write, account, body, sync::device_open).await,
            "sync_push" => self.run(write, account, body, sync::push).await,
            "sync_pull" => self.run(read, account, body, sync::pull).await,
            "sync_range" => self.run(read, account, body, sync::range).await,
            "sync_snapshot" => self.run(read, account, body, snapshot::snapshot).await,
            "lease_numbers" => self.run(write, account, body, sync::lease).await,
            "sync_checksums" => self.run(read, account, body, sync::checksums).await,
            "sync_counts" => self.run(read, account, body, sync::counts).await,
            "my_shops" => self.run(read, account, body, sync::my_shops).await,
            "sync_standing" => self.run(read, account, body, sync::standing).await,
            "sync_trail" => self.run(read, account, body, sync::trail).await,
            "shop_key" => self.run(read, account, body, office::key).await,
            "shop_overview" => self.run(read, account, body, office::overview).await,
            "station_grant" => self.run(&self.pins, account, body, station::grant).await,
            _ => Err(RpcError::no_function(function)),
        }
    }

    /// Does the work of a call on a thread that may wait for the disk, once it is this call's turn. A caller who goes
    /// away does not stop it.
    async fn run<Q, A>(
        &self,
        gate: &Arc<Semaphore>,
        account: Uuid,
        body: Bytes,
        work: fn(&Office, Uuid, &Q) -> Result<A, Refusal>,
    ) -> Result<RpcAnswer, RpcError>
    where
        Q: DeserializeOwned + 'static,
        A: Serialize + 'static,
    {
        let clock = &self.office.clock;
        let late = clock.reached(clock.elapsed() + PATIENCE);
        let turn = tokio::select! {
            biased;
            turn = gate.clone().acquire_owned() => turn.map_err(|_| refuse::internal())?,
            () = late => return Ok(busy()),
        };
        let office = self.office.clone();
        let worker = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let request: Q =
                serde_json::from_slice(&body).map_err(|_| LedgerError::Malformed("its fields"))?;
            let answer = work(&office, account, &request)?;
            serde_json::to_vec(&answer).map_err(|_| Refusal::from(LedgerError::Damaged("row")))
        });
        match worker.await {
            Ok(Ok(json)) => Ok(RpcAnswer::Json(json.into())),
            Ok(Err(refused)) => refused.answer(),
            Err(_) => Err(refuse::internal()),
        }
    }
}

/// Whoever calls is signed in.
pub(crate) fn account(caller: &Caller) -> Result<Uuid, RpcError> {
    match caller {
        Caller::Account { id, .. } => Ok(*id),
        Caller::Anonymous | Caller::Service => {
            let message = "Only a signed-in member of a shop may call this";
            Err(RpcError::not_allowed(caller, message).with_details(refusal::DENIED))
        }
    }
}

impl Rpc for Functions {
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move { self.answer(caller, function, body).await.unwrap_or_else(RpcAnswer::Error) })
    }

    fn file<'a>(&'a self, caller: &'a Caller, shop: &'a str, name: &'a str) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move { self.snapshot_file(caller, shop, name).await.unwrap_or_else(RpcAnswer::Error) })
    }
}

impl Office {
    /// What an account is in a shop now.
    fn member(&self, shop: &str, account: Uuid) -> Result<Member, Refusal> {
        let id = Uuid::parse_str(shop).ok().filter(|id| id.to_string() == shop);
        let id = id.ok_or(LedgerError::NoShop)?;
        let found = self.accounts.look(|connection| membership(connection, id, account))?;
        let found = found.ok_or(LedgerError::NoShop)?;
        let account = account.to_string();
        let employee = if found.station { None } else { self.ledger.person(shop, &account)? };
        if employee.as_ref().is_some_and(|row| !staff::works(row)) {
            return Err(LedgerError::NoShop.into());
        }
        Ok(Member {
            account,
            role: found.role.word().to_owned(),
            station: found.station,
            employee: employee.map(|row| row.id),
        })
    }

    /// Tells a shop's devices of a commit.
    fn poke(&self, shop: &str, head: Cursor) {
        if let (Ok(shop), Ok(poke)) = (Uuid::parse_str(shop), serde_json::to_value(Poke { head })) {
            self.realtime.poke(shop, &poke);
        }
    }
}

/// Refuses an id that no device of ours would send.
fn check_id(id: &str, what: &'static str) -> Result<(), LedgerError> {
    let fits = (1..=LONGEST_ID).contains(&id.len()) && !id.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(LedgerError::Malformed(what)) }
}

/// The hub's clock, and the machine's randomness, as the ledger takes them.
pub fn env(clock: Arc<dyn Clock>) -> Env {
    Env { clock: Arc::new(HubTime(clock)), entropy: Arc::new(SystemEntropy) }
}

struct HubTime(Arc<dyn Clock>);

impl counterpart_core::env::Clock for HubTime {
    fn now(&self) -> i64 {
        self.0.now_ms()
    }

    fn awake_and_asleep(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

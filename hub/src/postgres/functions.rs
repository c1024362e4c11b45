//! The functions under `/rest/v1/rpc/`, answered by the database: one transaction a call, in the API's role and with the
//! caller's claims, as PostgREST does it, so that policies and triggers are the only guard here too.
//!
//! A call is sent whole, from BEGIN to COMMIT, in one trip. Whoever goes away does not stop it. An error goes on as
//! PostgREST would word it; what never reached the database is "busy", and the same bytes may be sent again.

use super::{Bell, Database, DatabaseError, PATIENCE};
use crate::caller::Caller;
use crate::clock::Clock;
use crate::functions::account;
use crate::functions::pins::{AsService, Pins};
use crate::functions::refuse::{busy, internal};
use crate::rpc::{Rpc, RpcAnswer, RpcError};
use axum::body::Bytes;
use axum::http::StatusCode;
use counterpart_core::sync::wire::Cursor;
use deadpool_postgres::Client;
use futures_util::future::{BoxFuture, join5};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::error::DbError;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// The longest that a call may take where the role says nothing, as Supabase has it.
const STATEMENT_TIMEOUT: &str = "8s";
/// The longest that an answer is waited for. A statement's own limit ends it before; this is for a database that is gone.
const LONGEST: Duration = Duration::from_secs(60);

/// What a function is called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// The body, with the bytes that were sent.
    Json,
    /// The body.
    Jsonb,
    /// Nothing: the body is empty.
    Nothing,
}

/// A function that devices call.
struct Served {
    name: &'static str,
    takes: Takes,
    /// Whether it changes anything.
    writes: bool,
}

const fn served(name: &'static str, takes: Takes, writes: bool) -> Served {
    Served { name, takes, writes }
}

const SERVED: &[Served] = &[
    served("device_open", Takes::Jsonb, true),
    served("sync_push", Takes::Json, true),
    served("sync_pull", Takes::Jsonb, false),
    served("sync_range", Takes::Jsonb, false),
    served("lease_numbers", Takes::Jsonb, true),
    served("sync_checksums", Takes::Jsonb, false),
    served("sync_counts", Takes::Jsonb, false),
    served("my_shops", Takes::Nothing, false),
    served("sync_standing", Takes::Jsonb, false),
    served("sync_trail", Takes::Jsonb, false),
    served("shop_key", Takes::Jsonb, false),
    served("shop_overview", Takes::Nothing, false),
];

const FOR_SERVICE: &[Served] =
    &[served("station_try", Takes::Jsonb, true), served("station_granted", Takes::Jsonb, true)];

impl Served {
    fn sql(&self) -> String {
        let argument = match self.takes {
            Takes::Json => "$1::text::json",
            Takes::Jsonb => "$1::text::jsonb",
            Takes::Nothing => "",
        };
        format!("select public.{}({argument})::text", self.name)
    }
}

/// Which shop a request is of, if it says so.
#[derive(Deserialize)]
struct OfShop<'a> {
    #[serde(borrow)]
    shop: Option<Cow<'a, str>>,
}

/// One writer of a shop at a time: the others would only wait for its lock, each on a connection that a neighbour needs.
#[derive(Default)]
struct Counters(Mutex<HashMap<Uuid, Arc<Semaphore>>>);

impl Counters {
    fn of(&self, shop: Uuid) -> Arc<Semaphore> {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody stands at those that only this map knows.
        counters.retain(|_, counter| Arc::strong_count(counter) > 1);
        counters.entry(shop).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
    }
}

/// The functions over a database.
pub struct OnPostgres {
    calls: Arc<Calls>,
    pins: Pins,
}

struct Calls {
    database: Database,
    bell: Arc<Bell>,
    clock: Arc<dyn Clock>,
    counters: Counters,
    /// For how long a member's statement may run.
    statement_timeout: String,
}

impl OnPostgres {
    /// Those of a database that `init` has set up. Commits are told with the bell.
    pub async fn open(
        database: Database,
        bell: Arc<Bell>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<OnPostgres>, DatabaseError> {
        let statement_timeout = statement_timeout(&database).await?;
        let pins = Pins::new(clock.clone());
        let calls = Calls { database, bell, clock, counters: Counters::default(), statement_timeout };
        Ok(Arc::new(OnPostgres { calls: Arc::new(calls), pins }))
    }

    async fn answer(&self, caller: &Caller, function: &str, body: Bytes) -> Result<RpcAnswer, RpcError> {
        let account = account(caller)?;
        if function == "station_grant" {
            return self.pins.grant(self, account, body).await;
        }
        let served = SERVED.iter().find(|served| served.name == function);
        let served = served.ok_or_else(|| RpcError::no_function(function))?;
        let session = match caller {
            Caller::Account { session, .. } => Some(*session),
            Caller::Anonymous | Caller::Service => None,
        };
        let claims = json!({
            "sub": account, "role": "authenticated", "aud": "authenticated", "session_id": session,
        });
        self.run(served, "authenticated", claims, body).await
    }

    async fn run(
        &self,
        served: &'static Served,
        role: &'static str,
        claims: Json,
        body: Bytes,
    ) -> Result<RpcAnswer, RpcError> {
        let Ok(body) = String::from_utf8(body.into()) else { return Err(RpcError::bad_body()) };
        let calls = self.calls.clone();
        let late = calls.clock.reached(calls.clock.elapsed() + LONGEST);
        let worker = tokio::spawn(async move { calls.call(served, role, &claims.to_string(), body).await });
        tokio::select! {
            done = worker => done.map_err(|_| internal())?,
            () = late => Err(lost()),
        }
    }
}

/// What a member's role says of its statements, as PostgREST would apply it.
async fn statement_timeout(database: &Database) -> Result<String, DatabaseError> {
    let asks = "select split_part(setting, '=', 2) from pg_roles as r
                join pg_db_role_setting as s on s.setrole = r.oid
                  and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
                cross join unnest(s.setconfig) as setting
                where r.rolname = 'authenticated' and setting like 'statement_timeout=%'
                order by s.setdatabase desc limit 1";
    let found = database.client().await?.query_opt(asks, &[]).await?;
    Ok(found.map_or_else(|| STATEMENT_TIMEOUT.to_owned(), |row| row.get(0)))
}

impl Calls {
    async fn call(
        &self,
        served: &Served,
        role: &str,
        claims: &str,
        body: String,
    ) -> Result<RpcAnswer, RpcError> {
        let shop = serde_json::from_str::<OfShop<'_>>(&body).ok().and_then(|of| of.shop);
        let shop = shop.and_then(|shop| Uuid::parse_str(&shop).ok());
        let _turn = match shop.filter(|_| served.writes) {
            None => None,
            Some(shop) => match self.turn(shop).await {
                None => return Ok(busy()),
                turn => turn,
            },
        };
        let client = match self.database.client().await {
            Ok(client) => client,
            Err(DatabaseError::Busy) => return Ok(busy()),
            Err(error) => {
                tracing::error!(%error, "the database cannot be asked");
                return Err(RpcError::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "PGRST000",
                    "Database connection error",
                ));
            }
        };
        let done = self.transact(&client, served, role, claims, &body, shop).await;
        drop(client);
        let (answer, head) = done.map_err(|error| worded(&error))?;
        if let (Some(shop), Some(head)) = (shop, head) {
            // Only a push about people can end somebody's place; a name in an escape would be nobody's who has one.
            let of_people = body.contains("\"employees\"");
            self.bell.ring(shop, head, of_people).await;
        }
        Ok(RpcAnswer::Json(answer.into()))
    }

    /// This shop's counter, unless it takes too long until it is free.
    async fn turn(&self, shop: Uuid) -> Option<OwnedSemaphorePermit> {
        let late = self.clock.reached(self.clock.elapsed() + PATIENCE);
        tokio::select! {
            biased;
            turn = self.counters.of(shop).acquire_owned() => turn.ok(),
            () = late => None,
        }
    }

    /// One call in one transaction. After a push also the shop's head, as that transaction leaves it.
    async fn transact(
        &self,
        client: &Client,
        served: &Served,
        role: &str,
        claims: &str,
        body: &str,
        shop: Option<Uuid>,
    ) -> Result<(String, Option<Cursor>), tokio_postgres::Error> {
        const AS_CALLER: &str =
            "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true),
                                        set_config('statement_timeout', $3, true)";
        const HEAD: &str =
            "select (h).epoch, (h).head, (h).tag from (select counterpart.head_of($1) as h) as of";
        let text = [Type::TEXT, Type::TEXT, Type::TEXT];
        let as_caller = client.prepare_typed_cached(AS_CALLER, &text).await?;
        let call = client.prepare_cached(&served.sql()).await?;
        let pokes = shop.filter(|_| served.name == "sync_push");
        let head = client.prepare_cached(HEAD).await?;
        let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] =
            if served.takes == Takes::Nothing { &[] } else { &[&body] };
        let asks_head = async {
            match &pokes {
                Some(shop) => client.query_opt(&head, &[shop]).await,
                None => Ok(None),
            }
        };
        // Sent one behind the other without waiting: what comes after an error does nothing, COMMIT included.
        let (begun, set, answer, head, ended) = join5(
            client.batch_execute(if served.writes { "begin" } else { "begin read only" }),
            client.query_one(&as_caller, &[&role, &claims, &self.statement_timeout]),
            client.query_one(&call, parameters),
            asks_head,
            client.batch_execute("commit"),
        )
        .await;
        begun?;
        set?;
        let answer: Option<String> = answer?.get(0);
        let head = head?;
        ended?;
        let head = head.and_then(|row| {
            Some(Cursor {
                epoch: row.get::<_, Option<_>>(0)?,
                n: row.get::<_, Option<_>>(1)?,
                tag: row.get::<_, Option<_>>(2)?,
            })
        });
        Ok((answer.unwrap_or_else(|| "null".to_owned()), head))
    }
}

impl AsService for OnPostgres {
    fn ask<'a>(&'a self, function: &'static str, body: &'a Json) -> BoxFuture<'a, Result<Json, RpcError>> {
        Box::pin(async move {
            let served = FOR_SERVICE.iter().find(|served| served.name == function).ok_or_else(internal)?;
            let claims = json!({ "role": "service_role" });
            match self.run(served, "service_role", claims, body.to_string().into()).await? {
                RpcAnswer::Json(json) => serde_json::from_slice(&json).map_err(|_| internal()),
                RpcAnswer::Void | RpcAnswer::File { .. } => Err(internal()),
                RpcAnswer::Error(error) => Err(error),
            }
        })
    }
}

impl Rpc for OnPostgres {
    fn call<'a>(&'a self, caller: &'a Caller, function: &'a str, body: Bytes) -> BoxFuture<'a, RpcAnswer> {
        Box::pin(async move { self.answer(caller, function, body).await.unwrap_or_else(RpcAnswer::Error) })
    }
}

/// The connection broke, and what became of the call is not known: the same bytes again.
fn lost() -> RpcError {
    RpcError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "PGRST001",
        "Database client error. Retrying the connection.",
    )
}

/// An error as PostgREST words it. It goes to whoever sent the request, and only its code into the log.
fn worded(error: &tokio_postgres::Error) -> RpcError {
    let Some(refused) = error.as_db_error() else {
        tracing::error!(error = %DatabaseError::Lost, "a function failed");
        return lost();
    };
    let code = refused.code().code();
    if code.starts_with("08") || code.starts_with("57P") {
        // Whoever runs the database stops it, or it comes up again: nothing is wrong with what was sent.
        tracing::warn!(code, "the database hung up");
        return lost();
    }
    let status = status(code, refused);
    // What the functions themselves refuse is everyday; anything else somebody has to look into.
    if !code.starts_with("PT") {
        tracing::warn!(code, "a function failed");
    }
    let mut answer = RpcError::new(status, code, refused.message());
    if let Some(details) = refused.detail() {
        answer = answer.with_details(details);
    }
    if let Some(hint) = refused.hint() {
        answer = answer.with_hint(hint);
    }
    answer
}

/// The status that PostgREST gives a signed-in caller for an SQLSTATE.
fn status(code: &str, refused: &DbError) -> StatusCode {
    if let Some(chosen) = code.strip_prefix("PT") {
        let chosen = chosen.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
        return chosen.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    match code {
        "23503" | "23505" => StatusCode::CONFLICT,
        "25006" => StatusCode::METHOD_NOT_ALLOWED,
        "42501" => StatusCode::FORBIDDEN,
        "42883" | "42P01" => StatusCode::NOT_FOUND,
        "42P17" | "53400" => StatusCode::INTERNAL_SERVER_ERROR,
        "P0001" => StatusCode::BAD_REQUEST,
        "21000" if refused.message().ends_with("requires a WHERE clause") => StatusCode::BAD_REQUEST,
        "21000" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => match code.get(..2).unwrap_or_default() {
            "53" => StatusCode::SERVICE_UNAVAILABLE,
            "0L" | "0P" | "28" => StatusCode::FORBIDDEN,
            "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58" | "F0" | "HV"
            | "P0" | "XX" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        },
    }
}

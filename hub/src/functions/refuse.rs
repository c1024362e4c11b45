//! What a call that has no answer of its own returns: PostgREST's errors, with a word of the protocol in `details`.

use super::FunctionsError;
use crate::accounts::StoreError;
use crate::ledger::LedgerError;
use crate::rpc::{RpcAnswer, RpcError};
use axum::http::StatusCode;
use counterpart_core::sync::wire::{Busy, refusal};
use rusqlite::ErrorCode;

/// When a caller that found the books busy should come back.
const BUSY_MS: i64 = 300;

/// Why a call has no answer of its own.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Accounts(#[from] StoreError),
    /// What is asked for is being made.
    #[error("come back")]
    Busy,
}

impl From<FunctionsError> for Refusal {
    fn from(error: FunctionsError) -> Refusal {
        match error {
            FunctionsError::Accounts(error) => Refusal::Accounts(error),
            FunctionsError::Ledger(error) => Refusal::Ledger(error),
        }
    }
}

impl Refusal {
    /// Whether the caller is no member of the shop.
    pub(super) fn is_no_shop(&self) -> bool {
        matches!(self, Refusal::Ledger(LedgerError::NoShop))
    }

    /// What the caller is told: never what went wrong inside.
    pub(super) fn answer(self) -> Result<RpcAnswer, RpcError> {
        if self.is_busy() {
            return Ok(busy());
        }
        let error = match self {
            Refusal::Ledger(error) => error,
            Refusal::Accounts(error) => {
                tracing::error!(%error, "a function failed");
                return Err(internal());
            }
            Refusal::Busy => return Ok(busy()),
        };
        let message = error.to_string();
        let (status, word) = match error {
            LedgerError::NoShop => (StatusCode::FORBIDDEN, refusal::NO_SHOP),
            LedgerError::NoSession => (StatusCode::CONFLICT, refusal::NO_SESSION),
            LedgerError::OtherEpoch => (StatusCode::CONFLICT, refusal::OTHER_EPOCH),
            LedgerError::Malformed(_) | LedgerError::Invalid(_) => {
                (StatusCode::BAD_REQUEST, refusal::MALFORMED)
            }
            LedgerError::Denied => (StatusCode::FORBIDDEN, refusal::DENIED),
            LedgerError::Database(_) | LedgerError::Damaged(_) => {
                tracing::error!(%error, "a function failed");
                return Err(internal());
            }
        };
        Err(RpcError::new(status, &format!("PT{}", status.as_u16()), message).with_details(word))
    }

    fn is_busy(&self) -> bool {
        let sqlite = match self {
            Refusal::Ledger(LedgerError::Database(error)) | Refusal::Accounts(StoreError::Sqlite(error)) => {
                error
            }
            Refusal::Busy => return true,
            Refusal::Ledger(_) | Refusal::Accounts(_) => return false,
        };
        [Some(ErrorCode::DatabaseBusy), Some(ErrorCode::DatabaseLocked)].contains(&sqlite.sqlite_error_code())
    }
}

/// Nothing was decided: come back.
pub(crate) fn busy() -> RpcAnswer {
    let busy = Busy { busy: true, retry_after_ms: BUSY_MS };
    match serde_json::to_vec(&busy) {
        Ok(json) => RpcAnswer::Json(json.into()),
        Err(_) => RpcAnswer::Error(internal()),
    }
}

/// Something failed inside, and the log says what.
pub(crate) fn internal() -> RpcError {
    RpcError::new(StatusCode::INTERNAL_SERVER_ERROR, "XX000", "The function failed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use axum::response::IntoResponse;
    use serde_json::{Value, json};

    fn failed(code: i32) -> Refusal {
        LedgerError::from(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(code),
            Some("a table's name".into()),
        ))
        .into()
    }

    #[tokio::test]
    async fn a_busy_database_is_an_answer_and_a_broken_one_tells_nothing() {
        let Ok(RpcAnswer::Json(json)) = failed(rusqlite::ffi::SQLITE_BUSY).answer() else { panic!() };
        assert_eq!(
            json!({"busy": true, "retry_after_ms": BUSY_MS}),
            serde_json::from_slice::<Value>(&json).unwrap()
        );
        let Err(error) = failed(rusqlite::ffi::SQLITE_CORRUPT).answer() else { panic!() };
        let response = error.into_response();
        assert_eq!(500, response.status());
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let expected =
            json!({"code": "XX000", "message": "The function failed", "details": null, "hint": null});
        assert_eq!(expected, serde_json::from_slice::<Value>(&body).unwrap());
    }
}

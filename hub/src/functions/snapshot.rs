//! Ready files for new devices: which there is, and the file itself, each time for a member who may read what is in it.

use super::refuse::{self, Refusal};
use super::{Functions, Office, account, check_id};
use crate::caller::Caller;
use crate::ledger::Snapshot;
use crate::rpc::{RpcAnswer, RpcError};
use axum::http::StatusCode;
use counterpart_core::sync::wire::{SnapshotAnswer, SnapshotRequest};
use uuid::Uuid;

pub(super) fn snapshot(
    office: &Office,
    account: Uuid,
    request: &SnapshotRequest,
) -> Result<SnapshotAnswer, Refusal> {
    let member = office.member(&request.shop, account)?;
    request.unsettled.iter().try_for_each(|id| check_id(id, "unsettled"))?;
    match office.ledger.snapshot(&member, request)? {
        Snapshot::Ready(answer) => Ok(*answer),
        Snapshot::Building => Err(Refusal::Busy),
    }
}

impl Functions {
    /// A file, for whoever may read it now.
    pub(super) async fn snapshot_file(
        &self,
        caller: &Caller,
        shop: &str,
        name: &str,
    ) -> Result<RpcAnswer, RpcError> {
        let account = account(caller)?;
        let (office, shop, name) = (self.office.clone(), shop.to_owned(), name.to_owned());
        let found = tokio::task::spawn_blocking(move || {
            let member = office.member(&shop, account)?;
            Ok::<_, Refusal>(office.ledger.snapshot_file(&member, &shop, &name)?)
        });
        match found.await.map_err(|_| refuse::internal())? {
            Ok(Some((file, bytes))) => Ok(RpcAnswer::File { file, bytes }),
            Ok(None) => Err(RpcError::new(StatusCode::NOT_FOUND, "PT404", "There is no such file")),
            Err(refused) => refused.answer(),
        }
    }
}

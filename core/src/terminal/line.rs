//! A way to a server for one account: every call on it carries a token that counts.

use super::ended::Ended;
use crate::error::Result;
use crate::net::{Http, Session};
use crate::sync::wire::{SnapshotAnswer, SnapshotRequest};
use crate::sync::{Answer, Event, Landed};
use std::path::PathBuf;
use std::sync::Arc;

/// A way to a server, signed in.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) http: Http,
    pub(super) session: Arc<Session>,
}

impl Line {
    pub(super) async fn call<Q: serde::Serialize, A: serde::de::DeserializeOwned>(
        &self,
        function: &'static str,
        request: &Q,
    ) -> Result<A, Answer> {
        let token = match self.session.token().await {
            Ok(token) => token,
            Err(error) if error.is_signed_out() => return Err(Answer::Unauthorised),
            Err(_) => return Err(Answer::NoAnswer),
        };
        self.http.call(function, request, &token).await.map_err(|failure| {
            log::info!("{function}: {failure}");
            failure.answer()
        })
    }

    /// Asks for a snapshot, and fetches what the server says there is.
    pub(super) async fn fetch(&self, request: &SnapshotRequest, to: PathBuf) -> Result<Landed, Answer> {
        let answer: SnapshotAnswer = self.call("sync_snapshot", request).await?;
        let token = self.session.token().await.map_err(|_| Answer::NoAnswer)?;
        self.http.fetch(answer, to, &token).await.map_err(|failure| {
            log::info!("sync_snapshot: {failure}");
            failure.answer()
        })
    }

    pub(super) async fn refresh(&self) -> Ended {
        match self.session.refresh().await {
            Ok(token) => Ended::Token(Event::TokenRefreshed, Some(token)),
            Err(error) if error.is_signed_out() => Ended::Token(Event::TokenRefused, None),
            Err(_) => Ended::Token(Event::Answered(Answer::NoAnswer), None),
        }
    }
}

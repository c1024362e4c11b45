//! What can be asked about the hub from outside, as the owner: how it stands, and what its books add up to.

use super::{Failure, Hub};
use counterpart_core::Result;
use counterpart_core::env::Env;
use counterpart_core::error::Error;
use counterpart_core::keys::MemoryKeys;
use counterpart_core::net::{Http, Limits, Server, Session, Trust};
use counterpart_core::sync::wire::{ChecksumAnswer, DeviceStanding, OfShop, StandingAnswer};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// A session of the owner's beside the devices.
#[derive(Debug)]
pub struct Overseer {
    http: Http,
    session: Session,
    shop: String,
    // For whoever asks from a thread that may wait.
    runtime: Runtime,
}

/// The hub, as it answered just now.
#[derive(Clone, Debug)]
pub struct Standing {
    /// One hash over the books, and the commit that it is of.
    pub checksum: ChecksumAnswer,
    /// The devices that it knows.
    pub devices: Vec<DeviceStanding>,
}

impl Overseer {
    /// Signs in.
    pub fn sign_in(hub: &Hub) -> Result<Overseer, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let limits = Limits { request: Duration::from_secs(5), ..Limits::default() };
        let trust = Trust { own: None };
        let http = Http::new(Server::new(&hub.url, &hub.anon_key)?, &trust, Env::system(), limits)?;
        let keys = Arc::new(MemoryKeys::default());
        let signed_in = Session::sign_in(http.clone(), keys, &hub.owner.email, &hub.owner.password);
        let (session, _) = runtime.block_on(signed_in)?;
        Ok(Overseer { http, session, shop: hub.shop.clone(), runtime })
    }

    /// Asks the hub. Waits; not for a task.
    pub fn look(&self) -> Result<Standing> {
        self.runtime.block_on(async {
            let checksum = self.ask("sync_checksums").await?;
            let StandingAnswer { devices } = self.ask("sync_standing").await?;
            Ok(Standing { checksum, devices })
        })
    }

    async fn ask<T: DeserializeOwned>(&self, function: &'static str) -> Result<T> {
        let token = self.session.token().await?;
        let answer = self.http.call(function, &OfShop { shop: self.shop.clone() }, &token).await;
        answer.map_err(|failure| Error::from(&failure))
    }
}

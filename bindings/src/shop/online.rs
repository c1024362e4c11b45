//! The shop with its server: what takes as long as the network takes, and can be given up.

use super::{Shop, calls};
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::inner::Inner;
use crate::records::{DeviceStanding, RecordKind, ServerCounts, TicketSafety, Trail};
use crate::threads::Answer;
use chrono::{DateTime, Utc};
use counterpart_core::entity::{Ticket, TicketId};
use counterpart_core::net::{Present, Showing};
use counterpart_core::schema::Entity;
use counterpart_core::sync::wire::{self, Wanted};
use counterpart_core::{Error, NotNow, Terminal};
use std::sync::Arc;
use std::time::Duration;

calls! {
    /// The shop's id.
    fn id(shop) -> String {
        Ok(shop.id().to_owned())
    }

    /// The id of this installation's file, as the server and the other devices know it.
    fn device(shop) -> String {
        shop.device()
    }
}

#[uniffi::export]
impl Shop {
    /// One full sync: what is here goes, what is there comes. An error says why it cannot be done now.
    #[uniffi::method(default(cancel = None))]
    pub async fn sync(&self, cancel: Option<Arc<CancelToken>>) -> Result<()> {
        self.online(cancel, async |core| core.sync().await).await
    }

    /// A sync for a background task, within a time: the app may be suspended before and is afterwards.
    #[uniffi::method(default(cancel = None))]
    pub async fn sync_once(&self, within: Duration, cancel: Option<Arc<CancelToken>>) -> Result<()> {
        self.online(cancel, async move |core| core.sync_once(within).await).await
    }

    /// Waits until nothing is queued or on its way; too long is an error.
    #[uniffi::method(default(cancel = None))]
    pub async fn idle(&self, within: Duration, cancel: Option<Arc<CancelToken>>) -> Result<()> {
        self.online(cancel, async move |core| core.idle(within).await).await
    }

    /// Fetches a record that lies outside the windows, with what belongs to it.
    #[uniffi::method(default(cancel = None))]
    pub async fn fetch(&self, kind: RecordKind, id: String, cancel: Option<Arc<CancelToken>>) -> Result<()> {
        let wanted = Wanted::Row { table: kind.table().to_owned(), id };
        self.online(cancel, async move |core| core.fetch(&wanted).await).await
    }

    /// Fetches what of a kind lies further back than this device keeps, as many days as asked for, and nothing else: a
    /// calendar's earlier months, tickets that were closed long ago.
    #[uniffi::method(default(cancel = None))]
    pub async fn fetch_days(
        &self,
        kind: RecordKind,
        days: u32,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<()> {
        self.online(cancel, async move |core| core.fetch_days(kind.table(), days).await).await
    }

    /// Fetches what of a kind came to its end between two moments: the appointments of a month, the tickets that were
    /// closed in it. What is still open is here anyway.
    #[uniffi::method(default(cancel = None))]
    pub async fn fetch_between(
        &self,
        kind: RecordKind,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<()> {
        let (from, until) = (from.timestamp_millis(), until.timestamp_millis());
        let wanted = Wanted::Between { table: kind.table().to_owned(), from, until };
        self.online(cancel, async move |core| core.fetch(&wanted).await).await
    }

    /// The shop's devices as the server last heard of them. It needs the server.
    #[uniffi::method(default(cancel = None))]
    pub async fn devices(&self, cancel: Option<Arc<CancelToken>>) -> Result<Vec<DeviceStanding>> {
        let devices = self.online(cancel, async |core| core.devices().await).await?;
        Ok(devices.into_iter().map(Into::into).collect())
    }

    /// How many rows the server has for this device, to be put beside those that `inspect` counts here. It needs the
    /// server.
    #[uniffi::method(default(cancel = None))]
    pub async fn server_counts(&self, cancel: Option<Arc<CancelToken>>) -> Result<ServerCounts> {
        Ok(self.online(cancel, async |core| core.counts().await).await?.into())
    }

    /// Who changed what of a record, when, on which device, newest first: for managers. So many entries, those before
    /// `before` where an earlier page named it. It needs the server.
    #[uniffi::method(default(before = None, cancel = None))]
    pub async fn trail(
        &self,
        kind: RecordKind,
        id: String,
        limit: u32,
        before: Option<i64>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Trail> {
        let page =
            async move |core: Arc<Terminal>| core.trail(kind.table(), &id, before, limit as usize).await;
        Ok(self.online(cancel, page).await?.into())
    }

    /// Whether a ticket may leave the shop: what this device has not sent of it, and which others have unsent work.
    #[uniffi::method(default(cancel = None))]
    pub async fn safe(&self, ticket: TicketId, cancel: Option<Arc<CancelToken>>) -> Result<TicketSafety> {
        let shop = self.core.clone();
        self.online(cancel, async move |core| {
            let unsent = shop.safe(Ticket::TABLE.name, &ticket.0)?.unsent;
            let own = shop.device()?;
            let devices = core.devices().await.ok();
            let others = |device: &wire::DeviceStanding| device.device != own && device.unsent > 0;
            let devices = devices.map(|devices| devices.into_iter().filter(others).map(Into::into).collect());
            Ok(TicketSafety { unsent, devices })
        })
        .await
    }

    /// Who is there, and which ticket they look at.
    pub async fn present(&self) -> Result<Vec<Present>> {
        self.online(None, async |core| core.present()).await
    }

    /// Shows the others what the person looks at now; nothing without a ticket.
    pub async fn show(&self, ticket: Option<TicketId>) -> Result<()> {
        let employee = self.core.who().actor;
        let ticket = ticket.map(|ticket| ticket.0);
        self.online(None, async move |core| core.show(Showing { employee, ticket })).await
    }
}

impl Shop {
    /// Does something with the terminal, as long as this is the shop that is open on it.
    pub(super) fn online<T, F>(
        &self,
        cancel: Option<Arc<CancelToken>>,
        work: impl FnOnce(Arc<Terminal>) -> F + Send + 'static,
    ) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (inner, shop) = (Arc::clone(&self.inner), self.core.clone());
        let done = async move {
            let core = on_line(&inner, &shop)?;
            work(core).await
        };
        self.inner.threads.wait(cancel, done)
    }
}

/// The terminal, as long as this is the shop that is open on it.
fn on_line(inner: &Inner, shop: &counterpart_core::Shop) -> Result<Arc<Terminal>, Error> {
    let open = inner.core.shop().ok_or_else(|| Error::not_now(NotNow::Closed))?;
    if open.store().path() != shop.store().path() {
        return Err(Error::not_now(NotNow::Closed));
    }
    Ok(Arc::clone(&inner.core))
}

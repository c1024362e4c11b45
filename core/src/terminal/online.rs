//! The terminal with a server: the network that the shell reports, syncing, who else is there.

use super::background::Background;
use super::driver::{Driver, Sight};
use super::errand::Errand;
use super::line::Line;
use super::{Inside, Terminal, at_rest, closed, known, nobody};
use crate::env::DAY_MS;
use crate::error::{Error, NotNow, Result};
use crate::net::{Http, Limits, OwnRoot, Present, Server, Session, Showing, Trust};
use crate::shop::Shop;
use crate::sync::wire::{
    CountsAnswer, DeviceStanding, GrantAnswer, GrantRequest, OfShop, StandingAnswer, TrailAnswer,
    TrailRequest, Wanted,
};
use crate::sync::{Event, SyncState};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Threads that may wait for the disk: as many as Tokio has where nobody says.
const DESKS: usize = 512;

/// Where a server is, and by what a device knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its URL.
    pub url: String,
    /// The key of every device.
    pub anon_key: String,
    /// SHA-256 of the server's own root certificate in hexadecimal, from the QR code; none for a public authority's.
    pub root_sha256: Option<String>,
}

impl Terminal {
    /// The shell says whether there is a network.
    pub async fn network(&self, up: bool) -> Result<()> {
        let told = {
            let mut guard = self.lock();
            let inside = guard.as_mut().ok_or_else(closed)?;
            inside.online = up;
            inside.tell_seated(Event::Network { up })?
        };
        known(told).await
    }

    /// One full sync: what is here goes, what is there comes. An error says why it cannot be done now.
    pub async fn sync(&self) -> Result<()> {
        self.driver()?.sync().await
    }

    /// A sync for a background task, within a time: the app may be suspended before, and is afterwards unless it has come
    /// back meanwhile. Whoever stops waiting has it suspended at once.
    pub async fn sync_once(&self, within: Duration) -> Result<()> {
        let driver = self.driver()?;
        let mut errand = Errand::begin(self)?;
        let synced = self.runtime()?.spawn(async move { tokio::time::timeout(within, driver.sync()).await });
        let synced = match synced.await {
            Ok(Ok(synced)) => synced,
            Ok(Err(_)) => Err(Error::not_now(NotNow::Busy)),
            Err(_) => Err(closed()),
        };
        at_rest(errand.end()?).await?;
        synced
    }

    /// Waits until nothing is queued or on its way; too long is an error.
    pub async fn idle(&self, within: Duration) -> Result<()> {
        let driver = self.driver()?;
        let waiting = self.runtime()?.spawn(async move {
            let idle = tokio::time::timeout(within, driver.idle());
            idle.await.unwrap_or(Err(Error::not_now(NotNow::Busy)))
        });
        waiting.await.map_err(|_| closed())?
    }

    /// The state of the sync, as it changes.
    pub fn states(&self) -> Result<watch::Receiver<Sight>> {
        Ok(self.driver()?.sights())
    }

    /// The state of the sync.
    pub fn state(&self) -> Result<SyncState> {
        self.shop().ok_or_else(nobody)?.state()
    }

    /// Who is there, and what they look at: as far as this device has heard.
    pub fn present(&self) -> Result<Vec<Present>> {
        Ok(self.driver()?.present().borrow().clone())
    }

    /// Who is there, as it changes.
    pub fn presence(&self) -> Result<watch::Receiver<Vec<Present>>> {
        Ok(self.driver()?.present())
    }

    /// Shows the others what the person looks at now.
    pub fn show(&self, showing: Showing) -> Result<()> {
        self.driver()?.show(showing)
    }

    /// How the shop's devices stood when the server last heard of them: which had unsent work.
    pub async fn devices(&self) -> Result<Vec<DeviceStanding>> {
        let (line, shop) = self.line()?;
        let shop = shop.id().to_owned();
        let answer: StandingAnswer = self.call(line, "sync_standing", OfShop { shop }).await?;
        Ok(answer.devices)
    }

    /// How many rows of each table the server has for this device, for an inspector to put beside those that are here. An
    /// error while it cannot be asked.
    pub async fn counts(&self) -> Result<CountsAnswer> {
        let (line, shop) = self.line()?;
        let shop = shop.id().to_owned();
        self.call(line, "sync_counts", OfShop { shop }).await
    }

    /// Who changed what of a record, newest first, for those who may know it; so many entries before a commit, or the
    /// newest. The server alone has it: an error while it cannot be asked.
    pub async fn trail(
        &self,
        table: &str,
        id: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<TrailAnswer> {
        let (line, shop) = self.line()?;
        let (table, id) = (table.to_owned(), id.to_owned());
        let request = TrailRequest { shop: shop.id().to_owned(), table, id, before, limit };
        self.call(line, "sync_trail", request).await
    }

    /// On a shared tablet: asks the server whether this is that person's PIN, and so whether they may work here.
    pub async fn station_grant(&self, employee: &str, pin: &str) -> Result<GrantAnswer> {
        let (line, shop) = self.line()?;
        let device = shop.device()?;
        let (employee, pin) = (employee.to_owned(), pin.to_owned());
        let request = GrantRequest { shop: shop.id().to_owned(), device, employee, pin };
        self.call(line, "station_grant", request).await
    }

    pub(super) fn line(&self) -> Result<(Line, Shop)> {
        let guard = self.lock();
        let inside = guard.as_ref().ok_or_else(closed)?;
        let shop = inside.seated.as_ref().map(|seated| seated.shop.clone()).ok_or_else(nobody)?;
        Ok((inside.line.clone().ok_or_else(|| Error::signed_out("sign in to sync"))?, shop))
    }

    pub(super) async fn call<Q, A>(&self, line: Line, function: &'static str, request: Q) -> Result<A>
    where
        Q: serde::Serialize + Send + Sync + 'static,
        A: serde::de::DeserializeOwned + Send + 'static,
    {
        let asked = self.runtime()?.spawn(async move {
            let token = line.session.token().await?;
            let answer = line.http.call(function, &request, &token).await;
            answer.map_err(|failure| Error::from(&failure))
        });
        asked.await.map_err(|_| closed())?
    }

    /// Asks the server for rows that are not here: a closed ticket, an old range of the calendar. A range is fetched
    /// once.
    pub async fn fetch(&self, what: &Wanted) -> Result<()> {
        let shop = self.shop().ok_or_else(nobody)?;
        if let Wanted::Between { table, from, until } = what
            && shop.has_between(table, *from, *until)?
        {
            return Ok(());
        }
        shop.note_wanted(what)?;
        self.driver()?.sync().await
    }

    /// Asks the server for what of one table lies further back than this device keeps, as many days as are named, and
    /// for nothing else.
    pub async fn fetch_days(&self, table: &str, days: u32) -> Result<()> {
        let shop = self.shop().ok_or_else(nobody)?;
        let table = shop.table(table)?;
        // What has no window is here.
        let Some(window) = &table.window else { return Ok(()) };
        let now = shop.env().now();
        let back = |days: i64| now.saturating_sub(days.saturating_mul(DAY_MS));
        // A day more: the server cut at its own clock.
        let (from, until) = (back(i64::from(days)), back(window.days - 1));
        self.fetch(&Wanted::Between { table: table.name.to_owned(), from, until }).await
    }

    /// Waits for something asynchronous, for callers that are not.
    pub fn wait<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime()?.block_on(future)
    }

    /// Whoever is signed in goes on with the session that was stored.
    pub(super) fn resume_line(&self, inside: &mut Inside) -> Result<()> {
        let Some((account, note)) = inside.memory.server() else { return Ok(()) };
        let http = self.http(&note.address())?;
        match Session::resume(http.clone(), Arc::clone(&self.keys), &account) {
            Ok(session) => inside.line = Some(Line { http, session: Arc::new(session) }),
            // Signed out by the server: the shop stays readable, and signing in again goes on with it.
            Err(error) if error.is_signed_out() => {}
            Err(error) => return Err(error),
        }
        self.put_on_line(inside)
    }

    /// Gives the open shop its driver, if there is a line for it.
    pub(super) fn put_on_line(&self, inside: &mut Inside) -> Result<()> {
        let online = inside.online;
        let (Some(line), Some(seated)) = (&inside.line, &mut inside.seated) else { return Ok(()) };
        if seated.driver.is_some() {
            return Ok(());
        }
        // Signed in anew: a refusal from before counts no more.
        super::tell(&seated.shop, Event::SignedIn)?;
        super::tell(&seated.shop, Event::Network { up: false })?;
        let driver = Arc::new(Driver::start(&self.runtime()?, seated.shop.clone(), line.clone())?);
        if online {
            driver.tell(Event::Network { up: true }).map(drop)?;
        }
        seated.driver = Some(driver);
        Ok(())
    }

    pub(super) fn driver(&self) -> Result<Arc<Driver>> {
        let guard = self.lock();
        let inside = guard.as_ref().ok_or_else(closed)?;
        let driver = inside.seated.as_ref().and_then(|seated| seated.driver.as_ref());
        driver.cloned().ok_or_else(|| Error::signed_out("sign in to sync"))
    }

    pub(super) fn http(&self, address: &Address) -> Result<Http> {
        let own = address.root_sha256.as_deref().map(OwnRoot::fingerprint).transpose()?;
        let server = Server::new(&address.url, &address.anon_key)?;
        Http::new(server, &Trust { own }, self.env.clone(), Limits::default())
    }

    /// The thread that waits for the network, and those that wait for the disk. They begin with the first thing that needs them.
    pub(super) fn runtime(&self) -> Result<Handle> {
        let mut runtime = self.runtime.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let runtime = match &mut *runtime {
            Some(runtime) => runtime,
            none => none.insert(Background::start("counterpart", DESKS)?),
        };
        Ok(runtime.handle().clone())
    }
}

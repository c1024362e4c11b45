//! The terminal with a server: signing in, the network that the shell reports, syncing, who else is there.

use super::driver::{Driver, Sight};
use super::folder::{Seat, ServerNote};
use super::line::Line;
use super::{CLOSED, Inside, NOBODY, Seated, Terminal};
use crate::error::{Error, NotNow, Result};
use crate::net::{Http, Limits, OwnRoot, Present, Server, Session, Showing, Trust};
use crate::schema::{Invalid, Rule};
use crate::shop::{Account, Shop};
use crate::sync::wire::{
    DeviceStanding, GrantAnswer, GrantRequest, MyShop, OfShop, ShopsAnswer, ShopsRequest, StandingAnswer,
    TrailAnswer, TrailRequest, Wanted,
};
use crate::sync::{Event, SyncState};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;

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

/// What came of signing in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The shop that is open now.
    pub shop: Shop,
    /// Whether the account still has the password that somebody else gave it.
    pub must_change_password: bool,
}

impl Terminal {
    /// Signs in, and opens the shop that the account works in: the named one, where there are several.
    pub async fn sign_in(
        &self,
        address: &Address,
        email: &str,
        password: &str,
        shop: Option<&str>,
    ) -> Result<SignedIn> {
        let http = self.http(address)?;
        let (email, password) = (email.to_owned(), password.to_owned());
        let keys = Arc::clone(&self.keys);
        let asked = self.runtime()?.spawn(async move {
            let (session, user) = Session::sign_in(http.clone(), keys, &email, &password).await?;
            let token = session.token().await?;
            let shops: ShopsAnswer = http
                .call("my_shops", &ShopsRequest {}, &token)
                .await
                .map_err(|failure| Error::from(&failure))?;
            Ok::<_, Error>((Line { http, session: Arc::new(session) }, user, shops.shops))
        });
        let (line, user, shops) = asked.await.map_err(|_| CLOSED)??;
        let found = choose(&shops, shop)?;
        let account = Account {
            id: user.id,
            role: found.standing.role.clone(),
            station: found.standing.station,
            employee: found.standing.employee.clone(),
        };
        let note = ServerNote::of(address);
        let mut guard = self.lock();
        let inside = guard.as_mut().ok_or(CLOSED)?;
        if inside.memory.signed_in.as_ref().is_some_and(|signed_in| signed_in.account != account.id) {
            return Err(Error::Denied { table: "account", rule: "sign_out_first" });
        }
        // A driver with the session from before is of no use any more.
        if let Some(seated) = &mut inside.seated {
            seated.driver = None;
        }
        #[cfg(feature = "inspector")]
        line.http.simulate(inside.trouble);
        inside.line = Some(line);
        inside.memory = inside.memory.at(&account.id, note);
        let shop = self.sit(inside, &account.id, Seat::new(&account, &found.id))?;
        self.put_on_line(inside)?;
        Ok(SignedIn { shop, must_change_password: user.must_change_password })
    }

    /// The shell says whether there is a network.
    pub async fn network(&self, up: bool) -> Result<()> {
        let driver = {
            let mut guard = self.lock();
            let inside = guard.as_mut().ok_or(CLOSED)?;
            inside.online = up;
            match &inside.seated {
                Some(Seated { driver: Some(driver), .. }) => Arc::clone(driver),
                Some(Seated { shop, .. }) => return super::tell(shop, Event::Network { up }),
                None => return Ok(()),
            }
        };
        driver.tell(Event::Network { up }).await
    }

    /// One full sync: what is here goes, what is there comes. An error says why it cannot be done now.
    pub async fn sync(&self) -> Result<()> {
        self.driver()?.sync().await
    }

    /// A sync for a background task, within a time: the app may be suspended before and is afterwards.
    pub async fn sync_once(&self, within: Duration) -> Result<()> {
        let driver = self.driver()?;
        let awake = self.lock().as_ref().ok_or(CLOSED)?.awake;
        if !awake {
            driver.tell(Event::Resumed).await?;
        }
        let runtime = self.runtime()?;
        let worker = Arc::clone(&driver);
        let synced = runtime.spawn(async move { tokio::time::timeout(within, worker.sync()).await });
        let synced = match synced.await {
            Ok(Ok(synced)) => synced,
            Ok(Err(_)) => Err(Error::NotNow(NotNow::Busy)),
            Err(_) => Err(CLOSED),
        };
        if !awake {
            self.suspend().await?;
        }
        synced
    }

    /// Waits until nothing is queued or on its way; too long is an error.
    pub async fn idle(&self, within: Duration) -> Result<()> {
        let driver = self.driver()?;
        let waiting = self.runtime()?.spawn(async move {
            let idle = tokio::time::timeout(within, driver.idle());
            idle.await.unwrap_or(Err(Error::NotNow(NotNow::Busy)))
        });
        waiting.await.map_err(|_| CLOSED)?
    }

    /// The state of the sync, as it changes.
    pub fn states(&self) -> Result<watch::Receiver<Sight>> {
        Ok(self.driver()?.sights())
    }

    /// The state of the sync.
    pub fn state(&self) -> Result<SyncState> {
        self.shop().ok_or(NOBODY)?.state()
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
        let inside = guard.as_ref().ok_or(CLOSED)?;
        let shop = inside.seated.as_ref().map(|seated| seated.shop.clone()).ok_or(NOBODY)?;
        Ok((inside.line.clone().ok_or(Error::SignedOut { reason: "sign in to sync" })?, shop))
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
        asked.await.map_err(|_| CLOSED)?
    }

    /// Asks the server for rows that are not here: a closed ticket, an old range of the calendar.
    pub async fn fetch(&self, what: &Wanted) -> Result<()> {
        let shop = self.shop().ok_or(NOBODY)?;
        shop.note_wanted(what)?;
        self.driver()?.sync().await
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
            Err(Error::SignedOut { .. }) => {}
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
            driver.say(Event::Network { up: true })?;
        }
        seated.driver = Some(driver);
        Ok(())
    }

    pub(super) fn driver(&self) -> Result<Arc<Driver>> {
        let guard = self.lock();
        let inside = guard.as_ref().ok_or(CLOSED)?;
        let driver = inside.seated.as_ref().and_then(|seated| seated.driver.as_ref());
        driver.cloned().ok_or(Error::SignedOut { reason: "sign in to sync" })
    }

    fn http(&self, address: &Address) -> Result<Http> {
        let own = address.root_sha256.as_deref().map(OwnRoot::fingerprint).transpose()?;
        let server = Server::new(&address.url, &address.anon_key)?;
        Http::new(server, &Trust { own }, self.env.clone(), Limits::default())
    }

    /// The threads that wait for the network. They begin with the first thing that needs them.
    pub(super) fn runtime(&self) -> Result<Handle> {
        let mut runtime = self.runtime.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(runtime) = &*runtime {
            return Ok(runtime.handle().clone());
        }
        let made = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("counterpart")
            .enable_all()
            .build()
            .map_err(|error| Error::defect(error.to_string()))?;
        let handle = made.handle().clone();
        *runtime = Some(made);
        Ok(handle)
    }
}

/// The shop to open: the named one, or the only one.
fn choose<'a>(shops: &'a [MyShop], named: Option<&str>) -> Result<&'a MyShop> {
    match (named, shops) {
        (_, []) => Err(Error::Denied { table: "shop", rule: "no_member" }),
        (Some(named), shops) => shops
            .iter()
            .find(|shop| shop.id == named)
            .ok_or(Error::Denied { table: "shop", rule: "no_member" }),
        (None, [only]) => Ok(only),
        (None, _) => Err(Invalid::field("shop", Rule::Required).of("account").into()),
    }
}

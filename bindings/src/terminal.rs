//! [`Terminal`]: the app as it is installed on one device: its folder, who is signed in where, and what the shell says
//! of the network and of the app's own comings and goings.

use crate::adapters::{Keys, Reachability, SecureStorage};
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::inner::{Inner, listen};
use crate::records::{ServerAddress, ShopOverview, TerminalOptions};
use crate::shop::Shop;
use crate::threads::{Answer, Threads};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_core::terminal::{self, Options, ShopName, Unsent};
use counterpart_core::{Account, Error, Terminal as Core};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What came of signing in.
#[derive(Debug, uniffi::Record)]
pub struct SignedIn {
    /// The shop that is open now.
    pub shop: Arc<Shop>,
    /// Whether the account still has the password that somebody else gave it.
    pub must_change_password: bool,
}

/// One installation of the app on one device.
#[derive(Debug, uniffi::Object)]
pub struct Terminal {
    inner: Arc<Inner>,
}

#[uniffi::export]
impl Terminal {
    /// Opens the device's folder, or makes it, and goes on with the account and the shop that were open last. A device
    /// starts with the network down, until `reachability` or `network` says otherwise.
    #[uniffi::constructor]
    pub async fn open(
        folder: String,
        storage: Arc<dyn SecureStorage>,
        reachability: Option<Arc<dyn Reachability>>,
        options: TerminalOptions,
    ) -> Result<Arc<Self>> {
        let threads = Threads::start()?;
        let options: Options = options.into();
        let open = move || Core::open(folder, &REPAIR_SHOP, Arc::new(Keys(storage)), Env::system(), options);
        let core = threads.desk(open).await?;
        let inner = Inner::new(core, threads);
        if let Some(shell) = reachability {
            let hearing = Arc::clone(&inner);
            inner.threads.desk(move || listen(&hearing, shell)).await?;
        }
        Ok(Arc::new(Terminal { inner }))
    }

    /// The open shop; none while nobody is signed in.
    pub async fn shop(&self) -> Result<Option<Arc<Shop>>> {
        self.desk(|inner| Ok(inner.core.shop().map(|shop| Shop::new(shop, inner)))).await
    }

    /// The shops of the signed-in account that this device has opened, by id.
    pub async fn shops(&self) -> Result<Vec<String>> {
        self.desk(|inner| Ok(inner.core.shops())).await
    }

    /// The shops that the signed-in account works in, by name, as the server told them last: with a network or without.
    /// While nobody is signed in, those that the last who tried has to choose from.
    pub async fn known_shops(&self) -> Result<Vec<ShopName>> {
        self.desk(|inner| Ok(inner.core.known_shops())).await
    }

    /// Signs in, and opens the shop that the account works in: the named one, where there are several. Where none is
    /// named, that is `Invalid` of `shop`, and `known_shops` says which there are.
    #[uniffi::method(default(shop = None, cancel = None))]
    pub async fn sign_in(
        &self,
        server: ServerAddress,
        email: String,
        password: String,
        shop: Option<String>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<SignedIn> {
        let password = Zeroizing::new(password);
        self.wait(cancel, async move |inner| {
            let signed_in = inner.core.sign_in(&server.into(), &email, &password, shop.as_deref()).await?;
            Ok(came_in(inner, signed_in))
        })
        .await
    }

    /// Signs up by an invitation, and opens the shop as `sign_in` does: the first password that came with it lets in
    /// once, and `password`, which nobody else knows, takes its place before anything else is done. Where the answer was
    /// lost, the same call goes on.
    #[uniffi::method(default(shop = None, cancel = None))]
    pub async fn sign_up(
        &self,
        server: ServerAddress,
        email: String,
        invitation: String,
        password: String,
        shop: Option<String>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<SignedIn> {
        let (invitation, password) = (Zeroizing::new(invitation), Zeroizing::new(password));
        self.wait(cancel, async move |inner| {
            let address = server.into();
            let signed_up = inner.core.sign_up(&address, &email, &invitation, &password, shop.as_deref());
            let signed_up = signed_up.await?;
            Ok(came_in(inner, signed_up))
        })
        .await
    }

    /// Changes the password of whoever is signed in, who has to know the one there is. The session on this device goes
    /// on; those on others end. It needs the server.
    #[uniffi::method(default(cancel = None))]
    pub async fn change_password(
        &self,
        current: String,
        password: String,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<()> {
        let (current, password) = (Zeroizing::new(current), Zeroizing::new(password));
        self.wait(cancel, async move |inner| inner.core.change_password(&current, &password).await).await
    }

    /// Every shop that the account manages: its people, its devices and what they have unsent, what waits for a
    /// decision. It needs the server.
    #[uniffi::method(default(cancel = None))]
    pub async fn overview(&self, cancel: Option<Arc<CancelToken>>) -> Result<Vec<ShopOverview>> {
        let shops = self.wait(cancel, async |inner| inner.core.overview().await).await?;
        Ok(shops.into_iter().map(Into::into).collect())
    }

    /// Opens a shop as an account that no server was asked about, with nothing but what is done here: for previews,
    /// trials and tests. What it queues belongs to that account.
    pub async fn enter(&self, account: Account, shop: String) -> Result<Arc<Shop>> {
        self.desk(move |inner| {
            let shop = inner.core.enter(&account, &shop)?;
            inner.rewire();
            Ok(Shop::new(shop, inner))
        })
        .await
    }

    /// Another shop of the signed-in account: one that this device has opened before, or of the `known_shops`.
    pub async fn switch_shop(&self, shop: String) -> Result<Arc<Shop>> {
        self.desk(move |inner| {
            let shop = inner.core.switch_shop(&shop)?;
            inner.rewire();
            Ok(Shop::new(shop, inner))
        })
        .await
    }

    /// Signs the account out, of all its shops. While operations are not sent, it has to be said what becomes of them:
    /// without that, `unsent` says how many there are, and nothing has changed.
    #[uniffi::method(default(unsent = None, cancel = None))]
    pub async fn sign_out(&self, unsent: Option<Unsent>, cancel: Option<Arc<CancelToken>>) -> Result<()> {
        self.wait(cancel, async move |inner| {
            inner.core.sign_out(unsent.as_ref()).await?;
            inner.rewire();
            Ok(())
        })
        .await
    }

    /// The shell says whether there is a network. Returns once the engine knows.
    pub async fn network(&self, up: bool) -> Result<()> {
        self.in_turn(async move |inner| inner.core.network(up).await).await
    }

    /// The app leaves the screen. Returns once no transaction and no statement is open.
    pub async fn suspend(&self) -> Result<()> {
        self.in_turn(async |inner| inner.core.suspend().await).await
    }

    /// The app comes back. Every connection from before is given up.
    pub async fn resume(&self) -> Result<()> {
        self.in_turn(async |inner| inner.core.resume().await).await
    }

    /// Where the note of who was signed in was put, if it could not be read.
    pub async fn forgot(&self) -> Result<Option<String>> {
        self.desk(|inner| Ok(inner.core.forgot().map(|path| path.to_string_lossy().into_owned()))).await
    }

    /// Ends the terminal: a write in progress is finished first, later calls are refused. Who is signed in stays so.
    pub async fn shut_down(&self) -> Result<()> {
        self.desk(|inner| {
            inner.stop_listening();
            let closed = inner.core.close();
            inner.rewire();
            closed
        })
        .await
    }
}

fn came_in(inner: Arc<Inner>, signed_in: terminal::SignedIn) -> SignedIn {
    inner.rewire();
    let shop = Shop::new(signed_in.shop, inner);
    SignedIn { shop, must_change_password: signed_in.must_change_password }
}

impl Terminal {
    pub(crate) fn desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(Arc<Inner>) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let inner = Arc::clone(&self.inner);
        self.inner.threads.desk(move || work(inner))
    }

    pub(crate) fn wait<T, F>(
        &self,
        cancel: Option<Arc<CancelToken>>,
        work: impl FnOnce(Arc<Inner>) -> F + Send + 'static,
    ) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.inner.threads.wait(cancel, work(Arc::clone(&self.inner)))
    }

    async fn in_turn<F>(&self, work: impl FnOnce(Arc<Inner>) -> F + Send + 'static) -> Result<()>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        // Taken where the call is made, and handed on: the order of calls is the order of effects.
        let turn = Arc::clone(&self.inner.turns).lock_owned().await;
        let done = work(Arc::clone(&self.inner));
        let told = async move {
            let _turn = turn;
            done.await
        };
        self.inner.threads.wait(None, told).await
    }
}

//! A shop with a running hub, and the terminals of the people who work there.

use crate::shell::Storage;
use axum::body::Bytes;
use counterpart_core::entity::{Customer, REPAIR_SHOP};
use counterpart_core::env::Env;
use counterpart_core::schema::{Entity, Row};
use counterpart_ffi::{ServerAddress, Shop, Terminal, TerminalOptions};
use counterpart_hub::accounts::{Accounts, InviteError, Role, add_shop, invite, store_keys};
use counterpart_hub::auth::{password, token};
use counterpart_hub::caller::Caller;
use counterpart_hub::clock::SystemClock;
use counterpart_hub::functions::Functions;
use counterpart_hub::hub::{Hub, Settings};
use counterpart_hub::ledger::Ledger;
use counterpart_hub::limits::Limits;
use counterpart_hub::realtime::Realtime;
use counterpart_hub::rpc::{Rpc, RpcAnswer};
use counterpart_hub::serve::Server;
use counterpart_hub::tls;
use rusqlite::Connection;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "a good long password";
/// What came with an invitation.
pub(crate) const FIRST: &str = "a first password";
/// Only so that what is broken fails a test instead of hanging it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Desk {
    pub(crate) server: ServerAddress,
    _stop: oneshot::Sender<()>,
    data: TempDir,
}

/// A hub's functions, of which one waits at a door until it is let through.
pub(crate) struct Door {
    functions: Arc<Functions>,
    function: &'static str,
    asked: watch::Sender<bool>,
    open: watch::Sender<bool>,
}

impl Door {
    /// Nobody gets through any more.
    pub(crate) fn close(&self) {
        self.asked.send_replace(false);
        self.open.send_replace(false);
    }

    /// Waits until somebody stands before it.
    pub(crate) async fn somebody(&self) {
        soon(self.asked.subscribe().wait_for(|asked| *asked)).await.unwrap();
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Rpc for Door {
    fn call<'a>(
        &'a self,
        caller: &'a Caller,
        function: &'a str,
        body: Bytes,
    ) -> Pin<Box<dyn Future<Output = RpcAnswer> + Send + 'a>> {
        Box::pin(async move {
            if function == self.function {
                self.asked.send_replace(true);
                self.open.subscribe().wait_for(|open| *open).await.unwrap();
            }
            self.functions.call(caller, function, body).await
        })
    }
}

impl Desk {
    pub(crate) async fn open() -> Desk {
        Desk::begin(false, |functions| functions).await
    }

    /// A desk whose hub lets nobody through to a function before its door is opened.
    pub(crate) async fn with_door(function: &'static str, open: bool) -> (Desk, Arc<Door>) {
        let mut made = None;
        let desk = Desk::begin(false, |functions| {
            let (asked, open) = (watch::Sender::new(false), watch::Sender::new(open));
            made.insert(Arc::new(Door { functions, function, asked, open })).clone()
        })
        .await;
        (desk, made.unwrap())
    }

    /// The same on `https`, with a root of its own as `counterpart-hub init` makes it.
    pub(crate) async fn secured() -> Desk {
        Desk::begin(true, |functions| functions).await
    }

    async fn begin<R: Rpc>(secured: bool, rpc: impl FnOnce(Arc<Functions>) -> Arc<R>) -> Desk {
        let data = tempfile::tempdir().unwrap();
        let clock = SystemClock::start();
        let files = secured.then(|| tls::Files::of(data.path()));
        let tls = files.as_ref().map(|files| {
            tls::create(files, &["127.0.0.1".to_owned()], clock.now_ms()).unwrap();
            tls::server_config(&files.leaf(), &files.leaf_key()).unwrap()
        });
        let (hash, first) = (password::hash(PASSWORD).unwrap(), password::hash(FIRST).unwrap());
        let now = 1_700_000_000_000;
        let keys = Accounts::create(data.path())
            .unwrap()
            .run(|tx| {
                let (shop, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
                add_shop(tx, shop, "Bench", now)?;
                add_shop(tx, other, "Annex", now)?;
                for email in ["ada@example.org", "bo@example.org"] {
                    invite(tx, shop, email, (Role::Owner, false), &hash, now)?;
                }
                invite(tx, shop, "tablet@example.org", (Role::FrontDesk, true), &hash, now)?;
                // Somebody new, and somebody who leads both.
                invite(tx, shop, "tess@example.org", (Role::Technician, false), &first, now)?;
                for shop in [shop, other] {
                    invite(tx, shop, "cy@example.org", (Role::Owner, false), &hash, now)?;
                }
                Ok::<_, InviteError>(store_keys(tx, &token::new_signing_key().unwrap(), now)?)
            })
            .unwrap();
        let realtime = Realtime::new();
        let settings = Settings {
            public_url: "http://hub.example".into(),
            token_seconds: 3_600,
            address_header: None,
            limits: Limits::default(),
        };
        let functions = Functions::open(data.path(), clock.clone(), realtime.clone()).unwrap();
        let hub = Hub::open(data.path(), settings, clock, realtime, rpc(functions)).unwrap();
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), tls).await.unwrap();
        let scheme = if secured { "https" } else { "http" };
        let url = format!("{scheme}://{}", server.address().unwrap());
        let root_sha256 = files.map(|files| tls::root_fingerprint(&files.leaf()).unwrap());
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(async move {
            server.run(hub, async move { stopped.await.unwrap_or_default() }).await;
        });
        let server = ServerAddress { url, anon_key: keys.anon, root_sha256 };
        Desk { server, _stop: stop, data }
    }

    /// How many sessions the hub has.
    pub(crate) fn sessions(&self) -> i64 {
        let count = |accounts: &Connection| {
            Ok(accounts.query_row("select count(*) from sessions", [], |row| row.get(0))?)
        };
        Accounts::open(self.data.path()).unwrap().look(count).unwrap()
    }

    /// The shop gets customers from somewhere else.
    pub(crate) fn takes_over_customers(&self, count: usize) {
        let ledger = Ledger::open(&Ledger::path(self.data.path()), &REPAIR_SHOP, Env::system()).unwrap();
        let customer =
            |at| Customer { last_name: Some(format!("Number{at}")), ..Customer::default() }.to_row();
        let named = |at| Row { id: format!("customer-{at:06}"), ..customer(at) };
        let rows: Vec<Row> = (0..count).map(named).collect();
        ledger.record(&Uuid::from_u128(1).to_string(), &rows).unwrap();
    }

    /// Somebody's device, signed in and online.
    pub(crate) async fn device(&self, name: &str) -> Device {
        let device = Device::new().await;
        let email = format!("{name}@example.org");
        let signed_in = device.terminal.sign_in(self.server.clone(), email, PASSWORD.into(), None, None);
        let shop = signed_in.await.unwrap().shop;
        device.terminal.network(true).await.unwrap();
        shop.sync(None).await.unwrap();
        Device { shop: Some(shop), ..device }
    }
}

pub(crate) struct Device {
    pub(crate) terminal: Arc<Terminal>,
    shop: Option<Arc<Shop>>,
    pub(crate) folder: TempDir,
    storage: Arc<Storage>,
}

impl Device {
    /// A device on which nobody is signed in.
    pub(crate) async fn new() -> Device {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        let storage = Storage::new();
        let terminal = Terminal::open(path, storage.clone(), None, quick()).await.unwrap();
        Device { terminal, shop: None, folder, storage }
    }

    /// The same device after another start of the app.
    pub(crate) async fn opened_again(self) -> Device {
        let terminal = Terminal::open(self.path(), self.storage.clone(), None, quick()).await.unwrap();
        Device { terminal, shop: None, ..self }
    }

    /// A device whose account no server has heard of.
    pub(crate) async fn alone() -> Device {
        let device = Device::new().await;
        let owner = counterpart_core::Account::new("ada", "owner");
        let shop = device.terminal.enter(owner, "north".into()).await.unwrap();
        Device { shop: Some(shop), ..device }
    }

    pub(crate) fn shop(&self) -> &Arc<Shop> {
        self.shop.as_ref().unwrap()
    }

    /// How much its secure storage holds.
    pub(crate) fn stored(&self) -> usize {
        self.storage.len()
    }

    pub(crate) fn path(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }
}

/// Options under which a test does not wait for the disk or for a server that is gone.
pub(crate) fn quick() -> TerminalOptions {
    TerminalOptions { survives_power_cuts: false, retry_delay_ms: 20, ..TerminalOptions::default() }
}

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it did not happen")
}

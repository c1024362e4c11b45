//! A shop with a running hub, and a device that talks to it. Ada works there, Eve elsewhere.

use counterpart_core::env::{Clock, Env, SystemEntropy};
use counterpart_core::keys::MemoryKeys;
use counterpart_core::net::{Http, Limits, Server as Address, Session, Trust, User};
use counterpart_hub::accounts::{Accounts, InviteError, Role, add_shop, invite, store_keys};
use counterpart_hub::auth::{password, token};
use counterpart_hub::caller::Caller;
use counterpart_hub::clock::ManualClock;
use counterpart_hub::hub::{Hub, Settings};
use counterpart_hub::realtime::Realtime;
use counterpart_hub::rpc::{Rpc, RpcAnswer, RpcError};
use counterpart_hub::serve::Server;
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

pub(crate) const NOW: i64 = 1_790_000_000_000;
pub(crate) const PASSWORD: &str = "a good long password";
/// Only so that what is broken fails a test instead of hanging it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The device's clocks, which stand still until they are told to go on.
pub(crate) struct DeviceClock {
    now: AtomicI64,
    awake_and_asleep: AtomicI64,
}

impl DeviceClock {
    pub(crate) fn at(now: i64) -> Arc<DeviceClock> {
        Arc::new(DeviceClock { now: AtomicI64::new(now), awake_and_asleep: AtomicI64::new(5_000) })
    }

    pub(crate) fn advance(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
        self.awake_and_asleep.fetch_add(ms, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set(&self, now: i64) {
        self.now.store(now, Ordering::SeqCst);
    }
}

impl Clock for DeviceClock {
    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn awake_and_asleep(&self) -> i64 {
        self.awake_and_asleep.load(Ordering::SeqCst)
    }
}

pub(crate) fn env(clock: &Arc<DeviceClock>) -> Env {
    Env { clock: clock.clone(), entropy: Arc::new(SystemEntropy) }
}

pub(crate) struct Desk {
    pub(crate) hub: Arc<Hub>,
    pub(crate) realtime: Arc<Realtime>,
    pub(crate) address: SocketAddr,
    pub(crate) shop: Uuid,
    pub(crate) ada: Uuid,
    pub(crate) anon_key: String,
    pub(crate) clock: Arc<DeviceClock>,
    stop: Option<oneshot::Sender<()>>,
    _data: tempfile::TempDir,
}

impl Desk {
    pub(crate) async fn open() -> Desk {
        Desk::with(Arc::new(NoFunctions), None).await
    }

    pub(crate) async fn with(rpc: Arc<dyn Rpc>, tls: Option<Arc<ServerConfig>>) -> Desk {
        let data = tempfile::tempdir().unwrap();
        let (shop, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let hash = password::hash(PASSWORD).unwrap();
        let (ada, keys) = Accounts::create(data.path())
            .unwrap()
            .run(|tx| {
                add_shop(tx, shop, "Bench", NOW)?;
                add_shop(tx, other, "Elsewhere", NOW)?;
                let ada = invite(tx, shop, "ada@example.org", (Role::Technician, false), &hash, NOW)?;
                invite(tx, other, "eve@example.org", (Role::Owner, false), &hash, NOW)?;
                Ok::<_, InviteError>((ada, store_keys(tx, &token::new_signing_key().unwrap(), NOW)?))
            })
            .unwrap();
        let realtime = Realtime::new();
        let settings = Settings {
            public_url: "http://hub.example".into(),
            token_seconds: 3_600,
            address_header: None,
            limits: counterpart_hub::limits::Limits::default(),
        };
        let hub = Hub::open(data.path(), settings, ManualClock::at(NOW), realtime.clone(), rpc).unwrap();
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), tls).await.unwrap();
        let address = server.address().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = hub.clone();
        tokio::spawn(async move {
            server.run(running, async move { stopped.await.unwrap_or_default() }).await;
        });
        Desk {
            hub,
            realtime,
            address,
            shop,
            ada,
            anon_key: keys.anon,
            clock: DeviceClock::at(NOW),
            stop: Some(stop),
            _data: data,
        }
    }

    /// The way to the hub itself.
    pub(crate) fn http(&self) -> Http {
        self.http_at(&format!("http://{}", self.address))
    }

    /// The way to the hub through something else.
    pub(crate) fn http_at(&self, url: &str) -> Http {
        let server = Address::new(url, &self.anon_key).unwrap();
        Http::new(server, &Trust::default(), env(&self.clock), Limits::default()).unwrap()
    }

    pub(crate) async fn sign_in(&self, email: &str) -> (Session, User) {
        let keys = Arc::new(MemoryKeys::default());
        Session::sign_in(self.http(), keys, email, PASSWORD).await.unwrap()
    }

    pub(crate) async fn token(&self, email: &str) -> String {
        self.sign_in(email).await.0.token().await.unwrap()
    }

    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }
}

/// A hub without functions: accounts and realtime only.
pub(crate) struct NoFunctions;

impl Rpc for NoFunctions {
    fn call<'a>(
        &'a self,
        _: &'a Caller,
        function: &'a str,
        _: axum::body::Bytes,
    ) -> futures_util::future::BoxFuture<'a, RpcAnswer> {
        Box::pin(async move { RpcAnswer::Error(RpcError::no_function(function)) })
    }
}

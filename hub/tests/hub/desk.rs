//! A shop with a running hub: Ada is a technician there, Bo the manager, and there is a shared tablet; Eve has an account of another shop.

use counterpart_hub::accounts::{Accounts, GatewayKeys, Role, add_shop, invite, store_keys};
use counterpart_hub::auth::{password, token};
use counterpart_hub::clock::ManualClock;
use counterpart_hub::functions::Functions;
use counterpart_hub::hub::{Hub, Settings};
use counterpart_hub::limits::Limits;
use counterpart_hub::realtime::Realtime;
use counterpart_hub::rpc::Rpc;
use counterpart_hub::serve::Server;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

pub(crate) const NOW: i64 = 1_790_000_000_000;
pub(crate) const PASSWORD: &str = "a good long password";
/// Only so that a broken hub fails a test instead of hanging it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Desk {
    pub(crate) hub: Arc<Hub>,
    pub(crate) realtime: Arc<Realtime>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) address: SocketAddr,
    pub(crate) shop: Uuid,
    pub(crate) ada: Uuid,
    pub(crate) bo: Uuid,
    pub(crate) tablet: Uuid,
    pub(crate) keys: GatewayKeys,
    limits: Limits,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    ended: tokio::task::JoinHandle<()>,
    data: tempfile::TempDir,
}

struct Running {
    hub: Arc<Hub>,
    realtime: Arc<Realtime>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

async fn run(data: &Path, limits: Limits, clock: Arc<ManualClock>, rpc: Option<Arc<dyn Rpc>>) -> Running {
    let realtime = Realtime::new();
    let settings = Settings {
        public_url: "http://hub.example".into(),
        token_seconds: 3_600,
        address_header: None,
        limits,
    };
    let rpc = rpc.unwrap_or_else(|| Functions::open(data, clock.clone(), realtime.clone()).unwrap());
    let hub = Hub::open(data, settings, clock, realtime.clone(), rpc).unwrap();
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
    let address = server.address().unwrap();
    let (stop, stopped) = oneshot::channel();
    let running = hub.clone();
    let ended = tokio::spawn(async move {
        server.run(running, async move { stopped.await.unwrap_or_default() }).await;
    });
    Running { hub, realtime, address, stop, ended }
}

pub(crate) struct SignedIn {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Desk {
    pub(crate) async fn open() -> Desk {
        Desk::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Desk {
        Desk::over(limits, None).await
    }

    /// A desk with functions of the test's own, if it gives any.
    pub(crate) async fn over(limits: Limits, rpc: Option<Arc<dyn Rpc>>) -> Desk {
        let data = tempfile::tempdir().unwrap();
        let (shop, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let hash = password::hash(PASSWORD).unwrap();
        let (ada, bo, tablet, keys) = Accounts::create(data.path())
            .unwrap()
            .run(|tx| {
                add_shop(tx, shop, "Bench", NOW)?;
                add_shop(tx, other, "Elsewhere", NOW)?;
                let ada = invite(tx, shop, "ada@example.org", (Role::Technician, false), &hash, NOW)?;
                let bo = invite(tx, shop, "bo@example.org", (Role::Manager, false), &hash, NOW)?;
                let tablet = invite(tx, shop, "tablet@example.org", (Role::FrontDesk, true), &hash, NOW)?;
                invite(tx, other, "eve@example.org", (Role::Owner, false), &hash, NOW)?;
                let keys = store_keys(tx, &token::new_signing_key().unwrap(), NOW)?;
                Ok::<_, counterpart_hub::accounts::InviteError>((ada, bo, tablet, keys))
            })
            .unwrap();
        let clock = ManualClock::at(NOW);
        let running = run(data.path(), limits.clone(), clock.clone(), rpc).await;
        // No connection outlives its request: the clock of a test leaps past every time-out.
        let client = client();
        let Running { hub, realtime, address, stop, ended } = running;
        let stop = Some(stop);
        Desk { hub, realtime, clock, limits, address, shop, ada, bo, tablet, keys, client, stop, ended, data }
    }

    /// The file of the shops' books.
    pub(crate) fn books(&self) -> std::path::PathBuf {
        self.data.path().join("ledger.db")
    }

    /// The hub's folder.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// The hub stops, and another begins in the same folder.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.begin().await;
    }

    /// A hub begins in the folder of one that has stopped.
    pub(crate) async fn begin(&mut self) {
        let clock = self.clock.clone();
        let running = run(self.data.path(), self.limits.clone(), clock, None).await;
        (self.hub, self.realtime, self.address) = (running.hub, running.realtime, running.address);
        (self.stop, self.ended) = (Some(running.stop), running.ended);
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
            .header("apikey", &self.keys.anon)
            .header("x-supabase-api-version", "2024-01-01")
            .timeout(PATIENCE)
    }

    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address)).timeout(PATIENCE)
    }

    pub(crate) async fn token(&self, grant: &str, body: Value) -> Response {
        let path = format!("/auth/v1/token?grant_type={grant}");
        self.request(Method::POST, &path).json(&body).send().await.unwrap()
    }

    pub(crate) async fn sign_in(&self, email: &str) -> SignedIn {
        let response = self.token("password", json!({"email": email, "password": PASSWORD})).await;
        signed_in(response).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Response {
        self.token("refresh_token", json!({"refresh_token": token})).await
    }

    pub(crate) async fn user(&self, access: &str) -> Response {
        self.request(Method::GET, "/auth/v1/user").bearer_auth(access).send().await.unwrap()
    }

    /// Tells the hub to stop; the answer ends when it has.
    pub(crate) fn stop(&mut self) -> impl Future<Output = ()> + use<> {
        self.stop.take().unwrap().send(()).unwrap();
        let ended = std::mem::replace(&mut self.ended, tokio::spawn(async {}));
        async move { tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap() }
    }
}

pub(crate) async fn signed_in(response: Response) -> SignedIn {
    assert_eq!(200, response.status());
    let body: Value = response.json().await.unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    SignedIn { access: text("access_token"), refresh: text("refresh_token") }
}

/// Status and body of an answer.
pub(crate) async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A plain client. Its TLS is never used, and still wants to know whose it would be.
pub(crate) fn client() -> reqwest::Client {
    // Another test may have said so already.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder().pool_max_idle_per_host(0).no_gzip().no_deflate().build().unwrap()
}

//! `serve`: the hub, until SIGTERM or SIGINT.

use super::premises::Premises;
use super::{CliError, ServeArgs, print, say};
use crate::announce::{Announcer, Card};
use crate::backup::daily::Keeper;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::hub::{Hub, Settings};
use crate::pairing::Pairing;
use crate::postgres::{Address, Bell};
use crate::realtime::Realtime;
use crate::secret;
use crate::serve::Server;
use crate::tls::{self, Files};
use rustls::ServerConfig;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub(super) fn run(args: ServeArgs) -> Result<(), CliError> {
    let data = args.common.data.as_deref();
    let config = Config::load(args.configured.options, args.configured.config.as_deref(), data)?;
    let address = args.common.address(&config)?;
    log_as_json();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(data, address, config, args.common.json))
}

/// The hub's own lines and nobody else's: a library's could quote what a customer sent.
fn log_as_json() {
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    let ours = Targets::new().with_target("counterpart_hub", LevelFilter::INFO);
    if tracing_subscriber::registry().with(lines).with(ours).try_init().is_err() {
        say("the log was set up before");
    }
}

async fn serve(
    data: Option<&Path>,
    address: Option<Address>,
    config: Config,
    json: bool,
) -> Result<(), CliError> {
    // Before anything else, so that no signal is lost while the hub starts.
    let stop = stop_signal()?;
    take_all_files();
    let clock = SystemClock::start();
    let realtime = Realtime::new();
    let premises = match address {
        Some(address) => Premises::database(address, &config, &clock, &realtime).await?,
        None => Premises::folder(data.ok_or(CliError::NoFolder)?, &config, &clock, &realtime)?,
    };
    let own_leaf = config.certificate.is_none() && !config.listen.ip().is_loopback();
    let tls = certificate(data, &config, own_leaf, clock.now_ms())?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = Server::bind(config.listen, tls)
        .await
        .map_err(|source| CliError::Listen { address: config.listen, source })?;
    let address = server.address()?;
    let url = format!("{scheme}://{}", reachable(address));
    let public_url = config.public_url.unwrap_or_else(|| url.clone());
    let own_files = data.filter(|_| own_leaf).map(Files::of);
    let root_sha256 = own_files.map(|files| tls::root_fingerprint(&files.root())).transpose()?;
    let anon_key = premises.keys.anon.clone();
    let announcer = config.announce_as.as_deref().map(|name| {
        let card = Card::new(name, &secret::sha256_hex(anon_key.as_bytes()), address.port()).scheme(scheme);
        let card = root_sha256.iter().fold(card, |card, root| card.root(root));
        Announcer::new(card, address, clock.clone())
    });
    if let (Some(root_sha256), Some(data)) = (root_sha256, data) {
        Pairing { url: public_url.clone(), root_sha256, anon_key }.save(data)?;
    }
    let settings = Settings {
        public_url,
        token_seconds: config.token_seconds,
        address_header: config.address_header,
        limits: config.limits,
    };
    let Premises { accounts, keys, functions, keeper, bell, _lock } = premises;
    let hub = Hub::over(accounts, &keys, settings, clock, realtime, functions)?;
    if json {
        print(&json!({"url": url}))?;
    }
    tracing::info!(url, "serving");
    let stopping = CancellationToken::new();
    let stopped = stopping.clone();
    let stop = async move {
        stop.await;
        stopped.cancel();
    };
    // Who looks for a hub hears that it is gone before the last request has ended.
    let serving = keep_serving(server, hub, stop, (keeper, bell));
    tokio::join!(serving, announce(announcer, &stopping));
    Ok(())
}

/// Serves, and meanwhile makes backups, or listens to the other instances.
async fn keep_serving(
    server: Server,
    hub: Arc<Hub>,
    stop: impl Future<Output = ()>,
    (keeper, bell): (Option<Arc<Keeper>>, Option<Arc<Bell>>),
) {
    let beside = async {
        match (&keeper, bell) {
            (Some(keeper), _) => keeper.run().await,
            (None, Some(bell)) => bell.run().await,
            (None, None) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = server.run(hub, stop) => {}
        () = beside => {}
    }
    if let Some(keeper) = keeper {
        keeper.finish().await;
    }
}

async fn announce(announcer: Option<Announcer>, stopping: &CancellationToken) {
    if let Some(announcer) = announcer {
        announcer.run(stopping).await;
    }
}

/// Every connection is an open file, and systems give a process few unless it asks.
#[cfg(unix)]
fn take_all_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
}

#[cfg(not(unix))]
fn take_all_files() {}

fn certificate(
    data: Option<&Path>,
    config: &Config,
    own_leaf: bool,
    now_ms: i64,
) -> Result<Option<Arc<ServerConfig>>, CliError> {
    if let Some((certificate, key)) = &config.certificate {
        return Ok(Some(tls::server_config(certificate, key)?));
    }
    if !own_leaf {
        return Ok(None);
    }
    let files = Files::of(data.ok_or(CliError::NoFolder)?);
    if tls::renew_leaf(&files, &tls::machine_names(&config.hosts), now_ms)? {
        tracing::info!("the certificate was renewed");
    }
    Ok(Some(tls::server_config(&files.leaf(), &files.leaf_key())?))
}

/// The address as another device would dial it.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let host = tls::lan_addresses().into_iter().next();
    SocketAddr::new(host.unwrap_or(std::net::Ipv4Addr::LOCALHOST.into()), address.port())
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

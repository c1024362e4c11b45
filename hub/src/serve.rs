//! The hub on a socket: connections within their limit, TLS, slow clients cut off, and a stop that loses nothing.
//!
//! When it stops it takes no new connection, finishes the requests it has, and closes every realtime socket with a
//! close frame; whoever has not ended after [`GRACE`] is cut off.

use crate::clock::Clock;
use crate::hub::Hub;
use crate::routes::routes;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long requests and sockets may take to end when the hub stops.
pub const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take over the head of a request, an idle connection included.
pub const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a client may take over the TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long to wait after the system refused a connection, as it does when files run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listening socket.
pub struct Server {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// Listens; connections are accepted once it runs.
    pub async fn bind(address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(address).await?, tls: tls.map(TlsAcceptor::from) })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves a hub until `stop`, and then until everything has ended.
    pub async fn run(self, hub: Arc<Hub>, stop: impl Future<Output = ()>) {
        let stopping = CancellationToken::new();
        let tasks = TaskTracker::new();
        let accepting = accept(self, &hub, &stopping, &tasks);
        tokio::select! {
            () = accepting => {}
            () = stop => {}
        }
        tracing::info!("stopping");
        stopping.cancel();
        tasks.close();
        let late = hub.clock.reached(hub.clock.elapsed() + GRACE);
        tokio::select! {
            _ = futures_util::future::join(tasks.wait(), hub.realtime.stop()) => tracing::info!("stopped"),
            () = late => tracing::warn!("stopped, although not everything had ended"),
        }
    }
}

async fn accept(server: Server, hub: &Arc<Hub>, stopping: &CancellationToken, tasks: &TaskTracker) {
    let places = Arc::new(Semaphore::new(hub.limits.connections));
    let router = routes(hub);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let (stream, peer) = match server.listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                hub.clock.reached(hub.clock.elapsed() + ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (hub, tls, router, stopping) =
            (hub.clone(), server.tls.clone(), router.clone(), stopping.clone());
        tasks.spawn(async move {
            hub.metrics.connections.inc();
            secure(&hub, stream, tls, router, peer, &stopping).await;
            hub.metrics.connections.dec();
            drop(place);
        });
    }
}

async fn secure(
    hub: &Hub,
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    peer: SocketAddr,
    stopping: &CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection broke off");
        return;
    }
    let Some(tls) = tls else { return converse(hub, stream, router, peer, stopping).await };
    let late = hub.clock.reached(hub.clock.elapsed() + HANDSHAKE_TIME);
    let accepted = tokio::select! {
        accepted = tls.accept(stream) => accepted,
        () = late => return,
        () = stopping.cancelled() => return,
    };
    match accepted {
        Ok(stream) => converse(hub, stream, router, peer, stopping).await,
        Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    hub: &Hub,
    stream: S,
    router: Router,
    peer: SocketAddr,
    stopping: &CancellationToken,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(HeadTimer::new(hub.clock.clone())).header_read_timeout(HEAD_TIME);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Hyper's timer on the hub's clock.
struct HeadTimer {
    clock: Arc<dyn Clock>,
    began: Instant,
    began_at: Duration,
}

struct Sleep(Mutex<futures_util::future::BoxFuture<'static, ()>>);

impl HeadTimer {
    #[expect(
        clippy::disallowed_methods,
        reason = "only a zero that hyper counts from; the time is the clock's"
    )]
    fn new(clock: Arc<dyn Clock>) -> HeadTimer {
        HeadTimer { began: Instant::now(), began_at: clock.elapsed(), clock }
    }
}

impl hyper::rt::Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep(Mutex::new(self.clock.reached(self.clock.elapsed() + duration))))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        let moment = self.began_at + deadline.saturating_duration_since(self.began);
        Box::pin(Sleep(Mutex::new(self.clock.reached(moment))))
    }

    fn now(&self) -> Instant {
        self.began + self.clock.elapsed().saturating_sub(self.began_at)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut sleep = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sleep.as_mut().poll(context)
    }
}

impl hyper::rt::Sleep for Sleep {}

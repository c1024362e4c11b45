//! A wire between a device and a hub that can lose answers, or be cut.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
struct State {
    lose: AtomicUsize,
    cut: AtomicBool,
    connections: AtomicUsize,
    sent: Mutex<Vec<u8>>,
}

/// The wire.
pub(crate) struct Relay {
    address: SocketAddr,
    state: Arc<State>,
}

impl Relay {
    pub(crate) async fn to(hub: SocketAddr) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::new(State::default()));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                tokio::spawn(carry(device, hub, shared.clone()));
            }
        });
        Relay { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The hub gets the next requests, and the device none of their answers.
    pub(crate) fn lose_answers(&self, count: usize) {
        self.state.lose.store(count, Ordering::SeqCst);
    }

    /// Nothing passes any more.
    pub(crate) fn cut(&self, cut: bool) {
        self.state.cut.store(cut, Ordering::SeqCst);
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How often a text was in what devices sent.
    pub(crate) fn heard(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.state.sent.lock().unwrap()).matches(text).count()
    }
}

async fn carry(mut device: TcpStream, hub: SocketAddr, state: Arc<State>) {
    state.connections.fetch_add(1, Ordering::SeqCst);
    if state.cut.load(Ordering::SeqCst) {
        return;
    }
    let mut hub = TcpStream::connect(hub).await.unwrap();
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = device.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                if state.cut.load(Ordering::SeqCst) {
                    return;
                }
                state.sent.lock().unwrap().extend_from_slice(&up[..length]);
                hub.write_all(&up[..length]).await.unwrap();
            }
            read = hub.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                let lost = state.lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if lost.is_ok() || device.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

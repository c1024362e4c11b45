//! Syncs in the background, of an app that comes and goes meanwhile.

use crate::desk::{Desk, Device, Door, PASSWORD, soon};
use crate::story::customer;
use counterpart_core::Error;
use counterpart_ffi::ServerAddress;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(60);

/// A wire to a hub that counts the connections on which functions are called.
async fn counted(hub: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, calls) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut device, _)) = listener.accept().await {
            let (hub, counter) = (hub.clone(), Arc::clone(&counter));
            tokio::spawn(async move {
                let mut first = [0; 4];
                if device.peek(&mut first).await.is_ok_and(|read| read == 4) && first == *b"POST" {
                    counter.fetch_add(1, Ordering::SeqCst);
                }
                let mut hub = TcpStream::connect(hub).await.unwrap();
                copy_bidirectional(&mut device, &mut hub).await.ok();
            });
        }
    });
    (url, calls)
}

#[tokio::test]
async fn an_app_that_comes_back_uses_no_connection_from_before() {
    let desk = Desk::open().await;
    let (url, calls) = counted(desk.server.url.replace("http://", "")).await;
    let server = ServerAddress { url, ..desk.server.clone() };
    let device = Device::new().await;
    let signing = device.terminal.sign_in(server, "ada@example.org".into(), PASSWORD.into(), None, None);
    let shop = signing.await.unwrap().shop;
    device.terminal.network(true).await.unwrap();
    soon(shop.sync(None)).await.unwrap();
    let before = calls.load(Ordering::SeqCst);
    soon(shop.sync(None)).await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), before, "a connection serves many calls");
    device.terminal.suspend().await.unwrap();
    device.terminal.resume().await.unwrap();
    soon(shop.sync(None)).await.unwrap();
    assert!(calls.load(Ordering::SeqCst) > before);
}

/// A suspended device whose sync in the background stands before a closed door.
async fn under_way() -> (Desk, Arc<Door>, Device, JoinHandle<Result<(), Error>>) {
    let (desk, door) = Desk::with_door("sync_pull", true).await;
    let ada = desk.device("ada").await;
    ada.terminal.suspend().await.unwrap();
    door.close();
    let shop = Arc::clone(ada.shop());
    let syncing = tokio::spawn(async move { shop.sync_once(LONG, None).await });
    door.somebody().await;
    (desk, door, ada, syncing)
}

async fn is_awake(device: &Device) -> bool {
    device.shop().inspect().await.unwrap().awake
}

#[tokio::test]
async fn an_app_that_came_back_meanwhile_stays_awake() {
    let (_desk, door, ada, syncing) = under_way().await;
    ada.terminal.resume().await.unwrap();
    door.open();
    soon(syncing).await.unwrap().unwrap();
    assert!(is_awake(&ada).await);
    ada.shop().create_customer(customer("Okafor")).await.unwrap();
    soon(ada.shop().sync(None)).await.unwrap();
}

#[tokio::test]
async fn a_sync_that_is_given_up_leaves_the_engine_at_rest() {
    let (_desk, door, ada, syncing) = under_way().await;
    syncing.abort();
    soon(syncing).await.unwrap_err();
    door.open();
    // It is told by what was given up, on another thread.
    soon(async { while is_awake(&ada).await {} }).await;
    ada.terminal.resume().await.unwrap();
    soon(ada.shop().sync(None)).await.unwrap();
}

#[tokio::test]
async fn of_two_at_once_the_last_puts_the_engine_to_rest() {
    let (_desk, door, ada, syncing) = under_way().await;
    let shop = Arc::clone(ada.shop());
    let second = tokio::spawn(async move { shop.sync_once(LONG, None).await });
    door.open();
    soon(syncing).await.unwrap().unwrap();
    soon(second).await.unwrap().unwrap();
    assert!(!is_awake(&ada).await);
}

//! Syncs in the background, of an app that comes and goes meanwhile.

use crate::desk::{Desk, Device, Door, soon};
use crate::story::customer;
use counterpart_ffi::ShopError;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(60);

/// A suspended device whose sync in the background stands before a closed door.
async fn under_way() -> (Desk, Arc<Door>, Device, JoinHandle<Result<(), ShopError>>) {
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
    device.shop().inspect().await.unwrap().contains("\"awake\":true")
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

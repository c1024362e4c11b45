//! A shared tablet, the key to passcodes, and what managers see of their shops.

use crate::desk::Desk;
use crate::device::{Device, call, refused};
use counterpart_core::sync::wire::{GrantAnswer, Overview, ShopKey};
use counterpart_hub::auth::password;
use serde_json::{Value, json};
use std::time::Duration;

const PIN: &str = "2468";

/// Somebody sets their own PIN, on their own device.
async fn set_pin(desk: &Desk, device: &mut Device, verifier: &str) {
    let fields = json!({"employee_id": {"to": device.account}, "verifier": {"to": verifier}});
    let row = format!("pin-{}", device.id);
    let operation = device.operation(
        json!({"table": "employee_pins", "row": row, "kind": "insert", "actor": device.account, "fields": fields}),
    );
    assert_eq!(["applied"], *device.outcomes(desk, &[operation]).await);
}

fn asks(tablet: &Device, employee: &str, pin: &str) -> Value {
    json!({"shop": tablet.shop, "device": tablet.id, "employee": employee, "pin": pin})
}

async fn grant(desk: &Desk, tablet: &Device, employee: &str, pin: &str) -> GrantAnswer {
    tablet.ask(desk, "station_grant", &asks(tablet, employee, pin)).await
}

fn granted(role: &str) -> GrantAnswer {
    GrantAnswer { granted: true, role: role.into(), locked_seconds: 0 }
}

fn wrong(locked_seconds: u64) -> GrantAnswer {
    GrantAnswer { granted: false, role: String::new(), locked_seconds }
}

fn work(tablet: &mut Device, row: &str, actor: &str) -> Value {
    tablet.operation(json!({"table": "customers", "row": row, "kind": "insert", "actor": actor,
        "fields": {"last_name": {"to": "Curie"}}}))
}

#[tokio::test]
async fn nobody_is_named_at_a_tablet_before_their_pin_was_right_there() {
    let desk = Desk::open().await;
    let (mut ada, mut tablet) = (Device::ada(&desk).await, Device::tablet(&desk).await);
    set_pin(&desk, &mut ada, &password::hash(PIN).unwrap()).await;
    let early = work(&mut tablet, "c1", &ada.account);
    assert_eq!(["rejected no_grant"], *tablet.outcomes(&desk, &[early]).await);
    assert_eq!(wrong(0), grant(&desk, &tablet, &ada.account, "1357").await);
    assert_eq!(granted("technician"), grant(&desk, &tablet, &ada.account, PIN).await);
    let (mine, nobodys) = (work(&mut tablet, "c1", &ada.account), tablet.customer("c2", "Noether"));
    assert_eq!(["applied", "rejected denied"], *tablet.outcomes(&desk, &[mine, nobodys]).await);
    // The grant is of this tablet alone.
    let mut other = Device::open(&desk, "tablet@example.org", desk.tablet, "second").await;
    let there = work(&mut other, "c3", &ada.account);
    assert_eq!(["rejected no_grant"], *other.outcomes(&desk, &[there]).await);
}

#[tokio::test]
async fn the_fifth_wrong_pin_locks_and_a_restart_unlocks_nothing() {
    let mut desk = Desk::open().await;
    let (mut ada, tablet) = (Device::ada(&desk).await, Device::tablet(&desk).await);
    set_pin(&desk, &mut ada, &password::hash(PIN).unwrap()).await;
    for locked in [0, 0, 0, 0, 30] {
        assert_eq!(wrong(locked), grant(&desk, &tablet, &ada.account, "1357").await);
    }
    desk.restart().await;
    desk.clock.advance(Duration::from_secs(10));
    assert_eq!(wrong(20), grant(&desk, &tablet, &ada.account, PIN).await);
    desk.clock.advance(Duration::from_secs(20));
    assert_eq!(wrong(60), grant(&desk, &tablet, &ada.account, "1357").await);
    desk.clock.advance(Duration::from_secs(60));
    assert_eq!(granted("technician"), grant(&desk, &tablet, &ada.account, PIN).await);
    assert_eq!(wrong(0), grant(&desk, &tablet, &ada.account, "1357").await);
}

#[tokio::test]
async fn a_pin_makes_nobody_more_than_a_technician() {
    let desk = Desk::open().await;
    let (mut bo, mut tablet) = (Device::bo(&desk).await, Device::tablet(&desk).await);
    set_pin(&desk, &mut bo, &password::hash(PIN).unwrap()).await;
    assert_eq!(granted("technician"), grant(&desk, &tablet, &bo.account, PIN).await);
    let made = work(&mut tablet, "c1", &bo.account);
    let gone = tablet.operation(
        json!({"table": "customers", "row": "c1", "kind": "delete", "on": 100, "actor": bo.account}),
    );
    assert_eq!(["applied", "rejected denied"], *tablet.outcomes(&desk, &[made, gone]).await);
}

#[tokio::test]
async fn pins_are_asked_for_at_tablets_only_and_strangers_fit_none() {
    let desk = Desk::open().await;
    let (mut ada, tablet) = (Device::ada(&desk).await, Device::tablet(&desk).await);
    assert_eq!(
        (403, "denied".into()),
        refused(&desk, &ada.access, "station_grant", &asks(&ada, &ada.account, PIN)).await
    );
    assert_eq!(
        (409, "no_session".into()),
        refused(&desk, &tablet.access, "station_grant", &asks(&ada, &ada.account, PIN)).await
    );
    assert_eq!(wrong(0), grant(&desk, &tablet, "nobody", PIN).await);
    assert_eq!(wrong(0), grant(&desk, &tablet, &ada.account, PIN).await);
    // A verifier that would take all of the hub's memory is none.
    let dear = password::hash(PIN).unwrap().replace("m=19456", "m=4194304");
    assert!(dear.contains("4194304"));
    set_pin(&desk, &mut ada, &dear).await;
    assert_eq!(wrong(0), grant(&desk, &tablet, &ada.account, PIN).await);
}

#[tokio::test]
async fn a_shop_has_one_key_and_only_its_members_get_it() {
    let mut desk = Desk::open().await;
    let (ada, tablet) = (Device::ada(&desk).await, Device::tablet(&desk).await);
    let asks = json!({"shop": ada.shop});
    let ShopKey { key } = ada.ask(&desk, "shop_key", &asks).await;
    assert_eq!(44, key.len());
    desk.restart().await;
    assert_eq!(key, tablet.ask::<ShopKey>(&desk, "shop_key", &asks).await.key);
    let eve = desk.sign_in("eve@example.org").await.access;
    assert_eq!((403, "no_shop".into()), refused(&desk, &eve, "shop_key", &asks).await);
    let other = json!({"shop": "00000000-0000-0000-0000-000000000002"});
    assert_ne!(json!(key), call(&desk, &eve, "shop_key", &other).await.1["key"]);
}

#[tokio::test]
async fn managers_see_the_shops_that_they_manage_and_no_other() {
    let desk = Desk::open().await;
    let (ada, bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let seen: Overview = bo.ask(&desk, "shop_overview", &json!({})).await;
    assert_eq!(1, seen.shops.len());
    let shop = &seen.shops[0];
    assert_eq!((desk.shop.to_string().as_str(), "Bench", 0), (&*shop.shop, &*shop.name, shop.open_conflicts));
    let mut roles: Vec<_> =
        shop.members.iter().map(|member| (member.role.as_str(), member.station)).collect();
    roles.sort_unstable();
    assert_eq!([("front_desk", true), ("manager", false), ("technician", false)], *roles);
    let devices: Vec<_> = shop.devices.iter().map(|device| device.device.as_str()).collect();
    assert_eq!(["adas", "bos"], *devices);
    assert_eq!(Overview::default(), ada.ask(&desk, "shop_overview", &json!({})).await);
    let eve = desk.sign_in("eve@example.org").await.access;
    let (_, theirs) = call(&desk, &eve, "shop_overview", &json!({})).await;
    assert_eq!(json!(["Elsewhere"]), json!([theirs["shops"][0]["name"]]));
    assert_eq!(1, theirs["shops"].as_array().unwrap().len());
}

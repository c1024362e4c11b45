//! Who works here: signing up, the password, the shops of an account; and an inspector's bad network.

use crate::desk::{Desk, Device, FIRST, PASSWORD, soon};
use crate::story::customer;
use counterpart_core::desk::BoardFilter;
use counterpart_core::net::Trouble;
use counterpart_core::{Error, Fault};
use counterpart_ffi::RecordKind;
use std::sync::Arc;
use std::time::Duration;

const OWN: &str = "a password of her own";

fn wrong(error: &Error) -> (&str, &str) {
    let Fault::Invalid(wrong) = error.fault() else { panic!("{error:?}") };
    (wrong.field, wrong.rule.code())
}

#[tokio::test]
async fn an_invitation_lets_in_once_and_the_password_is_the_person_s_own() {
    let desk = Desk::open().await;
    let (server, email) = (|| desk.server.clone(), || "tess@example.org".to_owned());
    let device = Device::new().await;
    let sign_up = |invitation: &str, password: &str| {
        device.terminal.sign_up(server(), email(), invitation.into(), password.into(), None, None)
    };
    let weak = sign_up(FIRST, "short").await.unwrap_err();
    assert_eq!(wrong(&weak), ("password", "too_weak"));
    let same = sign_up(FIRST, FIRST).await.unwrap_err();
    assert_eq!(wrong(&same), ("password", "same_password"));
    assert!(device.terminal.shop().await.unwrap().is_none());
    let signed_up = sign_up(FIRST, OWN).await.unwrap();
    assert!(!signed_up.must_change_password);
    device.terminal.network(true).await.unwrap();
    signed_up.shop.sync(None).await.unwrap();
    // The answer may have been lost: asked again, it goes on.
    assert!(!sign_up(FIRST, OWN).await.unwrap().must_change_password);

    let other = Device::new().await;
    let used = other.terminal.sign_in(server(), email(), FIRST.into(), None, None).await.unwrap_err();
    assert_eq!(wrong(&used), ("password", "wrong_credentials"));
    let used = other.terminal.sign_up(server(), email(), FIRST.into(), "something else".into(), None, None);
    assert_eq!(wrong(&used.await.unwrap_err()), ("invitation", "wrong_credentials"));
    other.terminal.sign_in(server(), email(), OWN.into(), None, None).await.unwrap();
}

#[tokio::test]
async fn a_changed_password_keeps_this_device_signed_in_and_no_other() {
    let desk = Desk::open().await;
    let (one, two) = (desk.device("ada").await, desk.device("ada").await);
    let change =
        |current: &str, password: &str| one.terminal.change_password(current.into(), password.into(), None);
    assert_eq!(wrong(&change("not it", OWN).await.unwrap_err()), ("current_password", "wrong_credentials"));
    assert_eq!(wrong(&change(PASSWORD, "").await.unwrap_err()), ("password", "required"));
    change(PASSWORD, OWN).await.unwrap();
    one.shop().create_customer(customer("Okafor")).await.unwrap();
    one.shop().sync(None).await.unwrap();
    let ended = two.terminal.change_password(PASSWORD.into(), OWN.into(), None).await.unwrap_err();
    assert_eq!(ended.code(), "signed_out");
    let third = Device::new().await;
    let sign_in = |password: &str| {
        let email = "ada@example.org".to_owned();
        third.terminal.sign_in(desk.server.clone(), email, password.into(), None, None)
    };
    assert_eq!(sign_in(PASSWORD).await.unwrap_err().code(), "wrong_credentials");
    assert!(!sign_in(OWN).await.unwrap().must_change_password);
}

#[tokio::test]
async fn whoever_works_in_several_shops_chooses_by_name_with_a_network_or_without() {
    let desk = Desk::open().await;
    let device = Device::new().await;
    let sign_in = |shop: Option<String>| {
        let (email, password) = ("cy@example.org".to_owned(), PASSWORD.to_owned());
        device.terminal.sign_in(desk.server.clone(), email, password, shop, None)
    };
    assert!(device.terminal.known_shops().await.unwrap().is_empty());
    assert_eq!(wrong(&sign_in(None).await.unwrap_err()), ("shop", "required"));
    let offered = device.terminal.known_shops().await.unwrap();
    assert_eq!(offered.iter().map(|shop| shop.name.as_str()).collect::<Vec<_>>(), ["Bench", "Annex"]);
    sign_in(Some(offered[0].id.clone())).await.unwrap();

    device.terminal.shut_down().await.unwrap();
    let device = device.opened_again().await;
    assert_eq!(device.terminal.known_shops().await.unwrap(), offered);
    assert_eq!(device.terminal.shops().await.unwrap(), [offered[0].id.clone()]);
    let annex = device.terminal.switch_shop(offered[1].id.clone()).await.unwrap();
    annex.create_customer(customer("Okafor")).await.unwrap();
    device.terminal.network(true).await.unwrap();
    annex.sync(None).await.unwrap();

    let overview = device.terminal.overview(None).await.unwrap();
    let told: Vec<_> =
        overview.iter().map(|shop| (shop.name.as_str(), shop.members.len(), shop.devices.len())).collect();
    assert_eq!(told, [("Bench", 5, 0), ("Annex", 1, 1)]);
    assert_eq!((overview[1].open_conflicts, overview[1].devices[0].unsent), (0, 0));
    assert!(overview[1].devices[0].seen_at.timestamp() > 1_700_000_000);
    device.terminal.sign_out(None, None).await.unwrap();
    assert!(device.terminal.known_shops().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_inspector_makes_the_network_bad_and_well_again() {
    let desk = Desk::open().await;
    let ada = desk.device("ada").await;
    let id = ada.shop().create_customer(customer("Okafor")).await.unwrap();
    ada.shop().sync(None).await.unwrap();
    ada.terminal.simulate(Trouble::Lossy { percent: 100, seed: 7 }).await.unwrap();
    assert_eq!(ada.shop().devices(None).await.unwrap_err().code(), "needs_server");
    ada.terminal.simulate(Trouble::Slow { by: Duration::from_millis(1) }).await.unwrap();
    ada.shop().devices(None).await.unwrap();
    ada.terminal.simulate(Trouble::Unreachable).await.unwrap();
    let before = ada.shop().customer(id.clone()).await.unwrap().unwrap();
    let after = customer("Curie");
    let after = counterpart_core::entity::Customer { last_name: after.last_name, ..before.clone() };
    ada.shop().edit_customer(before, after).await.unwrap();
    assert_eq!(ada.shop().sync(None).await.unwrap_err().code(), "needs_server");
    ada.terminal.simulate(Trouble::None).await.unwrap();
    soon(ada.shop().idle(Duration::from_secs(10), None)).await.unwrap();
    ada.terminal
        .edit_elsewhere(RecordKind::Customer, id.0.clone(), "company".into(), "\"Radium\"".into())
        .await
        .unwrap();
    ada.terminal.force_full_sync().await.unwrap();
    soon(ada.shop().sync(None)).await.unwrap();
    ada.terminal.purge().await.unwrap();
    soon(ada.shop().sync(None)).await.unwrap();
    let here = ada.shop().customer(id).await.unwrap().unwrap();
    assert_eq!((here.last_name.as_deref(), here.company.as_deref()), (Some("Curie"), Some("Radium")));
}

#[tokio::test]
async fn what_an_inspector_makes_up_is_work_like_any_other_and_the_same_for_the_same_seed() {
    let (ada, ben) = (Device::alone().await, Device::alone().await);
    for device in [&ada, &ben] {
        device.shop().make_up(12, 7).await.unwrap();
    }
    let made_up = board(&ada).await;
    assert_eq!(made_up.len(), 12);
    assert_eq!(made_up, board(&ben).await);
    // A customer and a ticket each.
    assert_eq!(ada.shop().state().await.unwrap().pending, 24);
    assert_eq!(wrong(&ada.shop().make_up(10_001, 7).await.unwrap_err()), ("tickets", "range"));
    assert_eq!(board(&ada).await.len(), 12);
}

/// What was brought in, by whom, in the order of the board.
async fn board(device: &Device) -> Vec<(String, String, String)> {
    let page = device.shop().board(BoardFilter::default(), None, 100).await.unwrap();
    let mut brought: Vec<_> =
        page.rows.into_iter().map(|row| (row.subject, row.customer, row.device)).collect();
    brought.sort();
    brought
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_leaves_no_session() {
    let (desk, door) = Desk::with_door("my_shops", false).await;
    let device = Device::new().await;
    let (terminal, server) = (Arc::clone(&device.terminal), desk.server.clone());
    let signing = tokio::spawn(async move {
        terminal.sign_in(server, "ada@example.org".into(), PASSWORD.into(), None, None).await
    });
    door.somebody().await;
    assert_eq!(desk.sessions(), 1);
    signing.abort();
    soon(signing).await.unwrap_err();
    door.open();
    let ended = async {
        while desk.sessions() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon(ended).await;
    assert_eq!(device.stored(), 0, "nothing of it is kept");
}

//! Signing in, staying signed in, signing out.

use crate::desk::{Desk, PASSWORD};
use crate::relay::Relay;
use counterpart_core::Error;
use counterpart_core::error::{NotNow, Result};
use counterpart_core::keys::{MemoryKeys, SecureStorage};
use counterpart_core::net::Session;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A storage that a locked device withholds.
#[derive(Default)]
struct Locked {
    inner: MemoryKeys,
    locked: AtomicBool,
}

impl Locked {
    fn open(&self) -> Result<&MemoryKeys> {
        let locked = self.locked.load(Ordering::SeqCst);
        if locked { Err(Error::not_now(NotNow::DeviceLocked)) } else { Ok(&self.inner) }
    }
}

impl SecureStorage for Locked {
    fn get(&self, name: &str) -> Result<Option<String>> {
        self.open()?.get(name)
    }

    fn set(&self, name: &str, value: &str) -> Result<()> {
        self.open()?.set(name, value)
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.open()?.remove(name)
    }
}

async fn signed_in(desk: &Desk, url: &str, keys: Arc<dyn SecureStorage>) -> Session {
    let session = Session::sign_in(desk.http_at(url), keys, " ada@example.org ", PASSWORD).await.unwrap().0;
    session.store().unwrap();
    session
}

fn stored(desk: &Desk, keys: &dyn SecureStorage) -> Option<String> {
    keys.get(&format!("session-{}", desk.ada)).unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_is_who_they_are() {
    let desk = Desk::open().await;
    let (session, user) = desk.sign_in("ADA@example.org").await;
    assert_eq!((desk.ada.to_string(), "ada@example.org"), (user.id.clone(), user.email.as_str()));
    assert!(user.must_change_password);
    assert_eq!(user.id, session.account());
    assert_eq!(user, session.user().await.unwrap());
    let token = session.token().await.unwrap();
    assert!(!format!("{session:?}").contains(&token));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_get_one_answer() {
    let desk = Desk::open().await;
    for (email, password) in [("ada@example.org", "wrong"), ("nobody@example.org", PASSWORD)] {
        let keys = Arc::new(MemoryKeys::default());
        let error = Session::sign_in(desk.http(), keys.clone(), email, password).await.unwrap_err();
        assert_eq!("wrong_credentials", error.code());
        assert!(!error.to_string().contains(email));
        assert_eq!(None, stored(&desk, &*keys));
    }
    let keys = Arc::new(MemoryKeys::default());
    assert_eq!("required", Session::sign_in(desk.http(), keys, " ", "x").await.unwrap_err().code());
}

#[tokio::test]
async fn a_session_goes_on_after_a_restart() {
    let desk = Desk::open().await;
    let keys: Arc<dyn SecureStorage> = Arc::new(MemoryKeys::default());
    drop(signed_in(&desk, &format!("http://{}", desk.address), keys.clone()).await);
    let before = stored(&desk, &*keys);
    let session = Session::resume(desk.http(), keys.clone(), &desk.ada.to_string()).unwrap();
    assert_eq!(desk.ada.to_string(), session.user().await.unwrap().id);
    assert_ne!(before, stored(&desk, &*keys));
    let nobody = Session::resume(desk.http(), Arc::new(MemoryKeys::default()), "x").unwrap_err();
    assert_eq!("signed_out", nobody.code());
}

#[tokio::test]
async fn a_token_is_renewed_when_ninety_seconds_are_left_whatever_the_wall_clock_says() {
    let desk = Desk::open().await;
    let (session, _) = desk.sign_in("ada@example.org").await;
    let first = session.token().await.unwrap();
    desk.clock.set(0);
    desk.clock.advance(3_600_000 - 90_001);
    assert_eq!(first, session.token().await.unwrap());
    desk.clock.advance(1);
    let second = session.token().await.unwrap();
    assert_ne!(first, second);
    assert_eq!(second, session.token().await.unwrap());
}

#[tokio::test]
async fn without_a_network_the_token_at_hand_serves_until_it_ends() {
    let desk = Desk::open().await;
    let relay = Relay::to(desk.address).await;
    let keys = Arc::new(MemoryKeys::default());
    let session = signed_in(&desk, &relay.url(), keys.clone()).await;
    let token = session.token().await.unwrap();
    relay.cut(true);
    desk.clock.advance(3_600_000 - 1);
    assert_eq!(token, session.token().await.unwrap());
    desk.clock.advance(1);
    assert_eq!("needs_server", session.token().await.unwrap_err().code());
    relay.cut(false);
    assert_ne!(token, session.token().await.unwrap());
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_ends_no_session() {
    let desk = Desk::open().await;
    let relay = Relay::to(desk.address).await;
    let keys = Arc::new(MemoryKeys::default());
    let session = signed_in(&desk, &relay.url(), keys.clone()).await;
    let before = stored(&desk, &*keys);
    relay.lose_answers(1);
    assert_eq!("needs_server", session.refresh().await.unwrap_err().code());
    assert_eq!(before, stored(&desk, &*keys));
    session.refresh().await.unwrap();
    assert_ne!(before, stored(&desk, &*keys));
    session.user().await.unwrap();
}

#[tokio::test]
async fn a_new_token_that_cannot_be_stored_is_not_used() {
    let desk = Desk::open().await;
    let keys = Arc::new(Locked::default());
    let session = signed_in(&desk, &format!("http://{}", desk.address), keys.clone()).await;
    let before = stored(&desk, &keys.inner);
    keys.locked.store(true, Ordering::SeqCst);
    assert_eq!("device_locked", session.refresh().await.unwrap_err().code());
    assert_eq!("device_locked", session.sign_out().await.unwrap_err().code());
    assert_eq!(before, stored(&desk, &keys.inner));
    keys.locked.store(false, Ordering::SeqCst);
    session.refresh().await.unwrap();
    assert_ne!(before, stored(&desk, &keys.inner));
}

#[tokio::test]
async fn refreshes_at_once_are_one_refresh() {
    let desk = Desk::open().await;
    let relay = Relay::to(desk.address).await;
    let session = signed_in(&desk, &relay.url(), Arc::new(MemoryKeys::default())).await;
    let tokens = futures_util::future::join_all((0..8).map(|_| session.refresh())).await;
    let first = tokens[0].clone().unwrap();
    assert!(tokens.iter().all(|token| token.as_ref() == Ok(&first)));
    assert_eq!(1, relay.heard("grant_type=refresh_token"));
    relay.cut(true);
    let failed = futures_util::future::join_all((0..8).map(|_| session.refresh())).await;
    assert!(failed.iter().all(|failed| matches!(failed, Err(error) if error.code() == "needs_server")));
    relay.cut(false);
    assert_ne!(first, session.refresh().await.unwrap());
    assert_eq!(2, relay.heard("grant_type=refresh_token"));
}

#[tokio::test]
async fn a_session_that_the_server_ended_is_forgotten() {
    let desk = Desk::open().await;
    let keys = Arc::new(MemoryKeys::default());
    let session = signed_in(&desk, &format!("http://{}", desk.address), keys.clone()).await;
    desk.hub.deactivate(desk.shop, desk.ada).await.unwrap();
    assert_eq!("signed_out", session.refresh().await.unwrap_err().code());
    assert_eq!(None, stored(&desk, &*keys));
    assert_eq!("signed_out", session.token().await.unwrap_err().code());
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let desk = Desk::open().await;
    let keys = Arc::new(MemoryKeys::default());
    let session = signed_in(&desk, &format!("http://{}", desk.address), keys.clone()).await;
    let (other, _) = desk.sign_in("ada@example.org").await;
    let copy: Arc<dyn SecureStorage> = Arc::new(MemoryKeys::default());
    copy.set(&format!("session-{}", desk.ada), &stored(&desk, &*keys).unwrap()).unwrap();
    assert!(session.sign_out().await.unwrap());
    assert_eq!(None, stored(&desk, &*keys));
    assert_eq!("signed_out", session.token().await.unwrap_err().code());
    assert!(session.sign_out().await.unwrap());
    let copied = Session::resume(desk.http(), copy, &desk.ada.to_string()).unwrap();
    assert_eq!("signed_out", copied.refresh().await.unwrap_err().code());
    other.user().await.unwrap();
}

#[tokio::test]
async fn signing_out_works_without_a_network_and_after_a_restart() {
    let desk = Desk::open().await;
    let relay = Relay::to(desk.address).await;
    let keys: Arc<dyn SecureStorage> = Arc::new(MemoryKeys::default());
    drop(signed_in(&desk, &relay.url(), keys.clone()).await);
    let resumed = Session::resume(desk.http_at(&relay.url()), keys.clone(), &desk.ada.to_string()).unwrap();
    assert!(resumed.sign_out().await.unwrap());
    assert_eq!(1, relay.heard("/auth/v1/logout?scope=local"));
    let session = signed_in(&desk, &relay.url(), keys.clone()).await;
    relay.cut(true);
    assert!(!session.sign_out().await.unwrap());
    assert_eq!(None, stored(&desk, &*keys));
}

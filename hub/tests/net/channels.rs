//! Hearing a shop: pokes, who is there, and what ends it.

use crate::desk::{Desk, PATIENCE};
use counterpart_core::net::{Heard, Listener, Lost, Present, Showing, Subscription, listen};
use counterpart_core::sync::Cursor;
use serde_json::json;
use tokio::task::JoinHandle;

struct Ear {
    listener: Listener,
    running: JoinHandle<()>,
}

impl Ear {
    fn open(desk: &Desk, device: &str, token: &str, ticket: Option<&str>) -> Ear {
        let showing = Showing { employee: None, ticket: ticket.map(str::to_owned) };
        let subscription =
            Subscription { shop: desk.shop.to_string(), device: device.into(), token: token.into(), showing };
        let (listener, running) = listen(&desk.http(), subscription);
        Ear { listener, running: tokio::spawn(running) }
    }

    async fn next(&mut self) -> Option<Heard> {
        tokio::time::timeout(PATIENCE, self.listener.next()).await.unwrap()
    }

    /// What is heard next besides who is there.
    async fn news(&mut self) -> Option<Heard> {
        loop {
            match self.next().await {
                Some(Heard::Presence(_)) => {}
                other => return other,
            }
        }
    }

    /// Waits until exactly these are there.
    async fn until_present(&mut self, expected: &[(&str, Option<&str>)]) {
        let present = |(device, ticket): &(&str, Option<&str>)| {
            let showing = Showing { employee: None, ticket: ticket.map(str::to_owned) };
            Present { device: (*device).to_owned(), showing }
        };
        let expected = Heard::Presence(expected.iter().map(present).collect());
        while self.next().await.unwrap() != expected {}
    }

    async fn ended(self) {
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_device_joins_and_hears_the_poke() {
    let desk = Desk::open().await;
    let mut ear = Ear::open(&desk, "d1", &desk.token("ada@example.org").await, None);
    assert_eq!(Some(Heard::Joined), ear.news().await);
    desk.realtime.poke(desk.shop, &json!({"epoch": "e", "n": 7, "tag": "t"}));
    let head = Cursor { epoch: "e".into(), n: 7, tag: "t".into() };
    assert_eq!(Some(Heard::Poked(head)), ear.news().await);
}

#[tokio::test]
async fn devices_see_each_other_come_look_and_go() {
    let desk = Desk::open().await;
    let token = desk.token("ada@example.org").await;
    let mut first = Ear::open(&desk, "d1", &token, Some("T1"));
    first.until_present(&[("d1", Some("T1"))]).await;
    let mut second = Ear::open(&desk, "d2", &token, None);
    second.until_present(&[("d1", Some("T1")), ("d2", None)]).await;
    first.until_present(&[("d1", Some("T1")), ("d2", None)]).await;
    drop(second.listener);
    tokio::time::timeout(PATIENCE, second.running).await.unwrap().unwrap();
    first.until_present(&[("d1", Some("T1"))]).await;
}

#[tokio::test]
async fn a_forged_token_and_a_stranger_hear_nothing() {
    let desk = Desk::open().await;
    let token = desk.token("ada@example.org").await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let eve = desk.token("eve@example.org").await;
    for (token, lost) in
        [(forged.as_str(), Lost::Unauthorised), ("x", Lost::Unauthorised), (&eve, Lost::NoShop)]
    {
        let mut ear = Ear::open(&desk, "d1", token, None);
        assert_eq!(Some(Heard::Lost(lost)), ear.news().await);
        assert_eq!(None, ear.next().await);
        ear.ended().await;
    }
}

#[tokio::test]
async fn a_renewed_token_keeps_the_channel_and_a_bad_one_loses_it() {
    let desk = Desk::open().await;
    let (session, _) = desk.sign_in("ada@example.org").await;
    let mut ear = Ear::open(&desk, "d1", &session.token().await.unwrap(), None);
    assert_eq!(Some(Heard::Joined), ear.news().await);
    ear.listener.renew(session.refresh().await.unwrap());
    desk.realtime.poke(desk.shop, &json!({"epoch": "e", "n": 7, "tag": "t"}));
    assert!(matches!(ear.news().await, Some(Heard::Poked(_))));
    ear.listener.renew("a.b.c".into());
    assert_eq!(Some(Heard::Lost(Lost::Unauthorised)), ear.news().await);
    ear.ended().await;
}

#[tokio::test]
async fn a_member_who_is_shut_out_and_a_hub_that_stops_are_lost() {
    let mut desk = Desk::open().await;
    let token = desk.token("ada@example.org").await;
    let mut ear = Ear::open(&desk, "d1", &token, None);
    assert_eq!(Some(Heard::Joined), ear.news().await);
    desk.hub.deactivate(desk.shop, desk.ada).await.unwrap();
    assert!(matches!(ear.news().await, Some(Heard::Lost(_))));
    ear.ended().await;

    desk = Desk::open().await;
    let mut ear = Ear::open(&desk, "d1", &desk.token("ada@example.org").await, None);
    assert_eq!(Some(Heard::Joined), ear.news().await);
    desk.stop();
    assert!(matches!(ear.news().await, Some(Heard::Lost(_))));
    ear.ended().await;
}

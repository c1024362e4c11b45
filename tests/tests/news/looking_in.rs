//! What the sync log, the sums by day and the inspector tell, and what a shop's flags turn off.

use super::Hears;
use counterpart_core::Opening;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::flags;
use counterpart_core::journal::{SyncKind, SyncLogFilter};
use counterpart_core::schema::Json;
use counterpart_core::sync::{Call, Event, RetryPolicy};
use counterpart_tests::desk::{Server, desk, desk_with, server};
use serde_json::json;

#[test]
fn the_sync_log_tells_the_day_and_counts_it() {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    ada.customer("Okafor");
    ada.sync();
    ada.tell(Event::Network { up: false });
    ada.device.clock.advance(90_000);
    ada.tell(Event::Network { up: true });
    let kinds = ada.kinds();
    for wanted in [SyncKind::NetworkUp, SyncKind::SessionBegun, SyncKind::LoadBegun, SyncKind::Ranged] {
        assert!(kinds.contains(&wanted), "{wanted:?} in {kinds:?}");
    }
    let filter = SyncLogFilter { kinds: vec![SyncKind::Pushed], ..SyncLogFilter::default() };
    let pushed = ada.shop.sync_log(&filter).unwrap();
    assert_eq!(pushed.len(), 1);
    assert_eq!(pushed[0].counts.get("applied"), Some(&1));
    let days = ada.shop.analytics().unwrap();
    assert_eq!((days[0].operations, days[0].applied, days[0].offline_ms), (1, 1, 90_000));
}

#[test]
fn without_logs_nothing_is_kept() {
    let server = server();
    let mut ada = desk_with(&server, 1, "ada", |opening| Opening { logs: false, ..opening });
    ada.customer("Okafor");
    ada.sync();
    assert_eq!(ada.kinds(), []);
    assert_eq!(ada.shop.analytics().unwrap(), []);
    assert_eq!(ada.shop.network_log(10).unwrap(), []);
}

#[test]
fn a_failure_and_the_try_after_it_are_in_the_log() {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    ada.customer("Okafor");
    let calls = ada.shop.step(Event::Wrote).unwrap();
    assert!(matches!(calls.as_slice(), [Call::Push(_)]), "{calls:?}");
    ada.device.clock.advance(30);
    ada.shop.pushed(Err(counterpart_core::sync::Answer::NoAnswer)).unwrap();
    ada.device.clock.advance(5_000);
    ada.tell(Event::Tick);
    let events = ada.shop.sync_log(&SyncLogFilter::default()).unwrap();
    let failed = events.iter().find(|event| event.kind == SyncKind::Failed).unwrap();
    assert_eq!((failed.code.as_deref(), failed.ms), (Some("unreachable"), Some(30)));
    assert!(events.iter().any(|event| event.kind == SyncKind::Retried));
}

/// What a shop tries out, as its settings say it.
fn settings(server: &Server, flags: Json) {
    let row = json!({ "name": "Shop", "time_zone": "Europe/Berlin", "currency": "EUR", "status_labels": {},
        "feature_flags": flags });
    let table = REPAIR_SHOP.table("shop_settings").unwrap();
    let mut settings = counterpart_core::schema::Row::blank(table, "shop-1");
    for (field, value) in table.read(row.as_object().unwrap()).unwrap() {
        settings.set(field.name, value);
    }
    server.ledger.record("shop-1", &[settings]).unwrap();
}

#[test]
fn a_shop_without_realtime_leaves_its_channel_and_polls_as_often_as_it_says() {
    let server = server();
    let polling = |opening| Opening { retry: RetryPolicy::default(), ..opening };
    let mut ada = desk_with(&server, 1, "ada", polling);
    assert_eq!(ada.joins, 1);
    settings(&server, json!({ "realtime": 0, "poll_seconds": 60 }));
    ada.sync();
    assert_eq!(ada.joins, 0);
    assert!(!ada.shop.flag(flags::REALTIME).unwrap());
    ada.sync();
    let poll = ada.shop.inspect().unwrap();
    assert_eq!(poll.channel, "off");
    ada.device.clock.advance(59_000);
    assert!(ada.shop.step(Event::Tick).unwrap().iter().all(|call| matches!(call, Call::WakeAt(_))));
    ada.device.clock.advance(2_000);
    let calls = ada.shop.step(Event::Tick).unwrap();
    assert!(calls.iter().any(|call| matches!(call, Call::Pull(_))), "{calls:?}");
    let later = desk(&server, 2, "sarah");
    assert_eq!(later.joins, 0, "a new device of the shop hears of it with its first load");
}

#[test]
fn a_shop_without_notices_has_none_and_keeps_its_marks() {
    let server = server();
    settings(&server, json!({ "notices": 0, "notices/tom": 100 }));
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let mut tom = desk(&server, 3, "tom");
    let customer = sarah.customer("Okafor");
    sarah.sync();
    ada.sync();
    tom.sync();
    assert_eq!(ada.notices(), []);
    assert!(ada.is_unread("customers", &customer));
    assert_eq!(tom.notices().len(), 1, "one person has them before the others");
}

#[test]
fn the_inspector_counts_what_is_here_and_shows_a_row_under_its_operations() {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    let customer = ada.customer("Okafor");
    ada.sync();
    ada.set("customers", &customer, "notes", "rings twice");
    let seen = ada.shop.inspect().unwrap();
    assert_eq!((seen.rows.get("customers"), seen.queue.get("queued")), (Some(&1), Some(&1)));
    assert_eq!((seen.session, seen.phase, seen.opened, seen.channel), ("good", "idle", true, "joined"));
    assert_eq!(seen.cursor, ada.shop.cursor().unwrap().n);
    assert!(!seen.facts.contains_key("owner"));
    let raw = ada.shop.raw_record("customers", &customer).unwrap();
    assert_eq!(raw.shown.unwrap().0["notes"], json!("rings twice"));
    assert_eq!(raw.base.unwrap().0["notes"], Json::Null);
    assert_eq!(raw.operations.len(), 1);
    assert_eq!(ada.shop.raw_record("ticket_secrets", "any").unwrap_err().code(), "denied");
}

#[test]
fn an_inspector_empties_the_file_only_when_nothing_is_unsent_and_gets_everything_back() {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    let ticket = ada.ticket();
    assert_eq!(ada.shop.purge().unwrap_err().code(), "unsent");
    ada.sync();
    let before = ada.shop.checksum().unwrap();
    let calls = ada.shop.purge().unwrap();
    assert!(ada.shop.record("tickets", &ticket).unwrap().is_none());
    assert!(calls.iter().any(|call| matches!(call, Call::Snapshot(_))), "{calls:?}");
    ada.make(calls);
    ada.sync();
    assert_eq!(ada.shop.checksum().unwrap(), before);
    assert!(ada.shop.record("tickets", &ticket).unwrap().is_some());
    assert_eq!((ada.shop.unread().unwrap(), ada.notices()), (Vec::new(), Vec::new()));
}

#[test]
fn a_forced_full_sync_keeps_the_queue_and_replaces_the_rest() {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    let ticket = ada.ticket();
    ada.sync();
    ada.tell(Event::Network { up: false });
    let note = ada.note(&ticket);
    assert_eq!(ada.shop.force_full_sync().unwrap().len(), 0, "nothing is asked offline");
    ada.tell(Event::Network { up: true });
    ada.sync();
    assert_eq!(ada.shop.state().unwrap().pending, 0);
    assert!(ada.shop.record("ticket_notes", &note).unwrap().is_some());
    assert!(ada.kinds().iter().filter(|kind| **kind == SyncKind::LoadBegun).count() == 2);
}

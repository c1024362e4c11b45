//! A day's work: online, offline, with what goes wrong on the way.

use crate::desk::{Desk, Device, PASSWORD, quick, soon};
use crate::shell::{Broken, Storage, Switch};
use counterpart_core::outbox::Status;
use counterpart_core::shop::import::{Format, ImportOptions};
use counterpart_core::shop::{Flow, Progress};
use counterpart_core::terminal::Unsent;
use counterpart_core::{Error, Fault, NotNow};
use counterpart_ffi::{
    AdapterError, CancelToken, ImportLayout, ProgressSink, RecordKind, Terminal, blank_appointment,
    blank_customer, blank_ticket,
};
use serde_json::json;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) fn customer(name: &str) -> counterpart_core::entity::Customer {
    counterpart_core::entity::Customer { last_name: Some(name.into()), ..blank_customer() }
}

#[tokio::test]
async fn whoever_leads_sees_who_changed_what() {
    let desk = Desk::open().await;
    let (ada, bo) = (desk.device("ada").await, desk.device("bo").await);
    let id = ada.shop().create_customer(customer("Okafor")).await.unwrap();
    ada.shop().sync(None).await.unwrap();
    bo.shop().sync(None).await.unwrap();
    let before = bo.shop().customer(id.clone()).await.unwrap().unwrap();
    let after = counterpart_core::entity::Customer { last_name: Some("Curie".into()), ..before.clone() };
    bo.shop().edit_customer(before, after).await.unwrap();
    bo.shop().sync(None).await.unwrap();
    let newest = ada.shop().trail(RecordKind::Customer, id.0.clone(), 1, None, None).await.unwrap();
    let told: Vec<_> = newest.entries.iter().map(|e| (e.field.as_str(), &e.from.0, &e.to.0)).collect();
    assert_eq!(told, [("last_name", &json!("Okafor"), &json!("Curie"))]);
    let older = ada.shop().trail(RecordKind::Customer, id.0, 50, newest.next, None).await.unwrap();
    assert!(older.entries.iter().all(|entry| entry.device != newest.entries[0].device));
    assert!(older.next.is_none() && !older.entries.is_empty());
}

#[tokio::test]
async fn an_inspector_sees_as_many_rows_here_as_the_server_has() {
    let desk = Desk::open().await;
    let (ada, bo) = (desk.device("ada").await, desk.device("bo").await);
    let id = ada.shop().create_customer(customer("Okafor")).await.unwrap();
    ada.shop().create_customer(customer("Curie")).await.unwrap();
    ada.shop().sync(None).await.unwrap();
    ada.terminal.network(false).await.unwrap();
    ada.shop().delete_customer(id).await.unwrap();
    let before = bo.shop().server_counts(None).await.unwrap();
    assert_eq!(before.rows["customers"], 2, "the server has not heard of it");
    ada.terminal.network(true).await.unwrap();
    for device in [&ada, &bo] {
        device.shop().sync(None).await.unwrap();
        let (here, there) =
            (device.shop().inspect().await.unwrap(), device.shop().server_counts(None).await.unwrap());
        assert_eq!((here.cursor, &here.epoch), (there.cursor, &there.epoch));
        let tables = here.rows.into_iter().filter(|table| there.rows.contains_key(&table.table));
        let rows: HashMap<_, _> = tables.map(|table| (table.table, table.here - table.beyond)).collect();
        assert_eq!(rows, there.rows);
        assert_eq!(there.rows["customers"], 1);
    }
    let alone = Device::alone().await;
    assert_eq!(alone.shop().server_counts(None).await.unwrap_err().code(), "signed_out");
}

#[tokio::test]
async fn a_hub_with_a_root_of_its_own_is_believed_by_its_fingerprint_alone() {
    let desk = Desk::secured().await;
    let ada = desk.device("ada").await;
    let id = ada.shop().create_customer(customer("Okafor")).await.unwrap();
    ada.shop().sync(None).await.unwrap();
    let bo = desk.device("bo").await;
    assert!(bo.shop().customer(id).await.unwrap().is_some());
    let stranger = Device::new().await;
    let unknown = counterpart_ffi::ServerAddress { root_sha256: None, ..desk.server.clone() };
    let (email, password) = ("ada@example.org".to_owned(), PASSWORD.to_owned());
    let refused = stranger.terminal.sign_in(unknown, email, password, None, None).await.unwrap_err();
    assert_eq!(refused.code(), "needs_server");
}

#[tokio::test]
async fn a_month_of_one_kind_comes_and_nothing_else() {
    let desk = Desk::open().await;
    let ada = desk.device("ada").await;
    let shop = ada.shop();
    let of = shop.create_customer(customer("Okafor")).await.unwrap();
    let now = counterpart_core::schema::time_from_ms(counterpart_core::env::Env::system().now());
    let ago = |days| now - chrono::Duration::days(days);
    let mut visits = Vec::new();
    let visit = |days| counterpart_core::entity::Appointment {
        customer_id: of.clone(),
        starts_at: ago(days),
        ends_at: ago(days) + chrono::Duration::minutes(30),
        time_zone: "Europe/Berlin".into(),
        ..blank_appointment()
    };
    for days in [70, 100, 130] {
        visits.push(shop.create_appointment(visit(days)).await.unwrap());
    }
    shop.sync(None).await.unwrap();
    let bo = desk.device("bo").await;
    let here = async || {
        let mut here = Vec::new();
        for visit in &visits {
            here.push(bo.shop().appointment(visit.clone()).await.unwrap().is_some());
        }
        here
    };
    assert_eq!(here().await, [false; 3]);
    let known = async |from, until| {
        bo.shop().has_between(RecordKind::Appointment, ago(from), ago(until)).await.unwrap()
    };
    assert!(known(50, -10).await && !known(110, 90).await);
    bo.shop().fetch_between(RecordKind::Appointment, ago(110), ago(90), None).await.unwrap();
    assert_eq!(here().await, [false, true, false]);
    assert!(known(110, 90).await && !known(110, 50).await);
    bo.shop().fetch_days(RecordKind::Appointment, 110, None).await.unwrap();
    assert_eq!(here().await, [true, true, false]);
    assert!(known(110, 50).await && !known(140, 50).await);

    // Of a stretch that was fetched, what comes later comes by itself.
    let inside = shop.create_appointment(visit(105)).await.unwrap();
    let beyond = shop.create_appointment(visit(135)).await.unwrap();
    shop.sync(None).await.unwrap();
    bo.shop().sync(None).await.unwrap();
    assert!(bo.shop().appointment(inside).await.unwrap().is_some());
    assert!(bo.shop().appointment(beyond).await.unwrap().is_none());

    // What was taken off the device is asked for again.
    bo.shop().evict(None).await.unwrap();
    assert!(here().await == [false; 3] && !known(110, 90).await);
    bo.shop().fetch_between(RecordKind::Appointment, ago(110), ago(90), None).await.unwrap();
    assert_eq!(here().await, [false, true, false]);
}

#[tokio::test]
async fn what_one_device_saves_another_shows() {
    let desk = Desk::open().await;
    let (ada, bo) = (desk.device("ada").await, desk.device("bo").await);
    let id = ada.shop().create_customer(customer("Okafor")).await.unwrap();
    ada.shop().sync(None).await.unwrap();
    bo.shop().sync(None).await.unwrap();
    let found = bo.shop().find_customers("okafor".into(), 10).await.unwrap();
    assert_eq!(found.first().map(|row| (&row.id, row.name.as_str())), Some((&id, "Okafor")));
    let standings = bo.shop().standings(RecordKind::Customer, vec![id.0.clone()]).await.unwrap();
    assert!(standings.first().is_some_and(|standing| standing.unread && standing.status == Status::Synced));
    let before = bo.shop().customer(id.clone()).await.unwrap().unwrap();
    let after = counterpart_core::entity::Customer { company: Some("Okafor Ltd".into()), ..before.clone() };
    bo.shop().edit_customer(before, after).await.unwrap();
    bo.shop().sync(None).await.unwrap();
    ada.shop().sync(None).await.unwrap();
    let company = ada.shop().customer(id).await.unwrap().unwrap().company;
    assert_eq!(company.as_deref(), Some("Okafor Ltd"));
}

#[tokio::test]
async fn work_made_offline_goes_when_the_shell_says_that_there_is_a_network() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let switch = Arc::new(Switch::default());
    let terminal = Terminal::open(path, Storage::new(), Some(switch.clone()), quick()).await.unwrap();
    let password = "a good long password".to_owned();
    let signed_in = terminal.sign_in(desk.server.clone(), "ada@example.org".into(), password, None, None);
    let shop = signed_in.await.unwrap().shop;
    shop.create_customer(customer("Okafor")).await.unwrap();
    assert!(shop.sync(None).await.is_err_and(|error| error.code() == "needs_server"));
    assert_eq!(shop.state().await.unwrap().pending, 1);
    let watch = shop.watch_state();
    switch.turn(true);
    soon(async {
        while watch.next().await.unwrap().is_some_and(|state| !state.online || state.pending > 0) {}
    })
    .await;
    assert_eq!(shop.state().await.unwrap().pending, 0);
    terminal.shut_down().await.unwrap();
    assert_eq!(switch.stops.load(Ordering::SeqCst), 1);
    switch.turn(false);
}

#[tokio::test]
async fn a_server_that_is_gone_fails_after_its_retries_and_takes_the_work_when_it_is_asked_again() {
    let desk = Desk::open().await;
    let ada = desk.device("ada").await;
    drop(desk);
    let watch = ada.shop().watch_state();
    ada.shop().create_customer(customer("Okafor")).await.unwrap();
    let gone = soon(async {
        loop {
            let state = watch.next().await.unwrap().unwrap();
            if !state.reachable {
                return state;
            }
        }
    })
    .await;
    assert_eq!((gone.failed, gone.last_error.as_deref()), (1, Some("unreachable")));
    ada.shop().retry_all().await.unwrap();
    assert_eq!(ada.shop().state().await.unwrap().pending, 1);
}

#[tokio::test]
async fn a_wait_that_is_cancelled_ends_and_what_was_saved_stays() {
    let ada = Device::alone().await;
    let token = CancelToken::new();
    let id = ada.shop().create_customer(customer("Okafor")).await.unwrap();
    token.cancel();
    let ended = ada.shop().sync(Some(token)).await.unwrap_err();
    assert_eq!(ended.code(), "cancelled");
    assert!(ada.shop().customer(id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_wait_that_is_under_way_ends_when_its_token_is_fired() {
    let (desk, door) = Desk::with_door("sync_push", false).await;
    let ada = desk.device("ada").await;
    ada.shop().create_customer(customer("Okafor")).await.unwrap();
    door.somebody().await;
    let token = CancelToken::new();
    let mut waiting = pin!(ada.shop().idle(Duration::from_secs(3_600), Some(Arc::clone(&token))));
    assert!(tokio::time::timeout(Duration::ZERO, &mut waiting).await.is_err(), "nothing is sent");
    token.cancel();
    assert_eq!(soon(waiting).await.unwrap_err().code(), "cancelled");
    door.open();
    soon(ada.shop().idle(Duration::from_secs(10), None)).await.unwrap();
}

/// Hears of an import that waits until it has told.
struct Slow {
    began: tokio::sync::mpsc::UnboundedSender<()>,
    go_on: Mutex<std::sync::mpsc::Receiver<()>>,
}

impl ProgressSink for Slow {
    fn progress(&self, _: Progress) -> Result<Flow, AdapterError> {
        self.began.send(()).unwrap();
        self.go_on.lock().unwrap().recv().ok();
        Ok(Flow::GoOn)
    }
}

#[tokio::test]
async fn an_import_that_is_given_up_stops() {
    let ada = Device::alone().await;
    let path = ada.folder.path().join("customers.csv");
    let lines: String = (0..2_000).map(|at| format!("{at},Number{at}\n")).collect();
    std::fs::write(&path, format!("id,last_name\n{lines}")).unwrap();
    let (began, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let (release, go_on) = std::sync::mpsc::channel();
    let sink = Arc::new(Slow { began, go_on: Mutex::new(go_on) });
    let (shop, token, told) = (Arc::clone(ada.shop()), CancelToken::new(), Arc::clone(&sink));
    let (fired, path) = (Arc::clone(&token), path.to_str().unwrap().to_owned());
    let options = ImportOptions::new("book", Format::Csv);
    let importing = tokio::spawn(async move {
        shop.import_from(path, ImportLayout::Customers, options, Some(told), Some(fired)).await
    });
    soon(heard.recv()).await.unwrap();
    token.cancel();
    assert_eq!(soon(importing).await.unwrap().unwrap_err().code(), "cancelled");
    drop(release);
    // Once it lets go of the sink it has stopped.
    soon(async {
        while Arc::strong_count(&sink) > 1 {
            tokio::task::yield_now().await
        }
    })
    .await;
    assert!(heard.try_recv().is_err(), "it is told of nothing more");
    let moved_in = ada.shop().state().await.unwrap().pending;
    assert!((1..2_000).contains(&moved_in), "{moved_in}");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_finished() {
    let ada = Device::alone().await;
    let saving = ada.shop().create_customer(customer("Okafor"));
    let given_up = tokio::time::timeout(Duration::ZERO, saving).await;
    let watch = ada.shop().watch_state();
    if given_up.is_err() {
        soon(async { while watch.next().await.unwrap().is_some_and(|state| state.pending == 0) {} }).await;
    }
    assert_eq!(ada.shop().find_customers("okafor".into(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_error_that_a_shell_can_cause_has_its_code() {
    let ada = Device::alone().await;
    let shop = ada.shop();
    let invalid = shop.create_customer(blank_customer()).await.unwrap_err();
    assert!(matches!(invalid.fault(), Fault::Invalid(wrong) if wrong.field == "last_name"), "{invalid}");
    let missing = shop.delete_ticket("none".into()).await.unwrap_err();
    assert_eq!(missing.code(), "not_found");
    let denied = shop.switch_to("nobody".into(), "1234".into(), None).await.unwrap_err();
    assert_eq!(denied.code(), "denied");
    let folder = shop.import_export(ada.path(), true, None, None).await.unwrap_err();
    assert!(matches!(folder.fault(), Fault::Invalid(wrong) if wrong.field == "file"), "{folder}");
    let signed_out = shop.sync(None).await.unwrap_err();
    assert_eq!(signed_out.code(), "signed_out");
    shop.create_customer(customer("Okafor")).await.unwrap();
    let unsent = ada.terminal.sign_out(None, None).await.unwrap_err();
    assert_eq!(unsent, Error::not_now(NotNow::Unsent { operations: 1 }));
    ada.terminal.sign_out(Some(Unsent::Keep), None).await.unwrap();
    let closed = shop.create_ticket(blank_ticket()).await.unwrap_err();
    assert_eq!(closed.code(), "closed");
    let in_use = Terminal::open(ada.path(), Storage::new(), None, quick()).await.unwrap_err();
    assert_eq!(in_use.code(), "in_use");
    for error in [invalid, missing, denied, signed_out, unsent, closed, in_use] {
        assert!(!error.to_string().contains("Okafor"), "{error}");
    }
}

#[tokio::test]
async fn an_adapter_that_fails_is_an_error_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let storage = Storage::new();
    let broken = Some(Arc::new(Broken) as Arc<dyn counterpart_ffi::Reachability>);
    let terminal = Terminal::open(path, storage.clone(), broken, quick()).await.unwrap();
    storage.lock(true);
    let owner = counterpart_core::Account::new("ada", "owner");
    let locked = terminal.enter(owner.clone(), "north".into()).await.unwrap_err();
    assert_eq!(locked.code(), "device_locked");
    storage.lock(false);
    let shop = terminal.enter(owner, "north".into()).await.unwrap();
    shop.create_customer(customer("Okafor")).await.unwrap();
}

#[tokio::test]
async fn a_suspended_app_works_on_when_it_comes_back_in_whatever_haste() {
    let desk = Desk::open().await;
    let ada = desk.device("ada").await;
    for _ in 0..50 {
        let (left, came) = tokio::join!(ada.terminal.suspend(), ada.terminal.resume());
        left.unwrap();
        came.unwrap();
    }
    ada.shop().create_customer(customer("Okafor")).await.unwrap();
    soon(ada.shop().idle(Duration::from_secs(10), None)).await.unwrap();
    ada.terminal.suspend().await.unwrap();
    ada.shop().create_customer(customer("Quill")).await.unwrap();
    ada.shop().sync_once(Duration::from_secs(10), None).await.unwrap();
    assert_eq!(ada.shop().state().await.unwrap().pending, 0);
}

#[tokio::test]
async fn after_a_first_load_search_reads_on_by_itself() {
    let desk = Desk::open().await;
    desk.takes_over_customers(3_000);
    let ada = desk.device("ada").await;
    let reads_on = async {
        // Nobody searches, and whatever else is asked of the device comes between.
        while ada.shop().inspect().await.unwrap().file.contains_key("unread_by_search") {
            ada.shop().sync(None).await.unwrap();
        }
    };
    soon(reads_on).await;
    let found = ada.shop().find_customers("number2999".into(), 5).await.unwrap();
    assert_eq!(found.len(), 1);
}

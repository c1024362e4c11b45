//! What a screen is told, and when it is not told any more.

use crate::desk::{Desk, Device, soon};
use counterpart_core::desk::{BoardFilter, BoardOrder, Bringer, Intake};
use counterpart_core::entity::{Customer, Employee, InventoryItem, Ticket, TicketStatus};
use counterpart_core::env::Env;
use counterpart_core::schema::time_from_ms;
use counterpart_ffi::{RecordKind, blank_customer, blank_employee, blank_item, blank_ticket};

fn intake(subject: &str) -> Intake {
    let customer = Customer { last_name: Some("Okafor".into()), ..blank_customer() };
    Intake {
        bringer: Bringer::New { customer },
        ticket: Ticket { subject: subject.into(), ..blank_ticket() },
    }
}

#[tokio::test]
async fn a_board_tells_what_changed_and_nothing_that_did_not() {
    let ada = Device::alone().await;
    let watch = ada.shop().watch_board(BoardFilter::default(), 50);
    assert!(soon(watch.next()).await.unwrap().unwrap().rows.is_empty());
    let taken = ada.shop().intake(intake("Screen"), None).await.unwrap();
    let page = soon(watch.next()).await.unwrap().unwrap();
    assert_eq!(page.rows.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>(), ["Screen"]);
    // A draft is nothing that the board shows.
    ada.shop().save_draft("intake".into(), "{}".into()).await.unwrap();
    ada.shop().transition(taken.ticket, TicketStatus::Diagnosing, None).await.unwrap();
    let page = soon(watch.next()).await.unwrap().unwrap();
    assert_eq!(page.rows.first().map(|row| &row.status), Some(&TicketStatus::Diagnosing));
}

#[tokio::test]
async fn windows_of_the_board_follow_each_other_without_gap_or_repetition() {
    let ada = Device::alone().await;
    for at in 0..25 {
        ada.shop().intake(intake(&format!("No. {at}")), None).await.unwrap();
    }
    let filter = BoardFilter { order: BoardOrder::Updated, ..BoardFilter::default() };
    let (mut after, mut subjects) = (None, Vec::new());
    loop {
        let page = ada.shop().board(filter.clone(), after, 10).await.unwrap();
        subjects.extend(page.rows.into_iter().map(|row| row.subject));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut wanted: Vec<String> = (0..25).map(|at| format!("No. {at}")).collect();
    wanted.sort();
    subjects.sort();
    assert_eq!(subjects, wanted);
}

#[tokio::test]
async fn a_ticket_becomes_overdue_without_anybody_touching_it() {
    let ada = Device::alone().await;
    let watch = ada.shop().watch_badges(at(0), at(1));
    assert_eq!(soon(watch.next()).await.unwrap().unwrap().overdue, 0);
    let mut due = intake("Screen");
    due.ticket.due_at = Some(time_from_ms(Env::system().now() + 200));
    ada.shop().intake(due, None).await.unwrap();
    let overdue = async { while watch.next().await.unwrap().unwrap().overdue == 0 {} };
    soon(overdue).await;
}

#[tokio::test]
async fn whose_tickets_the_badges_count_follows_whose_work_it_is() {
    let desk = Desk::open().await;
    let (ada, tablet) = (desk.device("ada").await, desk.device("tablet").await);
    let tess = Employee { first_name: Some("Tess".into()), active: true, ..blank_employee() };
    let tess = ada.shop().create_employee(tess).await.unwrap();
    ada.shop().set_pin(tess.clone(), "2580".into()).await.unwrap();
    let taken = ada.shop().intake(intake("Screen"), None).await.unwrap();
    ada.shop().assign(taken.ticket, Some(tess.clone())).await.unwrap();
    ada.shop().sync(None).await.unwrap();
    tablet.shop().sync(None).await.unwrap();
    let badges = tablet.shop().watch_badges(at(0), at(1));
    assert_eq!(soon(badges.next()).await.unwrap().unwrap().mine, 0);
    tablet.shop().switch_to(tess, "2580".into(), None).await.unwrap();
    assert_eq!(soon(badges.next()).await.unwrap().unwrap().mine, 1);
    tablet.shop().switch_off().await.unwrap();
    assert_eq!(soon(badges.next()).await.unwrap().unwrap().mine, 0);
}

#[tokio::test]
async fn a_watch_that_ended_tells_whoever_waits_for_it_and_nothing_after() {
    let ada = Device::alone().await;
    let watch = ada.shop().watch_badges(at(0), at(1));
    soon(watch.next()).await.unwrap().unwrap();
    let (waited, ()) = tokio::join!(soon(watch.next()), async { watch.end() });
    assert_eq!(waited.unwrap(), None);
    ada.shop().intake(intake("Screen"), None).await.unwrap();
    assert_eq!(soon(watch.next()).await.unwrap(), None);
}

#[tokio::test]
async fn a_search_is_told_when_to_look_again_and_only_then() {
    let ada = Device::alone().await;
    let shop = ada.shop();
    let changes = shop.watch_changes(vec![RecordKind::Customer, RecordKind::InventoryItem]);
    assert_eq!(soon(changes.next()).await.unwrap(), Some(0));
    // Neither a draft nor an employee is what the search shows.
    shop.save_draft("customer".into(), "{}".into()).await.unwrap();
    shop.create_employee(Employee { first_name: Some("Ngozi".into()), ..blank_employee() }).await.unwrap();
    let customer = Customer { last_name: Some("Okafor".into()), ..blank_customer() };
    shop.create_customer(customer).await.unwrap();
    assert_eq!(soon(changes.next()).await.unwrap(), Some(1));
}

#[tokio::test]
async fn a_customer_and_an_item_are_told_as_they_change() {
    let ada = Device::alone().await;
    let shop = ada.shop();
    let customer = Customer { last_name: Some("Okafor".into()), ..blank_customer() };
    let id = shop.create_customer(customer).await.unwrap();
    let watch = shop.watch_customer(id.clone());
    let before = soon(watch.next()).await.unwrap().unwrap().customer.unwrap();
    let after = Customer { company: Some("Okafor Ltd".into()), ..before.clone() };
    shop.edit_customer(before, after).await.unwrap();
    let seen = soon(watch.next()).await.unwrap().unwrap().customer.unwrap();
    assert_eq!(seen.company.as_deref(), Some("Okafor Ltd"));
    shop.delete_customer(id).await.unwrap();
    assert_eq!(soon(watch.next()).await.unwrap().unwrap().customer, None);

    let item = InventoryItem { sku: Some("S-1".into()), name: "Screen".into(), ..blank_item() };
    let id = shop.create_item(item).await.unwrap();
    let watch = shop.watch_item(id.clone());
    let shelf = |item: Option<InventoryItem>| item.map(|item| item.quantity);
    assert_eq!(shelf(soon(watch.next()).await.unwrap().unwrap().item), Some(0));
    shop.receive(id, 3, None).await.unwrap();
    assert_eq!(shelf(soon(watch.next()).await.unwrap().unwrap().item), Some(3));
}

#[tokio::test]
async fn a_watch_ends_with_its_shop() {
    let ada = Device::alone().await;
    let (state, board) = (ada.shop().watch_state(), ada.shop().watch_board(BoardFilter::default(), 50));
    soon(state.next()).await.unwrap().unwrap();
    soon(board.next()).await.unwrap().unwrap();
    ada.terminal.shut_down().await.unwrap();
    assert_eq!(soon(state.next()).await.unwrap(), None);
    assert_eq!(soon(board.next()).await.unwrap(), None);
}

fn at(day: i64) -> chrono::DateTime<chrono::Utc> {
    counterpart_core::schema::time_from_ms(day * 86_400_000)
}

//! What people hear of each other: several devices of one shop at a real ledger, on one clock, over a network that works.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod looking_in;

use counterpart_core::entity::{Employee, Role, TicketEvent, TicketId, TicketStatus};
use counterpart_core::journal::{SyncKind, SyncLogFilter};
use counterpart_core::news::{Deed, Notice, NoticeKind};
use counterpart_core::schema::{AnyJson, Conflict, ConflictId, Entity};
use counterpart_core::sync::{Call, Event};
use counterpart_tests::desk::{Desk, desk, server};
use serde_json::json;

/// What was done, to which table's rows, how often.
type Done = (Deed, String, u64);

/// What a person hears of the others.
trait Hears {
    fn is_unread(&self, table: &str, id: &str) -> bool;
    fn notices(&self) -> Vec<Notice>;
    fn newest(&self) -> (NoticeKind, Option<String>, bool, Vec<Done>);
    fn kinds(&self) -> Vec<SyncKind>;
}

impl Hears for Desk {
    fn is_unread(&self, table: &str, id: &str) -> bool {
        self.shop.record(table, id).unwrap().unwrap().unread
    }

    fn notices(&self) -> Vec<Notice> {
        self.shop.notices(100).unwrap().newest
    }

    /// The newest notice: whose, and what.
    fn newest(&self) -> (NoticeKind, Option<String>, bool, Vec<Done>) {
        let notice = self.notices().remove(0);
        let parts = notice.parts.into_iter().map(|part| (part.deed, part.table, part.count)).collect();
        (notice.kind, notice.author, notice.you, parts)
    }

    fn kinds(&self) -> Vec<SyncKind> {
        let events = self.shop.sync_log(&SyncLogFilter::default()).unwrap();
        events.into_iter().rev().map(|event| event.kind).collect()
    }
}

fn part(deed: Deed, table: &str, count: u64) -> Done {
    (deed, table.to_owned(), count)
}

#[test]
fn what_another_person_changed_is_unread_until_somebody_looks_at_it_or_edits_it() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let (seen, edited) = (sarah.customer("Seen"), sarah.customer("Edited"));
    sarah.sync();
    assert!(!sarah.is_unread("customers", &seen), "her own work is no news to her");
    ada.sync();
    assert!(ada.is_unread("customers", &seen) && ada.is_unread("customers", &edited));
    assert_eq!(ada.shop.unread().unwrap(), [("customers".to_owned(), 2)]);
    let listed = ada.shop.records("customers", "", 10).unwrap();
    assert!(listed.iter().all(|record| record.unread));

    ada.shop.view("customers", &seen).unwrap();
    ada.set("customers", &edited, "notes", "rings twice");
    assert!(!ada.is_unread("customers", &seen) && !ada.is_unread("customers", &edited));
    ada.sync();
    sarah.sync();
    assert!(sarah.is_unread("customers", &edited), "now it is news to her");
    assert!(!ada.is_unread("customers", &edited), "what comes back is one's own");
}

#[test]
fn a_note_marks_its_ticket_and_looking_at_the_ticket_is_looking_at_its_notes() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let ticket = ada.ticket();
    ada.sync();
    sarah.sync();
    let note = sarah.note(&ticket);
    sarah.sync();
    ada.sync();
    assert!(ada.is_unread("tickets", &ticket) && ada.is_unread("ticket_notes", &note));
    let (kind, author, you, parts) = ada.newest();
    assert_eq!((kind, author.as_deref(), you), (NoticeKind::Work, Some("sarah"), false));
    assert_eq!(parts, [part(Deed::Commented, "tickets", 1)]);
    ada.shop.view("tickets", &ticket).unwrap();
    assert!(!ada.is_unread("tickets", &ticket) && !ada.is_unread("ticket_notes", &note));
    assert_eq!(ada.shop.unread().unwrap(), []);
}

#[test]
fn a_mark_goes_with_its_row() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let customer = sarah.customer("Brief");
    sarah.sync();
    ada.sync();
    assert_eq!(ada.shop.unread().unwrap().len(), 1);
    sarah.shop.delete("customers", &customer).unwrap();
    sarah.sync();
    ada.sync();
    assert_eq!(ada.shop.unread().unwrap(), []);
    assert_eq!(ada.newest().3, [part(Deed::Added, "customers", 1), part(Deed::Deleted, "customers", 1)]);
}

#[test]
fn what_a_first_load_brings_is_no_news() {
    let server = server();
    let mut sarah = desk(&server, 2, "sarah");
    let ticket = sarah.ticket();
    sarah.note(&ticket);
    sarah.sync();
    let ada = desk(&server, 1, "ada");
    assert!(ada.shop.record("tickets", &ticket).unwrap().is_some());
    assert_eq!(ada.shop.unread().unwrap(), []);
    assert_eq!(ada.notices(), []);
}

#[test]
fn a_notice_names_its_author_and_counts_what_they_did() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let mut row =
        Employee { first_name: Some("Sarah".into()), role: Role::Manager, ..Employee::default() }.to_row();
    row.id = "sarah".into();
    server.ledger.record("shop-1", &[row]).unwrap();
    sarah.sync();
    ada.sync();
    let told = ada.notices().len();
    ada.device.clock.advance(60_000);
    for name in ["One", "Two", "Three"] {
        sarah.customer(name);
        sarah.sync();
        ada.sync();
    }
    let notices = ada.notices();
    assert_eq!(notices.len(), told + 1, "three arrivals, one notice");
    assert_eq!(notices[0].author_name.as_deref(), Some("Sarah"));
    assert_eq!(ada.newest().3, [part(Deed::Added, "customers", 3)]);
    assert!(ada.shop.notices(1).unwrap().unseen > 0);
    ada.shop.mark_notices_seen(notices[0].id).unwrap();
    assert_eq!(ada.shop.notices(1).unwrap().unseen, 0);
}

#[test]
fn the_same_persons_other_device_is_you_and_marks_nothing_unread() {
    let server = server();
    let (mut phone, mut tablet) = (desk(&server, 1, "ada"), desk(&server, 2, "ada"));
    let customer = phone.customer("Okafor");
    phone.sync();
    tablet.sync();
    let (_, author, you, parts) = tablet.newest();
    assert_eq!((author.as_deref(), you), (Some("ada"), true));
    assert_eq!(parts, [part(Deed::Added, "customers", 1)]);
    assert!(!tablet.is_unread("customers", &customer));
    assert_eq!(phone.notices(), [], "a device hears nothing of its own work");
}

#[test]
fn a_moved_status_is_told_once_and_marks_the_ticket() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let ticket = ada.ticket();
    ada.sync();
    sarah.sync();
    sarah.shop.transition(&TicketId(ticket.clone()), TicketStatus::Diagnosing, None).unwrap();
    sarah.sync();
    ada.sync();
    assert_eq!(ada.newest().3, [part(Deed::Moved, "tickets", 1)]);
    assert_eq!(ada.newest().1.as_deref(), Some("sarah"));
    assert!(ada.is_unread("tickets", &ticket));
}

#[test]
fn whoever_moved_a_ticket_too_late_hears_that_it_was_kept_as_history() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let ticket = ada.ticket();
    ada.sync();
    sarah.sync();
    let id = TicketId(ticket);
    for to in [TicketStatus::Diagnosing, TicketStatus::InRepair] {
        sarah.shop.transition(&id, to, None).unwrap();
    }
    ada.shop.transition(&id, TicketStatus::Diagnosing, None).unwrap();
    sarah.sync();
    ada.sync();
    let late: Vec<_> =
        ada.notices().into_iter().filter(|notice| notice.kind == NoticeKind::Attention).collect();
    assert_eq!(late.len(), 1);
    assert_eq!((late[0].parts[0].deed, &late[0].parts[0].rows[0]), (Deed::KeptAsHistory, &id.0));
    sarah.sync();
    assert!(
        sarah.notices().iter().all(|notice| notice.kind == NoticeKind::Work),
        "it is no business of hers"
    );
    let events = ada.shop.list::<TicketEvent>("", 10).unwrap();
    assert_eq!(events.len(), 3, "history it is");
}

/// The conflict that somebody is told of: its author, the table, its rows, the field.
fn conflict_told(desk: &Desk) -> (Option<String>, String, Vec<String>, Option<String>) {
    let told = desk.notices().into_iter().find(|notice| notice.kind == NoticeKind::Attention).unwrap();
    let part = told.parts.into_iter().next().unwrap();
    assert_eq!(part.deed, Deed::Conflict);
    (told.author, part.table, part.rows, part.code)
}

#[test]
fn whoever_meets_a_conflict_is_told_of_it() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let ticket = ada.ticket();
    ada.set("tickets", &ticket, "problem", "dark");
    ada.sync();
    sarah.sync();
    ada.set("tickets", &ticket, "problem", "cracked");
    sarah.set("tickets", &ticket, "problem", "wet");
    sarah.sync();
    ada.sync();
    let (_, table, rows, field) = conflict_told(&ada);
    assert_eq!((table.as_str(), rows, field.as_deref()), ("tickets", vec![ticket], Some("problem")));
}

#[test]
fn a_conflict_is_told_to_both_whose_it_is_and_to_nobody_else() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let mut tom = desk(&server, 3, "tom");
    let (id, text) = (ConflictId("clash".into()), |text: &str| AnyJson(json!(text)));
    let conflict = Conflict {
        id,
        tbl: "tickets".into(),
        row_id: "t".into(),
        field: "problem".into(),
        base: text("dark"),
        mine: text("cracked"),
        theirs: text("wet"),
        mine_by: Some("ada".into()),
        theirs_by: Some("sarah".into()),
        on_stamp: 1,
        open: true,
        ..Conflict::default()
    };
    server.ledger.record("shop-1", &[conflict.to_row()]).unwrap();
    [&mut ada, &mut sarah, &mut tom].into_iter().for_each(Desk::sync);
    for (desk, other) in [(&ada, "sarah"), (&sarah, "ada")] {
        assert_eq!(conflict_told(desk).0.as_deref(), Some(other));
    }
    assert_eq!(tom.notices(), []);
}

#[test]
fn whoever_deleted_a_row_hears_that_an_edit_brought_it_back() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let customer = ada.customer("Okafor");
    ada.sync();
    sarah.sync();
    sarah.set("customers", &customer, "notes", "comes tomorrow");
    ada.shop.delete("customers", &customer).unwrap();
    ada.sync();
    sarah.sync();
    ada.sync();
    assert!(ada.shop.record("customers", &customer).unwrap().is_some());
    let told = ada.notices().into_iter().find(|notice| notice.kind == NoticeKind::Attention).unwrap();
    assert_eq!((told.author.as_deref(), told.parts[0].deed), (Some("sarah"), Deed::BroughtBack));
}

#[test]
fn what_the_server_refuses_is_told_to_its_author() {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    let ticket = ada.ticket();
    ada.sync();
    ada.member.role = "technician".into();
    ada.shop.delete("tickets", &ticket).unwrap();
    ada.sync();
    assert_eq!(ada.shop.parked().unwrap().len(), 1);
    let (kind, author, _, parts) = ada.newest();
    assert_eq!((kind, author), (NoticeKind::Attention, None));
    assert_eq!(parts, [part(Deed::Parked, "tickets", 1)]);
    assert!(ada.kinds().contains(&SyncKind::Parked));
    assert!(!ada.notices()[0].parts[0].code.as_deref().unwrap_or_default().is_empty());
}

#[test]
fn passcodes_are_in_no_notice_and_no_mark() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let ticket = ada.ticket();
    ada.sync();
    sarah.sync();
    let row = json!({ "ticket_id": ticket, "sealed": "AAAA", "wrapped_key": "AAAA", "key_version": 1 });
    sarah.shop.save("ticket_secrets", row.as_object().unwrap()).unwrap();
    sarah.sync();
    let before = ada.notices();
    ada.sync();
    assert_eq!(ada.notices(), before);
    assert_eq!(ada.shop.unread().unwrap(), []);
}

/// What a device's next pull is answered with, whatever the ledger has.
fn pull_of(desk: &mut Desk) -> counterpart_core::sync::wire::PullRequest {
    let calls = desk.shop.step(Event::Poked).unwrap();
    let pull = calls.into_iter().find_map(|call| match call {
        Call::Pull(request) => Some(request),
        Call::Open(_)
        | Call::Push(_)
        | Call::Range(_)
        | Call::Snapshot(_)
        | Call::RefreshToken
        | Call::TakeNewIdentity
        | Call::LeaveShop
        | Call::Join
        | Call::Leave
        | Call::WakeAt(_) => None,
    });
    pull.unwrap()
}

#[test]
fn whoever_edits_a_row_that_was_deleted_meanwhile_hears_that_it_comes_back() {
    let server = server();
    let (mut ada, mut sarah) = (desk(&server, 1, "ada"), desk(&server, 2, "sarah"));
    let customer = ada.customer("Okafor");
    ada.sync();
    sarah.sync();
    ada.shop.delete("customers", &customer).unwrap();
    ada.sync();
    // She writes while the answer to her pull is on its way.
    let request = pull_of(&mut sarah);
    sarah.set("customers", &customer, "notes", "comes tomorrow");
    let answer = server.ledger.pull(&sarah.member, &request).unwrap();
    let calls = sarah.shop.pulled(Ok(answer)).unwrap();
    sarah.make(calls);
    sarah.sync();
    let told = sarah.notices().into_iter().find(|notice| notice.kind == NoticeKind::Attention).unwrap();
    assert_eq!((told.author.as_deref(), told.parts[0].deed), (Some("ada"), Deed::BroughtBack));
    assert!(sarah.shop.record("customers", &customer).unwrap().is_some());
}

#[test]
fn a_receipt_that_says_so_tells_an_editor_that_the_row_was_gone() {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    let customer = ada.customer("Okafor");
    ada.sync();
    ada.set("customers", &customer, "notes", "comes tomorrow");
    let calls = ada.shop.step(Event::Wrote).unwrap();
    let [Call::Push(request)] = calls.as_slice() else { panic!("{calls:?}") };
    let mut answer = server.ledger.push(&ada.member, request).unwrap().answer;
    answer.receipts[0].code = Some("brought_back".into());
    let calls = ada.shop.pushed(Ok(answer.clone())).unwrap();
    ada.make(calls);
    let (kind, _, _, parts) = ada.newest();
    assert_eq!((kind, parts), (NoticeKind::Attention, vec![part(Deed::BroughtBack, "customers", 1)]));
    let told = ada.notices().len();
    ada.shop.pushed(Ok(answer)).unwrap();
    assert_eq!(ada.notices().len(), told, "the same receipt again is no news");
}

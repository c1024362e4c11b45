//! Intake, moves, assignment, lines, and the ticket's own screen.

use super::{DAY, Device, HOUR, MINUTE, ticket};
use crate::desk::{Bringer, Intake, Total};
use crate::entity::{
    Approval, Customer, CustomerId, Employee, LineKind, Role, Ticket, TicketId, TicketLine, TicketNote,
    TicketStatus,
};
use crate::error::Error;
use crate::schema::Entity;

#[test]
fn an_intake_makes_customer_ticket_and_passcode_in_one_group() {
    let device = Device::new("front_desk");
    device.set_shop_key(1, &[7; 32]).unwrap();
    let bringer = Bringer::New { customer: Customer { company: Some("Acme".into()), ..Customer::default() } };
    let made = device.intake(&Intake { bringer, ticket: ticket("No sound") }, Some("2580")).unwrap();
    assert_eq!(made.number.as_deref(), Some("A-1"));
    let view = device.ticket_view(&made.ticket).unwrap().unwrap();
    assert_eq!(view.customer.and_then(|customer| customer.company).as_deref(), Some("Acme"));
    assert!(view.has_passcode);
    let groups: (i64, i64) = device
        .read(|reader| {
            let sql = "SELECT count(*), count(DISTINCT grp) FROM outbox WHERE grp IS NOT NULL";
            reader.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .unwrap()
        .unwrap();
    assert_eq!(groups, (3, 1));
}

#[test]
fn an_intake_that_fails_half_way_leaves_nothing() {
    let device = Device::new("owner");
    let new = || Bringer::New { customer: Customer { company: Some("Acme".into()), ..Customer::default() } };
    // No shop key: the passcode cannot be sealed, and so neither ticket nor customer is there.
    let refused = device.intake(&Intake { bringer: new(), ticket: ticket("No sound") }, Some("2580"));
    assert_eq!(refused, Err(Error::needs_server("shop_key")));
    let nameless = device.intake(&Intake { bringer: new(), ticket: Ticket::default() }, None);
    assert_eq!(nameless.unwrap_err().code(), "length");
    let unknown = Bringer::Known { id: CustomerId("nobody".into()) };
    let missing = device.intake(&Intake { bringer: unknown, ticket: ticket("No sound") }, None);
    assert_eq!(missing, Err(Error::missing("customers")));
    assert_eq!((device.rows_in("customers"), device.rows_in("tickets"), device.rows_in("outbox")), (0, 0, 0));
}

#[test]
fn a_known_customer_brings_a_second_device() {
    let device = Device::new("front_desk");
    let customer = device.customer("Okafor");
    let bringer = Bringer::Known { id: customer.clone() };
    let made = device.intake(&Intake { bringer, ticket: ticket("No sound") }, None).unwrap();
    assert_eq!(made.customer, customer);
    assert_eq!(device.tickets_of_customer(&customer, None, 10).unwrap().len(), 1);
}

/// Brings a ticket to a status, as an owner.
fn bring(device: &Device, to: &TicketStatus) -> TicketId {
    use TicketStatus as S;
    let way: &[S] = match to {
        S::Received => &[],
        S::Diagnosing => &[S::Diagnosing],
        S::AwaitingApproval => &[S::Diagnosing, S::AwaitingApproval],
        S::Approved => &[S::Diagnosing, S::AwaitingApproval, S::Approved],
        S::AwaitingParts => &[S::AwaitingParts],
        S::InRepair => &[S::InRepair],
        S::Qc => &[S::InRepair, S::Qc],
        S::Ready => &[S::Diagnosing, S::Ready],
        S::PickedUp => &[S::Diagnosing, S::Ready, S::PickedUp],
        S::OnHold => &[S::OnHold],
        S::Cancelled => &[S::Cancelled],
        S::Abandoned => &[S::Diagnosing, S::Ready, S::Abandoned],
        S::Other { .. } => unreachable!(),
    };
    let ticket = device.ticket();
    for status in way {
        device.transition(&ticket, status.clone(), None).unwrap();
    }
    ticket
}

fn status_of(device: &Device, ticket: &TicketId) -> TicketStatus {
    device.get::<Ticket>(&ticket.0).unwrap().unwrap().status
}

/// Who may make a move, spelled as the table of the shop's rules spells it; nobody where it stands in no row.
fn may(from: &TicketStatus, to: &TicketStatus) -> &'static str {
    use TicketStatus as S;
    let started = matches!(from, S::InRepair | S::Qc);
    match (from, to) {
        (S::PickedUp, S::Ready) => "M",
        (S::PickedUp | S::Cancelled | S::Abandoned, _) | (S::OnHold, S::OnHold) => "",
        (_, S::Cancelled) if started => "M",
        (_, S::Cancelled) => "FM",
        (_, S::OnHold) | (S::OnHold, S::Received) => "TFM",
        (S::Received, S::Diagnosing | S::InRepair | S::AwaitingParts)
        | (S::AwaitingApproval, S::Approved | S::Ready) => "TFM",
        (S::Diagnosing, S::AwaitingApproval | S::AwaitingParts | S::InRepair | S::Ready)
        | (S::Approved, S::AwaitingParts | S::InRepair)
        | (S::AwaitingParts, S::InRepair | S::AwaitingApproval | S::Ready)
        | (S::InRepair, S::Qc | S::Ready | S::AwaitingParts | S::AwaitingApproval)
        | (S::Qc, S::Ready | S::InRepair)
        | (S::Ready, S::InRepair) => "TM",
        (S::Ready, S::PickedUp) => "FM",
        (S::Ready, S::Abandoned) => "M",
        _ => "",
    }
}

#[test]
fn every_move_of_the_table_is_made_by_those_who_may_and_by_nobody_else() {
    let device = Device::new("owner");
    for from in TicketStatus::WORDS.iter().map(|word| TicketStatus::from(*word)) {
        for to in TicketStatus::WORDS.iter().map(|word| TicketStatus::from(*word)) {
            for (letter, role) in [("T", "technician"), ("F", "front_desk"), ("M", "manager")] {
                device.set_actor(Some("me".into()), None);
                let ticket = bring(&device, &from);
                device.set_actor(Some("me".into()), Some(role.into()));
                let before = (status_of(&device, &ticket), device.rows_in("ticket_events"));
                let moved = device.transition(&ticket, to.clone(), Some("because"));
                if may(&from, &to).contains(letter) {
                    assert_eq!(moved, Ok(()), "{role}: {from} to {to}");
                    assert_eq!(status_of(&device, &ticket), to);
                } else {
                    assert_eq!(moved.unwrap_err().code(), "denied", "{role}: {from} to {to}");
                    assert_eq!((status_of(&device, &ticket), device.rows_in("ticket_events")), before);
                }
            }
        }
    }
}

#[test]
fn a_ticket_on_hold_goes_back_to_where_it_came_from_and_nowhere_else() {
    let device = Device::new("technician");
    let ticket = device.ticket();
    for to in [TicketStatus::InRepair, TicketStatus::OnHold] {
        device.transition(&ticket, to, None).unwrap();
    }
    let held: Ticket = device.get(&ticket.0).unwrap().unwrap();
    assert_eq!(held.on_hold_from, Some(TicketStatus::InRepair));
    let elsewhere = device.transition(&ticket, TicketStatus::Ready, None);
    assert_eq!(elsewhere, Err(Error::denied("tickets", "status_order")));
    device.transition(&ticket, TicketStatus::InRepair, None).unwrap();
    let back: Ticket = device.get(&ticket.0).unwrap().unwrap();
    assert_eq!((back.status, back.on_hold_from), (TicketStatus::InRepair, None));
}

#[test]
fn a_manager_undoes_a_pick_up_within_a_day() {
    let device = Device::new("manager");
    let (early, late) = (bring(&device, &TicketStatus::PickedUp), bring(&device, &TicketStatus::PickedUp));
    device.pass(DAY);
    device.transition(&early, TicketStatus::Ready, None).unwrap();
    assert_eq!(device.get::<Ticket>(&early.0).unwrap().unwrap().closed_at, None);
    device.pass(MINUTE);
    assert_eq!(device.transition(&late, TicketStatus::Ready, None).unwrap_err().code(), "denied");
}

#[test]
fn a_repair_that_began_is_cancelled_by_a_manager_alone_also_from_a_later_status() {
    let device = Device::new("front_desk");
    device.set_actor(Some("me".into()), None);
    let owner = Device::new("owner");
    let ticket = bring(&owner, &TicketStatus::InRepair);
    owner.transition(&ticket, TicketStatus::AwaitingParts, None).unwrap();
    owner.set_actor(Some("me".into()), Some("front_desk".into()));
    let refused = owner.transition(&ticket, TicketStatus::Cancelled, None);
    assert_eq!(refused, Err(Error::denied("tickets", "status_role")));
}

#[test]
fn a_ticket_is_assigned_to_somebody_who_works_here() {
    let device = Device::new("front_desk");
    let ticket = device.ticket();
    let ada = device.employee("ada", Role::Technician);
    device.assign(&ticket, Some("ada")).unwrap();
    assert_eq!(device.get::<Ticket>(&ticket.0).unwrap().unwrap().assignee_id, Some(ada));
    let mut gone = device.row::<Employee>("ada");
    gone.set("active", crate::schema::Value::Int(0));
    device.receives(&[gone], 2);
    assert_eq!(device.assign(&ticket, Some("ada")).unwrap_err().code(), "not_active");
    assert_eq!(device.assign(&ticket, Some("nobody")), Err(Error::missing("employees")));
    device.assign(&ticket, None).unwrap();
    assert_eq!(device.get::<Ticket>(&ticket.0).unwrap().unwrap().assignee_id, None);
}

fn line(kind: LineKind, quantity: i64, unit_price_cents: i64, tax_bp: i64) -> TicketLine {
    TicketLine { kind, quantity, unit_price_cents, tax_bp, ..TicketLine::default() }
}

#[test]
fn the_ticket_view_adds_up_what_the_customer_did_not_decline() {
    let device = Device::new("technician");
    let ticket = device.ticket();
    device.add_line(&ticket, &line(LineKind::Part, 2, 4_999, 1_900)).unwrap();
    device.add_line(&ticket, &line(LineKind::Discount, 1, 1_000, 1_900)).unwrap();
    let declined = device.add_line(&ticket, &line(LineKind::Labour, 1, 9_000, 0)).unwrap();
    device.approve_line(&declined, Approval::Declined).unwrap();
    let note = TicketNote { ticket_id: ticket.clone(), body: "Seen".into(), ..TicketNote::default() };
    device.create(&note).unwrap();
    device.transition(&ticket, TicketStatus::Diagnosing, None).unwrap();
    let view = device.ticket_view(&ticket).unwrap().unwrap();
    assert_eq!((view.lines.len(), view.notes.len(), view.events.len()), (3, 1, 1));
    // 9998 and its 1900, less 1000 and its 190.
    assert_eq!(view.total, Total { net_cents: 8_998, tax_cents: 1_710, gross_cents: 10_708 });
    assert_eq!(device.ticket_view(&TicketId("none".into())), Ok(None));
}

#[test]
fn a_total_of_numbers_no_shop_ever_sees_does_not_overflow() {
    let huge = line(LineKind::Fee, i64::MAX, i64::MAX, 10_000);
    assert_eq!(Total::of(&[huge.clone(), huge]).gross_cents, i64::MAX);
}

#[test]
fn a_line_needs_its_ticket_and_keeps_its_limits() {
    let device = Device::new("technician");
    let nowhere = device.add_line(&TicketId("none".into()), &line(LineKind::Fee, 1, 100, 0));
    assert_eq!(nowhere, Err(Error::missing("tickets")));
    let ticket = device.ticket();
    assert_eq!(device.add_line(&ticket, &line(LineKind::Fee, 0, 100, 0)).unwrap_err().code(), "range");
    assert_eq!(device.rows_in("ticket_lines"), 0);
}

#[test]
fn at_a_station_where_nobody_entered_a_pin_nothing_moves() {
    let owner = Device::new("owner");
    let ticket = owner.ticket();
    let rows = [owner.row::<Ticket>(&ticket.0)];
    let station = Device::station();
    station.receives(&rows, 3);
    station.pass(HOUR);
    assert_eq!(station.transition(&ticket, TicketStatus::Diagnosing, None).unwrap_err().code(), "denied");
    assert_eq!(station.save(Ticket::TABLE.name, &serde_json::Map::new()).unwrap_err().code(), "denied");
    assert_eq!(station.rows_in("outbox"), 0);
}

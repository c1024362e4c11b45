//! The status machine, every pair of statuses for every role.

use crate::entity::ticket_status::UNDO_MS;
use crate::entity::{Held, Rights, Role, TicketStatus, stale_event_applies};

/// from → to, who: T technician, F front desk, M manager and up, who may make every move.
const MOVES: &[(&str, &str, &str)] = &[
    ("received", "diagnosing in_repair awaiting_parts", "TF"),
    ("diagnosing", "awaiting_approval awaiting_parts in_repair ready", "T"),
    ("awaiting_approval", "approved ready", "TF"),
    ("approved", "awaiting_parts in_repair", "T"),
    ("awaiting_parts", "in_repair awaiting_approval ready", "T"),
    ("in_repair", "qc ready awaiting_parts awaiting_approval", "T"),
    ("qc", "ready in_repair", "T"),
    ("ready", "picked_up", "F"),
    ("ready", "in_repair", "T"),
    ("ready", "abandoned", ""),
];
const ENDS: [&str; 3] = ["picked_up", "cancelled", "abandoned"];
const ROLES: [(Role, char); 5] = [
    (Role::Technician, 'T'),
    (Role::FrontDesk, 'F'),
    (Role::Manager, 'M'),
    (Role::Admin, 'M'),
    (Role::Owner, 'M'),
];

/// Who may make a move; none where it is no move.
fn movers(from: &str, to: &str, came_from: &str, started: bool, undoable: bool) -> Option<&'static str> {
    let open = !ENDS.contains(&from);
    match (from, to) {
        ("picked_up", "ready") if undoable => Some(""),
        (_, "cancelled") if open => Some(if started { "" } else { "F" }),
        ("on_hold", to) => (to == came_from).then_some("TF"),
        (_, "on_hold") if open => Some("TF"),
        _ => MOVES
            .iter()
            .find(|(status, nexts, _)| *status == from && nexts.split(' ').any(|next| next == to))
            .map(|(_, _, movers)| *movers),
    }
}

#[test]
fn every_pair_of_statuses_is_allowed_to_whom_the_table_says() {
    let mut allowed = 0;
    for from in TicketStatus::WORDS {
        for to in TicketStatus::WORDS {
            for (role, letter) in ROLES {
                for (started, undoable) in [(false, false), (false, true), (true, false), (true, true)] {
                    let came_from = TicketStatus::Diagnosing;
                    let held = Held {
                        from: Some(&came_from),
                        work_started: started,
                        closed_for: Some(if undoable { UNDO_MS } else { UNDO_MS + 1 }),
                    };
                    let judged = TicketStatus::from(*from)
                        .can_become(&TicketStatus::from(*to), held, Rights::of_role(&role))
                        .map_err(|denied| denied.rule);
                    let expected = match movers(from, to, "diagnosing", started, undoable) {
                        None => Err("status_order"),
                        Some(movers) if letter == 'M' || movers.contains(letter) => Ok(()),
                        Some(_) => Err("status_role"),
                    };
                    assert_eq!(judged, expected, "{from} to {to} by {role}, work started: {started}");
                    allowed += usize::from(judged.is_ok());
                }
            }
        }
    }
    assert!(allowed > 500, "only {allowed} moves are allowed");
}

#[test]
fn a_hold_goes_back_only_to_where_it_came_from() {
    let rights = Rights::of_role(&Role::Owner);
    let back = |to: &str, from: Option<&TicketStatus>| {
        TicketStatus::OnHold.can_become(&to.into(), Held { from, ..Held::default() }, rights).is_ok()
    };
    for came_from in TicketStatus::WORDS.iter().map(|word| TicketStatus::from(*word)) {
        for to in TicketStatus::WORDS {
            let expected =
                *to == "cancelled" || (*to == came_from.word() && *to != "on_hold" && !ENDS.contains(to));
            assert_eq!(back(to, Some(&came_from)), expected, "from {came_from} to {to}");
        }
    }
    assert!(!back("ready", None));
}

#[test]
fn a_status_of_tomorrow_is_neither_left_nor_reached_by_this_version() {
    let rights = Rights::of_role(&Role::Owner);
    let unknown = TicketStatus::from("polishing");
    for known in TicketStatus::WORDS.iter().map(|word| TicketStatus::from(*word)) {
        assert!(known.can_become(&unknown, Held::default(), rights).is_err());
        let leaves = unknown.can_become(&known, Held::default(), rights).is_ok();
        assert_eq!(leaves, matches!(known, TicketStatus::OnHold | TicketStatus::Cancelled));
        assert!(!stale_event_applies(&unknown, None, &known));
        assert!(!stale_event_applies(&known, None, &unknown));
    }
}

#[test]
fn a_late_event_moves_a_ticket_only_forward() {
    const ORDER: [&str; 9] = [
        "received",
        "diagnosing",
        "awaiting_approval",
        "approved",
        "awaiting_parts",
        "in_repair",
        "qc",
        "ready",
        "picked_up",
    ];
    let rank = |word: &str| {
        let place = ORDER.iter().position(|status| *status == word)?;
        Some(if word == "in_repair" { place - 1 } else { place })
    };
    for current in TicketStatus::WORDS {
        for to in TicketStatus::WORDS {
            for held_from in &ORDER[..8] {
                let stands = if *current == "on_hold" { held_from } else { current };
                let expected = !ENDS.contains(current)
                    && rank(to).zip(rank(stands)).is_some_and(|(to, stands)| to > stands);
                let held = TicketStatus::from(*held_from);
                let applies = stale_event_applies(&(*current).into(), Some(&held), &(*to).into());
                assert_eq!(applies, expected, "{to} on {current} held from {held_from}");
            }
        }
    }
    assert!(!stale_event_applies(&TicketStatus::OnHold, None, &TicketStatus::Ready));
}

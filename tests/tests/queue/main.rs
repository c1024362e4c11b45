//! The queue against a scripted transport, read from top to bottom like a script. Time passes when a line says so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod changes_of_mind;

use counterpart_core::outbox::{Outcome, Status};
use counterpart_core::sync::{Answer, Effect, Event, Link, RetryPolicy, transition};
use counterpart_tests::script::Script;
use serde_json::json;

const SECOND: i64 = 1_000;

#[test]
fn three_retries_five_seconds_apart_then_the_server_counts_as_unreachable() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    assert!(script.shop.state().unwrap().syncing);
    for _ in 0..3 {
        script.fails(Answer::NoAnswer).waits(5 * SECOND);
        let state = script.shop.state().unwrap();
        assert!(state.reachable && state.failed == 0 && !state.syncing);
        assert_eq!(script.shop.record("pieces", &chair).unwrap().unwrap().status, Status::Pending);
        script.after(5 * SECOND).pushes(&["insert chair"]);
    }
    script.fails(Answer::NoAnswer).waits(5 * SECOND);
    let state = script.shop.state().unwrap();
    assert!(state.online && !state.reachable);
    assert_eq!((state.pending, state.failed, state.last_error.as_deref()), (1, 1, Some("unreachable")));
    assert_eq!(script.shop.record("pieces", &chair).unwrap().unwrap().status, Status::Failed);
    assert_eq!(script.parked(), [], "failed by derivation: nothing was parked");
}

#[test]
fn probes_send_the_oldest_operation_alone_ever_more_seldom_up_to_five_minutes() {
    let mut script = unreachable();
    for wait in [5, 10, 20, 40, 80, 160, 300, 300] {
        script.after(wait * SECOND - 1).waits(1);
        script.after(1).pushes(&["insert chair"]);
        script.fails(Answer::NoAnswer);
        let next = (wait * 2).min(300);
        script.waits(next * SECOND);
    }
    script.after(300 * SECOND).pushes(&["insert chair"]);
    script.applied().pushes(&["insert table", "insert shelf"]);
    script.applied().nothing();
    assert_eq!(script.state(), (0, 0, None));
}

#[test]
fn a_network_change_the_foreground_or_a_person_revives_at_once() {
    for revive in [
        vec![Event::Network { up: false }, Event::Network { up: true }],
        vec![Event::Resumed],
        vec![Event::Asked],
    ] {
        let mut script = unreachable();
        script.after(5 * SECOND).pushes(&["insert chair"]);
        script.fails(Answer::NoAnswer).waits(10 * SECOND);
        let (last, before) = revive.split_last().unwrap();
        for event in before {
            script.when(event.clone()).nothing();
        }
        script.when(last.clone()).pushes(&["insert chair"]);
        // The row of probes begins anew.
        script.fails(Answer::NoAnswer).waits(10 * SECOND);
        script.after(10 * SECOND).pushes(&["insert chair"]);
        script.applied().pushes(&["insert table", "insert shelf"]);
    }
}

/// A device with three pieces to send and a server that did not answer four times.
fn unreachable() -> Script {
    let mut script = Script::online();
    for title in ["chair", "table", "shelf"] {
        script.make(title);
    }
    script.when(Event::Wrote);
    for _ in 0..3 {
        script
            .pushes(&["insert chair", "insert table", "insert shelf"])
            .fails(Answer::NoAnswer)
            .waits(5 * SECOND);
        script.after(5 * SECOND);
    }
    script
        .pushes(&["insert chair", "insert table", "insert shelf"])
        .fails(Answer::NoAnswer)
        .waits(5 * SECOND);
    script
}

#[test]
fn being_offline_costs_no_retry() {
    let mut script = Script::offline();
    script.make("chair");
    script.when(Event::Wrote).nothing();
    for _ in 0..10 {
        script.after(3_600 * SECOND).nothing();
        script.when(Event::Network { up: true }).pushes(&["insert chair"]);
        script.fails(Answer::NoAnswer).waits(5 * SECOND);
        script.when(Event::Network { up: false }).nothing();
        let state = script.shop.state().unwrap();
        assert!(!state.online && state.reachable && state.failed == 0);
    }
    script.when(Event::Network { up: true }).pushes(&["insert chair"]);
    script.applied().nothing();
}

#[test]
fn a_server_that_limits_or_is_busy_costs_no_retry() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote);
    for _ in 0..10 {
        script.pushes(&["insert chair"]).fails(Answer::Limited { wait_ms: 7_000 }).waits(7_000);
        // Told to wait, it waits: neither a person nor a write hurries it.
        script.when(Event::Asked).nothing();
        script.when(Event::Wrote).nothing();
        script.after(7_000).pushes(&["insert chair"]);
        script.fails(Answer::Busy { wait_ms: 300 }).waits(300);
        script.after(300);
    }
    script.pushes(&["insert chair"]);
    assert_eq!(script.state(), (1, 0, None));
    script.applied().nothing();
}

#[test]
fn what_takes_the_server_too_long_is_sent_in_halves() {
    let mut script = Script::online();
    for number in 0..8 {
        script.make(&format!("piece {number}"));
    }
    script.when(Event::Wrote);
    assert_eq!(script.pushes_some(), 8);
    script.fails(Answer::TooLong).waits(5 * SECOND);
    script.after(5 * SECOND);
    assert_eq!(script.pushes_some(), 4);
    script.fails(Answer::TooLong).waits(5 * SECOND);
    script.after(5 * SECOND);
    assert_eq!(script.pushes_some(), 2);
    // It grows again with every success.
    script.applied();
    assert_eq!(script.pushes_some(), 4);
    script.applied();
    assert_eq!(script.pushes_some(), 2);
    assert_eq!(script.state(), (2, 0, None));
}

#[test]
fn an_operation_that_the_server_cannot_take_is_found_by_halving_and_parked_after_three_retries() {
    let mut script = Script::online();
    let titles: Vec<String> = (0..8).map(|number| format!("piece {number}")).collect();
    let ids: Vec<String> = titles.iter().map(|title| script.make(title)).collect();
    let mut sent_alone = 0;
    script.when(Event::Wrote);
    // Whatever holds piece 5 cannot be taken; everything else can.
    loop {
        let size = script.pushes_some();
        if !script.bodies().iter().any(|op| op["row"] == json!(ids[5])) {
            script.applied();
        } else if size > 1 {
            script.fails(Answer::NotTaken);
        } else {
            sent_alone += 1;
            script.fails(Answer::NotTaken);
            if sent_alone == 4 {
                break;
            }
            script.waits(5 * SECOND);
            script.after(5 * SECOND);
        }
    }
    assert_eq!(script.parked().iter().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), ["unprocessable"]);
    assert_eq!(script.shop.record("pieces", &ids[5]).unwrap().unwrap().status, Status::Failed);
    while script.state().0 > 0 {
        script.pushes_some();
        script.applied();
    }
    assert_eq!(script.state(), (0, 1, None), "the others went on");
    // It keeps its id and content: nobody knows whether it ever took effect.
    let before = script.queue();
    script.shop.retry(&script.parked()[0].0).unwrap();
    script.covered();
    script.when(Event::Wrote).pushes(&["insert piece 5"]);
    let waiting = |queue: Vec<serde_json::Value>| queue.into_iter().find(|op| op["row"] == json!(ids[5]));
    assert_eq!(waiting(before), waiting(script.queue()));
}

#[test]
fn attempts_count_for_the_operation_that_was_tried_and_for_no_other() {
    let mut script = Script::online();
    for title in ["poison", "other"] {
        let id = script.make(title);
        script.imported(&id);
    }
    script.when(Event::Wrote).pushes(&["insert poison", "insert other"]);
    script.fails(Answer::NotTaken).pushes(&["insert poison"]);
    for _ in 0..2 {
        script.fails(Answer::NotTaken).waits(5 * SECOND);
        script.after(5 * SECOND).pushes(&["insert poison"]);
    }
    script.fails(Answer::NotTaken).waits(5 * SECOND);
    // A person's operation comes in front of it, after three of its attempts.
    script.make("chair");
    script.after(5 * SECOND).pushes(&["insert chair"]);
    script.fails(Answer::NotTaken).waits(5 * SECOND);
    assert_eq!(script.parked(), [], "a first attempt parks nothing");
}

#[test]
fn a_row_keeps_its_order_and_so_does_what_needs_it() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    // Sent already: what comes now is an operation of its own.
    script.edit(&chair, json!({ "title": "armchair" }));
    script.save("moves", json!({ "piece_id": chair, "by": 3 }), "three");
    script.answered(&[("insert chair", Outcome::Rejected)]).nothing();
    assert_eq!(script.state(), (2, 1, None), "what stands behind a parked operation waits");
    script.make("table");
    script.when(Event::Wrote).pushes(&["insert table"]);
    script.applied().nothing();
    let (operation, code) = script.parked().remove(0);
    assert_eq!(code, "not_allowed");
    script.shop.retry(&operation).unwrap();
    script.when(Event::Wrote).pushes(&["insert chair", "patch chair", "append three"]);
    let bodies = script.bodies();
    assert_eq!(bodies[0]["replaces"], json!(operation), "a known refusal is sent again under a new id");
    assert_ne!(bodies[0]["id"], json!(operation));
    script.applied().nothing();
}

#[test]
fn what_the_server_holds_waits_and_is_a_persons_after_three_retries() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote);
    for _ in 0..3 {
        script.pushes(&["insert chair"]).answered(&[("insert chair", Outcome::Held)]);
    }
    script.pushes(&["insert chair"]).answered(&[("insert chair", Outcome::Held)]).nothing();
    assert_eq!(script.parked()[0].1, "unanswered");
}

#[test]
fn a_group_goes_whole_or_not_at_all() {
    let mut script = Script::online();
    for number in 0..3 {
        script.make(&format!("piece {number}"));
    }
    let mut group = Vec::new();
    let table = script.shop.store().schema().table("pieces").unwrap();
    script
        .shop
        .together(|edits| {
            for _ in 0..4 {
                let title = table.field("title").unwrap();
                group.push(edits.insert(
                    table,
                    None,
                    &[(title, counterpart_core::schema::Value::Text("set".into()))],
                )?);
            }
            Ok(())
        })
        .unwrap();
    for id in &group {
        script.call(id, "set");
    }
    script.when(Event::Wrote);
    assert_eq!(script.pushes_some(), 7);
    script.fails(Answer::TooLong).waits(5 * SECOND);
    script.after(5 * SECOND).pushes(&["insert piece 0", "insert piece 1", "insert piece 2"]);
    script.fails(Answer::TooLong).waits(5 * SECOND);
    script.after(5 * SECOND).pushes(&["insert piece 0"]);
    script.applied().pushes(&["insert piece 1", "insert piece 2"]);
    script.applied().pushes(&["insert set"; 4]);
    script.answered(&[("insert set", Outcome::Rejected)]).nothing();
    assert_eq!(script.parked().len(), 4);
    script.shop.retry(&script.parked()[2].0).unwrap();
    script.when(Event::Wrote).pushes(&["insert set"; 4]);
    let names: std::collections::BTreeSet<String> =
        script.bodies().iter().map(|op| op["group"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn a_receipt_for_other_content_parks_the_whole_group() {
    let mut script = Script::online();
    let table = script.shop.store().schema().table("pieces").unwrap();
    let title = table.field("title").unwrap();
    let named = |text: &str| (title, counterpart_core::schema::Value::Text(text.into()));
    script
        .shop
        .together(|edits| {
            edits.insert(table, Some("a"), &[named("a")])?;
            edits.insert(table, Some("b"), &[named("b")])
        })
        .unwrap();
    script.when(Event::Wrote).pushes(&["insert a", "insert b"]);
    let id = script.bodies()[0]["id"].as_str().unwrap().to_owned();
    let foreign = counterpart_core::outbox::Receipt {
        id,
        hash: counterpart_tests::server::hash("of a copy"),
        outcome: Outcome::Applied,
        n: Some(1),
        code: None,
        field: None,
        message: None,
    };
    let answer = counterpart_core::sync::PushAnswer { receipts: vec![foreign], ..Default::default() };
    script.shop.pushed(Ok(answer)).unwrap();
    assert_eq!(script.parked().iter().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), ["id_reused"; 2]);
}

#[test]
fn people_go_before_imports_and_pull_forward_what_they_need() {
    let mut script = Script::online();
    let needed = script.make("needed");
    let other = script.make("other");
    script.imported(&needed);
    script.imported(&other);
    script.make("chair");
    script.save("jobs", json!({ "piece_id": needed, "what": "sand" }), "sanding");
    script.edit(&needed, json!({ "title": "needed now" }));
    script.when(Event::Wrote).pushes(&[
        "insert chair",
        "insert needed",
        "insert sanding",
        "patch needed",
        "insert other",
    ]);
}

#[test]
fn what_may_have_been_sent_never_changes_also_after_a_restart() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    let sent = script.bodies();
    script.fails(Answer::NoAnswer).waits(5 * SECOND);
    script.edit(&chair, json!({ "title": "armchair" }));
    let mut script = script.restarted();
    script.edit(&chair, json!({ "title": "throne" }));
    script.when(Event::Network { up: true }).pushes(&["insert chair", "patch chair"]);
    assert_eq!(script.bodies()[..1], sent[..]);
}

#[test]
fn one_refused_token_is_refreshed_and_a_second_waits_for_a_person() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.fails(Answer::Unauthorised).refreshes();
    script.when(Event::Wrote).nothing();
    script.when(Event::TokenRefreshed).pushes(&["insert chair"]);
    script.fails(Answer::Unauthorised).nothing();
    assert_eq!(script.state(), (1, 0, Some("signed_out".into())));
    script.when(Event::Asked).nothing();
    script.when(Event::Network { up: true }).nothing();
    script.when(Event::Resumed).pushes(&["insert chair"]);
    script.fails(Answer::Unauthorised).refreshes();
    script.when(Event::TokenRefreshed).pushes(&["insert chair"]);
    script.fails(Answer::Unauthorised).nothing();
    script.when(Event::SignedIn).pushes(&["insert chair"]);
    script.applied().nothing();
    // A token that was accepted has a refresh of its own again.
    script.make("table");
    script.when(Event::Wrote).pushes(&["insert table"]);
    script.fails(Answer::Unauthorised).refreshes();
}

#[test]
fn in_the_background_nothing_is_sent_and_late_receipts_still_count() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.when(Event::Suspended).nothing();
    script.make("table");
    script.when(Event::Wrote).nothing();
    script.applied().nothing();
    assert_eq!(script.state(), (1, 0, None));
    script.when(Event::Resumed).pushes(&["insert table"]);
}

#[test]
fn coming_back_gives_up_what_was_on_its_way_and_sends_it_again() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    let sent = script.bodies();
    script.when(Event::Resumed).pushes(&["insert chair"]);
    assert_eq!(script.bodies(), sent);
    script.applied();
    assert_eq!(script.state(), (0, 0, None));
}

#[test]
fn what_a_person_sees_of_the_sync_follows_every_step() {
    let mut script = Script::offline();
    let synced = script.shop.state().unwrap();
    assert!(!synced.online && synced.reachable && !synced.syncing && synced.last_synced_at.is_none());
    assert!((synced.progress - 1.0).abs() < f64::EPSILON);
    for number in 0..4 {
        script.make(&format!("piece {number}"));
    }
    assert_eq!(script.shop.state().unwrap().pending, 4);
    script.when(Event::Network { up: true });
    assert_eq!(script.pushes_some(), 4);
    let state = script.shop.state().unwrap();
    assert!(state.online && state.syncing && state.progress.abs() < f64::EPSILON);
    script.answered(&[("insert piece 1", Outcome::Rejected)]).nothing();
    let state = script.shop.state().unwrap();
    assert_eq!((state.pending, state.failed, state.syncing), (0, 1, false));
    assert!((state.progress - 1.0).abs() < f64::EPSILON);
    assert!(state.last_synced_at.is_some());
}

/// Whatever happens in whatever order: no push while one is on its way or while nothing may be sent, no wait in the
/// past, no batch of nothing.
#[test]
fn no_order_of_events_breaks_the_retry_rules() {
    let policy = RetryPolicy::default();
    for seed in 0..300 {
        let dice = counterpart_tests::dice::Dice::new(seed);
        let (mut link, mut now) = (Link::new(policy), 0);
        for _ in 0..300 {
            now += i64::try_from(dice.below(9_000)).unwrap();
            let events = [
                Event::Network { up: dice.percent(70) },
                Event::Suspended,
                Event::Resumed,
                Event::Wrote,
                Event::Asked,
                Event::Tick,
                Event::SignedIn,
                Event::TokenRefreshed,
                Event::Answered(Answer::Receipts),
                Event::Answered(Answer::Busy { wait_ms: 300 }),
                Event::Answered(Answer::TooLong),
                Event::Answered(Answer::Unauthorised),
                Event::Answered(Answer::NotTaken),
                Event::Answered(Answer::NoAnswer),
                Event::Answered(Answer::Opened),
                Event::Answered(Answer::Page { more: dice.percent(50) }),
                Event::Answered(Answer::Reset),
                Event::Answered(Answer::NoSession),
                Event::Answered(Answer::OtherEpoch),
                Event::Answered(Answer::NoShop),
                Event::TokenRefused,
                Event::RangeWanted { filling: dice.percent(50) },
                Event::Renamed,
                Event::Joined,
                Event::Poked,
                Event::Left,
            ];
            let event = dice.pick(&events).cloned().unwrap();
            let (next, effects) = transition(&policy, link.clone(), event, now);
            link = next;
            for effect in effects {
                match effect {
                    Effect::Send { operations } => {
                        assert!(link.online && link.awake && link.opened && !link.is_asking());
                        assert!((1..=policy.batch).contains(&operations));
                        let alone = operations == 1;
                        link = transition(&policy, link, Event::Sent { operations, alone }, now).0;
                    }
                    Effect::Open | Effect::Pull | Effect::FetchRange | Effect::RefreshToken => {
                        assert!(link.online && link.awake && link.is_asking());
                    }
                    Effect::WakeAt { at } => assert!(at >= now),
                    Effect::ParkAlone
                    | Effect::NewIdentity
                    | Effect::LeaveShop
                    | Effect::Join
                    | Effect::Leave => {}
                }
            }
        }
        // Liveness: in front, online, signed in and asked, it asks for something or says when it will.
        link.work = true;
        for event in [Event::Network { up: true }, Event::Resumed, Event::SignedIn, Event::Asked] {
            let (next, effects) = transition(&policy, link.clone(), event, now);
            link = next;
            if effects.iter().any(|effect| matches!(effect, Effect::Send { .. })) {
                link = transition(&policy, link, Event::Sent { operations: 1, alone: true }, now).0;
            }
        }
        let waits = matches!(link.phase, counterpart_core::sync::Phase::Waiting { .. });
        assert!(link.is_asking() || waits, "seed {seed}: stuck in {link:?}");
    }
}

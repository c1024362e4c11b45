//! The push after the one that is on its way: what may be in it, and when it counts for nothing.

use super::SECOND;
use counterpart_core::outbox::Outcome;
use counterpart_core::sync::{Answer, Event};
use counterpart_tests::script::Script;
use serde_json::json;

/// A chair on its way, and a table ready to follow it.
fn chair_then_table() -> (Script, String) {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    let table = script.make("table");
    assert!(script.prepares(&["insert table"]));
    (script, table)
}

#[test]
fn the_next_push_holds_what_does_not_hang_on_the_one_before_it() {
    let mut script = Script::online();
    let chair = script.make("chair");
    assert!(!script.prepares(&[]), "nothing is on its way");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    assert!(!script.prepares(&[]), "all of the queue is on its way");
    script.edit(&chair, json!({ "title": "armchair" }));
    script.save("moves", json!({ "piece_id": chair, "by": 1 }), "one");
    assert!(!script.prepares(&[]), "the same row, and what needs it");
    script.make("table");
    assert!(script.prepares(&["insert table"]));
    // It is the next one, to the byte, although others were written before.
    script.applied().pushes(&["insert table"]).applied();
    script.pushes(&["patch chair", "append one"]).applied().nothing();
    assert_eq!(script.state(), (0, 0, None));
}

#[test]
fn what_is_prepared_is_frozen_and_takes_no_further_edit() {
    let (mut script, table) = chair_then_table();
    script.edit(&table, json!({ "title": "desk" }));
    assert_eq!(script.queue().len(), 3);
    script.applied().pushes(&["insert table"]).applied().pushes(&["patch table"]);
}

#[test]
fn after_a_failure_the_push_before_goes_again_first() {
    for failure in [Answer::NoAnswer, Answer::TooLong] {
        let (mut script, _) = chair_then_table();
        script.fails(failure).waits(5 * SECOND).after(5 * SECOND);
        assert!(script.pushes_some() > 0);
        assert_eq!(script.bodies()[0]["fields"]["title"]["to"], json!("chair"));
    }
}

#[test]
fn without_a_network_what_was_prepared_waits_like_the_rest() {
    let (mut script, _) = chair_then_table();
    script.when(Event::Network { up: false }).nothing();
    script.when(Event::Network { up: true }).pushes(&["insert chair", "insert table"]);
}

#[test]
fn what_a_person_takes_back_is_not_sent_although_it_was_prepared() {
    let (mut script, _) = chair_then_table();
    let queue = script.queue();
    script.shop.discard(queue[1]["id"].as_str().unwrap()).unwrap();
    // It may have left: the server is asked, and says.
    script.applied().pushes(&["void table"]);
}

#[test]
fn what_needs_a_refused_one_waits_behind_it_while_the_rest_was_sent() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.save("moves", json!({ "piece_id": chair, "by": 1 }), "one");
    script.make("table");
    assert!(script.prepares(&["insert table"]));
    script.answered(&[("insert chair", Outcome::Rejected)]);
    script.pushes(&["insert table"]).applied().nothing();
    let (pending, failed, _) = script.state();
    assert_eq!((pending, failed), (1, 1), "what moves the chair waits behind it");
}

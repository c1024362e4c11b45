//! What joins what, and how a person takes back what may have been sent.

use super::SECOND;
use counterpart_core::NotNow;
use counterpart_core::outbox::Outcome;
use counterpart_core::sync::{Answer, Event};
use counterpart_tests::script::Script;
use serde_json::json;

#[test]
fn edits_join_the_rows_last_operation_if_it_was_never_sent() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.edit(&chair, json!({ "title": "armchair", "tags": ["oak"] }));
    script.edit(&chair, json!({ "tags": ["oak", "old"] }));
    assert_eq!(script.queue().len(), 1);
    assert_eq!(script.queue()[0]["fields"]["title"]["to"], json!("armchair"));
    assert_eq!(script.queue()[0]["fields"]["tags"]["to"], json!(["oak", "old"]));
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.edit(&chair, json!({ "tags": ["old", "red"] }));
    script.edit(&chair, json!({ "tags": ["red", "oak"] }));
    assert_eq!(script.queue().len(), 2, "what is on its way is left alone");
    let elements = &script.queue()[1]["fields"]["tags"]["elements"];
    assert_eq!(elements["add"], json!(["red", "oak"]));
    assert_eq!(elements["remove"], json!(["old"]));
}

#[test]
fn edits_do_not_join_another_persons_or_another_groups_or_past_an_append() {
    let mut script = Script::online();
    let chair = script.make("chair");
    // An append in between keeps its place.
    script.save("moves", json!({ "piece_id": chair, "by": 1 }), "one");
    script.edit(&chair, json!({ "title": "armchair" }));
    assert_eq!(script.queue().len(), 3);
    let table = script.shop.store().schema().table("pieces").unwrap();
    let notes = table.field("notes").unwrap();
    let text = |text: &str| counterpart_core::schema::Value::Text(text.into());
    script.shop.together(|edits| edits.change(table, &chair, &[(notes, text("a"))])).unwrap();
    script.edit(&chair, json!({ "notes": "b" }));
    assert_eq!(script.queue().len(), 5, "a group is not added to, nor added to by others");
    script.device.opening.account.employee = Some("employee-eve".into());
    let mut script = script.restarted();
    script.edit(&chair, json!({ "notes": "c" }));
    script.edit(&chair, json!({ "notes": "d" }));
    assert_eq!(script.queue().len(), 6, "Eve's own edits join each other");
    assert_eq!(script.queue()[5]["actor"], json!("employee-eve"));
}

#[test]
fn an_edit_does_not_name_in_an_earlier_operation_what_was_made_later() {
    let mut script = Script::online();
    let chair = script.make("chair");
    let set = script.make("set");
    script.edit(&chair, json!({ "part_of": set }));
    let queue = script.queue();
    assert_eq!(queue.len(), 3);
    assert_eq!(queue[2]["needs"], json!([queue[1]["id"]]));
    // Once the set is first, the edit may join.
    let stool = script.make("stool");
    script.edit(&stool, json!({ "part_of": set }));
    assert_eq!(script.queue().len(), 4);
    // A row that names itself waits for nobody.
    script.edit(&stool, json!({ "part_of": stool }));
    assert_eq!(script.queue()[3]["needs"].as_array().map(Vec::len), Some(1));
    script.when(Event::Wrote).pushes(&["insert chair", "insert set", "patch chair", "insert stool"]);
}

#[test]
fn a_new_edit_inherits_the_oldest_base_that_still_shows() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.applied().nothing();
    let table = script.shop.store().schema().table("pieces").unwrap();
    let mut row = script.shop.read(|reader| reader.row(table, &chair)).unwrap().unwrap();
    row.meta.stamp = 1;
    let page = |row: &counterpart_core::schema::Row, through| counterpart_core::sync::Page {
        rows: vec![row.clone()],
        receipts: Vec::new(),
        through,
        ..counterpart_core::sync::Page::default()
    };
    script.shop.take_page(&page(&row, 1)).unwrap();
    script.edit(&chair, json!({ "notes": "mine" }));
    script.when(Event::Wrote).pushes(&["patch chair"]);
    row.meta.stamp = 2;
    row.set("notes", counterpart_core::schema::Value::Text("theirs".into()));
    script.fails(Answer::NoAnswer).waits(5 * SECOND);
    script.shop.take_page(&page(&row, 2)).unwrap();
    script.edit(&chair, json!({ "notes": "mine again", "title": "armchair" }));
    let fields = &script.queue()[1]["fields"];
    assert_eq!((&fields["notes"]["on"], &fields["notes"]["was"]), (&json!(1), &json!(null)));
    assert_eq!((&fields["title"]["on"], &fields["title"]["was"]), (&json!(2), &json!("chair")));
}

#[test]
fn discarding_what_may_have_arrived_asks_the_server_first() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.fails(Answer::NoAnswer).waits(5 * SECOND);
    let operation = script.queue()[0]["id"].as_str().unwrap().to_owned();
    script.shop.discard(&operation).unwrap();
    assert!(script.shop.record("pieces", &chair).unwrap().is_some(), "it shows until the answer is known");
    script.after(5 * SECOND).pushes(&["void chair"]);
    assert_eq!(script.bodies()[0]["replaces"], json!(operation));
    script.applied().nothing();
    assert!(script.shop.record("pieces", &chair).unwrap().is_none());
    assert_eq!(script.state(), (0, 0, None));
}

#[test]
fn a_refused_void_lets_the_operation_go_on_under_its_own_id() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    let sent = script.bodies();
    script.fails(Answer::NoAnswer).waits(5 * SECOND);
    script.shop.discard(sent[0]["id"].as_str().unwrap()).unwrap();
    script.after(5 * SECOND).pushes(&["void chair"]);
    script.answered(&[("void chair", Outcome::Rejected)]).pushes(&["insert chair"]);
    assert_eq!(script.bodies(), sent);
    script.applied().nothing();
    assert_eq!(script.state(), (0, 0, None));
}

#[test]
fn a_void_that_is_given_up_lets_the_operation_go_on_as_it_was() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    let sent = script.bodies();
    script.fails(Answer::NoAnswer).waits(5 * SECOND);
    script.shop.discard(sent[0]["id"].as_str().unwrap()).unwrap();
    script.after(5 * SECOND).pushes(&["void chair"]);
    for _ in 0..3 {
        script.fails(Answer::NotTaken).waits(5 * SECOND);
        script.after(5 * SECOND).pushes(&["void chair"]);
    }
    script.fails(Answer::NotTaken).nothing();
    let (void, code) = script.parked().remove(0);
    assert_eq!(code, "unprocessable");
    script.shop.discard(&void).unwrap();
    script.when(Event::Wrote).pushes(&["insert chair"]);
    assert_eq!(script.bodies(), sent);
    script.applied().nothing();
    assert_eq!(script.state(), (0, 0, None));
}

#[test]
fn editing_what_may_have_arrived_comes_back_when_the_void_stands() {
    let mut script = Script::online();
    let chair = script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    for _ in 0..3 {
        script.fails(Answer::NotTaken).waits(5 * SECOND);
        script.after(5 * SECOND).pushes(&["insert chair"]);
    }
    script.fails(Answer::NotTaken).nothing();
    let operation = script.parked().remove(0).0;
    let better = json!({ "title": "armchair" });
    let later = script.shop.edit_parked(&operation, better.as_object().unwrap());
    assert_eq!(later, Err(counterpart_core::Error::not_now(NotNow::Unanswered)));
    script.when(Event::Wrote).pushes(&["void chair"]);
    script.applied().nothing();
    assert_eq!(script.parked(), [(operation.clone(), "voided".to_owned())]);
    script.shop.edit_parked(&operation, better.as_object().unwrap()).unwrap();
    assert_eq!(script.shop.record("pieces", &chair).unwrap().unwrap().row.text("title"), "armchair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    assert_eq!(script.bodies()[0]["fields"]["title"]["to"], json!("armchair"));
}

#[test]
fn a_late_refusal_does_not_take_away_what_a_person_wants_to_edit() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    let operation = script.bodies()[0]["id"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        script.fails(Answer::NotTaken).waits(5 * SECOND);
        script.after(5 * SECOND).pushes(&["insert chair"]);
    }
    let refusal = counterpart_core::outbox::Receipt {
        id: operation.clone(),
        hash: counterpart_tests::server::hash(
            &script
                .shop
                .read(|reader| reader.one("SELECT body FROM outbox", [], |row| row.get::<_, String>(0)))
                .unwrap()
                .unwrap(),
        ),
        outcome: Outcome::Rejected,
        n: Some(1),
        code: Some("not_allowed".into()),
        field: None,
        message: None,
    };
    script.fails(Answer::NotTaken).nothing();
    script.shop.edit_parked(&operation, json!({ "title": "armchair" }).as_object().unwrap()).unwrap_err();
    let page = counterpart_core::sync::Page { receipts: vec![refusal], ..Default::default() };
    script.shop.take_page(&page).unwrap();
    script.when(Event::Wrote).pushes(&["void chair"]);
    script.applied().nothing();
    assert_eq!(script.parked(), [(operation, "not_allowed".to_owned())]);
}

#[test]
fn what_follows_from_appended_rows_cannot_be_edited_in_by_the_back_door() {
    let mut script = Script::online();
    script.make("chair");
    script.when(Event::Wrote).pushes(&["insert chair"]);
    script.answered(&[("insert chair", Outcome::Rejected)]).nothing();
    let operation = script.parked().remove(0).0;
    let refused =
        script.shop.edit_parked(&operation, json!({ "stock": 7 }).as_object().unwrap()).unwrap_err();
    assert_eq!(refused.code(), "kept");
    assert_eq!(script.parked().len(), 1);
}

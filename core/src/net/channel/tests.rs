//! Two channels on one socket, frame by frame.

use super::*;
use crate::net::frame::decode_text;

fn line() -> Line {
    Line::new("s", "d1", "t1".to_owned(), Showing::default())
}

fn hear(line: &mut Line, frame: Value) -> Option<Heard> {
    line.hear(decode_text(&frame.to_string()).unwrap())
}

fn reply(reference: &str, topic: &str, status: &str, response: &Value) -> Value {
    json!([reference, reference, topic, "phx_reply", {"status": status, "response": response}])
}

fn joined() -> Line {
    let mut line = line();
    let yes = json!({"postgres_changes": []});
    assert_eq!(Some(Heard::Joined), hear(&mut line, reply("1", "realtime:shop:s", "ok", &yes)));
    assert_eq!(None, hear(&mut line, reply("2", "realtime:presence:s", "ok", &yes)));
    line
}

fn system(message: &str) -> Value {
    json!(["1", null, "realtime:shop:s", "system", {"extension": "system", "status": "error", "message": message}])
}

fn value(frame: &str) -> Value {
    serde_json::from_str(frame).unwrap()
}

#[test]
fn both_channels_are_joined_privately_with_the_token() {
    let frames: Vec<Value> = line().joins().iter().map(|frame| value(frame)).collect();
    let join = |presence: Value| {
        json!({"config": {"broadcast": {"ack": false, "self": false}, "presence": presence,
            "postgres_changes": [], "private": true}, "access_token": "t1"})
    };
    let shop = json!(["1", "1", "realtime:shop:s", "phx_join", join(json!({"enabled": false}))]);
    let presence = join(json!({"enabled": true, "key": "d1"}));
    assert_eq!(vec![shop, json!(["2", "2", "realtime:presence:s", "phx_join", presence])], frames);
}

#[test]
fn a_poke_is_heard_whatever_else_it_carries() {
    let mut line = joined();
    let poke = |event: &str, payload: Value| json!([null, null, "realtime:shop:s", "broadcast", {"type": "broadcast", "event": event, "payload": payload}]);
    let head = Cursor { epoch: "e".into(), n: 7, tag: "t".into() };
    let payload = json!({"epoch": "e", "n": 7, "tag": "t", "id": "m"});
    assert_eq!(Some(Heard::Poked(head)), hear(&mut line, poke("poke", payload.clone())));
    assert_eq!(None, hear(&mut line, poke("hello", payload.clone())));
    assert_eq!(None, hear(&mut line, poke("poke", json!({"n": "seven"}))));
    let mut elsewhere = poke("poke", payload);
    elsewhere[2] = json!("realtime:shop:other");
    assert_eq!(None, hear(&mut line, elsewhere));
}

#[test]
fn a_refused_join_says_why() {
    for (reason, lost) in [
        ("Unauthorized: You do not have permissions to read from this Channel topic: shop:s", Lost::NoShop),
        ("InvalidJWTToken: Token has expired 9 seconds ago", Lost::Unauthorised),
        ("MalformedJWT: The token provided is not a valid JWT", Lost::Unauthorised),
        ("JwtSignatureError: Failed to validate JWT signature", Lost::Unauthorised),
        ("ClientJoinRateLimitReached: Too many joins per second", Lost::Limited),
        ("ConnectionRateLimitReached: Too many connected users", Lost::Limited),
        ("InitializingProjectConnection: x", Lost::Closed),
        ("", Lost::Closed),
    ] {
        let refused = reply("1", "realtime:shop:s", "error", &json!({"reason": reason}));
        assert_eq!(Some(Heard::Lost(lost)), hear(&mut line(), refused), "{reason}");
    }
}

#[test]
fn a_closed_channel_is_lost_for_the_reason_that_came_before() {
    let close = json!(["1", "1", "realtime:shop:s", "phx_close", {}]);
    for (message, lost) in [
        (Some("Token has expired 0 seconds ago"), Lost::Unauthorised),
        (Some("You no longer have permission to read from this Channel topic: shop:s"), Lost::NoShop),
        (Some("Too many messages per second"), Lost::Limited),
        (None, Lost::Closed),
    ] {
        let mut line = joined();
        if let Some(message) = message {
            assert_eq!(None, hear(&mut line, system(message)));
        }
        assert_eq!(Some(Heard::Lost(lost)), hear(&mut line, close.clone()));
    }
}

#[test]
fn what_is_meant_for_an_earlier_instance_is_passed_over() {
    let mut line = joined();
    assert_eq!(None, hear(&mut line, json!(["9", "9", "realtime:shop:s", "phx_close", {}])));
}

#[test]
fn an_unanswered_heartbeat_is_the_last() {
    let mut line = joined();
    let first = value(&line.beat().unwrap());
    assert_eq!(json!(["phoenix", "heartbeat", {}]), json!([first[2], first[3], first[4]]));
    let answer = json!([null, first[1], "phoenix", "phx_reply", {"status": "ok", "response": {}}]);
    assert_eq!(None, hear(&mut line, answer.clone()));
    assert!(line.beat().is_some());
    assert_eq!(None, hear(&mut line, answer));
    assert!(line.beat().is_none());
}

#[test]
fn a_new_token_is_told_once_to_every_channel_that_is_joined() {
    let mut line = line();
    line.renew("t2".to_owned());
    assert!(line.renewals().is_empty());
    hear(&mut line, reply("1", "realtime:shop:s", "ok", &json!({})));
    let told: Vec<Value> = line.renewals().iter().map(|frame| value(frame)).collect();
    let expected = json!(["1", "3", "realtime:shop:s", "access_token", {"access_token": "t2"}]);
    assert_eq!(vec![expected], told);
    hear(&mut line, reply("2", "realtime:presence:s", "ok", &json!({})));
    assert_eq!("realtime:presence:s", value(&line.renewals()[0])[2]);
    assert!(line.renewals().is_empty());
    line.renew("t2".to_owned());
    assert!(line.renewals().is_empty());
}

#[test]
fn the_others_are_shown_what_the_person_looks_at_now() {
    let mut line = line();
    assert!(!line.has_to_show() && line.track().is_none());
    hear(&mut line, reply("2", "realtime:presence:s", "ok", &json!({})));
    assert!(line.has_to_show());
    line.show(Showing { employee: Some("e".into()), ticket: Some("T1".into()) });
    line.show(Showing { employee: Some("e".into()), ticket: Some("T2".into()) });
    let frame = value(&line.track().unwrap());
    let shown = json!({"type": "presence", "event": "track", "payload": {"employee": "e", "ticket": "T2"}});
    assert_eq!(json!(["2", "realtime:presence:s", "presence", shown]), {
        json!([frame[0], frame[2], frame[3], frame[4]])
    });
    assert!(!line.has_to_show());
}

#[test]
fn lost_presence_takes_nothing_with_it() {
    let mut line = joined();
    let state = json!(["2", null, "realtime:presence:s", "presence_state",
        {"d2": {"metas": [{"phx_ref": "1", "ticket": "T"}]}}]);
    let showing = Showing { employee: None, ticket: Some("T".into()) };
    let present = vec![Present { device: "d2".into(), showing }];
    assert_eq!(Some(Heard::Presence(present)), hear(&mut line, state.clone()));
    let close = json!(["2", "2", "realtime:presence:s", "phx_close", {}]);
    assert_eq!(Some(Heard::Presence(Vec::new())), hear(&mut line, close));
    assert!(line.is_joined() && !line.has_to_show());
    assert_eq!(None, hear(&mut line, state));
}

//! Golden frames of both protocol versions, and frames that are none.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn push(texts: [&str; 5], encoding: u8, content: &[u8]) -> Bytes {
    let mut frame = vec![3];
    frame.extend(texts.map(|text| text.len() as u8));
    frame.push(encoding);
    texts.iter().for_each(|text| frame.extend_from_slice(text.as_bytes()));
    frame.extend_from_slice(content);
    frame.into()
}

fn raw(value: serde_json::Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(&value).unwrap()
}

#[test]
fn both_text_versions_say_the_same() {
    let v1 = r#"{"topic":"realtime:a","event":"phx_join","payload":{"x":1},"ref":"1","join_ref":"1"}"#;
    let v2 = r#"["1","1","realtime:a","phx_join",{"x":1}]"#;
    for (version, text) in [(Version::V1, v1), (Version::V2, v2)] {
        let frame = decode_text(version, text).unwrap();
        assert_eq!((Some("1"), Some("1")), (frame.join_ref.as_deref(), frame.reference.as_deref()));
        let Body::Event(event, payload) = frame.body else { panic!("an event") };
        assert_eq!(("realtime:a", "phx_join", r#"{"x":1}"#), (&*frame.topic, &*event, payload.get()));
    }
}

#[test]
fn a_binary_broadcast_comes_apart_into_its_fields() {
    let frame = push(["1", "2", "realtime:a", "hello", "{}"], 1, br#"{"x":1}"#);
    let frame = decode_binary(Version::V2, &frame).unwrap();
    assert_eq!((Some("1"), Some("2")), (frame.join_ref.as_deref(), frame.reference.as_deref()));
    let Body::Broadcast(event, Content::Json(content)) = frame.body else { panic!("a JSON broadcast") };
    assert_eq!(("realtime:a", "hello", r#"{"x":1}"#), (&*frame.topic, &*event, content.get()));

    let frame = push(["", "", "t", "e", ""], 0, &[0, 255]);
    let frame = decode_binary(Version::V2, &frame).unwrap();
    assert_eq!((None, None), (frame.join_ref, frame.reference));
    assert!(matches!(frame.body, Body::Broadcast(_, Content::Binary(bytes)) if bytes == [0, 255][..]));
}

#[test]
fn golden_frames_to_a_client() {
    let frame = Outbound {
        join_ref: Some("1"),
        reference: Some("2"),
        topic: "phoenix",
        event: "phx_reply",
        payload: &json!({"response": {}, "status": "ok"}),
    };
    assert_eq!(
        Message::text(r#"["1","2","phoenix","phx_reply",{"response":{},"status":"ok"}]"#),
        encode(Version::V2, &frame)
    );
    assert_eq!(
        Message::text(
            r#"{"topic":"phoenix","event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"2"}"#
        ),
        encode(Version::V1, &frame)
    );
}

#[test]
fn golden_broadcasts_in_each_form() {
    let content = Content::Json(raw(json!({"n": 7})));
    let v1 = r#"{"topic":"realtime:a","event":"broadcast","payload":{"type":"broadcast","event":"e","payload":{"n":7}},"ref":null}"#;
    let v2 = r#"[null,null,"realtime:a","broadcast",{"type":"broadcast","event":"e","payload":{"n":7}}]"#;
    let mut text = Broadcast::text("realtime:a", "e", &content);
    assert_eq!(Some(Message::text(v1)), text.frame(Version::V1));
    assert_eq!(Some(Message::text(v2)), text.frame(Version::V2));

    let meta = raw(json!({"id": 1}));
    let mut binary = Broadcast::binary("realtime:a", "e", &content, Some(&meta));
    let expected = b"\x04\x0a\x01\x08\x01realtime:ae{\"id\":1}{\"n\":7}";
    assert_eq!(Some(Message::binary(expected.to_vec())), binary.frame(Version::V2));
    assert_eq!(Some(Message::binary(expected.to_vec())), binary.frame(Version::V2));
}

#[test]
fn raw_bytes_have_no_form_in_version_one() {
    let content = Content::Binary(Bytes::from_static(&[1, 2]));
    let mut broadcast = Broadcast::binary("t", "e", &content, None);
    assert_eq!(None, broadcast.frame(Version::V1));
    assert_eq!(
        Some(Message::binary(b"\x04\x01\x01\x00\x00te\x01\x02".to_vec())),
        broadcast.frame(Version::V2)
    );
}

#[test]
fn frames_cut_short_are_no_frames() {
    let whole = push(["1", "2", "realtime:a", "hello", "{}"], 1, br#"{"x":1}"#);
    for length in 0..whole.len() {
        assert!(decode_binary(Version::V2, &whole.slice(..length)).is_err(), "{length}");
    }
    assert!(decode_binary(Version::V1, &whole).is_err());
    assert!(decode_text(Version::V2, r#"["1","1","t","e"]"#).is_err());
    assert!(decode_text(Version::V2, &"[".repeat(100_000)).is_err());
}

proptest! {
    #[test]
    fn no_bytes_upset_the_decoder(bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0..5_u8) {
        let mut framed = vec![kind];
        framed.extend_from_slice(&bytes);
        for version in [Version::V1, Version::V2] {
            if let Ok(frame) = decode_binary(version, &framed.clone().into()) {
                prop_assert!(frame.topic.len() <= framed.len());
            }
            prop_assert!(decode_text(version, &String::from_utf8_lossy(&bytes)).is_err());
        }
    }

    #[test]
    fn no_text_upsets_the_decoder(text in r#"[\[\]{}",:a-z0-9 ]{0,200}"#) {
        for version in [Version::V1, Version::V2] {
            if let Ok(frame) = decode_text(version, &text) {
                prop_assert!(frame.topic.len() <= text.len());
            }
        }
    }

    #[test]
    fn every_json_payload_arrives_as_it_was_sent(topic in "[a-z:]{1,50}", event in "[a-z]{0,50}", n: i64) {
        let content = json!({"n": n, "s": topic}).to_string();
        let frame = decode_binary(Version::V2, &push(["", "9", &topic, &event, ""], 1, content.as_bytes())).unwrap();
        let Body::Broadcast(name, Content::Json(read)) = frame.body else { panic!("a JSON broadcast") };
        prop_assert_eq!((frame.topic, name, read.get()), (topic, event, content.as_str()));
    }
}

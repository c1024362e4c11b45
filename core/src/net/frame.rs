//! Phoenix frames of version 2, as Realtime speaks them: arrays in text, and user broadcasts in binary form.
//!
//! Whatever bytes arrive, decoding ends in a frame or in nothing, and holds no more than a few times their size.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A broadcast from another client or from the server.
const USER_BROADCAST: u8 = 4;
/// The payload of a binary frame is JSON.
const JSON: u8 = 1;

/// A frame from the server.
#[derive(Debug)]
pub(super) struct Frame {
    /// The instance of the channel that it is meant for, where it is meant for one.
    pub(super) join_ref: Option<String>,
    /// The frame that it answers, where it answers one.
    pub(super) reference: Option<String>,
    /// The channel's topic.
    pub(super) topic: String,
    /// What it says.
    pub(super) body: Body,
}

/// What a frame says.
#[derive(Debug)]
pub(super) enum Body {
    /// The answer to a frame of ours, with the reason if it is a refusal.
    Reply(Result<(), String>),
    /// A broadcast with a JSON payload.
    Broadcast {
        /// Its event.
        event: String,
        /// Its payload.
        payload: Box<RawValue>,
    },
    /// Everybody who is there.
    PresenceState(Box<RawValue>),
    /// Who came and who went.
    PresenceDiff(Box<RawValue>),
    /// The server says what is wrong with the channel.
    Wrong(String),
    /// The channel is over.
    Closed,
    /// Anything else.
    Other,
}

type Array = (Option<String>, Option<String>, String, String, Box<RawValue>);

/// How something went: the server's answer, or what it says of the channel by itself.
#[derive(Deserialize)]
struct Went {
    status: String,
    #[serde(default)]
    response: Value,
    #[serde(default)]
    message: Value,
}

#[derive(Deserialize)]
struct Broadcast {
    event: String,
    payload: Box<RawValue>,
}

/// Reads a text frame.
pub(super) fn decode_text(text: &str) -> Option<Frame> {
    let (join_ref, reference, topic, event, payload): Array = serde_json::from_str(text).ok()?;
    let body = match event.as_str() {
        "phx_reply" => {
            let Went { status, response, .. } = serde_json::from_str(payload.get()).ok()?;
            let reason = || response["reason"].as_str().unwrap_or_default().to_owned();
            Body::Reply(if status == "ok" { Ok(()) } else { Err(reason()) })
        }
        "broadcast" => {
            let Broadcast { event, payload } = serde_json::from_str(payload.get()).ok()?;
            Body::Broadcast { event, payload }
        }
        "presence_state" => Body::PresenceState(payload),
        "presence_diff" => Body::PresenceDiff(payload),
        "system" => {
            let Went { status, message, .. } = serde_json::from_str(payload.get()).ok()?;
            match status.as_str() {
                "error" => Body::Wrong(message.as_str().unwrap_or_default().to_owned()),
                _ => Body::Other,
            }
        }
        "phx_close" | "phx_error" => Body::Closed,
        _ => Body::Other,
    };
    Some(Frame { join_ref, reference, topic, body })
}

/// Reads a binary frame: a user broadcast with a JSON payload. No other kind is of use here.
pub(super) fn decode_binary(frame: &[u8]) -> Option<Frame> {
    let [USER_BROADCAST, topic, event, meta, JSON, rest @ ..] = frame else { return None };
    let (topic, rest) = rest.split_at_checked(usize::from(*topic))?;
    let (event, rest) = rest.split_at_checked(usize::from(*event))?;
    let (_, payload) = rest.split_at_checked(usize::from(*meta))?;
    let text = |bytes| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let body = Body::Broadcast { event: text(event)?, payload: super::json::read(payload)? };
    Some(Frame { join_ref: None, reference: None, topic: text(topic)?, body })
}

/// Writes a frame.
pub(super) fn encode(
    join_ref: Option<&str>,
    reference: &str,
    topic: &str,
    event: &str,
    payload: impl Serialize,
) -> String {
    json!([join_ref, reference, topic, event, json!(payload)]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "realtime:shop:1";

    fn body(text: &str) -> Body {
        decode_text(text).unwrap().body
    }

    /// A frame as the server writes it.
    fn binary(kind: u8, encoding: u8, texts: [&str; 3], content: &[u8]) -> Vec<u8> {
        let mut frame = vec![kind];
        frame.extend(texts.map(|text| text.len() as u8));
        frame.push(encoding);
        texts.iter().for_each(|text| frame.extend_from_slice(text.as_bytes()));
        frame.extend_from_slice(content);
        frame
    }

    #[test]
    fn frames_are_written_as_the_wire_has_them() {
        let beat = encode(None, "7", "phoenix", "heartbeat", json!({}));
        assert_eq!(r#"[null,"7","phoenix","heartbeat",{}]"#, beat);
        let token = encode(Some("1"), "3", TOPIC, "access_token", json!({"access_token": "a.b.c"}));
        assert_eq!(r#"["1","3","realtime:shop:1","access_token",{"access_token":"a.b.c"}]"#, token);
    }

    #[test]
    fn replies_say_yes_or_why_not() {
        let ok =
            r#"["1","1","realtime:shop:1","phx_reply",{"status":"ok","response":{"postgres_changes":[]}}]"#;
        let frame = decode_text(ok).unwrap();
        assert_eq!((Some("1"), Some("1")), (frame.join_ref.as_deref(), frame.reference.as_deref()));
        assert!(matches!(frame.body, Body::Reply(Ok(()))));
        let no = r#"["1","1","realtime:shop:1","phx_reply",{"status":"error","response":{"reason":"Unauthorized: x"}}]"#;
        assert!(matches!(body(no), Body::Reply(Err(reason)) if reason == "Unauthorized: x"));
        let bare = r#"["1","2","t","phx_reply",{"status":"error","response":"payload_size_exceeded"}]"#;
        assert!(matches!(body(bare), Body::Reply(Err(reason)) if reason.is_empty()));
        let beat = r#"[null,"7","phoenix","phx_reply",{"status":"ok","response":{}}]"#;
        assert!(matches!(body(beat), Body::Reply(Ok(()))));
    }

    #[test]
    fn a_broadcast_is_read_from_text_and_from_binary() {
        let payload = r#"{"epoch":"e","n":7,"tag":"t"}"#;
        let text = format!(
            r#"[null,null,"{TOPIC}","broadcast",{{"type":"broadcast","event":"poke","payload":{payload},"meta":{{"id":"m"}}}}]"#
        );
        for meta in ["", r#"{"id":"m"}"#] {
            let binary = binary(4, 1, [TOPIC, "poke", meta], payload.as_bytes());
            for frame in [decode_text(&text).unwrap(), decode_binary(&binary).unwrap()] {
                assert_eq!((TOPIC, None), (frame.topic.as_str(), frame.join_ref));
                let Body::Broadcast { event, payload: read } = frame.body else { panic!("a broadcast") };
                assert_eq!(("poke", payload), (event.as_str(), read.get()));
            }
        }
    }

    #[test]
    fn the_server_says_what_is_wrong_and_closes() {
        let wrong = r#"["1",null,"t","system",{"extension":"system","status":"error","message":"Token has expired 0 seconds ago","channel":"shop:1"}]"#;
        assert!(matches!(body(wrong), Body::Wrong(message) if message.starts_with("Token has expired")));
        let fine = r#"["1",null,"t","system",{"extension":"system","status":"ok","message":"Subscribed to PostgreSQL"}]"#;
        assert!(matches!(body(fine), Body::Other));
        assert!(matches!(body(r#"["1","1","t","phx_close",{}]"#), Body::Closed));
        assert!(matches!(body(r#"["1",null,"t","phx_error",{}]"#), Body::Closed));
        assert!(matches!(body(r#"["1",null,"t","brand_new",[1]]"#), Body::Other));
    }

    #[test]
    fn bytes_that_are_no_frame_are_nothing() {
        for text in ["", "{}", "[]", "[1,2,3,4,5]", r#"["1","1","t","phx_reply",5]"#, r#"["1","1","t"]"#] {
            assert!(decode_text(text).is_none(), "{text}");
        }
        let whole = binary(4, 1, [TOPIC, "poke", "{}"], b"{}");
        for length in 0..whole.len() {
            assert!(decode_binary(&whole[..length]).is_none(), "{length}");
        }
        for strange in [
            binary(3, 1, [TOPIC, "poke", ""], b"{}"),
            binary(4, 0, [TOPIC, "poke", ""], b"{}"),
            binary(4, 2, [TOPIC, "poke", ""], b"{}"),
            binary(4, 1, [TOPIC, "poke", ""], b"{"),
            vec![4, 255, 255, 255, 1],
            vec![4, 1, 0, 0, 1, 0xff, b'1'],
        ] {
            assert!(decode_binary(&strange).is_none());
        }
    }
}

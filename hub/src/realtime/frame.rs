//! Phoenix frames: version 1 (JSON objects), version 2 (JSON arrays), and the binary user broadcasts of version 2.
//!
//! Whatever bytes arrive, decoding ends in a frame or an error, and holds no more memory than a few times their size.

use axum::body::Bytes;
use axum::extract::ws::Message;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `vsn=1.0.0`.
    V1,
    /// `vsn=2.0.0`.
    V2,
}

impl Version {
    /// The version that a client asked for; without asking it speaks the first.
    pub fn parse(vsn: Option<&str>) -> Option<Version> {
        match vsn {
            None | Some("1.0.0") => Some(Version::V1),
            Some("2.0.0") => Some(Version::V2),
            Some(_) => None,
        }
    }
}

/// A frame from a client.
#[derive(Debug)]
pub struct Inbound {
    /// Which instance of the channel it belongs to.
    pub join_ref: Option<String>,
    /// What its reply names.
    pub reference: Option<String>,
    /// The channel's topic.
    pub topic: String,
    /// What it is and carries.
    pub body: Body,
}

/// What a frame from a client carries.
#[derive(Debug)]
pub enum Body {
    /// An event with a JSON payload.
    Event(String, Box<RawValue>),
    /// A broadcast in binary form.
    Broadcast(String, Content),
}

/// What a broadcast carries.
#[derive(Clone, Debug)]
pub enum Content {
    /// JSON.
    Json(Box<RawValue>),
    /// Raw bytes.
    Binary(Bytes),
}

/// The bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a frame of the agreed version")]
pub struct BadFrame;

#[derive(Deserialize)]
struct Object {
    topic: String,
    event: String,
    payload: Box<RawValue>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    join_ref: Option<String>,
}

type Array = (Option<String>, Option<String>, String, String, Box<RawValue>);

const PUSH: u8 = 0;
const USER_BROADCAST_PUSH: u8 = 3;
const USER_BROADCAST: u8 = 4;
const RAW: u8 = 0;
const JSON: u8 = 1;

/// Reads a text frame.
pub fn decode_text(version: Version, text: &str) -> Result<Inbound, BadFrame> {
    match version {
        Version::V1 => {
            let Object { topic, event, payload, reference, join_ref } =
                serde_json::from_str(text).map_err(|_| BadFrame)?;
            Ok(Inbound { join_ref, reference, topic, body: Body::Event(event, payload) })
        }
        Version::V2 => {
            let (join_ref, reference, topic, event, payload): Array =
                serde_json::from_str(text).map_err(|_| BadFrame)?;
            Ok(Inbound { join_ref, reference, topic, body: Body::Event(event, payload) })
        }
    }
}

/// Reads a binary frame.
pub fn decode_binary(version: Version, frame: &Bytes) -> Result<Inbound, BadFrame> {
    match (version, frame.first()) {
        (Version::V2, Some(&USER_BROADCAST_PUSH)) => {
            let ([join_ref, reference, topic, event, _meta], encoding, content) = fields::<5>(frame, true)?;
            let content = match encoding {
                RAW => Content::Binary(content),
                JSON => Content::Json(json(&content)?),
                2.. => return Err(BadFrame),
            };
            let (join_ref, reference) = (some(join_ref), some(reference));
            Ok(Inbound { join_ref, reference, topic, body: Body::Broadcast(event, content) })
        }
        (Version::V2, Some(&PUSH)) => {
            let ([join_ref, reference, topic, event], _, _) = fields::<4>(frame, false)?;
            let (join_ref, reference) = (some(join_ref), some(reference));
            Ok(Inbound { join_ref, reference, topic, body: Body::Event(event, empty()) })
        }
        (Version::V1 | Version::V2, _) => Err(BadFrame),
    }
}

/// A frame's texts, its encoding if it has one, and the rest.
fn fields<const N: usize>(frame: &Bytes, encoded: bool) -> Result<([String; N], u8, Bytes), BadFrame> {
    let head = 1 + N + usize::from(encoded);
    let lengths = frame.get(1..=N).ok_or(BadFrame)?;
    let encoding = if encoded { *frame.get(head - 1).ok_or(BadFrame)? } else { RAW };
    let mut at = head;
    let mut texts = [const { String::new() }; N];
    for (text, length) in texts.iter_mut().zip(lengths) {
        let end = at + usize::from(*length);
        let bytes = frame.get(at..end).ok_or(BadFrame)?;
        *text = std::str::from_utf8(bytes).map_err(|_| BadFrame)?.to_owned();
        at = end;
    }
    Ok((texts, encoding, frame.slice(at..)))
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn empty() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

/// Bytes that are one JSON value.
pub fn json(bytes: &[u8]) -> Result<Box<RawValue>, BadFrame> {
    serde_json::from_slice(bytes).map_err(|_| BadFrame)
}

/// A frame to a client.
pub struct Outbound<'a, P> {
    /// The instance of the channel, for what only that instance should see.
    pub join_ref: Option<&'a str>,
    /// The `ref` of the frame that this one answers.
    pub reference: Option<&'a str>,
    /// The channel's topic.
    pub topic: &'a str,
    /// The event.
    pub event: &'a str,
    /// Its payload.
    pub payload: &'a P,
}

#[derive(Serialize)]
struct ObjectOut<'a, P> {
    topic: &'a str,
    event: &'a str,
    payload: &'a P,
    #[serde(rename = "ref")]
    reference: Option<&'a str>,
}

/// Writes a text frame.
pub fn encode<P: Serialize>(version: Version, frame: &Outbound<'_, P>) -> Message {
    let Outbound { join_ref, reference, topic, event, payload } = *frame;
    let text = match version {
        Version::V1 => serde_json::to_string(&ObjectOut { topic, event, payload, reference }),
        Version::V2 => serde_json::to_string(&(join_ref, reference, topic, event, payload)),
    };
    // Payloads are JSON values and maps with text keys: they always have a text.
    Message::text(text.unwrap_or_default())
}

/// A broadcast on its way to many sockets, written at most once for each version.
pub struct Broadcast<'a> {
    topic: &'a str,
    event: &'a str,
    content: &'a Content,
    meta: Option<&'a RawValue>,
    binary: bool,
    v1: Option<Message>,
    v2: Option<Message>,
}

#[derive(Serialize)]
struct BroadcastPayload<'a> {
    r#type: &'static str,
    event: &'a str,
    payload: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<&'a RawValue>,
}

impl<'a> Broadcast<'a> {
    /// A broadcast that sockets of version 2 get as text.
    pub fn text(topic: &'a str, event: &'a str, content: &'a Content) -> Broadcast<'a> {
        Broadcast { topic, event, content, meta: None, binary: false, v1: None, v2: None }
    }

    /// A broadcast that sockets of version 2 get in binary form. `topic`, `event` and `meta` are at most 255 bytes.
    pub fn binary(
        topic: &'a str,
        event: &'a str,
        content: &'a Content,
        meta: Option<&'a RawValue>,
    ) -> Broadcast<'a> {
        Broadcast { topic, event, content, meta, binary: true, v1: None, v2: None }
    }

    /// The frame for a socket; nothing if its version has no form for the content.
    pub fn frame(&mut self, version: Version) -> Option<Message> {
        let written = match version {
            Version::V1 => &self.v1,
            Version::V2 => &self.v2,
        };
        if written.is_some() {
            return written.clone();
        }
        let frame = match (version, self.binary) {
            (Version::V2, true) => self.binary_frame(),
            (Version::V1, _) | (Version::V2, false) => self.text_frame(version)?,
        };
        match version {
            Version::V1 => self.v1 = Some(frame.clone()),
            Version::V2 => self.v2 = Some(frame.clone()),
        }
        Some(frame)
    }

    fn text_frame(&self, version: Version) -> Option<Message> {
        let Content::Json(payload) = self.content else { return None };
        let payload = BroadcastPayload { r#type: "broadcast", event: self.event, payload, meta: self.meta };
        let (topic, event) = (self.topic, "broadcast");
        Some(encode(version, &Outbound { join_ref: None, reference: None, topic, event, payload: &payload }))
    }

    fn binary_frame(&self) -> Message {
        let (encoding, content) = match self.content {
            Content::Json(json) => (JSON, json.get().as_bytes()),
            Content::Binary(bytes) => (RAW, bytes.as_ref()),
        };
        let texts = [self.topic, self.event, self.meta.map_or("", RawValue::get)];
        let mut frame = vec![USER_BROADCAST];
        frame.extend(texts.map(|text| text.len().min(255) as u8));
        frame.push(encoding);
        for text in texts {
            frame.extend_from_slice(&text.as_bytes()[..text.len().min(255)]);
        }
        frame.extend_from_slice(content);
        Message::binary(frame)
    }
}

#[cfg(test)]
mod tests;

//! A realtime client that speaks frames by hand.

use crate::desk::{Desk, PATIENCE};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    v2: bool,
}

impl Socket {
    pub(crate) async fn open(desk: &Desk) -> Socket {
        Socket::with(desk, "&vsn=2.0.0", &desk.keys.anon).await
    }

    pub(crate) async fn with(desk: &Desk, query: &str, key: &str) -> Socket {
        let url = format!("ws://{}/realtime/v1/websocket?apikey={key}{query}", desk.address);
        let (stream, _) = connect_async(url).await.unwrap();
        Socket { stream, v2: query.contains("2.0.0") }
    }

    pub(crate) async fn raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// Sends `[join_ref, ref, topic, event, payload]`.
    pub(crate) async fn send(&mut self, frame: Value) {
        let text = if self.v2 {
            frame.to_string()
        } else {
            json!({"join_ref": frame[0], "ref": frame[1], "topic": frame[2], "event": frame[3], "payload": frame[4]})
                .to_string()
        };
        self.raw(Message::text(text)).await;
    }

    /// The next message of any kind; nothing when the connection is over.
    pub(crate) async fn message(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.stream.next()).await.unwrap();
        next.and_then(Result::ok)
    }

    /// The next frame, as the five parts of version 2.
    pub(crate) async fn next(&mut self) -> Value {
        let Some(Message::Text(text)) = self.message().await else { panic!("no text frame") };
        let frame: Value = serde_json::from_str(&text).unwrap();
        if self.v2 {
            return frame;
        }
        json!([frame["join_ref"], frame["ref"], frame["topic"], frame["event"], frame["payload"]])
    }

    /// The code with which the hub closes.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.message().await {
                Some(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                None => return None,
                Some(_) => {}
            }
        }
    }

    /// Nothing was on its way: the answer to a heartbeat comes next.
    pub(crate) async fn is_quiet(&mut self) {
        self.send(json!([null, "quiet", "phoenix", "heartbeat", {}])).await;
        let quiet = json!([null, "quiet", "phoenix", "phx_reply", {"response": {}, "status": "ok"}]);
        assert_eq!(quiet, self.next().await);
    }

    /// Joins a private topic, and gives the reply's payload.
    pub(crate) async fn join(&mut self, topic: &str, token: &str, config: Value) -> Value {
        let mut config = config;
        config["private"] = json!(true);
        self.send(json!(["1", "1", topic, "phx_join", {"config": config, "access_token": token}])).await;
        let reply = self.next().await;
        assert_eq!(json!([topic, "phx_reply"]), json!([reply[2], reply[3]]));
        reply[4].clone()
    }
}

/// A binary broadcast of version 2, as the official client sends every broadcast.
pub(crate) fn binary(
    join_ref: &str,
    reference: &str,
    topic: &str,
    event: &str,
    encoding: u8,
    content: &[u8],
) -> Message {
    let texts = [join_ref, reference, topic, event, ""];
    let mut frame = vec![3];
    frame.extend(texts.map(|text| text.len() as u8));
    frame.push(encoding);
    texts.iter().for_each(|text| frame.extend_from_slice(text.as_bytes()));
    frame.extend_from_slice(content);
    Message::binary(frame)
}

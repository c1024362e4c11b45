//! A shop's two channels on one socket: the one on which the server pokes, and the one that shows who is there.
//!
//! Pure: frames go in, frames and news come out. The shop's channel is what the socket lives for; presence comes and
//! goes beside it and takes nothing with it.

use super::classify::NoAnswer;
use super::frame::{Body, Frame, encode};
use super::presence::{Present, Roster, Showing};
use crate::sync::Cursor;
use crate::sync::wire::Poke;
use serde_json::{Value, json};
use thiserror::Error as ThisError;

const POKE: &str = "poke";
const HEARTBEATS: &str = "phoenix";

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The shop's channel is joined: whatever was poked before is to be pulled.
    Joined,
    /// There is a commit.
    Poked(Cursor),
    /// Who is there now; nobody is known to be when presence is lost.
    Presence(Vec<Present>),
    /// The shop's channel is lost, and nothing more will be heard.
    Lost(Lost),
}

/// Why a channel is lost.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Lost {
    /// The connection could not be made, or broke off.
    #[error(transparent)]
    Network(#[from] NoAnswer),
    /// The server stopped answering.
    #[error("the server stopped answering")]
    Silent,
    /// The server does not accept the token: renew it, then join again.
    #[error("the server does not accept the token")]
    Unauthorised,
    /// The account may not hear this shop.
    #[error("the account is no member of the shop")]
    NoShop,
    /// Too many connections, joins or messages.
    #[error("too many requests")]
    Limited,
    /// The server closed the channel, or would not open it now.
    #[error("the server closed the channel")]
    Closed,
}

impl Lost {
    /// What a server's reason means.
    fn because(reason: &str) -> Lost {
        let begins = |words: &[&str]| words.iter().any(|word| reason.starts_with(word));
        let token = ["InvalidJWTToken", "MalformedJWT", "Jwt", "Token has expired"];
        if begins(&token) {
            Lost::Unauthorised
        } else if begins(&["Unauthorized", "You no longer have permission"]) {
            Lost::NoShop
        } else if reason.contains("RateLimit") || reason.contains("rate limit") || begins(&["Too many"]) {
            Lost::Limited
        } else {
            Lost::Closed
        }
    }
}

struct Channel {
    topic: String,
    join_ref: String,
    joined: bool,
    /// The token that the server has for it.
    token: String,
    /// What the server said was wrong, before it closes.
    wrong: Option<Lost>,
}

/// What a frame means for one channel.
enum News {
    Joined,
    Over(Lost),
    Said(Body),
    Nothing,
}

impl Channel {
    fn new(topic: String, join_ref: String, token: &str) -> Channel {
        Channel { topic, join_ref, joined: false, token: token.to_owned(), wrong: None }
    }

    fn join(&self, presence: &Value) -> String {
        let broadcast = json!({"ack": false, "self": false});
        let config =
            json!({"broadcast": broadcast, "presence": presence, "postgres_changes": [], "private": true});
        let payload = json!({"config": config, "access_token": self.token});
        encode(Some(&self.join_ref), &self.join_ref, &self.topic, "phx_join", payload)
    }

    fn hear(&mut self, frame: Frame) -> News {
        if frame.join_ref.is_some_and(|instance| instance != self.join_ref) {
            return News::Nothing;
        }
        let answers_join = frame.reference.as_ref() == Some(&self.join_ref);
        match frame.body {
            Body::Reply(Ok(())) if answers_join && !self.joined => {
                self.joined = true;
                News::Joined
            }
            Body::Reply(Err(reason)) if answers_join => News::Over(Lost::because(&reason)),
            Body::Reply(_) | Body::Other => News::Nothing,
            Body::Wrong(message) => {
                self.wrong = Some(Lost::because(&message));
                News::Nothing
            }
            Body::Closed => News::Over(self.wrong.take().unwrap_or(Lost::Closed)),
            said @ (Body::Broadcast { .. } | Body::PresenceState(_) | Body::PresenceDiff(_)) => {
                News::Said(said)
            }
        }
    }
}

/// Both channels, and what keeps their socket alive.
pub(super) struct Line {
    shop: Channel,
    presence: Option<Channel>,
    roster: Roster,
    device: String,
    token: String,
    showing: Showing,
    shown: Option<Showing>,
    next_ref: u64,
    beat: Option<String>,
}

impl Line {
    /// The channels of a shop, not joined yet.
    pub(super) fn new(shop: &str, device: &str, token: String, showing: Showing) -> Line {
        Line {
            shop: Channel::new(format!("realtime:shop:{shop}"), "1".to_owned(), &token),
            presence: Some(Channel::new(format!("realtime:presence:{shop}"), "2".to_owned(), &token)),
            roster: Roster::default(),
            device: device.to_owned(),
            token,
            showing,
            shown: None,
            next_ref: 3,
            beat: None,
        }
    }

    /// The frames that join both.
    pub(super) fn joins(&self) -> Vec<String> {
        let mut frames = vec![self.shop.join(&json!({"enabled": false}))];
        let presence = json!({"enabled": true, "key": self.device});
        frames.extend(self.presence.as_ref().map(|channel| channel.join(&presence)));
        frames
    }

    /// Whether the shop's channel is joined.
    pub(super) fn is_joined(&self) -> bool {
        self.shop.joined
    }

    /// Takes in a frame.
    pub(super) fn hear(&mut self, frame: Frame) -> Option<Heard> {
        if frame.topic == HEARTBEATS {
            if frame.reference == self.beat {
                self.beat = None;
            }
            return None;
        }
        if frame.topic == self.shop.topic {
            return match self.shop.hear(frame) {
                News::Joined => Some(Heard::Joined),
                News::Over(why) => Some(Heard::Lost(why)),
                News::Said(body) => poke(&body),
                News::Nothing => None,
            };
        }
        let presence = self.presence.as_mut().filter(|presence| presence.topic == frame.topic)?;
        match presence.hear(frame) {
            News::Over(_) => {
                self.presence = None;
                self.roster = Roster::default();
                Some(Heard::Presence(Vec::new()))
            }
            News::Said(Body::PresenceState(state)) => self.roster.tell(&state).then(|| self.present()),
            News::Said(Body::PresenceDiff(diff)) => self.roster.change(&diff).then(|| self.present()),
            News::Said(_) | News::Joined | News::Nothing => None,
        }
    }

    fn present(&self) -> Heard {
        Heard::Presence(self.roster.present())
    }

    /// The next heartbeat; nothing if the last one was not answered.
    pub(super) fn beat(&mut self) -> Option<String> {
        if self.beat.is_some() {
            return None;
        }
        let reference = self.reference();
        let frame = encode(None, &reference, HEARTBEATS, "heartbeat", json!({}));
        self.beat = Some(reference);
        Some(frame)
    }

    /// Takes in a new token.
    pub(super) fn renew(&mut self, token: String) {
        self.token = token;
    }

    /// The frames that tell every joined channel the token, where it does not have it.
    pub(super) fn renewals(&mut self) -> Vec<String> {
        let Line { shop, presence, token, next_ref, .. } = self;
        let stale = std::iter::once(shop).chain(presence).filter(|it| it.joined && it.token != *token);
        let tell = |channel: &mut Channel| {
            channel.token.clone_from(token);
            let reference = next_ref.to_string();
            *next_ref += 1;
            let payload = json!({"access_token": token});
            encode(Some(&channel.join_ref), &reference, &channel.topic, "access_token", payload)
        };
        stale.map(tell).collect()
    }

    /// Takes in what the person shows.
    pub(super) fn show(&mut self, showing: Showing) {
        self.showing = showing;
    }

    /// Whether the others are shown something else.
    pub(super) fn has_to_show(&self) -> bool {
        let joined = self.presence.as_ref().is_some_and(|presence| presence.joined);
        joined && self.shown.as_ref() != Some(&self.showing)
    }

    /// The frame that shows it.
    pub(super) fn track(&mut self) -> Option<String> {
        let reference = self.reference();
        let presence = self.presence.as_ref().filter(|presence| presence.joined)?;
        self.shown = Some(self.showing.clone());
        let payload = json!({"type": "presence", "event": "track", "payload": self.showing});
        Some(encode(Some(&presence.join_ref), &reference, &presence.topic, "presence", payload))
    }

    fn reference(&mut self) -> String {
        let reference = self.next_ref.to_string();
        self.next_ref += 1;
        reference
    }
}

fn poke(body: &Body) -> Option<Heard> {
    let Body::Broadcast { event, payload } = body else { return None };
    if event != POKE {
        return None;
    }
    let Poke { head } = serde_json::from_str(payload.get()).ok()?;
    Some(Heard::Poked(head))
}

#[cfg(test)]
mod tests;

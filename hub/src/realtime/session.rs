//! What one socket says and hears: its frames in order, its channels, and the checks that its tokens need.

use super::access::{may_listen, may_send, subtopic};
use super::channel::{Channel, Trust, reason};
use super::frame::{Body, Broadcast, Content, Inbound, Outbound, Version, encode};
use super::mailbox::Mailbox;
use super::payload::{Join, PresenceCall, TextBroadcast, new_token};
use super::topics::Member;
use crate::auth::token::TokenError;
use crate::caller::Caller;
use crate::hub::Hub;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The longest topic that fits into a binary frame.
const LONGEST_TOPIC: usize = 255;
/// The most bytes that a channel may show as presence.
const MOST_PRESENCE: usize = 16 * 1024;

/// One socket's side of the conversation.
pub(super) struct Session {
    hub: Arc<Hub>,
    version: Version,
    /// Who the socket is without a person's token.
    connection: Caller,
    mailbox: Mailbox,
    channels: HashMap<String, Channel>,
    accounts: HashSet<Uuid>,
}

/// What a reply answers.
struct Asked {
    join_ref: Option<String>,
    reference: Option<String>,
    topic: String,
}

impl Session {
    pub(super) fn new(hub: Arc<Hub>, version: Version, connection: Caller, mailbox: Mailbox) -> Session {
        Session { hub, version, connection, mailbox, channels: HashMap::new(), accounts: HashSet::new() }
    }

    /// Whether nothing is joined.
    pub(super) fn is_idle(&self) -> bool {
        self.channels.is_empty()
    }

    /// When a token or a membership must be looked at again.
    pub(super) fn next_check(&self) -> Option<Duration> {
        self.channels.values().map(|channel| channel.check_at).min()
    }

    /// Answers one frame.
    pub(super) async fn handle(&mut self, frame: Inbound) {
        let Inbound { join_ref, reference, topic, body } = frame;
        let asked = Asked { join_ref, reference, topic };
        match body {
            Body::Broadcast(event, content) => self.broadcast(&asked, &event, content, true),
            Body::Event(event, payload) => match (asked.topic.as_str(), event.as_str()) {
                ("phoenix", "heartbeat") => self.reply_ok(&asked),
                (_, "phx_join") => self.join(asked, &payload).await,
                (_, "phx_leave") => self.leave(&asked),
                (_, "access_token") => self.new_token(&asked, &payload).await,
                (_, "presence") => self.presence(&asked, &payload),
                (_, "broadcast") => match serde_json::from_str::<TextBroadcast>(payload.get()) {
                    Ok(TextBroadcast { event, payload }) => {
                        let content = Content::Json(payload.unwrap_or_else(|| RawValue::NULL.to_owned()));
                        self.broadcast(&asked, &event, content, false);
                    }
                    Err(_) => self.reply_error(&asked, "Broadcast must name its event"),
                },
                (topic, _) if !self.channels.contains_key(topic) => self.unmatched(&asked),
                _ => {}
            },
        }
    }

    /// Looks again at every token and membership that is due.
    pub(super) async fn check(&mut self) {
        let now = self.hub.clock.elapsed();
        let due = self.channels.iter().filter(|(_, channel)| channel.check_at <= now);
        let due: Vec<(String, Trust)> =
            due.map(|(topic, channel)| (topic.clone(), channel.trust.clone())).collect();
        for (topic, trust) in due {
            self.renew(&topic, trust).await;
        }
    }

    /// Leaves everything: the socket is closing.
    pub(super) fn end(&mut self) {
        for (topic, channel) in self.channels.drain() {
            self.hub.realtime.leave(&topic, channel.id);
        }
        for account in self.accounts.drain() {
            self.hub.realtime.release(account);
        }
    }

    async fn join(&mut self, asked: Asked, payload: &RawValue) {
        let join = Join::read(payload);
        match self.may_join(&asked.topic, &join).await {
            Ok(trust) => self.joined(asked, join, trust),
            Err(reason) => self.reply_error(&asked, &reason),
        }
    }

    async fn may_join(&mut self, topic: &str, join: &Join) -> Result<Trust, String> {
        let named = subtopic(topic).filter(|_| topic.len() <= LONGEST_TOPIC);
        let subtopic = named.ok_or("TopicNameRequired: You must provide a topic name")?;
        if !join.private {
            return Err("PrivateOnly: This project only allows private channels".to_owned());
        }
        let most = self.hub.limits.channels_per_socket;
        if !self.channels.contains_key(topic) && self.channels.len() >= most {
            return Err("ChannelRateLimitReached: Too many channels".to_owned());
        }
        let trust = self.believe(join.token.clone()).map_err(reason)?;
        match may_listen(&self.hub, &trust.caller, subtopic).await {
            Ok(true) => {}
            Ok(false) => {
                return Err(format!(
                    "Unauthorized: You do not have permissions to read from this Channel topic: {subtopic}"
                ));
            }
            Err(error) => {
                tracing::error!(%error, "realtime");
                return Err("UnableToConnectToProject: The hub cannot read its database".to_owned());
            }
        }
        self.admit(&trust.caller)?;
        Ok(trust)
    }

    /// Who a token names; without one it is the connection's key.
    fn believe(&self, token: Option<String>) -> Result<Trust, TokenError> {
        let Some(token) = token else {
            return Ok(Trust { caller: self.connection.clone(), token: None, expires_at: None });
        };
        let claims = self.hub.signer.check(&token, self.hub.clock.now_s(), 0)?;
        Ok(Trust { caller: (&claims).into(), token: Some(token), expires_at: Some(claims.exp) })
    }

    /// Counts this socket for the account, once.
    fn admit(&mut self, caller: &Caller) -> Result<(), String> {
        let Caller::Account { id, .. } = caller else { return Ok(()) };
        let most = self.hub.limits.sockets_per_account;
        if self.accounts.contains(id) || self.hub.realtime.admit(*id, most) {
            self.accounts.insert(*id);
            return Ok(());
        }
        Err("ConnectionRateLimitReached: Too many connected users".to_owned())
    }

    fn joined(&mut self, asked: Asked, join: Join, trust: Trust) {
        if let Some(old) = self.channels.remove(&asked.topic) {
            self.close(&asked.topic, &old);
        }
        let id = self.hub.realtime.number();
        let join_ref = asked.join_ref.clone().or_else(|| asked.reference.clone());
        let member = Member {
            version: self.version,
            mailbox: self.mailbox.clone(),
            account: account(&trust.caller),
            join_ref: join_ref.clone(),
            presence: join.presence,
        };
        let reply = json!({"status": "ok", "response": {"postgres_changes": []}});
        let reply = encode(self.version, &asked.outbound("phx_reply", &reply));
        self.hub.realtime.join(&asked.topic, id, member, reply);
        let channel = Channel::new((id, join_ref), join, trust, self.hub.clock.as_ref());
        self.channels.insert(asked.topic, channel);
    }

    fn leave(&mut self, asked: &Asked) {
        self.reply_ok(asked);
        if let Some(channel) = self.channels.remove(&asked.topic) {
            self.close(&asked.topic, &channel);
        }
    }

    /// Tells the client that a channel instance is over, and takes it off its topic.
    fn close(&self, topic: &str, channel: &Channel) {
        self.hub.realtime.leave(topic, channel.id);
        let join_ref = channel.join_ref.as_deref();
        let payload = &json!({});
        self.push(Outbound { join_ref, reference: join_ref, topic, event: "phx_close", payload });
    }

    fn close_because(&mut self, topic: &str, message: &str) {
        let Some(channel) = self.channels.remove(topic) else { return };
        let payload = &json!({
            "extension": "system",
            "status": "error",
            "message": message,
            "channel": subtopic(topic),
        });
        let join_ref = channel.join_ref.as_deref();
        self.push(Outbound { join_ref, reference: None, topic, event: "system", payload });
        self.close(topic, &channel);
    }

    async fn new_token(&mut self, asked: &Asked, payload: &RawValue) {
        let Some(channel) = self.channels.get(&asked.topic) else { return self.unmatched(asked) };
        let Some(token) = new_token(payload) else { return };
        if channel.trust.token.as_ref() == Some(&token) {
            return;
        }
        match self.believe(Some(token)) {
            Ok(trust) => self.renew(&asked.topic, trust).await,
            Err(error) => self.close_because(&asked.topic, &reason(error)),
        }
    }

    /// Goes on with a channel under a token, if that holds and its person may still listen.
    async fn renew(&mut self, topic: &str, trust: Trust) {
        if let Some(ago) = trust.over(self.hub.clock.now_s()) {
            return self.close_because(topic, &format!("Token has expired {ago} seconds ago"));
        }
        let subtopic = subtopic(topic).unwrap_or_default();
        match may_listen(&self.hub, &trust.caller, subtopic).await {
            Ok(true) => {}
            Ok(false) => {
                let lost = "You no longer have permission to read from this Channel topic";
                return self.close_because(topic, &format!("{lost}: {subtopic}"));
            }
            Err(error) => {
                tracing::error!(%error, "realtime");
                return self.close_because(topic, "The hub cannot read its database");
            }
        }
        if let Err(reason) = self.admit(&trust.caller) {
            return self.close_because(topic, &reason);
        }
        if let Some(channel) = self.channels.get_mut(topic) {
            self.hub.realtime.change_account(topic, channel.id, account(&trust.caller));
            channel.trust(trust, self.hub.clock.as_ref());
        }
    }

    fn broadcast(&self, asked: &Asked, event: &str, content: Content, binary: bool) {
        let topic = asked.topic.as_str();
        let Some(channel) = self.channels.get(topic) else { return self.unmatched(asked) };
        if !may_send(&channel.trust.caller, subtopic(topic).unwrap_or_default(), event) {
            return;
        }
        let except = (!channel.to_self).then_some(channel.id);
        let broadcast = if binary {
            Broadcast::binary(topic, event, &content, None)
        } else {
            Broadcast::text(topic, event, &content)
        };
        self.hub.realtime.broadcast(broadcast, topic, except);
        if channel.ack {
            self.reply_ok(asked);
        }
    }

    fn presence(&mut self, asked: &Asked, payload: &RawValue) {
        let topic = asked.topic.as_str();
        let now = self.hub.clock.elapsed();
        let Some(channel) = self.channels.get_mut(topic) else { return self.unmatched(asked) };
        if !channel.presence_call(now) {
            return self.close_because(topic, "Client presence rate limit exceeded");
        }
        if payload.get().len() > MOST_PRESENCE {
            return self.close_because(topic, "Track message size exceeded");
        }
        match PresenceCall::read(payload) {
            PresenceCall::Track(shown) => {
                self.hub.realtime.track(topic, channel.id, &channel.presence_key, shown);
                self.reply_ok(asked);
            }
            PresenceCall::Untrack => {
                self.hub.realtime.untrack(topic, channel.id);
                self.reply_ok(asked);
            }
            PresenceCall::NotAMap => self.reply_error(asked, "Presence track payload must be a map"),
            PresenceCall::Unknown => self.reply_error(asked, "Presence event must be track or untrack"),
        }
    }

    fn unmatched(&self, asked: &Asked) {
        self.reply_error(asked, "unmatched topic");
    }

    fn reply_ok(&self, asked: &Asked) {
        self.push(asked.outbound("phx_reply", &json!({"status": "ok", "response": {}})));
    }

    fn reply_error(&self, asked: &Asked, reason: &str) {
        let payload = json!({"status": "error", "response": {"reason": reason}});
        self.push(asked.outbound("phx_reply", &payload));
    }

    fn push<P: Serialize>(&self, frame: Outbound<'_, P>) {
        self.mailbox.push(encode(self.version, &frame));
    }
}

impl Asked {
    fn outbound<'a>(&'a self, event: &'a str, payload: &'a Value) -> Outbound<'a, Value> {
        let (join_ref, reference) = (self.join_ref.as_deref(), self.reference.as_deref());
        Outbound { join_ref, reference, topic: &self.topic, event, payload }
    }
}

fn account(caller: &Caller) -> Option<Uuid> {
    match caller {
        Caller::Account { id, .. } => Some(*id),
        Caller::Anonymous | Caller::Service => None,
    }
}

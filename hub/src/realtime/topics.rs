//! Who listens to what, in one process.
//!
//! Every change and every fan-out of a topic happens under one lock, so that all members see its messages in one
//! order, and whoever has its join reply misses nothing that came after.

use super::frame::{Broadcast, Content, Outbound, Version, encode};
use super::mailbox::Mailbox;
use super::presence::{Diff, Presence};
use crate::metrics::Metrics;
use axum::extract::ws::Message;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// The event of the hub's own messages on a shop's topic.
pub const POKE: &str = "poke";

/// One channel of one socket, as its topic knows it.
pub(super) struct Member {
    pub(super) version: Version,
    pub(super) mailbox: Mailbox,
    pub(super) account: Option<Uuid>,
    pub(super) join_ref: Option<String>,
    pub(super) presence: bool,
}

#[derive(Default)]
struct Topic {
    members: HashMap<u64, Member>,
    presence: Presence,
}

/// The realtime half of a hub: hand it to whoever commits, so that devices are poked.
pub struct Realtime {
    topics: Mutex<HashMap<String, Topic>>,
    sockets: Mutex<HashMap<Uuid, usize>>,
    next: AtomicU64,
    metrics: Arc<Metrics>,
    pub(super) stopping: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Realtime {
    /// Without topics, without sockets.
    pub fn new() -> Arc<Realtime> {
        Arc::new(Realtime {
            topics: Mutex::default(),
            sockets: Mutex::default(),
            next: AtomicU64::new(1),
            metrics: Arc::default(),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// Tells every device that listens to a shop that there is something to pull. Never waits.
    pub fn poke(&self, shop: Uuid, payload: &Value) {
        let random = crate::secret::bytes().unwrap_or_default();
        let id = uuid::Builder::from_random_bytes(random).into_uuid();
        let mut payload = payload.clone();
        if let Value::Object(fields) = &mut payload {
            fields.entry("id").or_insert_with(|| json!(id));
        }
        let (Ok(payload), Ok(meta)) = (to_raw_value(&payload), to_raw_value(&json!({"id": id}))) else {
            return;
        };
        let topic = format!("realtime:shop:{shop}");
        self.broadcast(Broadcast::binary(&topic, POKE, &Content::Json(payload), Some(&meta)), &topic, None);
    }

    /// Ends all sockets on which an account has joined anything.
    pub fn drop_account(&self, account: Uuid) {
        for topic in self.topics().values() {
            for member in topic.members.values().filter(|member| member.account == Some(account)) {
                member.mailbox.close(1008, "no longer a member");
            }
        }
    }

    /// Ends all sockets on which an account has joined something of a shop.
    pub fn drop_member(&self, shop: Uuid, account: Uuid) {
        let topics = self.topics();
        for name in [format!("realtime:shop:{shop}"), format!("realtime:presence:{shop}")] {
            let members = topics.get(&name).into_iter().flat_map(|topic| topic.members.values());
            for member in members.filter(|member| member.account == Some(account)) {
                member.mailbox.close(1008, "no longer a member");
            }
        }
    }

    /// The shops whose pokes somebody listens to.
    pub fn shops(&self) -> Vec<Uuid> {
        let shop = |name: &String| Uuid::parse_str(name.strip_prefix("realtime:shop:")?).ok();
        self.topics().keys().filter_map(shop).collect()
    }

    /// Closes every socket with a close frame, and waits until they are gone.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The hub's counters.
    pub fn metrics(&self) -> Arc<Metrics> {
        self.metrics.clone()
    }

    /// A number that this process never gave before.
    pub(super) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a socket for an account, unless it has `most` already.
    pub(super) fn admit(&self, account: Uuid, most: usize) -> bool {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        let count = sockets.entry(account).or_default();
        let admitted = *count < most;
        *count += usize::from(admitted);
        admitted
    }

    /// Gives back what [`admit`](Realtime::admit) counted.
    pub(super) fn release(&self, account: Uuid) {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = sockets.entry(account) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// Adds a member, whose mailbox gets the join reply and who is present before anything else of the topic.
    pub(super) fn join(&self, name: &str, channel: u64, member: Member, reply: Message) {
        let mut topics = self.topics();
        let topic = topics.entry(name.to_owned()).or_default();
        member.mailbox.push(reply);
        if member.presence {
            push_people(name, topic, &member);
        }
        topic.members.insert(channel, member);
        self.metrics.channels.inc();
    }

    /// Takes a member off; the others are told that it left.
    pub(super) fn leave(&self, name: &str, channel: u64) {
        let mut topics = self.topics();
        let Some(topic) = topics.get_mut(name) else { return };
        if topic.members.remove(&channel).is_some() {
            self.metrics.channels.dec();
        }
        if let Some(diff) = topic.presence.untrack(channel) {
            push_diff(name, topic, &diff);
        }
        if topic.members.is_empty() {
            topics.remove(name);
        }
    }

    /// A member goes on under another account's token.
    pub(super) fn change_account(&self, name: &str, channel: u64, account: Option<Uuid>) {
        if let Some(member) = self.topics().get_mut(name).and_then(|topic| topic.members.get_mut(&channel)) {
            member.account = account;
        }
    }

    /// Hands a broadcast to every member but `except`.
    pub(super) fn broadcast(&self, mut broadcast: Broadcast<'_>, name: &str, except: Option<u64>) {
        let topics = self.topics();
        let Some(topic) = topics.get(name) else { return };
        for (channel, member) in &topic.members {
            if Some(*channel) != except
                && let Some(frame) = broadcast.frame(member.version)
            {
                member.mailbox.push(frame);
            }
        }
    }

    /// Tracks what a member wants to show.
    pub(super) fn track(&self, name: &str, channel: u64, key: &str, payload: Map<String, Value>) {
        let mut topics = self.topics();
        let Some(topic) = topics.get_mut(name) else { return };
        if let Some(mut member) = topic.members.remove(&channel) {
            if !member.presence {
                member.presence = true;
                push_people(name, topic, &member);
            }
            topic.members.insert(channel, member);
        }
        let phx_ref = format!("c{:x}", self.number());
        if let Some(diff) = topic.presence.track(channel, key, payload, phx_ref) {
            push_diff(name, topic, &diff);
        }
    }

    /// Stops showing a member.
    pub(super) fn untrack(&self, name: &str, channel: u64) {
        let mut topics = self.topics();
        let Some(topic) = topics.get_mut(name) else { return };
        if let Some(diff) = topic.presence.untrack(channel) {
            push_diff(name, topic, &diff);
        }
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<String, Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push_people(name: &str, topic: &Topic, member: &Member) {
    let people = topic.presence.people();
    let join_ref = member.join_ref.as_deref();
    let frame =
        Outbound { join_ref, reference: None, topic: name, event: "presence_state", payload: &people };
    member.mailbox.push(encode(member.version, &frame));
}

fn push_diff(name: &str, topic: &Topic, diff: &Diff) {
    let frame =
        Outbound { join_ref: None, reference: None, topic: name, event: "presence_diff", payload: diff };
    let written = [Version::V1, Version::V2].map(|version| encode(version, &frame));
    for member in topic.members.values().filter(|member| member.presence) {
        let [v1, v2] = &written;
        member.mailbox.push(match member.version {
            Version::V1 => v1.clone(),
            Version::V2 => v2.clone(),
        });
    }
}

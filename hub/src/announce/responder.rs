//! What the hub says on its networks, and when: a state machine without sockets and without a clock.

use super::card::{Card, NotBuilt};
use simple_dns::{CLASS, Name, OPCODE, Packet, PacketFlag, QCLASS, QTYPE, Question, ResourceRecord, TYPE};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// How often a name is asked for before it is used.
const PROBES: u32 = 3;
/// How often its use is told.
const TELLINGS: u32 = 2;
const PROBE_EVERY: Duration = Duration::from_millis(250);
const TELL_EVERY: Duration = Duration::from_secs(1);
/// A record goes to a network at most this often.
const SAY_EVERY: Duration = Duration::from_secs(1);
/// But this often to somebody who is about to take the name.
const DEFEND_EVERY: Duration = Duration::from_millis(250);
/// So many names in a row were taken: somebody takes them on purpose, or two machines fight.
const MANY_NAMES: u32 = 10;
/// Then each next one is tried this slowly.
const PROBE_SLOWLY: Duration = Duration::from_secs(5);
/// The head of a packet.
const HEAD_BYTES: usize = 12;
/// What the shortest question takes.
const QUESTION_BYTES: usize = 5;
/// What the shortest record takes.
const RECORD_BYTES: usize = 11;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Whether the name is free has been asked so often.
    Probing(u32),
    /// It is ours, and that was told so often.
    Telling(u32),
}

/// What the hub says on each of its networks.
pub(super) struct Responder {
    card: Card,
    // By network: the addresses that the hub has there.
    links: Vec<Vec<IpAddr>>,
    state: State,
    next: Option<Duration>,
    renamed: u32,
    // When a record was last said on a network.
    said: BTreeMap<(usize, Vec<u8>), Duration>,
}

impl Responder {
    /// Begins: nothing has been asked yet. `links` are the addresses that the hub has on each network.
    pub(super) fn new(card: Card, links: Vec<Vec<IpAddr>>, now: Duration) -> Responder {
        let state = State::Probing(0);
        Responder { card, links, state, next: Some(now), renamed: 0, said: BTreeMap::new() }
    }

    /// The name that the hub has, or tries.
    pub(super) fn name(&self) -> String {
        self.card.name()
    }

    /// What is said.
    pub(super) fn card(&self) -> &Card {
        &self.card
    }

    /// When there is something to say again.
    pub(super) fn next(&self) -> Option<Duration> {
        self.next
    }

    /// What is to be said now, by network.
    pub(super) fn due(&mut self, now: Duration) -> Result<Vec<(usize, Vec<u8>)>, NotBuilt> {
        if self.next.is_none_or(|next| now < next) {
            return Ok(Vec::new());
        }
        match self.state {
            State::Probing(asked) if asked < PROBES => {
                self.state = State::Probing(asked + 1);
                let every = if self.renamed < MANY_NAMES { PROBE_EVERY } else { PROBE_SLOWLY };
                self.next = Some(now + every);
                self.on_each_link(|responder, at| responder.probe(at))
            }
            State::Probing(_) => self.tell(1, now),
            State::Telling(told) => self.tell(told + 1, now),
        }
    }

    fn tell(&mut self, times: u32, now: Duration) -> Result<Vec<(usize, Vec<u8>)>, NotBuilt> {
        self.state = State::Telling(times);
        self.next = (times < TELLINGS).then_some(now + TELL_EVERY);
        self.on_each_link(|responder, at| {
            let mut reply = reply();
            reply.answers = responder.all(at)?;
            responder.note_said(at, &reply.answers, now)?;
            Ok(reply.build_bytes_vec_compressed()?)
        })
    }

    /// What everybody is told when the hub stops: nothing, if nobody heard of it.
    pub(super) fn goodbye(&mut self) -> Result<Vec<(usize, Vec<u8>)>, NotBuilt> {
        if matches!(self.state, State::Probing(_)) {
            return Ok(Vec::new());
        }
        self.on_each_link(|responder, at| {
            let mut reply = reply();
            // The list of services stays: another hub may be in it.
            reply.answers = responder.card.listed().into_iter().take(1).collect();
            reply.answers.extend(responder.own(at)?);
            reply.answers.iter_mut().for_each(|record| record.ttl = 0);
            Ok(reply.build_bytes_vec_compressed()?)
        })
    }

    /// Takes in a packet of a network, and gives back what is said to it there. What is no packet is not answered.
    pub(super) fn hear(
        &mut self,
        at: usize,
        bytes: &[u8],
        now: Duration,
    ) -> Result<Option<Vec<u8>>, NotBuilt> {
        let Some(packet) = read(bytes) else { return Ok(None) };
        let probing = matches!(self.state, State::Probing(_));
        let taken = if packet.has_flags(PacketFlag::RESPONSE) {
            self.is_somebody_elses(&packet)?
        } else {
            probing && self.loses_against(&packet)?
        };
        if taken {
            self.card.take_next_name();
            self.renamed = self.renamed.saturating_add(1);
            (self.state, self.next) = (State::Probing(0), Some(now));
            self.said.clear();
        }
        if taken || probing || packet.has_flags(PacketFlag::RESPONSE) {
            return Ok(None);
        }
        self.answer(at, &packet, now)
    }

    /// The records that were asked for, and beside them what goes with them.
    fn answer(&mut self, at: usize, packet: &Packet<'_>, now: Duration) -> Result<Option<Vec<u8>>, NotBuilt> {
        let all = self.all(at)?;
        let about_to_take = packet.name_servers.iter().any(|record| self.is_ours(&record.name));
        let every = if about_to_take { DEFEND_EVERY } else { SAY_EVERY };
        let mut reply = reply();
        for record in &all {
            let asked = packet.questions.iter().any(|question| asks(question, record));
            let known = packet.answers.iter().any(|told| knows(told, record));
            if asked && !known && !self.was_said(at, record, now, every)? {
                reply.answers.push(record.clone());
            }
        }
        if reply.answers.is_empty() {
            return Ok(None);
        }
        self.note_said(at, &reply.answers, now)?;
        if reply.answers.iter().any(|record| record.rdata.type_code() == TYPE::PTR) {
            let beside = self.own(at)?.into_iter().filter(|record| !reply.answers.contains(record));
            reply.additional_records = beside.collect();
        }
        Ok(Some(reply.build_bytes_vec_compressed()?))
    }

    /// Whether one of these is of our name and says something else.
    fn is_somebody_elses(&self, packet: &Packet<'_>) -> Result<bool, NotBuilt> {
        let mut ours = Vec::new();
        for at in 0..self.links.len() {
            ours.extend(sorted(&self.own(at)?)?);
        }
        for record in packet.answers.iter().chain(&packet.additional_records) {
            // A time of nought is somebody's goodbye.
            if record.ttl > 0 && self.is_ours(&record.name) && !ours.contains(&content(record)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Somebody else tries the same name at the same time: whoever says the greater keeps it.
    fn loses_against(&self, packet: &Packet<'_>) -> Result<bool, NotBuilt> {
        let theirs: Vec<_> =
            packet.name_servers.iter().filter(|record| self.is_ours(&record.name)).cloned().collect();
        if theirs.is_empty() {
            return Ok(false);
        }
        let theirs = sorted(&theirs)?;
        let mut loses = true;
        for at in 0..self.links.len() {
            let ours = sorted(&self.own(at)?)?;
            // Our own words come back to us, by another of our networks too.
            loses &= theirs > ours;
            if theirs == ours {
                return Ok(false);
            }
        }
        Ok(loses)
    }

    fn is_ours(&self, name: &Name<'_>) -> bool {
        *name == self.card.service() || *name == self.card.host()
    }

    fn probe(&self, at: usize) -> Result<Vec<u8>, NotBuilt> {
        let mut query = Packet::new_query(0);
        query.questions = [self.card.service(), self.card.host()]
            .map(|name| Question::new(name, QTYPE::ANY, QCLASS::CLASS(CLASS::IN), false))
            .into();
        let own = self.own(at)?.into_iter();
        query.name_servers = own.map(|record| record.with_cache_flush(false)).collect();
        Ok(query.build_bytes_vec_compressed()?)
    }

    fn own(&self, at: usize) -> Result<Vec<ResourceRecord<'static>>, NotBuilt> {
        self.card.own(self.links.get(at).map(Vec::as_slice).unwrap_or_default())
    }

    fn all(&self, at: usize) -> Result<Vec<ResourceRecord<'static>>, NotBuilt> {
        let mut all = self.card.listed();
        all.extend(self.own(at)?);
        Ok(all)
    }

    fn on_each_link(
        &mut self,
        packet: impl Fn(&mut Responder, usize) -> Result<Vec<u8>, NotBuilt>,
    ) -> Result<Vec<(usize, Vec<u8>)>, NotBuilt> {
        (0..self.links.len()).map(|at| Ok((at, packet(self, at)?))).collect()
    }

    fn was_said(
        &self,
        at: usize,
        record: &ResourceRecord<'_>,
        now: Duration,
        every: Duration,
    ) -> Result<bool, NotBuilt> {
        Ok(self.said.get(&(at, said_as(record)?)).is_some_and(|then| now < *then + every))
    }

    fn note_said(&mut self, at: usize, said: &[ResourceRecord<'_>], now: Duration) -> Result<(), NotBuilt> {
        for record in said {
            self.said.insert((at, said_as(record)?), now);
        }
        Ok(())
    }
}

/// A packet, if these bytes are one that may concern us.
fn read(bytes: &[u8]) -> Option<Packet<'_>> {
    let count = |at: usize| Some(usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let records = count(6)? + count(8)? + count(10)?;
    // What says that it holds more than it can makes nobody reserve memory for that.
    if HEAD_BYTES + count(4)? * QUESTION_BYTES + records * RECORD_BYTES > bytes.len() {
        return None;
    }
    Packet::parse(bytes).ok().filter(|packet| packet.opcode() == OPCODE::StandardQuery)
}

fn reply() -> Packet<'static> {
    let mut reply = Packet::new_reply(0);
    reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    reply
}

fn asks(question: &Question<'_>, record: &ResourceRecord<'_>) -> bool {
    question.qname == record.name
        && record.match_qclass(question.qclass)
        && (question.qtype == QTYPE::ANY || question.qtype == QTYPE::TYPE(record.rdata.type_code()))
}

/// Whether somebody knows a record, and will for a while.
fn knows(told: &ResourceRecord<'_>, record: &ResourceRecord<'_>) -> bool {
    told.name == record.name && told.rdata == record.rdata && told.ttl >= record.ttl / 2
}

/// What two records are compared by: class, type and data, as they are written.
fn content(record: &ResourceRecord<'_>) -> Result<Vec<u8>, NotBuilt> {
    let mut packet = Packet::new_reply(0);
    let root = Name::new_with_labels(&[]);
    packet.answers = vec![ResourceRecord::new(root, record.class, 0, record.rdata.clone())];
    let bytes = packet.build_bytes_vec()?;
    let part = |place: std::ops::Range<usize>| bytes.get(place).unwrap_or_default();
    // Behind the head: an empty name, type, class, time, length, data.
    Ok([part(15..17), part(13..15), part(23..bytes.len())].concat())
}

fn sorted(records: &[ResourceRecord<'_>]) -> Result<Vec<Vec<u8>>, NotBuilt> {
    let mut contents = records.iter().map(content).collect::<Result<Vec<_>, _>>()?;
    contents.sort();
    Ok(contents)
}

fn said_as(record: &ResourceRecord<'_>) -> Result<Vec<u8>, NotBuilt> {
    Ok([record.name.to_string().into_bytes(), content(record)?].concat())
}

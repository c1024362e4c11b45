//! What is said on a network, as a device reads it. Nothing goes past loopback.

use super::card::Card;
use super::link::Link;
use super::responder::Responder;
use super::tell;
use crate::clock::{Clock, ManualClock};
use proptest::prelude::*;
use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Label, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, ResourceRecord, TYPE};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

const HERE: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7))];
const LATER: Duration = Duration::from_secs(60);

fn card() -> Card {
    Card::new("Counterpart hub", "abcdef0123", 8_443).scheme("https").root(&"ab".repeat(32))
}

/// On one network, and nothing said yet.
fn new() -> Responder {
    Responder::new(card(), vec![HERE.to_vec()], Duration::ZERO)
}

/// All that is said before it waits to be asked, and when that is.
fn settle(responder: &mut Responder) -> Vec<Vec<u8>> {
    let mut said = Vec::new();
    while let Some(next) = responder.next() {
        said.extend(responder.due(next).unwrap().into_iter().map(|(_, packet)| packet));
    }
    said
}

fn settled() -> Responder {
    let mut responder = new();
    settle(&mut responder);
    responder
}

fn name(labels: &[&str]) -> Name<'static> {
    let labels: Vec<_> = labels.iter().map(|label| Label::new_unchecked(label.as_bytes().to_vec())).collect();
    Name::new_with_labels(&labels)
}

fn service() -> Name<'static> {
    name(&["_counterpart", "_tcp", "local"])
}

fn query(name: Name<'static>, kind: QTYPE) -> Packet<'static> {
    let mut query = Packet::new_query(0);
    query.questions.push(Question::new(name, kind, QCLASS::CLASS(CLASS::IN), false));
    query
}

/// What is answered to a question, long after the last answer.
fn answered(responder: &mut Responder, query: &Packet<'_>) -> Option<Packet<'static>> {
    let answer = responder.hear(0, &query.build_bytes_vec().unwrap(), LATER).unwrap()?;
    Some(owned(&answer))
}

fn owned(bytes: &[u8]) -> Packet<'static> {
    let read = Packet::parse(bytes).unwrap();
    let mut packet =
        if read.has_flags(PacketFlag::RESPONSE) { Packet::new_reply(0) } else { Packet::new_query(0) };
    packet.questions = read.questions.into_iter().map(Question::into_owned).collect();
    packet.answers = read.answers.into_iter().map(ResourceRecord::into_owned).collect();
    packet.name_servers = read.name_servers.into_iter().map(ResourceRecord::into_owned).collect();
    packet.additional_records = read.additional_records.into_iter().map(ResourceRecord::into_owned).collect();
    packet
}

fn kinds(records: &[ResourceRecord<'_>]) -> Vec<TYPE> {
    records.iter().map(|record| record.rdata.type_code()).collect()
}

#[test]
fn whoever_looks_for_the_service_learns_everything_in_one_answer() {
    let answer = answered(&mut settled(), &query(service(), TYPE::PTR.into())).unwrap();
    assert!(answer.has_flags(PacketFlag::RESPONSE));
    let own = name(&["Counterpart hub", "_counterpart", "_tcp", "local"]);
    assert!(matches!(&answer.answers[..], [ResourceRecord { rdata: RData::PTR(to), .. }] if to.0 == own));
    assert_eq!(kinds(&answer.additional_records), [TYPE::SRV, TYPE::TXT, TYPE::A, TYPE::AAAA]);
    let mut host = None;
    for record in &answer.additional_records {
        assert!(record.cache_flush, "nobody else says this");
        if let RData::SRV(srv) = &record.rdata {
            assert_eq!((srv.port, srv.target.to_string().as_str()), (8_443, "counterpart-abcdef01.local"));
            host = Some(srv.target.clone());
        } else if let RData::TXT(txt) = &record.rdata {
            let facts = txt.attributes();
            assert_eq!(facts["scheme"].as_deref(), Some("https"));
            assert_eq!(facts["root_sha256"].as_deref(), Some("ab".repeat(32).as_str()));
            assert_eq!(facts["version"].as_deref(), Some(env!("CARGO_PKG_VERSION")));
            assert_eq!(facts.len(), 4, "and nothing else");
        } else if let RData::A(address) = &record.rdata {
            assert_eq!(Ipv4Addr::from(address.address), HERE[0]);
            assert_eq!(Some(&record.name), host.as_ref());
        }
    }
}

#[test]
fn each_of_its_records_can_be_asked_for() {
    let own = || name(&["counterpart HUB", "_Counterpart", "_tcp", "local"]);
    let host = || name(&["counterpart-abcdef01", "local"]);
    let list = || name(&["_services", "_dns-sd", "_udp", "local"]);
    for (name, kind, found) in [
        (own(), QTYPE::from(TYPE::SRV), vec![TYPE::SRV]),
        (own(), TYPE::TXT.into(), vec![TYPE::TXT]),
        (own(), QTYPE::ANY, vec![TYPE::SRV, TYPE::TXT]),
        (host(), TYPE::A.into(), vec![TYPE::A]),
        (host(), TYPE::AAAA.into(), vec![TYPE::AAAA]),
        (list(), TYPE::PTR.into(), vec![TYPE::PTR]),
    ] {
        let answer = answered(&mut settled(), &query(name, kind)).unwrap();
        assert_eq!(kinds(&answer.answers), found);
    }
}

#[test]
fn what_concerns_others_and_what_is_known_is_not_answered() {
    let printer = query(name(&["_ipp", "_tcp", "local"]), TYPE::PTR.into());
    assert!(answered(&mut settled(), &printer).is_none());
    assert!(answered(&mut settled(), &query(service(), TYPE::A.into())).is_none());

    let mut again = query(service(), TYPE::PTR.into());
    again.answers = answered(&mut settled(), &again).unwrap().answers;
    assert!(answered(&mut settled(), &again).is_none());
    again.answers[0].ttl = 10;
    assert!(answered(&mut settled(), &again).is_some(), "soon it is not known any more");
}

#[test]
fn a_record_is_said_once_a_second_however_often_it_is_asked_for() {
    let mut hub = settled();
    let query = query(service(), TYPE::PTR.into()).build_bytes_vec().unwrap();
    let mut at = |ms| hub.hear(0, &query, LATER + Duration::from_millis(ms)).unwrap().is_some();
    assert_eq!([0, 1, 999, 1_000, 1_500, 2_000].map(&mut at), [true, false, false, true, false, true]);
}

#[test]
fn a_name_is_asked_for_three_times_told_twice_and_taken_back_at_the_end() {
    let mut hub = new();
    assert!(hub.goodbye().unwrap().is_empty(), "nobody has heard of it");
    let said: Vec<_> = settle(&mut hub).iter().map(|packet| owned(packet)).collect();
    assert_eq!(said.iter().map(|packet| packet.questions.len()).collect::<Vec<_>>(), [2, 2, 2, 0, 0]);
    assert_eq!(kinds(&said[0].name_servers), [TYPE::SRV, TYPE::TXT, TYPE::A, TYPE::AAAA]);
    assert_eq!(said[3].answers.len(), 6);
    let last = owned(&hub.goodbye().unwrap()[0].1);
    assert_eq!(kinds(&last.answers), [TYPE::PTR, TYPE::SRV, TYPE::TXT, TYPE::A, TYPE::AAAA]);
    assert!(last.answers.iter().all(|record| record.ttl == 0));
}

#[test]
fn nothing_is_answered_before_the_name_is_ones_own() {
    assert!(answered(&mut new(), &query(service(), TYPE::PTR.into())).is_none());
}

/// What another hub with the same name and host says, from another address.
fn another() -> Responder {
    Responder::new(card(), vec![vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9))]], Duration::ZERO)
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let mut hub = new();
    let told = settle(&mut another()).pop().unwrap();
    hub.due(Duration::ZERO).unwrap();
    assert!(hub.hear(0, &told, Duration::ZERO).unwrap().is_none());
    assert_eq!(hub.name(), "Counterpart hub (2)");
    settle(&mut hub);
    let answer = answered(&mut hub, &query(service(), TYPE::PTR.into())).unwrap();
    let host = answer.additional_records.iter().find(|record| record.rdata.type_code() == TYPE::A).unwrap();
    assert_eq!(host.name.to_string(), "counterpart-abcdef01-2.local");
    // The other one's is not its own any more.
    assert!(hub.hear(0, &told, LATER).unwrap().is_none());
    assert_eq!(hub.name(), "Counterpart hub (2)");
}

#[test]
fn a_name_in_use_is_defended_and_a_goodbye_takes_nothing() {
    let (mut hub, mut other) = (settled(), another());
    let probe = other.due(Duration::ZERO).unwrap().remove(0).1;
    let defence = hub.hear(0, &probe, LATER).unwrap().unwrap();
    assert!(other.hear(0, &defence, Duration::ZERO).unwrap().is_none());
    assert_eq!((hub.name().as_str(), other.name().as_str()), ("Counterpart hub", "Counterpart hub (2)"));
    let mut gone = another();
    settle(&mut gone);
    hub.hear(0, &gone.goodbye().unwrap()[0].1, LATER).unwrap();
    assert_eq!(hub.name(), "Counterpart hub");
}

#[test]
fn of_two_that_try_a_name_at_once_one_gets_it() {
    let (mut one, mut other) = (new(), another());
    let [first, second] = [&mut one, &mut other].map(|hub| hub.due(Duration::ZERO).unwrap().remove(0).1);
    one.hear(0, &second, Duration::ZERO).unwrap();
    other.hear(0, &first, Duration::ZERO).unwrap();
    let mut names = [one.name(), other.name()];
    names.sort();
    assert_eq!(names, ["Counterpart hub", "Counterpart hub (2)"]);
}

#[test]
fn its_own_words_are_not_anothers_on_any_of_its_networks() {
    let links = || vec![HERE.to_vec(), vec![IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7))]];
    let mut hub = Responder::new(card(), links(), Duration::ZERO);
    while let Some(next) = hub.next() {
        for (at, packet) in hub.due(next).unwrap() {
            hub.hear(1 - at, &packet, next).unwrap();
        }
    }
    assert_eq!(hub.name(), "Counterpart hub");
}

#[test]
fn a_packet_that_lies_about_its_size_is_not_read() {
    let mut packet = query(service(), TYPE::PTR.into()).build_bytes_vec().unwrap();
    for count in [4, 6, 8, 10] {
        let before = packet[count];
        packet[count] = 0xff;
        assert!(settled().hear(0, &packet, LATER).unwrap().is_none());
        packet[count] = before;
    }
    assert!(settled().hear(0, &packet, LATER).unwrap().is_some());
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        settled().hear(0, &bytes, LATER).unwrap();
        new().hear(0, &bytes, Duration::ZERO).unwrap();
    }

    #[test]
    fn damaged_and_cut_off_packets_do_not_bring_it_down(
        which in 0_usize..5, cut in 0_usize..700, at in 0_usize..700, byte in any::<u8>(),
    ) {
        let mut packet = settle(&mut another()).swap_remove(which);
        let there = at % packet.len();
        packet[there] = byte;
        packet.truncate(packet.len().min(cut));
        for mut hub in [new(), settled()] {
            hub.hear(0, &packet, LATER).unwrap();
            settle(&mut hub);
            hub.goodbye().unwrap();
        }
    }
}

async fn heard(device: &UdpSocket) -> Packet<'static> {
    let mut bytes = vec![0; 9_000];
    let (length, _) = device.recv_from(&mut bytes).await.unwrap();
    owned(&bytes[..length])
}

#[tokio::test]
async fn over_a_socket_a_device_finds_the_hub_and_hears_when_it_goes() {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (device, socket) =
        (UdpSocket::bind(loopback).await.unwrap(), UdpSocket::bind(loopback).await.unwrap());
    let hub = socket.local_addr().unwrap();
    let link = Link::of(socket, device.local_addr().unwrap(), (IpAddr::V4(Ipv4Addr::LOCALHOST), 8));
    let (time, stop) = (ManualClock::at(0), CancellationToken::new());
    let (clock, stopping): (Arc<dyn Clock>, _) = (time.clone(), stop.clone());
    let running = tokio::spawn(async move {
        let mut card = card();
        tell(&mut card, &[link], &clock, &stopping, || true).await.unwrap();
    });
    for wait in [250, 250, 250, 1_000, 10_000] {
        let packet = heard(&device).await;
        assert!(!packet.questions.is_empty() || packet.answers.len() == 5);
        time.advance(Duration::from_millis(wait));
    }
    device.send_to(b"not a packet", hub).await.unwrap();
    device.send_to(&query(service(), TYPE::PTR.into()).build_bytes_vec().unwrap(), hub).await.unwrap();
    let answer = heard(&device).await;
    let address = RData::A(A::from(Ipv4Addr::LOCALHOST));
    assert!(answer.additional_records.iter().any(|record| record.rdata == address));
    stop.cancel();
    let goodbye = heard(&device).await;
    assert!(goodbye.answers.iter().all(|record| record.ttl == 0));
    running.await.unwrap();
}

#[tokio::test]
async fn whoever_asks_from_beyond_the_network_is_not_heard() {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (near, far) =
        (UdpSocket::bind(loopback).await.unwrap(), UdpSocket::bind("127.1.0.1:0").await.unwrap());
    let socket = UdpSocket::bind(loopback).await.unwrap();
    let hub = socket.local_addr().unwrap();
    let link = Link::of(socket, near.local_addr().unwrap(), (IpAddr::V4(Ipv4Addr::LOCALHOST), 24));
    far.send_to(b"far", hub).await.unwrap();
    near.send_to(b"near", hub).await.unwrap();
    assert_eq!(link.hear().await.unwrap(), b"near");
}

//! What the hub says about itself, as DNS records: nothing about the shop but what the operator chose.

use simple_dns::rdata::{A, AAAA, PTR, RData, SRV, TXT};
use simple_dns::{CLASS, Label, Name, ResourceRecord, SimpleDnsError};
use std::net::IpAddr;

/// The service that devices look for.
const SERVICE: [&str; 3] = ["_counterpart", "_tcp", "local"];
/// What a browser of all services asks for.
const SERVICES: [&str; 4] = ["_services", "_dns-sd", "_udp", "local"];
/// How long an address may be remembered, and where the service is.
const ADDRESS_SECONDS: u32 = 120;
/// How long the rest may be remembered.
const REST_SECONDS: u32 = 4_500;
/// Bytes of a name: a label has 63, and a number may have to go behind it.
const LONGEST_NAME: usize = 56;

/// A packet that cannot be written, which is a defect.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotBuilt(#[from] SimpleDnsError);

/// The hub cannot have that name.
#[derive(Debug, thiserror::Error)]
#[error("announce_as: must have 1 to 56 bytes, none of them a control character")]
pub struct BadName;

/// The hub as it is announced.
#[derive(Clone, Debug)]
pub struct Card {
    name: String,
    host: String,
    port: u16,
    facts: Vec<(&'static str, String)>,
    // Which name of this beginning it is: the second has a number.
    number: u32,
}

impl Card {
    /// A hub. `sign` tells it from others: its host's name is made of it.
    pub fn new(name: &str, sign: &str, port: u16) -> Card {
        let facts = vec![("txtvers", "1".to_owned()), ("version", env!("CARGO_PKG_VERSION").to_owned())];
        let host = format!("counterpart-{}", sign.get(..8).unwrap_or(sign));
        Card { name: name.to_owned(), host, port, facts, number: 1 }
    }

    /// Whether the hub can have a name.
    pub fn check_name(name: &str) -> Result<(), BadName> {
        let fits = (1..=LONGEST_NAME).contains(&name.len()) && !name.contains(char::is_control);
        if fits { Ok(()) } else { Err(BadName) }
    }

    /// How it is spoken to: `http` or `https`.
    #[must_use]
    pub fn scheme(mut self, scheme: &str) -> Card {
        self.facts.push(("scheme", scheme.to_owned()));
        self
    }

    /// The fingerprint of the root that its certificate is signed by.
    #[must_use]
    pub fn root(mut self, sha256: &str) -> Card {
        self.facts.push(("root_sha256", sha256.to_owned()));
        self
    }

    /// Another machine has this name.
    pub(super) fn take_next_name(&mut self) {
        self.number = self.number.saturating_add(1);
    }

    /// The name that people see.
    pub(super) fn name(&self) -> String {
        if self.number == 1 { self.name.clone() } else { format!("{} ({})", self.name, self.number) }
    }

    /// The name of this hub's service: nobody else on the network has it.
    pub(super) fn service(&self) -> Name<'static> {
        let label = std::iter::once(Label::new_unchecked(self.name().into_bytes()));
        let labels: Vec<_> =
            label.chain(SERVICE.iter().map(|label| Label::new_unchecked(label.as_bytes()))).collect();
        Name::new_with_labels(&labels)
    }

    /// The name of this machine: nobody else on the network has it.
    pub(super) fn host(&self) -> Name<'static> {
        let host =
            if self.number == 1 { self.host.clone() } else { format!("{}-{}", self.host, self.number) };
        Name::new_with_labels(&[Label::new_unchecked(host.into_bytes()), Label::new_unchecked(&b"local"[..])])
    }

    /// What only this hub says, on a network where it has these addresses.
    pub(super) fn own(&self, addresses: &[IpAddr]) -> Result<Vec<ResourceRecord<'static>>, NotBuilt> {
        let mut txt = TXT::new();
        for (key, value) in &self.facts {
            txt.add_attribute(key, Some(value.as_bytes()))?;
        }
        let srv = SRV { priority: 0, weight: 0, port: self.port, target: self.host() };
        let mut own = vec![
            record(self.service(), ADDRESS_SECONDS, RData::SRV(srv)),
            record(self.service(), REST_SECONDS, RData::TXT(txt)),
        ];
        own.extend(addresses.iter().map(|address| {
            let address = match address {
                IpAddr::V4(address) => RData::A(A::from(*address)),
                IpAddr::V6(address) => RData::AAAA(AAAA::from(*address)),
            };
            record(self.host(), ADDRESS_SECONDS, address)
        }));
        Ok(own.into_iter().map(|record| record.with_cache_flush(true)).collect())
    }

    /// Where it stands in lists that others stand in too.
    pub(super) fn listed(&self) -> Vec<ResourceRecord<'static>> {
        let name = |labels: &[&'static str]| {
            let labels: Vec<_> = labels.iter().map(|label| Label::new_unchecked(label.as_bytes())).collect();
            Name::new_with_labels(&labels)
        };
        let to = |name| RData::PTR(PTR(name));
        vec![
            record(name(&SERVICE), REST_SECONDS, to(self.service())),
            record(name(&SERVICES), REST_SECONDS, to(name(&SERVICE))),
        ]
    }
}

fn record(name: Name<'static>, ttl: u32, rdata: RData<'static>) -> ResourceRecord<'static> {
    ResourceRecord::new(name, CLASS::IN, ttl, rdata)
}

//! PostgREST in front of PostgreSQL, with the hub only for who is who, for the channels and for PINs: what a shop on Supabase has.

use super::backend::{Address, Backend, Login, Who};
use super::hub_postgres::{Staffed, Template, place};
use super::process::{HubProcess, OTHER_SHOP};
use crate::postgres::gateway::Upstreams;
use crate::postgres::{Database, Gateway, Postgrest, free_port};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

/// Such a server at work.
pub struct OnPostgrest {
    hub: HubProcess,
    database: Database,
    staffed: Staffed,
    port: u16,
    rest: Option<Postgrest>,
    settings: Vec<String>,
    gateway: Gateway,
}

impl OnPostgrest {
    /// One on a copy.
    pub fn open(template: &Template) -> OnPostgrest {
        let port = free_port();
        let (hub, database, staffed) = template.open_beside(port);
        let gateway = Gateway::open(Upstreams { rest: port, hub: hub.port() });
        let rest = Some(Postgrest::start(&database, &keys(&hub), port, &[]));
        OnPostgrest { hub, database, staffed, port, rest, settings: Vec::new(), gateway }
    }

    /// All of it starts again, with further lines in PostgREST's configuration.
    pub fn restart_with(&mut self, settings: &[&str]) {
        self.settings.extend(settings.iter().map(|&line| line.to_owned()));
        self.kill();
        self.start();
    }

    /// What is behind it.
    pub fn database(&self) -> &Database {
        &self.database
    }

    fn signal(&self, signal: Signal) {
        self.rest.as_ref().unwrap().signal(signal);
    }
}

/// The keys that the hub signs tokens with.
fn keys(hub: &HubProcess) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", hub.port())).unwrap();
    let asks = "GET /auth/v1/.well-known/jwks.json HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n";
    stream.write_all(asks.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

impl Backend for OnPostgrest {
    fn address(&self) -> Address {
        Address { url: self.gateway.url(), anon_key: self.staffed.anon_key.clone() }
    }

    fn shop(&self) -> String {
        self.staffed.shop.clone()
    }

    fn other_shop(&self) -> String {
        OTHER_SHOP.to_string()
    }

    fn login(&self, who: Who) -> Login {
        self.staffed.logins[&who].clone()
    }

    fn kill(&mut self) {
        self.hub.kill();
        self.rest = None;
    }

    fn start(&mut self) {
        self.hub.start();
        self.rest = Some(Postgrest::start(&self.database, &keys(&self.hub), self.port, &self.settings));
    }

    fn freeze(&mut self) {
        self.hub.signal(Signal::STOP);
        self.signal(Signal::STOP);
    }

    fn thaw(&mut self) {
        self.signal(Signal::CONT);
        self.hub.signal(Signal::CONT);
    }

    fn back_up(&mut self, to: &Path) -> bool {
        self.database.back_up(to)
    }

    fn restore(&mut self, from: &Path) {
        self.kill();
        self.database = self.database.restored(from);
        let mut place = place(&self.database);
        place.extend(["--rest".into(), format!("127.0.0.1:{}", self.port).into()]);
        self.hub.place = place;
        self.start();
    }

    fn log(&self) -> String {
        self.hub.log()
    }
}

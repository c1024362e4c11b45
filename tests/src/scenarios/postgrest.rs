//! PostgREST in front of PostgreSQL, with the hub only for who is who, for the channels and for PINs: what a shop on Supabase has.

use super::backend::{Address, Backend, Login, Who};
use super::hub_sqlite::{HubSqlite, Template};
use crate::postgres::gateway::Upstreams;
use crate::postgres::{Cluster, Database, Gateway, Postgrest, free_port};
use counterpart_hub::accounts::{Accounts, Membership, memberships, shop_names};
use rustix::process::Signal;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use uuid::Uuid;

/// Such a server at work.
pub struct OnPostgrest {
    hub: HubSqlite,
    database: Database,
    port: u16,
    rest: Option<Postgrest>,
    gateway: Gateway,
}

impl OnPostgrest {
    /// One with the same shops and people as the hub that it has.
    pub fn open(template: &Template) -> OnPostgrest {
        let (mut hub, rest) = (template.open(), free_port());
        hub.kill();
        fs::write(hub.data().join("hub.toml"), format!("rest = \"127.0.0.1:{rest}\"")).unwrap();
        hub.start();
        let database = Cluster::shared().database();
        move_in(&database, &Accounts::open(hub.data()).unwrap());
        let gateway = Gateway::open(Upstreams { rest, hub: port(&hub) });
        let process = Postgrest::start(&database, &keys(&hub), rest);
        OnPostgrest { hub, database, port: rest, rest: Some(process), gateway }
    }

    fn signal(&self, signal: Signal) {
        self.rest.as_ref().unwrap().signal(signal);
    }
}

/// Everybody whom the hub knows, as the database does.
fn move_in(database: &Database, accounts: &Accounts) {
    let mut client = database.admin();
    let shops = accounts.look(shop_names).unwrap();
    for (shop, name) in shops {
        client
            .execute("select public.found_shop($1, shop => $2::text::uuid)", &[&name, &shop.to_string()])
            .unwrap();
        for member in accounts.look(|connection| memberships(connection, shop)).unwrap() {
            let Membership { account, email, role, station, active: _ } = member;
            enter(&mut client, account, &email);
            client
                .execute(
                    "select public.take_in($1::text::uuid, $2::text::uuid, $3, $4, $5)",
                    &[&shop.to_string(), &account.to_string(), &email, &role.word(), &station],
                )
                .unwrap();
        }
    }
}

fn enter(client: &mut ::postgres::Client, account: Uuid, email: &str) {
    let sql = "insert into auth.users (id, email) values ($1::text::uuid, $2) on conflict do nothing";
    client.execute(sql, &[&account.to_string(), &email]).unwrap();
}

fn port(hub: &HubSqlite) -> u16 {
    hub.address().url.rsplit(':').next().unwrap().parse().unwrap()
}

/// The keys that the hub signs tokens with.
fn keys(hub: &HubSqlite) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port(hub))).unwrap();
    let asks = "GET /auth/v1/.well-known/jwks.json HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n";
    stream.write_all(asks.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

impl Backend for OnPostgrest {
    fn address(&self) -> Address {
        Address { url: self.gateway.url(), ..self.hub.address() }
    }

    fn shop(&self) -> String {
        self.hub.shop()
    }

    fn other_shop(&self) -> String {
        self.hub.other_shop()
    }

    fn login(&self, who: Who) -> Login {
        self.hub.login(who)
    }

    fn kill(&mut self) {
        self.hub.kill();
        self.rest = None;
    }

    fn start(&mut self) {
        self.hub.start();
        self.rest = Some(Postgrest::start(&self.database, &keys(&self.hub), self.port));
    }

    fn freeze(&mut self) {
        self.hub.freeze();
        self.signal(Signal::STOP);
    }

    fn thaw(&mut self) {
        self.signal(Signal::CONT);
        self.hub.thaw();
    }

    fn back_up(&mut self, to: &Path) -> bool {
        self.database.back_up(to);
        true
    }

    fn restore(&mut self, from: &Path) {
        // Accounts are apart, and lose nothing.
        self.kill();
        self.database = self.database.restored(from);
        self.start();
    }

    fn log(&self) -> String {
        self.hub.log()
    }
}

//! The real PostgREST before the shops' database, as an attacker reaches it: any path, any method, any token.

use crate::people::{Person, two_shops};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use counterpart_core::schema::Json;
use counterpart_tests::postgres::{Database, Postgrest, free_port};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::io::{Read, Write};
use std::net::TcpStream;

const KEY: &[u8] = b"the key that signs the tokens of these tests";

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A token of these claims, signed with a key.
pub(crate) fn signed(claims: &Json, key: &[u8]) -> String {
    let head = encoded(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
    let body = format!("{head}.{}", encoded(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(body.as_bytes());
    format!("{body}.{}", encoded(mac.finalize().into_bytes()))
}

/// Somebody's token.
pub(crate) fn token(person: &Person) -> String {
    signed(&person.claims(), KEY)
}

/// The service key.
pub(crate) fn service() -> String {
    signed(&json!({ "role": "service_role" }), KEY)
}

/// A token that says what it likes, signed as it should be.
pub(crate) fn token_of(claims: &Json) -> String {
    signed(claims, KEY)
}

/// Tokens that somebody made who does not have the key, to be somebody else.
pub(crate) fn forged(of: &Person, own: &Person) -> Vec<(&'static str, String)> {
    let claims = of.claims();
    let (theirs, mine) = (token(of), token(own));
    let signature = mine.rsplit('.').next().unwrap();
    let unsigned = encoded(json!({ "alg": "none", "typ": "JWT" }).to_string());
    let mut late = claims.clone();
    late["exp"] = json!(1_700_000_000);
    vec![
        ("signed with another key", signed(&claims, b"some other key that is as long as that one")),
        ("signed with no key", signed(&claims, b"")),
        ("not signed at all", format!("{unsigned}.{}.", encoded(claims.to_string()))),
        ("with another's signature", format!("{}.{signature}", theirs.rsplit_once('.').unwrap().0)),
        ("of the past", token_of(&late)),
        ("of the service, signed with another key", signed(&json!({ "role": "service_role" }), b"another")),
        ("no token", "owner".into()),
    ]
}

/// PostgREST before two shops.
pub(crate) struct Rest {
    pub(crate) database: Database,
    pub(crate) shop: String,
    port: u16,
    _process: Postgrest,
}

impl Rest {
    pub(crate) fn open() -> Rest {
        let (database, shop) = two_shops();
        let port = free_port();
        let keys = json!({ "keys": [{ "kty": "oct", "alg": "HS256", "k": encoded(KEY) }] });
        let process = Postgrest::start(&database, &keys.to_string(), port, &[]);
        Rest { database, shop, port, _process: process }
    }

    /// Asks: the status and the body.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        headers: &str,
        body: Option<&Json>,
    ) -> (u16, Json) {
        let body = body.map_or_else(String::new, Json::to_string);
        let who = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
        // In the older version an answer has no chunks.
        let asks = format!(
            "{method} {path} HTTP/1.0\r\nhost: shop\r\n{who}{headers}content-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(asks.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        (status, serde_json::from_str(body).unwrap_or(Json::Null))
    }

    /// Calls a function.
    pub(crate) fn call(&self, function: &str, token: Option<&str>, body: &Json) -> (u16, Json) {
        self.ask("POST", &format!("/rpc/{function}"), token, "", Some(body))
    }
}

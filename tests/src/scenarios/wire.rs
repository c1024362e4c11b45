//! Somebody who writes requests by hand: a stranger, an attacker, a script.

use super::backend::{Address, Login};
use serde_json::{Value as Json, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than any answer takes, so that what hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody with an address, and a token or none.
pub struct Caller {
    address: Address,
    /// The access token.
    pub token: String,
}

impl Caller {
    /// Somebody with any token at all.
    pub fn with(address: &Address, token: &str) -> Caller {
        Caller { address: address.clone(), token: token.to_owned() }
    }

    /// Somebody who signed in.
    pub fn signed_in(address: &Address, login: &Login) -> Caller {
        let mut caller = Caller::with(address, &address.anon_key);
        let body = json!({ "email": login.email, "password": login.password });
        let (status, answer) = caller.post("/auth/v1/token?grant_type=password", &body.to_string());
        assert_eq!(status, 200, "{answer}");
        caller.token = answer["access_token"].as_str().unwrap().to_owned();
        caller
    }

    /// Calls a function: the status and the body.
    pub fn call(&self, function: &str, body: &Json) -> (u16, Json) {
        self.post(&format!("/rest/v1/rpc/{function}"), &body.to_string())
    }

    /// Calls a function as a device does: again, as long as the server is too busy to answer.
    pub fn call_patiently(&self, function: &str, body: &Json) -> (u16, Json) {
        loop {
            let (status, answer) = self.call(function, body);
            let busy = ["PGRST000", "PGRST001", "PGRST003"].iter().any(|code| answer["code"] == json!(code));
            if !(busy || answer["busy"] == json!(true)) {
                return (status, answer);
            }
        }
    }

    /// Calls a function that is refused: the status and the word of the refusal.
    pub fn refused(&self, function: &str, body: &Json) -> (u16, String) {
        let (status, answer) = self.call(function, body);
        (status, answer["details"].as_str().unwrap_or_default().to_owned())
    }

    /// Posts any body at all.
    pub fn post(&self, path: &str, body: &str) -> (u16, Json) {
        let head = self.head(path, body.len());
        let answer = self.raw(&[head.as_bytes(), body.as_bytes()].concat());
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, serde_json::from_str(body).unwrap_or(Json::Null))
    }

    /// The head of a request with a body of that many bytes.
    pub fn head(&self, path: &str, length: usize) -> String {
        let Address { anon_key, .. } = &self.address;
        format!(
            "POST {path} HTTP/1.1\r\nhost: hub\r\napikey: {anon_key}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n",
            self.token
        )
    }

    /// Sends bytes and reads whatever comes back until the end.
    pub fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        let mut answer = Vec::new();
        // A server that has heard enough closes before it has read everything.
        if stream.write_all(bytes).is_ok() || !bytes.is_empty() {
            stream.read_to_end(&mut answer).ok();
        }
        answer
    }

    /// A connection, nothing sent yet.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

//! Where a server is and the key that every device of it names: checked once, so that nothing is sent in the clear.

use crate::error::Result;
use crate::schema::{Invalid, Rule};
use reqwest::Url;
use std::net::IpAddr;

/// A server that speaks Supabase's protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    url: Url,
    anon_key: String,
}

impl Server {
    /// A server at this address, with the key of every device. Only this very machine may be spoken to without TLS.
    pub fn new(url: &str, anon_key: &str) -> Result<Server> {
        let wrong = |field, rule| Invalid::field(field, rule).of("server");
        let mut url = Url::parse(url.trim()).map_err(|_| wrong("url", Rule::Kind("an address")))?;
        let bare = url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() || url.host_str().is_none() {
            return Err(wrong("url", Rule::Of("bare_address")).into());
        }
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            _ => return Err(wrong("url", Rule::Of("https")).into()),
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let anon_key = anon_key.trim();
        if anon_key.is_empty() {
            return Err(wrong("anon_key", Rule::Required).into());
        }
        if !anon_key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("anon_key", Rule::Character).into());
        }
        Ok(Server { url, anon_key: anon_key.to_owned() })
    }

    /// The key of every device. It is no secret.
    pub fn anon_key(&self) -> &str {
        &self.anon_key
    }

    /// Whether it is on this very machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_this_machine(&self.url)
    }

    /// A path below the server's own.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// Where its channels are.
    pub(super) fn channels(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/realtime/v1/websocket", self.url.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("apikey", &self.anon_key).append_pair("vsn", "2.0.0");
        url
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    #[test]
    fn paths_are_put_below_the_servers_own() {
        let server = Server::new(" https://hub.example:8443/shop/ ", "sb_publishable_x").unwrap();
        assert_eq!("https://hub.example:8443/shop/rest/v1/rpc/f", server.at("/rest/v1/rpc/f"));
        let root = Server::new("https://hub.example", "k&=y").unwrap();
        assert_eq!("https://hub.example/auth/v1/user", root.at("/auth/v1/user"));
        let channels = "https://hub.example/realtime/v1/websocket?apikey=k%26%3Dy&vsn=2.0.0";
        assert_eq!(channels, root.channels().as_str());
    }

    #[test]
    fn nothing_travels_in_the_clear_except_on_this_very_machine() {
        for fine in ["https://x.y", "http://localhost:3000", "http://127.0.0.1:1", "http://[::1]:1"] {
            Server::new(fine, "k").unwrap();
        }
        for wrong in ["http://192.0.2.7", "http://localhost.example", "ftp://x", "file:///x", "x.y", ""] {
            assert!(Server::new(wrong, "k").is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_with_other_letters_is_refused_as_it_is_and_taken_as_it_is_looked_up() {
        let written = Server::new("https://xn--bcher-kva.example", "k").unwrap();
        assert_eq!("https://xn--bcher-kva.example/f", written.at("/f"));
        for typed in ["https://b\u{fc}cher.example", "https://hub.\u{645}\u{62b}\u{627}\u{644}"] {
            let refused = Server::new(typed, "k").unwrap_err();
            assert!(matches!(refused.fault(), Fault::Invalid(wrong) if wrong.field == "url"), "{refused}");
        }
    }

    #[test]
    fn an_address_is_bare_and_a_key_is_text_that_a_header_can_hold() {
        for wrong in ["https://u@x.y", "https://u:p@x.y", "https://x.y?a=b", "https://x.y#a"] {
            assert!(Server::new(wrong, "k").is_err(), "{wrong}");
        }
        for wrong in ["", " ", "a\nb", "a b", "ä"] {
            assert!(Server::new("https://x.y", wrong).is_err(), "{wrong:?}");
        }
    }
}

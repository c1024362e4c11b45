//! Who may look at the page and press its buttons: whoever was given its address. A page that another site put into
//! the same browser does not know the token, and cannot pretend to be at this address either.

use axum::http::{HeaderMap, Method, header};
use std::fmt::Write;

/// The address of the page, which only this demo and its reader know.
#[derive(Clone)]
pub(super) struct Guard {
    token: String,
    hosts: [String; 2],
}

impl Guard {
    /// A page on this port, with a token of its own.
    pub(super) fn new(port: u16) -> Result<Guard, getrandom::Error> {
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        Ok(Guard { token: random()?, hosts })
    }

    /// Where the page is.
    pub(super) fn address(&self) -> String {
        format!("http://{}/{}/", self.hosts[0], self.token)
    }

    /// Whether a request comes from the page's own address. A request that changes something has to say where from.
    pub(super) fn admits(&self, method: &Method, token: &str, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(header::HOST).filter(|host| self.hosts.iter().any(|known| known == host));
        let Some(host) = host else { return false };
        let origin_fits = match text(header::ORIGIN) {
            Some(origin) => origin.strip_prefix("http://") == Some(host),
            None => method == Method::GET,
        };
        origin_fits && same(token, &self.token)
    }
}

/// 128 bits in hexadecimal.
pub(super) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    }))
}

/// Takes equally long wherever the two differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn admits(method: Method, token: Option<&str>, host: &str, origin: Option<&str>) -> bool {
        let guard = Guard { token: "0123".into(), hosts: ["127.0.0.1:7".into(), "localhost:7".into()] };
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        guard.admits(&method, token.unwrap_or("0123"), &headers)
    }

    #[test]
    fn whoever_has_the_address_is_admitted() {
        assert!(admits(Method::GET, None, "127.0.0.1:7", None));
        assert!(admits(Method::POST, None, "localhost:7", Some("http://localhost:7")));
    }

    #[test]
    fn a_wrong_token_is_refused() {
        assert!(!admits(Method::GET, Some("0124"), "127.0.0.1:7", None));
        assert!(!admits(Method::GET, Some(""), "127.0.0.1:7", None));
    }

    #[test]
    fn a_name_that_was_led_to_this_address_is_refused() {
        assert!(!admits(Method::GET, None, "rebound.example:7", None));
        assert!(!admits(Method::POST, None, "rebound.example:7", Some("http://rebound.example:7")));
    }

    #[test]
    fn another_page_s_request_is_refused() {
        assert!(!admits(Method::POST, None, "127.0.0.1:7", Some("https://evil.example")));
        assert!(!admits(Method::POST, None, "127.0.0.1:7", Some("null")));
        assert!(!admits(Method::POST, None, "127.0.0.1:7", None));
        assert!(!admits(Method::GET, None, "127.0.0.1:7", Some("https://evil.example")));
    }
}

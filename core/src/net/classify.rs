//! What a reply means. Only the protocol's own shape counts as the server's word: whatever else comes back, from a
//! gateway, a captive portal or a stranger, is no answer, and settles nothing.

use super::json;
use super::tls::TlsFault;
use crate::env::Env;
use crate::error::{Error, NotNow};
use crate::sync::Answer;
use crate::sync::wire::{Busy, refusal};
use chrono::DateTime;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error as ThisError;

/// How long to wait for a busy server that does not say.
const BUSY_MS: i64 = 1_000;
/// The longest that a busy server is waited for at a time.
const LONGEST_BUSY_MS: i64 = 60_000;
/// How long to wait after too many requests, when the server does not say.
const LIMITED_MS: i64 = 30_000;
/// The longest that anybody can make a device wait.
const LONGEST_MS: i64 = 3_600_000;
/// A busy answer is small: nothing larger is read as one.
const BUSY_BYTES: usize = 1_024;

/// Why a call did not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Failure {
    /// The server is busy; wait. It costs no retry.
    #[error("the server is busy")]
    Busy {
        /// For how long, in milliseconds.
        wait_ms: i64,
    },
    /// It took the server too long.
    #[error("the server took too long")]
    TooLong,
    /// Too many requests; wait.
    #[error("too many requests")]
    Limited {
        /// For how long, in milliseconds.
        wait_ms: i64,
    },
    /// The server does not accept the token.
    #[error("the server does not accept the token")]
    Unauthorised,
    /// The device has to begin a session.
    #[error("the device has to begin a session")]
    NoSession,
    /// The server has another history than the one that the request named.
    #[error("the server has another history")]
    OtherEpoch,
    /// The account is no member of the shop.
    #[error("the account is no member of the shop")]
    NoShop,
    /// The person may not do this.
    #[error("not allowed")]
    Denied,
    /// The server answered in its own shape that it cannot take this.
    #[error("the server cannot take this ({code})")]
    NotTaken {
        /// The error's code: one of PostgreSQL's or of PostgREST's.
        code: String,
    },
    /// Nothing in the protocol's own shape came back.
    #[error(transparent)]
    Network(#[from] NoAnswer),
}

/// Why nothing in the protocol's own shape came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum NoAnswer {
    /// No connection could be made.
    #[error("the server cannot be reached")]
    Unreachable,
    /// It took longer than a request may.
    #[error("the server did not answer in time")]
    TimedOut,
    /// No connection that can be trusted could be made.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The connection broke off, or what came over it is not HTTP.
    #[error("the connection broke off")]
    BrokenOff,
    /// More came back than is ever sent.
    #[error("the answer is too large")]
    TooLarge,
    /// Something else answered: a gateway, a captive portal, a proxy.
    #[error("something else answered (status {status})")]
    Stranger {
        /// The HTTP status.
        status: u16,
    },
}

impl NoAnswer {
    /// In a word, for a log.
    pub(super) fn word(self) -> &'static str {
        match self {
            NoAnswer::Unreachable => "unreachable",
            NoAnswer::TimedOut => "timed_out",
            NoAnswer::Tls(_) => "tls",
            NoAnswer::BrokenOff => "broken_off",
            NoAnswer::TooLarge => "too_large",
            NoAnswer::Stranger { .. } => "stranger",
        }
    }
}

impl Failure {
    /// The same in the words of the state machine.
    pub fn answer(&self) -> Answer {
        match *self {
            Failure::Busy { wait_ms } => Answer::Busy { wait_ms },
            Failure::TooLong => Answer::TooLong,
            Failure::Limited { wait_ms } => Answer::Limited { wait_ms },
            Failure::Unauthorised => Answer::Unauthorised,
            Failure::NoSession => Answer::NoSession,
            Failure::OtherEpoch => Answer::OtherEpoch,
            Failure::NoShop => Answer::NoShop,
            Failure::Denied | Failure::NotTaken { .. } => Answer::NotTaken,
            Failure::Network(_) => Answer::NoAnswer,
        }
    }

    /// The same with up to half of a wait added to it, so that devices do not come back all at once.
    pub(super) fn spread(self, env: &Env) -> Failure {
        let mut random = [0; 2];
        env.entropy.fill(&mut random);
        let longer =
            |wait: i64| wait + wait / 2 * i64::from(u16::from_le_bytes(random)) / i64::from(u16::MAX);
        match self {
            Failure::Busy { wait_ms } => Failure::Busy { wait_ms: longer(wait_ms) },
            Failure::Limited { wait_ms } => Failure::Limited { wait_ms: longer(wait_ms) },
            other @ (Failure::TooLong
            | Failure::Unauthorised
            | Failure::NoSession
            | Failure::OtherEpoch
            | Failure::NoShop
            | Failure::Denied
            | Failure::NotTaken { .. }
            | Failure::Network(_)) => other,
        }
    }
}

impl From<&Failure> for Error {
    fn from(failure: &Failure) -> Error {
        match failure {
            Failure::Network(reason) => reason.into(),
            Failure::Busy { .. } | Failure::TooLong | Failure::Limited { .. } => Error::not_now(NotNow::Busy),
            Failure::Unauthorised => Error::signed_out("the server does not accept the session"),
            Failure::NoShop => Error::denied("shop", "no_member"),
            Failure::Denied => Error::denied("shop", "role"),
            Failure::NoSession | Failure::OtherEpoch | Failure::NotTaken { .. } => {
                Error::needs_server("the server cannot take this")
            }
        }
    }
}

impl From<&NoAnswer> for Error {
    fn from(reason: &NoAnswer) -> Error {
        let reason = match reason {
            NoAnswer::Unreachable => "the server cannot be reached",
            NoAnswer::TimedOut => "the server did not answer in time",
            NoAnswer::Tls(fault) => match fault {
                TlsFault::RootAsLeaf => "the server shows its root as its own certificate",
                TlsFault::UnknownIssuer => "the server's certificate comes from an unknown authority",
                TlsFault::Expired => "the server's certificate has expired, or this clock is wrong",
                TlsFault::NotYetValid => "the server's certificate is not valid yet, or a clock is wrong",
                TlsFault::WrongHost => "the server's certificate is for another address",
                TlsFault::NotTls => "what answers there speaks no TLS",
                TlsFault::Other => "no secure connection could be agreed on",
            },
            NoAnswer::BrokenOff => "the connection broke off",
            NoAnswer::TooLarge => "the answer is too large",
            NoAnswer::Stranger { .. } => "something else than the server answered",
        };
        Error::needs_server(reason)
    }
}

/// An error as PostgREST writes it.
#[derive(Deserialize)]
struct Refused {
    code: String,
    #[serde(rename = "message")]
    _message: String,
    #[serde(default)]
    details: Option<String>,
}

/// What a reply to a call means: the function's own result, or why there is none.
pub fn classify<T: DeserializeOwned>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<T, Failure> {
    match failed(status, headers, body) {
        Some(failure) => Err(failure),
        None => json::read(body).ok_or_else(|| stranger(status)),
    }
}

fn stranger(status: StatusCode) -> Failure {
    Failure::Network(NoAnswer::Stranger { status: status.as_u16() })
}

/// Why a reply is no result, whatever function was called.
fn failed(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Failure> {
    if status == StatusCode::OK {
        let busy = if body.len() <= BUSY_BYTES { json::read(body) } else { None };
        let Some(Busy { busy: true, retry_after_ms }) = busy else { return None };
        return Some(Failure::Busy { wait_ms: retry_after_ms.clamp(0, LONGEST_BUSY_MS) });
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Some(Failure::Limited { wait_ms: retry_after(headers).unwrap_or(LIMITED_MS) });
    }
    if !(status.is_client_error() || status.is_server_error()) {
        return Some(stranger(status));
    }
    Some(match json::read::<Refused>(body) {
        Some(refused) if is_code(&refused.code) => meaning(status, refused),
        Some(_) | None => stranger(status),
    })
}

fn meaning(status: StatusCode, refused: Refused) -> Failure {
    let Refused { code, details, .. } = refused;
    match details.as_deref() {
        Some(refusal::NO_SHOP) => return Failure::NoShop,
        Some(refusal::NO_SESSION) => return Failure::NoSession,
        Some(refusal::OTHER_EPOCH) => return Failure::OtherEpoch,
        Some(refusal::DENIED) => return Failure::Denied,
        Some(_) | None => {}
    }
    match code.as_str() {
        "PGRST301" | "PGRST302" | "PGRST303" if status == StatusCode::UNAUTHORIZED => Failure::Unauthorised,
        "57014" => Failure::TooLong,
        "55P03" | "40P01" | "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003" => {
            Failure::Busy { wait_ms: BUSY_MS }
        }
        busy if busy.starts_with("53") => Failure::Busy { wait_ms: BUSY_MS },
        _ => Failure::NotTaken { code },
    }
}

/// Whether it is a code of PostgreSQL's or of PostgREST's. Gateways write words of their own in the same place.
fn is_code(code: &str) -> bool {
    let rest = code.strip_prefix("PGRST").filter(|rest| !rest.is_empty());
    let (text, lengths) = match rest {
        Some(rest) => (rest, 3..=3),
        None => (code, 5..=5),
    };
    lengths.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// How long the server asks to be left alone, in milliseconds: seconds, or until a moment by its own clock.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let told = text(RETRY_AFTER)?.trim();
    let seconds = match told.parse::<u32>() {
        Ok(seconds) => i64::from(seconds),
        Err(_) => {
            let moment = |text| DateTime::parse_from_rfc2822(text).ok();
            (moment(told)? - moment(text(DATE)?)?).num_seconds()
        }
    };
    Some(seconds.saturating_mul(1_000).clamp(0, LONGEST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::wire::{OpenAnswer, PullAnswer, PushAnswer};
    use reqwest::header::HeaderValue;

    fn told(status: u16, body: &str) -> Failure {
        let status = StatusCode::from_u16(status).unwrap();
        classify::<PullAnswer>(status, &HeaderMap::new(), body.as_bytes()).unwrap_err()
    }

    fn error(code: &str, details: &str) -> String {
        format!(r#"{{"code":"{code}","message":"m","details":{details},"hint":null}}"#)
    }

    fn stranger(status: u16) -> Failure {
        Failure::Network(NoAnswer::Stranger { status })
    }

    #[test]
    fn an_error_in_the_servers_own_shape_means_what_its_code_says() {
        let busy = Failure::Busy { wait_ms: BUSY_MS };
        let not_taken = |code: &str| Failure::NotTaken { code: code.to_owned() };
        for (status, code, meaning) in [
            (401, "PGRST301", Failure::Unauthorised),
            (401, "PGRST302", Failure::Unauthorised),
            (401, "PGRST303", Failure::Unauthorised),
            (400, "PGRST301", not_taken("PGRST301")),
            (401, "42501", not_taken("42501")),
            (500, "57014", Failure::TooLong),
            (500, "55P03", busy.clone()),
            (500, "40P01", busy.clone()),
            (503, "53300", busy.clone()),
            (500, "53400", busy.clone()),
            (503, "PGRST000", busy.clone()),
            (503, "PGRST001", busy.clone()),
            (503, "PGRST002", busy.clone()),
            (504, "PGRST003", busy),
            (404, "PGRST202", not_taken("PGRST202")),
            (500, "PGRSTX00", not_taken("PGRSTX00")),
            (413, "PT413", not_taken("PT413")),
            (400, "22P02", not_taken("22P02")),
            (500, "XX000", not_taken("XX000")),
        ] {
            assert_eq!(meaning, told(status, &error(code, "null")), "{status} {code}");
        }
    }

    #[test]
    fn a_refusal_of_the_protocol_is_told_by_its_word() {
        for (word, meaning) in [
            ("no_shop", Failure::NoShop),
            ("no_session", Failure::NoSession),
            ("other_epoch", Failure::OtherEpoch),
            ("malformed", Failure::NotTaken { code: "PT409".into() }),
            ("denied", Failure::Denied),
            ("something else", Failure::NotTaken { code: "PT409".into() }),
        ] {
            assert_eq!(meaning, told(409, &error("PT409", &format!("\"{word}\""))), "{word}");
        }
    }

    #[test]
    fn what_is_not_in_the_protocols_shape_is_no_answer() {
        let html = "<!doctype html><title>Sign in to the Wi-Fi</title>";
        for (status, body) in [
            (200, html),
            (200, ""),
            (200, "{}"),
            (200, r#"{"since":{"epoch":"e","n":1,"#),
            (200, r#"{"busy":false,"retry_after_ms":1}"#),
            (200, r#"{"busy":true}"#),
            (204, ""),
            (206, "{}"),
            (302, ""),
            (300, &error("PGRST203", "null")),
            (400, html),
            (401, r#"{"message":"No API key found in request","hint":"h"}"#),
            (401, r#"{"message":"Invalid API key"}"#),
            (403, html),
            (404, r#"{"code":404,"message":"not found"}"#),
            (500, r#"{"code":"WORKER_LIMIT","message":"m"}"#),
            (500, r#"{"code":"","message":"m"}"#),
            (500, r#"{"code":"PGRST","message":5}"#),
            (502, "Bad gateway"),
            (503, r#"{"message":"no healthy upstream"}"#),
            (504, r#"{"code":"PGRST003"}"#),
            (504, &error("PGRST003", "null")[..20]),
            (522, html),
        ] {
            assert_eq!(stranger(status), told(status, body), "{status} {body}");
            assert_eq!(Answer::NoAnswer, told(status, body).answer());
        }
    }

    #[test]
    fn too_many_requests_wait_as_long_as_they_are_told() {
        let date = "Mon, 21 Sep 2026 14:00:00 GMT";
        for (header, wait_ms) in [
            (None, LIMITED_MS),
            (Some("7"), 7_000),
            (Some("0"), 0),
            (Some("-3"), LIMITED_MS),
            (Some("99999999"), LONGEST_MS),
            (Some("99999999999"), LIMITED_MS),
            (Some("Mon, 21 Sep 2026 14:01:30 GMT"), 90_000),
            (Some("Mon, 21 Sep 2026 13:00:00 GMT"), 0),
            (Some("soon"), LIMITED_MS),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_static(date));
            if let Some(header) = header {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(header));
            }
            let got = classify::<PushAnswer>(StatusCode::TOO_MANY_REQUESTS, &headers, b"slow down");
            assert_eq!(Failure::Limited { wait_ms }, got.unwrap_err(), "{header:?}");
        }
    }

    #[test]
    fn a_busy_server_is_told_from_an_answer_and_waited_for_within_bounds() {
        for (told_ms, wait_ms) in [(300, 300), (-5, 0), (i64::MAX, LONGEST_BUSY_MS)] {
            let body = format!(r#"{{"busy":true,"retry_after_ms":{told_ms}}}"#);
            assert_eq!(Failure::Busy { wait_ms }, told(200, &body));
            let push = classify::<PushAnswer>(StatusCode::OK, &HeaderMap::new(), body.as_bytes());
            assert_eq!(Failure::Busy { wait_ms }, push.unwrap_err());
        }
    }

    #[test]
    fn waits_are_spread_and_never_shortened() {
        let env = Env::system();
        for _ in 0..100 {
            let Failure::Busy { wait_ms } = (Failure::Busy { wait_ms: 1_000 }).spread(&env) else {
                panic!("still busy")
            };
            assert!((1_000..=1_500).contains(&wait_ms));
        }
        assert_eq!(Failure::TooLong, Failure::TooLong.spread(&env));
    }

    #[test]
    fn an_answer_in_the_protocols_shape_is_given_as_it_is() {
        let body =
            br#"{"generation":3,"code":"A7","epoch":"e","lease":[1,200],"now":5,"standing":{"role":"owner"},
            "new":true}"#;
        let open: OpenAnswer = classify(StatusCode::OK, &HeaderMap::new(), body).unwrap();
        assert_eq!((3, Some((1, 200))), (open.generation, open.lease));
    }
}

//! Why Auth refuses, from the error shapes of both of its versions, of OAuth, and of the gateway before it.
//!
//! Only a few words end a session. Whatever else comes back may pass, so the session is kept.

use super::super::classify::NoAnswer;
use super::super::http::Reply;
use super::super::json;
use crate::error::Error;
use crate::schema::{Invalid, Rule};
use reqwest::StatusCode;
use serde_json::Value;

/// The rule that a password breaks which is not the account's.
pub(super) const WRONG: &str = "wrong_credentials";

/// What Auth was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To sign somebody in.
    SignIn,
    /// Another password for whoever is signed in.
    Password,
    /// Something about a session that there is.
    Session,
}

/// What a reply other than the one asked for means.
pub(super) fn refusal(asked: Asked, reply: &Reply) -> Error {
    let code = code(reply);
    let status = reply.status.as_u16();
    let invalid = |field, rule| Invalid::field(field, Rule::Of(rule)).of("account").into();
    match (asked, status, code.as_deref()) {
        (_, 429, _) => Error::needs_server("too many requests: wait a moment"),
        (Asked::SignIn, 400, Some("invalid_credentials")) => invalid("password", WRONG),
        (Asked::SignIn, 400, Some("email_not_confirmed")) => invalid("email", "not_confirmed"),
        (Asked::SignIn, 400, Some("validation_failed" | "email_address_invalid")) => {
            invalid("email", "not_accepted")
        }
        (Asked::SignIn, 400 | 403, Some("user_banned")) => Error::denied("account", "blocked"),
        (Asked::SignIn, 400 | 422, Some("email_provider_disabled")) => {
            Error::needs_server("the server takes no passwords")
        }
        (Asked::Password, 400, Some("invalid_credentials")) => invalid("current_password", WRONG),
        (Asked::Password, 400 | 422, Some("weak_password")) => invalid("password", "too_weak"),
        (Asked::Password, 400 | 422, Some("same_password")) => invalid("password", "same_password"),
        (Asked::Password, 400 | 422, Some("validation_failed")) => invalid("password", "not_accepted"),
        (Asked::Session, 400, Some("user_banned")) => Error::signed_out("the account is blocked"),
        (Asked::Session, 400, Some("session_expired")) => Error::signed_out("the session has expired"),
        (Asked::Session, 400, Some(code))
            if code.starts_with("refresh_token_") || code.starts_with("session_") =>
        {
            Error::signed_out("the session was ended")
        }
        (Asked::Session | Asked::Password, 403, Some("session_not_found")) => {
            Error::signed_out("the session was ended")
        }
        (_, 401, None) => Error::needs_server("the server does not know this device's key"),
        (_, _, Some(_)) => Error::needs_server("the server cannot do this now"),
        (_, _, None) => Error::from(&NoAnswer::Stranger { status }),
    }
}

/// Whether the server does not accept the access token any more, and may accept a new one.
pub(super) fn is_token_refused(reply: &Reply) -> bool {
    let unauthorised = matches!(reply.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    unauthorised && code(reply).as_deref() == Some("bad_jwt")
}

/// The error's code: a word in the body, or in a header.
fn code(reply: &Reply) -> Option<String> {
    let body: Value = json::read(&reply.body).unwrap_or_default();
    let word = |name: &str| body[name].as_str().filter(|word| !word.is_empty()).map(str::to_owned);
    let header = || Some(reply.headers.get("x-sb-error-code")?.to_str().ok()?.to_owned());
    // OAuth's own shape has the word in `error`, and a sentence beside it.
    let oauth = || word("error").filter(|_| body["error_description"].is_string());
    word("error_code").or_else(|| word("code")).or_else(header).or_else(oauth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;
    use reqwest::header::HeaderMap;

    fn reply(status: u16, body: &str) -> Reply {
        let status = StatusCode::from_u16(status).unwrap();
        Reply { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn new(code: &str) -> String {
        format!(r#"{{"code":"{code}","message":"m"}}"#)
    }

    fn old(status: u16, code: &str) -> String {
        format!(r#"{{"code":{status},"error_code":"{code}","msg":"m"}}"#)
    }

    #[test]
    fn only_a_few_words_end_a_session() {
        for (status, code) in [
            (400, "refresh_token_not_found"),
            (400, "refresh_token_already_used"),
            (400, "session_not_found"),
            (400, "session_expired"),
            (400, "user_banned"),
            (403, "session_not_found"),
        ] {
            for body in [new(code), old(status, code)] {
                let error = refusal(Asked::Session, &reply(status, &body));
                assert!(error.is_signed_out(), "{body}");
            }
        }
        let mut by_header = reply(400, "not for reading");
        by_header.headers.insert("x-sb-error-code", "session_expired".parse().unwrap());
        assert!(refusal(Asked::Session, &by_header).is_signed_out());
    }

    #[test]
    fn whatever_may_pass_keeps_the_session() {
        let html = "<html>session_not_found</html>".to_owned();
        let gateway = r#"{"message":"Invalid API key"}"#.to_owned();
        let oauth = r#"{"error":"invalid_request","error_description":"refresh_token required"}"#.to_owned();
        for (status, body) in [
            (409, new("conflict")),
            (409, new("session_not_found")),
            (429, new("over_request_rate_limit")),
            (429, new("refresh_token_not_found")),
            (500, new("unexpected_failure")),
            (500, new("session_not_found")),
            (504, new("request_timeout")),
            (400, new("validation_failed")),
            (400, new("bad_json")),
            (400, oauth),
            (400, html.clone()),
            (403, new("bad_jwt")),
            (403, new("user_banned")),
            (403, html),
            (401, gateway),
            (302, String::new()),
            (200, String::new()),
        ] {
            let error = refusal(Asked::Session, &reply(status, &body));
            assert!(matches!(error.fault(), Fault::NeedsServer { .. }), "{status} {body}: {error}");
        }
    }

    #[test]
    fn a_refused_sign_in_names_the_field_and_the_rule() {
        for (status, code, expected) in [
            (400, "invalid_credentials", "wrong_credentials"),
            (400, "email_not_confirmed", "not_confirmed"),
            (400, "validation_failed", "not_accepted"),
            (400, "user_banned", "denied"),
            (422, "email_provider_disabled", "needs_server"),
            (429, "over_request_rate_limit", "needs_server"),
            (500, "unexpected_failure", "needs_server"),
            (400, "session_not_found", "needs_server"),
        ] {
            for body in [new(code), old(status, code)] {
                assert_eq!(expected, refusal(Asked::SignIn, &reply(status, &body)).code(), "{body}");
            }
        }
    }

    #[test]
    fn a_refused_password_names_the_field_and_the_rule() {
        for (status, code, field, expected) in [
            (400, "invalid_credentials", "current_password", "wrong_credentials"),
            (422, "weak_password", "password", "too_weak"),
            (422, "same_password", "password", "same_password"),
            (400, "validation_failed", "password", "not_accepted"),
        ] {
            for body in [new(code), old(status, code)] {
                let refused = refusal(Asked::Password, &reply(status, &body));
                assert_eq!(refused.code(), expected, "{body}");
                assert!(
                    matches!(refused.fault(), Fault::Invalid(wrong) if wrong.field == field),
                    "{refused}"
                );
            }
        }
        let ended = refusal(Asked::Password, &reply(403, &new("session_not_found")));
        assert!(ended.is_signed_out(), "{ended}");
        for (status, code) in [(429, "over_request_rate_limit"), (500, "unexpected_failure")] {
            let passes = refusal(Asked::Password, &reply(status, &new(code)));
            assert!(matches!(passes.fault(), Fault::NeedsServer { .. }), "{passes}");
        }
    }

    #[test]
    fn only_a_bad_token_is_worth_a_new_one() {
        assert!(is_token_refused(&reply(403, &new("bad_jwt"))));
        assert!(is_token_refused(&reply(403, &old(403, "bad_jwt"))));
        assert!(!is_token_refused(&reply(403, &new("session_not_found"))));
        assert!(!is_token_refused(&reply(500, &new("bad_jwt"))));
    }
}

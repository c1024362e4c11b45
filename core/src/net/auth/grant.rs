//! What Auth grants: a pair of tokens and whose they are. Taken only whole.

use super::super::classify::NoAnswer;
use super::super::http::{Http, Reply};
use super::super::json;
use super::refusal::{Asked, refusal};
use super::{Access, Tokens, User};
use crate::error::{Error, Result};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;

/// The version of the errors that this device reads.
const API_VERSION: (&str, &str) = ("x-supabase-api-version", "2024-01-01");

#[derive(Deserialize)]
struct Body {
    access_token: String,
    refresh_token: String,
    expires_in: i64,
    user: Person,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    app_metadata: Value,
}

impl From<Person> for User {
    fn from(person: Person) -> User {
        let must_change_password = person.app_metadata["must_change_password"] == Value::Bool(true);
        User { id: person.id, email: person.email, must_change_password }
    }
}

/// A granted session: its tokens, and whose it is.
pub(super) struct Grant {
    pub(super) access: Access,
    pub(super) refresh: String,
    pub(super) user: User,
}

impl From<Grant> for Tokens {
    fn from(grant: Grant) -> Tokens {
        Tokens { refresh: grant.refresh, access: Some(grant.access) }
    }
}

/// Asks for a session, with a password or with a refresh token.
pub(super) async fn ask(http: &Http, grant_type: &str, body: &Value, asked: Asked) -> Result<Grant> {
    // The token ages from the moment that it was made, which is after this one.
    let asked_at = http.env.clock.awake_and_asleep();
    let path = format!("/auth/v1/token?grant_type={grant_type}");
    let request = http.request(Method::POST, &path, http.server.anon_key());
    let body = body.to_string();
    let up = body.len();
    let request = request.header(API_VERSION.0, API_VERSION.1).body(body);
    let reply = http.send("auth_token", up, request).await.map_err(|reason| Error::from(&reason))?;
    read(asked, &reply, asked_at)
}

fn read(asked: Asked, reply: &Reply, asked_at: i64) -> Result<Grant> {
    if reply.status != StatusCode::OK {
        return Err(refusal(asked, reply));
    }
    match json::read::<Body>(&reply.body) {
        Some(body) if body.is_whole() => {
            let until = asked_at.saturating_add(body.expires_in.saturating_mul(1_000));
            let access = Access { token: body.access_token, until };
            Ok(Grant { access, refresh: body.refresh_token, user: body.user.into() })
        }
        Some(_) | None => Err(stranger(reply)),
    }
}

impl Body {
    fn is_whole(&self) -> bool {
        let texts = [&self.access_token, &self.refresh_token, &self.user.id];
        self.expires_in > 0 && texts.iter().all(|text| !text.is_empty())
    }
}

/// Asks who is signed in.
pub(super) async fn ask_user(http: &Http, token: &str) -> Result<Reply> {
    let request = http.request(Method::GET, "/auth/v1/user", token).header(API_VERSION.0, API_VERSION.1);
    http.send("auth_user", 0, request).await.map_err(|reason| Error::from(&reason))
}

/// Who that is.
pub(super) fn read_user(asked: Asked, reply: &Reply) -> Result<User> {
    if reply.status != StatusCode::OK {
        return Err(refusal(asked, reply));
    }
    json::read::<Person>(&reply.body).map(User::from).ok_or_else(|| stranger(reply))
}

/// Asks for another password in the place of the one there is.
pub(super) async fn change_password(http: &Http, token: &str, body: &Value) -> Result<Reply> {
    let body = body.to_string();
    let up = body.len();
    let request = http.request(Method::PUT, "/auth/v1/user", token).header(API_VERSION.0, API_VERSION.1);
    http.send("auth_user", up, request.body(body)).await.map_err(|reason| Error::from(&reason))
}

/// Ends the session of a token; says whether the server has heard of it, or knew of no such session.
pub(super) async fn end(http: &Http, token: &str) -> bool {
    let request = http.request(Method::POST, "/auth/v1/logout?scope=local", token);
    let request = request.header(API_VERSION.0, API_VERSION.1);
    http.send("auth_logout", 0, request).await.is_ok_and(|reply| {
        reply.status == StatusCode::NO_CONTENT || matches!(reply.status.as_u16(), 401 | 403 | 404)
    })
}

fn stranger(reply: &Reply) -> Error {
    Error::from(&NoAnswer::Stranger { status: reply.status.as_u16() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;
    use reqwest::header::HeaderMap;
    use serde_json::json;

    fn reply(body: &Value) -> Reply {
        let body = body.to_string().into_bytes();
        Reply { status: StatusCode::OK, headers: HeaderMap::new(), body }
    }

    fn whole() -> Value {
        json!({"access_token": "a", "refresh_token": "r", "expires_in": 3600, "token_type": "bearer",
            "user": {"id": "u", "email": "e", "app_metadata": {"must_change_password": true}}})
    }

    #[test]
    fn a_token_ages_from_before_it_was_asked_for() {
        let grant = read(Asked::SignIn, &reply(&whole()), 500).unwrap();
        assert_eq!(3_600_500, grant.access.until);
        assert!(grant.user.must_change_password);
    }

    #[test]
    fn a_grant_is_taken_only_whole() {
        for (field, value) in [
            ("access_token", json!("")),
            ("access_token", json!(null)),
            ("refresh_token", json!("")),
            ("expires_in", json!(0)),
            ("expires_in", json!(-1)),
            ("user", json!({"id": ""})),
            ("user", json!(null)),
        ] {
            let mut part = whole();
            part[field] = value;
            let error = read(Asked::Session, &reply(&part), 0).map(|_| ()).unwrap_err();
            assert!(matches!(error.fault(), Fault::NeedsServer { .. }), "{part}");
        }
    }

    #[test]
    fn a_token_that_never_ends_does_not_overflow() {
        let mut long = whole();
        long["expires_in"] = json!(i64::MAX);
        assert_eq!(i64::MAX, read(Asked::Session, &reply(&long), 500).unwrap().access.until);
    }
}

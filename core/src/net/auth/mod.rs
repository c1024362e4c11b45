//! Who is signed in: an account's session with Auth.
//!
//! The refresh token lives in secure storage and nowhere else on disk. A new one is stored before it is used, so that
//! a crash leaves the current token or its direct predecessor, and the server takes either. One refresh is on its way
//! at a time; whoever wants one meanwhile gets its outcome. No token is ever part of a message or of a `Debug` text.

mod grant;
mod refusal;

use super::http::Http;
use crate::error::{Error, Result};
use crate::keys::SecureStorage;
use crate::schema::{Invalid, Rule};
use refusal::{Asked, WRONG, is_token_refused};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// A token with less time left is renewed before it is used.
const MARGIN_MS: i64 = 90_000;

fn nobody() -> Error {
    Error::signed_out("nobody is signed in")
}

/// An account, as Auth tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its address.
    pub email: String,
    /// Whether it still has the password that somebody else gave it.
    pub must_change_password: bool,
}

/// A signed-in account.
pub struct Session {
    http: Http,
    keys: Arc<dyn SecureStorage>,
    account: String,
    held: Mutex<Option<Tokens>>,
    /// How the last refresh ended. Held while one is on its way.
    refresh: tokio::sync::Mutex<Option<Result<String>>>,
    /// How many refreshes have ended.
    ended: AtomicU64,
}

#[derive(Clone)]
struct Tokens {
    refresh: String,
    /// Nothing after a start: how old the one from before is, only a clock that ran meanwhile could tell.
    access: Option<Access>,
}

#[derive(Clone)]
struct Access {
    token: String,
    /// When it ends, by the clock that counts sleep.
    until: i64,
}

/// What secure storage holds of a session.
#[derive(Serialize, Deserialize)]
struct Stored {
    refresh: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Session").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Session {
    /// Signs in. Whoever goes on with the session [stores](Session::store) it; otherwise no start knows of it.
    pub async fn sign_in(
        http: Http,
        keys: Arc<dyn SecureStorage>,
        email: &str,
        password: &str,
    ) -> Result<(Session, User)> {
        let email = email.trim();
        for (field, value) in [("email", email), ("password", password)] {
            if value.is_empty() {
                return Err(Invalid::field(field, Rule::Required).of("account").into());
            }
        }
        let body = json!({"email": email, "password": password});
        let grant = grant::ask(&http, "password", &body, Asked::SignIn).await?;
        let user = grant.user.clone();
        let session = Session::of(http, keys, &user.id);
        *session.held() = Some(grant.into());
        Ok((session, user))
    }

    /// Signs up by an invitation: with the first password that came with it, which `password` replaces. An invitation
    /// that has been used lets in whoever knows that password already: the answer may have been lost.
    pub async fn sign_up(
        http: Http,
        keys: Arc<dyn SecureStorage>,
        email: &str,
        invitation: &str,
        password: &str,
    ) -> Result<(Session, User)> {
        for (field, value) in [("invitation", invitation), ("password", password)] {
            if value.is_empty() {
                return Err(Invalid::field(field, Rule::Required).of("account").into());
            }
        }
        let wrong = |field| Error::from(Invalid::field(field, Rule::Of(WRONG)).of("account"));
        let refused = |error: &Error| *error == wrong("password");
        let invited = Session::sign_in(http.clone(), Arc::clone(&keys), email, invitation).await;
        let (session, _) = match invited {
            Err(error) if refused(&error) => {
                let again = Session::sign_in(http, keys, email, password).await;
                return again.map_err(|error| if refused(&error) { wrong("invitation") } else { error });
            }
            other => other?,
        };
        match session.change_password(invitation, password).await {
            Ok(user) => Ok((session, user)),
            Err(error) => {
                session.give_up().await?;
                Err(error)
            }
        }
    }

    /// Goes on with a session that was stored before this start.
    pub fn resume(http: Http, keys: Arc<dyn SecureStorage>, account: &str) -> Result<Session> {
        let session = Session::of(http, keys, account);
        let stored = session.keys.get(&session.name())?.ok_or_else(nobody)?;
        let Stored { refresh } =
            serde_json::from_str(&stored).map_err(|_| Error::defect("secure storage holds no session"))?;
        *session.held() = Some(Tokens { refresh, access: None });
        Ok(session)
    }

    /// Stores the session under the account's own name, beside those of other accounts: the next start goes on with it.
    pub fn store(&self) -> Result<()> {
        let tokens = self.held().clone().ok_or_else(nobody)?;
        self.keep(tokens)
    }

    fn of(http: Http, keys: Arc<dyn SecureStorage>, account: &str) -> Session {
        let (held, refresh) = (Mutex::default(), tokio::sync::Mutex::default());
        Session { http, keys, account: account.to_owned(), held, refresh, ended: AtomicU64::default() }
    }

    /// The account's id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// An access token that holds for a while: the one at hand, or a new one when little time is left. If no new one
    /// can be had, the one at hand still serves until it ends.
    pub async fn token(&self) -> Result<String> {
        let access = self.held().as_ref().ok_or_else(nobody)?.access.clone();
        let Some(Access { token, until }) = access else { return self.refresh().await };
        if self.left(until) > MARGIN_MS {
            return Ok(token);
        }
        match self.refresh().await {
            Ok(new) => Ok(new),
            Err(error) if error.is_signed_out() => Err(error),
            Err(_) if self.left(until) > 0 => Ok(token),
            Err(error) => Err(error),
        }
    }

    /// Waits until the token at hand has little time left, and gives the next one. An error where none can be had.
    pub async fn next_token(&self) -> Result<String> {
        let access = self.held().as_ref().ok_or_else(nobody)?.access.clone();
        let Some(Access { token, until }) = access else { return self.refresh().await };
        let wait = u64::try_from(self.left(until) - MARGIN_MS).unwrap_or(0);
        // Nothing else can happen to it meanwhile that would end the wait.
        timeout(Duration::from_millis(wait), pending::<()>()).await.ok();
        match self.token().await? {
            same if same == token => Err(Error::needs_server("the session could not be renewed")),
            next => Ok(next),
        }
    }

    /// Gets a new access token, or the outcome of the refresh that is on its way.
    pub async fn refresh(&self) -> Result<String> {
        let before = self.ended.load(Ordering::Acquire);
        let mut last = self.refresh.lock().await;
        match &*last {
            Some(outcome) if self.ended.load(Ordering::Acquire) != before => outcome.clone(),
            Some(_) | None => {
                let outcome = self.renew().await;
                *last = Some(outcome.clone());
                self.ended.fetch_add(1, Ordering::Release);
                outcome
            }
        }
    }

    async fn renew(&self) -> Result<String> {
        let presented = self.held().as_ref().ok_or_else(nobody)?.refresh.clone();
        let body = json!({"refresh_token": presented});
        match grant::ask(&self.http, "refresh_token", &body, Asked::Session).await {
            Ok(grant) if grant.user.id == self.account => {
                let token = grant.access.token.clone();
                self.keep(grant.into())?;
                Ok(token)
            }
            Ok(_) => Err(Error::needs_server("the server renewed another account's session")),
            Err(error) => self.over(error),
        }
    }

    /// Who is signed in, as the server sees it now.
    pub async fn user(&self) -> Result<User> {
        let mut reply = grant::ask_user(&self.http, &self.token().await?).await?;
        if is_token_refused(&reply) {
            // The token has ended on the server's clock before it did on this one.
            reply = grant::ask_user(&self.http, &self.refresh().await?).await?;
        }
        match grant::read_user(Asked::Session, &reply) {
            Ok(user) if user.id == self.account => Ok(user),
            Ok(_) => Err(Error::needs_server("the server named another account")),
            Err(error) => self.over(error),
        }
    }

    /// Puts another password in the place of the one there is. This session goes on; the account's others end.
    pub async fn change_password(&self, current: &str, password: &str) -> Result<User> {
        for (field, value) in [("current_password", current), ("password", password)] {
            if value.is_empty() {
                return Err(Invalid::field(field, Rule::Required).of("account").into());
            }
        }
        let body = json!({"current_password": current, "password": password});
        let mut reply = grant::change_password(&self.http, &self.token().await?, &body).await?;
        if is_token_refused(&reply) {
            reply = grant::change_password(&self.http, &self.refresh().await?, &body).await?;
        }
        grant::read_user(Asked::Password, &reply).or_else(|error| self.over(error))
    }

    /// Signs out on this device, whether the server can be reached or not; says whether the server has heard of it.
    pub async fn sign_out(&self) -> Result<bool> {
        self.leave(Session::forget).await
    }

    /// Gives up a session that was not stored, as [`sign_out`](Session::sign_out) does. What is stored of the account
    /// stays: it may be signed in here by another one.
    pub async fn give_up(&self) -> Result<bool> {
        self.leave(|session| {
            *session.held() = None;
            Ok(())
        })
        .await
    }

    async fn leave(&self, forget: impl FnOnce(&Session) -> Result<()>) -> Result<bool> {
        let mut last = self.refresh.lock().await;
        let Some(Tokens { refresh, access }) = self.held().clone() else { return Ok(true) };
        forget(self)?;
        *last = Some(Err(nobody()));
        self.ended.fetch_add(1, Ordering::Release);
        if let Some(access) = access.filter(|access| self.left(access.until) > 0) {
            return Ok(grant::end(&self.http, &access.token).await);
        }
        // Only a living token ends a session: one last refresh, which is kept nowhere.
        let body = json!({"refresh_token": refresh});
        match grant::ask(&self.http, "refresh_token", &body, Asked::Session).await {
            Ok(grant) => Ok(grant::end(&self.http, &grant.access.token).await),
            Err(error) => Ok(error.is_signed_out()),
        }
    }

    /// What an error means for the session: one that the server has ended is forgotten.
    fn over<T>(&self, error: Error) -> Result<T> {
        if error.is_signed_out() {
            self.forget()?;
        }
        Err(error)
    }

    /// Stores what was granted, and only then uses it.
    fn keep(&self, tokens: Tokens) -> Result<()> {
        let stored = Stored { refresh: tokens.refresh.clone() };
        let stored = serde_json::to_string(&stored).map_err(|error| Error::defect(error.to_string()))?;
        self.keys.set(&self.name(), &stored)?;
        *self.held() = Some(tokens);
        Ok(())
    }

    fn forget(&self) -> Result<()> {
        self.keys.remove(&self.name())?;
        *self.held() = None;
        Ok(())
    }

    fn name(&self) -> String {
        format!("session-{}", self.account)
    }

    fn left(&self, until: i64) -> i64 {
        until.saturating_sub(self.http.env.clock.awake_and_asleep())
    }

    fn held(&self) -> MutexGuard<'_, Option<Tokens>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Clock, Env, SystemEntropy};
    use crate::error::Fault;
    use crate::keys::MemoryKeys;
    use crate::net::{Limits, Server, Trust};
    use tokio::time::Instant;

    /// Tokio's clock, which stands still until everybody waits.
    struct Paused(Instant);

    impl Clock for Paused {
        fn now(&self) -> i64 {
            self.awake_and_asleep()
        }

        fn awake_and_asleep(&self) -> i64 {
            i64::try_from(self.0.elapsed().as_millis()).unwrap()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_token_is_asked_for_shortly_before_the_last_one_ends() {
        let begun = Instant::now();
        let env = Env { clock: Arc::new(Paused(begun)), entropy: Arc::new(SystemEntropy) };
        let nobody = Server::new("http://127.0.0.1:1", "anon").unwrap();
        let http = Http::new(nobody, &Trust { own: None }, env, Limits::default()).unwrap();
        let session = Session::of(http, Arc::new(MemoryKeys::default()), "a");
        let access = Some(Access { token: "one".into(), until: 3_600_000 });
        *session.held() = Some(Tokens { refresh: "r".into(), access });
        let error = session.next_token().await.unwrap_err();
        assert!(matches!(error.fault(), Fault::NeedsServer { .. }), "{error:?}");
        let waited = begun.elapsed().as_millis();
        assert!((3_510_000..3_600_000).contains(&waited), "{waited}");
    }
}

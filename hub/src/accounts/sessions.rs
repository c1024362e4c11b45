//! Sessions: one sign-in on one device, and the rules by which its refresh tokens follow one another.

use super::members::parse_id;
use super::{RefreshToken, StoreError, active_memberships};
use crate::secret;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use uuid::Uuid;

/// How long after the last rotation a token older than the direct predecessor is still a repeated request and not a
/// stolen token.
pub(super) const REUSE_INTERVAL_MS: i64 = 10_000;

/// An account that signs in more often than this loses its oldest sessions.
pub(crate) const MOST_SESSIONS: i64 = 2_000;

/// Which sessions a sign-out ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOut {
    /// All of the account.
    Global,
    /// This one.
    Local,
    /// All but this one.
    Others,
}

/// What a refresh led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Refresh {
    /// The session goes on with this token.
    Granted {
        /// The session.
        session: Uuid,
        /// Its account.
        account: Uuid,
        /// The token that is current now.
        token: String,
    },
    /// The hub knows no such token.
    NotFound,
    /// The token was replaced long ago: the session is ended, since someone else may hold its tokens.
    AlreadyUsed,
    /// The token is ahead of the database.
    NotIssuedHere,
    /// The account may not use the hub any more.
    Banned,
}

/// Begins a session and gives its id and first refresh token.
pub fn begin_session(tx: &Transaction<'_>, account: Uuid, now_ms: i64) -> Result<(Uuid, String), StoreError> {
    let session = secret::id(now_ms)?;
    let key: [u8; 32] = secret::bytes()?;
    let sql = "insert into sessions (id, account_id, refresh_key, refresh_counter, refreshed_at, created_at)
               values (?1, ?2, ?3, 0, ?4, ?4)";
    tx.execute(sql, params![session.to_string(), account.to_string(), key, now_ms])?;
    let sql = "delete from sessions where id in
               (select id from sessions where account_id = ?1 order by created_at desc, id desc limit -1 offset ?2)";
    tx.execute(sql, params![account.to_string(), MOST_SESSIONS])?;
    let sql = "update accounts set last_sign_in_at = ?2 where id = ?1";
    tx.execute(sql, params![account.to_string(), now_ms])?;
    Ok((session, RefreshToken::issue(session, 0, &key)))
}

/// A session as it is stored.
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) account: Uuid,
    /// What its tokens are signed with.
    pub(crate) key: [u8; 32],
    /// The how manieth token is current.
    pub(crate) counter: i64,
    pub(crate) refreshed_at: i64,
}

/// How a session goes on when one of its tokens is presented.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The token of that number is current from now on.
    Rotate(i64),
    /// The current token is given again.
    Again,
    /// The session is over.
    End(Refresh),
}

impl Session {
    /// The current token is replaced by a new one. The one before it, whose answer the device may never have stored,
    /// gets the current one again, at any time; an older one gets it only within [`REUSE_INTERVAL_MS`] of the last
    /// rotation, and ends the session after that.
    pub(crate) fn next(&self, presented: &RefreshToken, now_ms: i64) -> Next {
        let recent = now_ms.abs_diff(self.refreshed_at) <= REUSE_INTERVAL_MS.unsigned_abs();
        match self.counter.checked_sub(presented.counter) {
            // A backup was put back: whose tokens went on since cannot be told, so the next try is sent to sign in.
            None | Some(..0) => Next::End(Refresh::NotIssuedHere),
            Some(0) => Next::Rotate(self.counter + 1),
            Some(1) => Next::Again,
            Some(_) if recent => Next::Again,
            Some(_) => Next::End(Refresh::AlreadyUsed),
        }
    }

    /// The answer that gives the token of that number.
    pub(crate) fn granted(&self, counter: i64) -> Refresh {
        let token = RefreshToken::issue(self.id, counter, &self.key);
        Refresh::Granted { session: self.id, account: self.account, token }
    }
}

/// Goes on with a session, as [`Session::next`] says.
pub fn refresh(tx: &Transaction<'_>, presented: &str, now_ms: i64) -> Result<Refresh, StoreError> {
    let Some(presented) = RefreshToken::parse(presented) else { return Ok(Refresh::NotFound) };
    let Some(session) = stored(tx, presented.session)? else { return Ok(Refresh::NotFound) };
    if !presented.signed_with(&session.key) {
        return Ok(Refresh::NotFound);
    }
    if active_memberships(tx, session.account)?.is_empty() {
        return Ok(Refresh::Banned);
    }
    match session.next(&presented, now_ms) {
        Next::Rotate(counter) => {
            let sql = "update sessions set refresh_counter = ?2, refreshed_at = ?3 where id = ?1";
            tx.execute(sql, params![session.id.to_string(), counter, now_ms])?;
            Ok(session.granted(counter))
        }
        Next::Again => Ok(session.granted(session.counter)),
        Next::End(why) => {
            tx.execute("delete from sessions where id = ?1", [session.id.to_string()])?;
            Ok(why)
        }
    }
}

fn stored(connection: &Connection, id: Uuid) -> Result<Option<Session>, StoreError> {
    let sql = "select account_id, refresh_key, refresh_counter, refreshed_at from sessions where id = ?1";
    let columns = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let found = connection.prepare_cached(sql)?.query_row([id.to_string()], columns).optional()?;
    let Some((account, key, counter, refreshed_at)) = found else { return Ok(None) };
    Ok(Some(Session { id, account: parse_id(&account)?, key, counter, refreshed_at }))
}

/// Whether the session has not been ended.
pub fn session_exists(connection: &Connection, session: Uuid, account: Uuid) -> Result<bool, StoreError> {
    let sql = "select 1 from sessions where id = ?1 and account_id = ?2";
    Ok(connection.prepare_cached(sql)?.exists([session.to_string(), account.to_string()])?)
}

/// Ends sessions.
pub fn sign_out(
    tx: &Transaction<'_>,
    account: Uuid,
    session: Uuid,
    scope: SignOut,
) -> Result<(), StoreError> {
    let which = match scope {
        SignOut::Global => "account_id = ?1 or id = ?2",
        SignOut::Local => "account_id = ?1 and id = ?2",
        SignOut::Others => "account_id = ?1 and id <> ?2",
    };
    tx.execute(&format!("delete from sessions where {which}"), [account.to_string(), session.to_string()])?;
    Ok(())
}

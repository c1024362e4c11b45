//! What Auth and Realtime ask of the accounts, wherever these are kept. Every call is one transaction: all of it or
//! nothing.

use super::{
    Account, Accounts, Refresh, SignOut, StoreError, account, account_by_email, active_memberships,
    begin_session, change_password, deactivate, membership, refresh, session_exists, set_metadata, shops,
    sign_out,
};
use futures_util::future::BoxFuture;
use uuid::Uuid;

/// An answer that takes a while.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// What a right password led to.
#[derive(Debug)]
pub enum SignIn {
    /// A session has begun.
    Begun {
        /// Whose it is, as the account stands now.
        account: Account,
        /// The session.
        session: Uuid,
        /// Its first refresh token.
        token: String,
    },
    /// The password is not the one any more that was held against it.
    Stale,
    /// The account works nowhere any more.
    Banned,
}

/// What a person changes of their own account.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What the person's apps keep with the account: a JSON object.
    pub metadata: Option<String>,
    /// The new password's hash. It ends the account's other sessions.
    pub password_hash: Option<String>,
}

/// The accounts of a hub.
pub trait Registry: Send + Sync + 'static {
    /// The account with that id.
    fn account(&self, id: Uuid) -> Answer<'_, Option<Account>>;

    /// The account with that address, in its normal form.
    fn account_by_email(&self, email: String) -> Answer<'_, Option<Account>>;

    /// Begins a session of an account whose password was right. It may have changed, or the person left, while it was
    /// being checked.
    fn sign_in(&self, known: Account, now_ms: i64) -> Answer<'_, SignIn>;

    /// Goes on with a session.
    fn refresh(&self, presented: String, now_ms: i64) -> Answer<'_, Refresh>;

    /// Whether a session of an account has not been ended, and the account.
    fn session(&self, session: Uuid, account: Uuid) -> Answer<'_, (bool, Option<Account>)>;

    /// Ends sessions.
    fn sign_out(&self, account: Uuid, session: Uuid, scope: SignOut) -> Answer<'_, ()>;

    /// Changes an account, and says how it stands then.
    fn change(
        &self,
        account: Uuid,
        session: Uuid,
        changes: Changes,
        now_ms: i64,
    ) -> Answer<'_, Option<Account>>;

    /// Whether an account works in a shop.
    fn is_member(&self, shop: Uuid, account: Uuid) -> Answer<'_, bool>;

    /// Ends a membership, and every session of the account.
    fn deactivate(&self, shop: Uuid, account: Uuid, now_ms: i64) -> Answer<'_, ()>;

    /// Whether the accounts can be asked at all.
    fn is_there(&self) -> Answer<'_, ()>;
}

impl Registry for Accounts {
    fn account(&self, id: Uuid) -> Answer<'_, Option<Account>> {
        Box::pin(self.read(move |c| account(c, id)))
    }

    fn account_by_email(&self, email: String) -> Answer<'_, Option<Account>> {
        Box::pin(self.read(move |c| account_by_email(c, &email)))
    }

    fn sign_in(&self, known: Account, now_ms: i64) -> Answer<'_, SignIn> {
        Box::pin(self.write(move |tx| {
            let still = account(tx, known.id)?.filter(|now| now.password_hash == known.password_hash);
            if still.is_none() {
                return Ok(SignIn::Stale);
            }
            if active_memberships(tx, known.id)?.is_empty() {
                return Ok(SignIn::Banned);
            }
            let (session, token) = begin_session(tx, known.id, now_ms)?;
            let now = account(tx, known.id)?;
            Ok(now.map_or(SignIn::Stale, |account| SignIn::Begun { account, session, token }))
        }))
    }

    fn refresh(&self, presented: String, now_ms: i64) -> Answer<'_, Refresh> {
        Box::pin(self.write(move |tx| refresh(tx, &presented, now_ms)))
    }

    fn session(&self, session: Uuid, id: Uuid) -> Answer<'_, (bool, Option<Account>)> {
        Box::pin(self.read(move |c| Ok((session_exists(c, session, id)?, account(c, id)?))))
    }

    fn sign_out(&self, account: Uuid, session: Uuid, scope: SignOut) -> Answer<'_, ()> {
        Box::pin(self.write(move |tx| sign_out(tx, account, session, scope)))
    }

    fn change(&self, id: Uuid, session: Uuid, changes: Changes, now_ms: i64) -> Answer<'_, Option<Account>> {
        Box::pin(self.write(move |tx| {
            if let Some(metadata) = changes.metadata {
                set_metadata(tx, id, &metadata, now_ms)?;
            }
            if let Some(hash) = changes.password_hash {
                change_password(tx, id, session, &hash, now_ms)?;
            }
            account(tx, id)
        }))
    }

    fn is_member(&self, shop: Uuid, account: Uuid) -> Answer<'_, bool> {
        Box::pin(self.read(move |c| Ok(membership(c, shop, account)?.is_some())))
    }

    fn deactivate(&self, shop: Uuid, account: Uuid, now_ms: i64) -> Answer<'_, ()> {
        Box::pin(self.write(move |tx| deactivate(tx, shop, account, now_ms)))
    }

    fn is_there(&self) -> Answer<'_, ()> {
        Box::pin(self.read(|c| shops(c).map(drop)))
    }
}

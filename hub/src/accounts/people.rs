//! Accounts: a person, or a shared tablet, that signs in with an e-mail address and a password.

use super::members::parse_id;
use super::{Role, StoreError};
use crate::secret;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use uuid::Uuid;

/// An account as it is stored.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id: the `sub` of its tokens.
    pub id: Uuid,
    /// In its normal form.
    pub email: String,
    /// Argon2id, as a PHC string.
    pub password_hash: String,
    /// Whether the password is a first one, to be changed.
    pub must_change: bool,
    /// What the person's apps keep with the account: a JSON object.
    pub metadata: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// Unix milliseconds.
    pub last_sign_in_at: Option<i64>,
}

const COLUMNS: &str =
    "id, email, password_hash, must_change, metadata, created_at, updated_at, last_sign_in_at";

/// Why an invitation was refused.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The text is no e-mail address.
    #[error("email: must be an e-mail address")]
    NotAnEmail,
    /// The person works there already.
    #[error("email: this account is already an active member of the shop")]
    AlreadyMember,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The one form under which an address is stored and found; nothing if the text cannot be an address.
pub fn normal_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (name, host) = email.rsplit_once('@')?;
    let plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    (email.len() <= 254 && plain(name) && plain(host) && !name.contains('@')).then_some(email)
}

/// The account with that id.
pub fn account(connection: &Connection, id: Uuid) -> Result<Option<Account>, StoreError> {
    find(connection, "id", &id.to_string())
}

/// The account with that address, in its normal form.
pub fn account_by_email(connection: &Connection, email: &str) -> Result<Option<Account>, StoreError> {
    find(connection, "email", email)
}

fn find(connection: &Connection, column: &str, value: &str) -> Result<Option<Account>, StoreError> {
    let sql = format!("select {COLUMNS} from accounts where {column} = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([value], columns).optional()?;
    found.map(|(id, account)| Ok(Account { id: parse_id(&id)?, ..account })).transpose()
}

fn columns(row: &Row<'_>) -> rusqlite::Result<(String, Account)> {
    let account = Account {
        id: Uuid::nil(),
        email: row.get(1)?,
        password_hash: row.get(2)?,
        must_change: row.get(3)?,
        metadata: row.get(4)?,
        created_at: row.get(5)?,
        updated_at: row.get(6)?,
        last_sign_in_at: row.get(7)?,
    };
    Ok((row.get(0)?, account))
}

/// Makes someone a member of a shop, with a first password. An account that the hub knows
/// already is signed out everywhere and gets a new first password.
pub fn invite(
    tx: &Transaction<'_>,
    shop: Uuid,
    email: &str,
    (role, station): (Role, bool),
    first_password_hash: &str,
    now_ms: i64,
) -> Result<Uuid, InviteError> {
    let email = normal_email(email).ok_or(InviteError::NotAnEmail)?;
    let id = match account_by_email(tx, &email)? {
        Some(known) if super::membership(tx, shop, known.id)?.is_some() => {
            return Err(InviteError::AlreadyMember);
        }
        Some(known) => {
            store_password(tx, known.id, first_password_hash, true, now_ms)?;
            tx.execute("delete from sessions where account_id = ?1", [known.id.to_string()])
                .map_err(StoreError::from)?;
            known.id
        }
        None => {
            let id = secret::id(now_ms).map_err(StoreError::from)?;
            let sql = "insert into accounts (id, email, password_hash, must_change, created_at, updated_at)
                       values (?1, ?2, ?3, 1, ?4, ?4)";
            tx.execute(sql, params![id.to_string(), email, first_password_hash, now_ms])
                .map_err(StoreError::from)?;
            id
        }
    };
    let sql = "insert into memberships (shop_id, account_id, role, station, active, updated_at)
               values (?1, ?2, ?3, ?4, 1, ?5)
               on conflict do update set role = ?3, station = ?4, active = 1, updated_at = ?5";
    tx.execute(sql, params![shop.to_string(), id.to_string(), role.word(), station, now_ms])
        .map_err(StoreError::from)?;
    Ok(id)
}

/// Stores the password that a person chose, and ends the account's other sessions.
pub fn change_password(
    tx: &Transaction<'_>,
    account: Uuid,
    session: Uuid,
    password_hash: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    store_password(tx, account, password_hash, false, now_ms)?;
    let sql = "delete from sessions where account_id = ?1 and id <> ?2";
    tx.execute(sql, [account.to_string(), session.to_string()])?;
    Ok(())
}

fn store_password(
    tx: &Transaction<'_>,
    account: Uuid,
    password_hash: &str,
    must_change: bool,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "update accounts set password_hash = ?2, must_change = ?3, updated_at = ?4 where id = ?1";
    tx.execute(sql, params![account.to_string(), password_hash, must_change, now_ms])?;
    Ok(())
}

/// Stores what the person's apps keep with the account.
pub fn set_metadata(tx: &Transaction<'_>, account: Uuid, json: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "update accounts set metadata = ?2, updated_at = ?3 where id = ?1";
    tx.execute(sql, params![account.to_string(), json, now_ms])?;
    Ok(())
}

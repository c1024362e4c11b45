//! Shops and who works in them.

use super::StoreError;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::Serialize;
use std::str::FromStr;
use uuid::Uuid;

/// What a person is in a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Owns the shop.
    Owner,
    /// May do all that the owner may.
    Admin,
    /// Runs the day.
    Manager,
    /// Repairs.
    Technician,
    /// Takes devices in and gives them back.
    FrontDesk,
}

impl Role {
    /// All roles, the highest first.
    pub const ALL: [Role; 5] = [Role::Owner, Role::Admin, Role::Manager, Role::Technician, Role::FrontDesk];

    /// The word in the database and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Manager => "manager",
            Role::Technician => "technician",
            Role::FrontDesk => "front_desk",
        }
    }
}

/// The word names no role.
#[derive(Debug, thiserror::Error)]
#[error("role: must be one of owner, admin, manager, technician, front_desk")]
pub struct NoSuchRole;

impl FromStr for Role {
    type Err = NoSuchRole;

    fn from_str(word: &str) -> Result<Role, NoSuchRole> {
        Role::ALL.into_iter().find(|role| role.word() == word).ok_or(NoSuchRole)
    }
}

/// An active membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The shop.
    pub shop: Uuid,
    /// The account.
    pub account: Uuid,
    /// What the person is there.
    pub role: Role,
    /// Whether the account is a shared tablet, where people switch by PIN.
    pub station: bool,
}

/// Adds a shop.
pub fn add_shop(tx: &Transaction<'_>, shop: Uuid, name: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "insert into shops (id, name, created_at) values (?1, ?2, ?3)";
    tx.execute(sql, params![shop.to_string(), name, now_ms])?;
    Ok(())
}

/// All shops, in the order of their making.
pub fn shops(connection: &Connection) -> Result<Vec<Uuid>, StoreError> {
    let mut statement = connection.prepare_cached("select id from shops order by id")?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    ids.iter().map(|text| parse_id(text)).collect()
}

/// All shops with what `init` was told they are called.
pub fn shop_names(connection: &Connection) -> Result<Vec<(Uuid, String)>, StoreError> {
    let mut statement = connection.prepare_cached("select id, name from shops order by id")?;
    let found = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    found.collect::<Result<Vec<_>, _>>()?.into_iter().map(|(id, name)| Ok((parse_id(&id)?, name))).collect()
}

/// A membership, ended or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The account.
    pub account: Uuid,
    /// Its address.
    pub email: String,
    /// What it is in the shop.
    pub role: Role,
    /// Whether it is a shared tablet.
    pub station: bool,
    /// Whether it has not ended.
    pub active: bool,
}

/// Everybody who works or worked in a shop.
pub fn memberships(connection: &Connection, shop: Uuid) -> Result<Vec<Membership>, StoreError> {
    let sql = "select account_id, email, role, station, active from memberships
               join accounts on accounts.id = account_id where shop_id = ?1 order by account_id";
    let mut statement = connection.prepare_cached(sql)?;
    let columns = |row: &Row<'_>| {
        let texts = (row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?);
        Ok((texts, row.get(3)?, row.get(4)?))
    };
    let found = statement.query_map([shop.to_string()], columns)?.collect::<Result<Vec<_>, _>>()?;
    found
        .into_iter()
        .map(|((account, email, role), station, active)| {
            let role = role.parse().map_err(|NoSuchRole| StoreError::Broken("role"))?;
            Ok(Membership { account: parse_id(&account)?, email, role, station, active })
        })
        .collect()
}

/// Brings a person's membership in line with what the shop's books say: a role, where the hub knows it, and whether
/// they work there. An account without a membership, and a shared tablet, stay as they are. Says whether the
/// membership was ended by it.
pub fn align(
    tx: &Transaction<'_>,
    shop: Uuid,
    account: Uuid,
    (role, works): (Option<Role>, bool),
    now_ms: i64,
) -> Result<bool, StoreError> {
    let sql = "select active from memberships where shop_id = ?1 and account_id = ?2 and station = 0";
    let known: Option<bool> =
        tx.query_row(sql, [shop.to_string(), account.to_string()], |row| row.get(0)).optional()?;
    let Some(active) = known else { return Ok(false) };
    let sql = "update memberships set role = coalesce(?3, role), active = ?4, updated_at = ?5
               where shop_id = ?1 and account_id = ?2 and (role <> coalesce(?3, role) or active <> ?4)";
    let role = role.map(Role::word);
    tx.execute(sql, params![shop.to_string(), account.to_string(), role, works, now_ms])?;
    if active && !works {
        deactivate(tx, shop, account, now_ms)?;
    }
    Ok(active && !works)
}

/// The shop that `init` made.
pub fn the_shop(connection: &Connection) -> Result<Uuid, StoreError> {
    shops(connection)?.first().copied().ok_or(StoreError::Missing)
}

/// The active membership of an account in a shop, if there is one.
pub fn membership(connection: &Connection, shop: Uuid, account: Uuid) -> Result<Option<Member>, StoreError> {
    let sql = "select shop_id, account_id, role, station from memberships
               where shop_id = ?1 and account_id = ?2 and active = 1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([shop.to_string(), account.to_string()], member_columns)
        .optional()?;
    found.map(member).transpose()
}

/// Where an account may work now.
pub fn active_memberships(connection: &Connection, account: Uuid) -> Result<Vec<Member>, StoreError> {
    let sql = "select shop_id, account_id, role, station from memberships
               where account_id = ?1 and active = 1 order by shop_id";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([account.to_string()], member_columns)?.collect::<Result<Vec<_>, _>>()?;
    found.into_iter().map(member).collect()
}

/// The shops that an account is an active member of, with their names.
pub fn named_memberships(connection: &Connection, account: Uuid) -> Result<Vec<(Uuid, String)>, StoreError> {
    let sql = "select shops.id, shops.name from memberships join shops on shops.id = shop_id
               where account_id = ?1 and active = 1 order by shops.id";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_map([account.to_string()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    found.into_iter().map(|(id, name)| Ok((parse_id(&id)?, name))).collect()
}

/// How many active owners a shop has.
pub fn owners(connection: &Connection, shop: Uuid) -> Result<i64, StoreError> {
    let sql = "select count(*) from memberships where shop_id = ?1 and role = 'owner' and active = 1";
    Ok(connection.query_row(sql, [shop.to_string()], |row| row.get(0))?)
}

/// Ends a membership, and every session of the account: the person is signed out everywhere.
pub fn deactivate(tx: &Transaction<'_>, shop: Uuid, account: Uuid, now_ms: i64) -> Result<(), StoreError> {
    let sql = "update memberships set active = 0, updated_at = ?3 where shop_id = ?1 and account_id = ?2";
    tx.execute(sql, params![shop.to_string(), account.to_string(), now_ms])?;
    tx.execute("delete from sessions where account_id = ?1", [account.to_string()])?;
    Ok(())
}

pub(super) fn parse_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|_| StoreError::Broken("id"))
}

type MemberColumns = (String, String, String, bool);

fn member_columns(row: &Row<'_>) -> rusqlite::Result<MemberColumns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn member((shop, account, role, station): MemberColumns) -> Result<Member, StoreError> {
    let role = role.parse().map_err(|NoSuchRole| StoreError::Broken("role"))?;
    Ok(Member { shop: parse_id(&shop)?, account: parse_id(&account)?, role, station })
}

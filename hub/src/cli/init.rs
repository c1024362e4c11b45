//! `init`: a new shop, all of it or nothing.

use super::made::{Made, pairing, tell};
use super::{CliError, InitArgs, books, check_name, on_postgres, print};
use crate::accounts::{Accounts, GatewayKeys, InviteError, Role, add_shop, invite, shops, store_keys};
use crate::auth::{password, token};
use crate::clock::SystemClock;
use crate::functions::staff::{self, Newcomer};
use crate::tls::{self, Files};
use crate::{files, secret};
use rusqlite::Transaction;
use serde_json::json;
use uuid::Uuid;

pub(super) fn run(args: &InitArgs) -> Result<(), CliError> {
    if !(1..=120).contains(&args.shop_name.trim().chars().count()) {
        return Err(CliError::ShopName);
    }
    let email =
        crate::accounts::normal_email(&args.email).ok_or(CliError::Invite(InviteError::NotAnEmail))?;
    check_name(args.name.as_deref())?;
    let made = match args.common.own_address()? {
        Some(address) => on_postgres::block_on(on_postgres::init(args, &email, address))?,
        None => in_folder(args, email)?,
    };
    if args.common.json {
        print(&json!({
            "shop": made.shop,
            "anon_key": made.keys.anon,
            "service_key": made.keys.service,
            "owner": {"email": made.email, "password": made.password},
        }))?;
    }
    Ok(())
}

fn in_folder(args: &InitArgs, email: String) -> Result<Made, CliError> {
    let data = args.common.folder()?;
    files::private_folder(data)?;
    let now_ms = SystemClock::start().now_ms();
    let password = secret::password()?;
    let hash = password::hash(&password)?;
    // The shop commits last: a run that broke off before that can be repeated.
    let made = Accounts::create(data)?.run(|tx| {
        if !shops(tx)?.is_empty() {
            return Err(CliError::AlreadyThere);
        }
        let name = args.shop_name.trim();
        let (shop, account, keys) = new_shop(tx, name, &email, &hash, now_ms)?;
        let ledger = books(data)?;
        staff::found(&ledger, shop, name)?;
        let (name, role) = (args.name.as_deref(), Role::Owner);
        staff::enter(&ledger, shop, Newcomer { account, email: &email, name, role })?;
        tls::create(&Files::of(data), &tls::machine_names(&args.hosts), now_ms)?;
        Ok(Made { shop, keys, email, password })
    })?;
    let pairing = pairing(data, &made.keys.anon, &args.hosts)?;
    pairing.save(data)?;
    tell(Some(data), &made, Some(&pairing))?;
    Ok(made)
}

fn new_shop(
    tx: &Transaction<'_>,
    name: &str,
    email: &str,
    hash: &str,
    now_ms: i64,
) -> Result<(Uuid, Uuid, GatewayKeys), CliError> {
    let shop = secret::id(now_ms)?;
    add_shop(tx, shop, name, now_ms)?;
    let account = invite(tx, shop, email, (Role::Owner, false), hash, now_ms)?;
    let keys = store_keys(tx, &token::new_signing_key()?, now_ms)?;
    Ok((shop, account, keys))
}

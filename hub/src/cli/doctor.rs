//! `doctor`: looks, changes nothing, and says what is wrong and what to do about it.

use super::{CliError, DoctorArgs, print, say};
use crate::accounts::{Accounts, StoreError, load_keys, owners, shops};
use crate::auth::token::Signer;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::files;
use crate::ledger::Ledger;
use crate::tls::{self, Files, RENEW_DAYS};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;
use std::path::Path;

#[derive(Debug, Serialize)]
struct Problem {
    code: &'static str,
    message: String,
}

fn problem(code: &'static str, message: impl Into<String>) -> Problem {
    Problem { code, message: message.into() }
}

pub(super) fn run(args: DoctorArgs) -> Result<(), CliError> {
    let data = args.common.data.as_path();
    let config = Config::load(args.configured.options, args.configured.config.as_deref(), data)?;
    let now_ms = SystemClock::start().now_ms();
    let accounts = Accounts::open(data)?;
    let mut problems = accounts.look(database)?;
    problems.extend(accounts.look(keys)?);
    problems.extend(certificates(data, &config, now_ms));
    problems.extend(permissions(data));
    for problem in &problems {
        say(&format!("{}: {}", problem.code, problem.message));
    }
    if problems.is_empty() {
        say("no problems found");
    }
    if args.common.json {
        print(&json!({"problems": problems}))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(CliError::Problems) }
}

fn database(connection: &Connection) -> Result<Vec<Problem>, StoreError> {
    let mut problems = Vec::new();
    let mut check = connection.prepare("pragma integrity_check(20)")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    if lines.iter().any(|line| line != "ok") {
        problems.push(problem("database_damaged", "the database is damaged: restore the last backup"));
    }
    if connection.prepare("pragma foreign_key_check")?.exists([])? {
        problems.push(problem("database_inconsistent", "rows of the database point to rows that are gone"));
    }
    let shops = shops(connection)?;
    if shops.is_empty() {
        problems.push(problem("no_shop", "there is no shop: run `counterpart-hub init`"));
    }
    for shop in shops {
        if owners(connection, shop)? == 0 {
            let message = format!("shop {shop} has no active owner: invite one with --role owner");
            problems.push(problem("no_owner", message));
        }
    }
    Ok(problems)
}

fn keys(connection: &Connection) -> Result<Vec<Problem>, StoreError> {
    let broken = |message: &str| vec![problem("keys_broken", message)];
    match load_keys(connection) {
        Ok(keys) if Signer::new(&keys.signing).is_err() => {
            Ok(broken("the key that signs access tokens cannot be used: restore the last backup"))
        }
        Ok(_) => Ok(Vec::new()),
        Err(StoreError::Broken(_)) => Ok(broken("keys are missing or broken: restore the last backup")),
        Err(error) => Err(error),
    }
}

fn certificates(data: &Path, config: &Config, now_ms: i64) -> Vec<Problem> {
    let files = Files::of(data);
    let own = config.certificate.is_none();
    let (leaf, key) = config.certificate.clone().unwrap_or_else(|| (files.leaf(), files.leaf_key()));
    let mut problems = Vec::new();
    if let Err(error) = tls::server_config(&leaf, &key) {
        problems.push(problem("certificate_unusable", error.to_string()));
        return problems;
    }
    problems.extend(dates("leaf", &leaf, own, now_ms));
    if own {
        problems.extend(dates("root", &files.root(), false, now_ms));
        problems.extend(names(&leaf));
    }
    problems
}

fn dates(what: &str, path: &Path, renewed: bool, now_ms: i64) -> Option<Problem> {
    let days = match tls::facts(path) {
        Ok(facts) => facts.days_left(now_ms),
        Err(error) => return Some(problem("certificate_unusable", error.to_string())),
    };
    let then = if renewed { "restart the hub: it makes a new one" } else { "replace it" };
    if days < 0 {
        Some(problem("certificate_expired", format!("the {what} certificate has expired: {then}")))
    } else if days < RENEW_DAYS {
        let message = format!("the {what} certificate ends in {days} days: {then}");
        Some(problem("certificate_ends_soon", message))
    } else {
        None
    }
}

fn names(leaf: &Path) -> Option<Problem> {
    let facts = tls::facts(leaf).ok()?;
    let missing =
        tls::lan_addresses().into_iter().find(|address| !facts.names.contains(&address.to_string()))?;
    let message = format!("the certificate does not name {missing}: restart the hub, it makes a new one");
    Some(problem("certificate_misses_address", message))
}

fn permissions(data: &Path) -> Vec<Problem> {
    let files = Files::of(data);
    let secrets = [Accounts::path(data), Ledger::path(data), files.root_key(), files.leaf_key()];
    let folder_private = matches!(files::others_may_read(data), Ok(false));
    let open = secrets.into_iter().filter(|path| matches!(files::others_may_read(path), Ok(true)));
    open.filter(|_| !folder_private)
        .map(|path| {
            problem("secret_readable", format!("{}: other users of this machine may read it", path.display()))
        })
        .collect()
}

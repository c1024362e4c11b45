//! `doctor`: looks, and says what is wrong and what to do about it. It changes nothing unless it is asked to restamp.

use super::{CliError, DoctorArgs, on_postgres, print, say};
use crate::accounts::{Accounts, StoreError, load_keys, memberships, owners, shops};
use crate::auth::token::Signer;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::files;
use crate::ledger::Ledger;
use crate::postgres::{Address, Database, look, restamp};
use crate::tls::{self, Files, RENEW_DAYS};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Below this many free bytes a disk is almost full.
const FREE_AT_LEAST: u64 = 500 << 20;
/// How long changes may be in no backup of ours where the hub makes none by itself.
const UNSAVED_AT_MOST: Duration = Duration::from_secs(7 * 86_400);

#[derive(Debug, Serialize)]
struct Problem {
    code: &'static str,
    message: String,
}

fn problem(code: &'static str, message: impl Into<String>) -> Problem {
    Problem { code, message: message.into() }
}

pub(super) fn run(args: DoctorArgs) -> Result<(), CliError> {
    let data = args.common.data.as_deref();
    let config = Config::load(args.configured.options.clone(), args.configured.config.as_deref(), data)?;
    let problems = match args.common.address(&config)? {
        Some(address) => in_database(&args, &config, address)?,
        None => in_folder(&args, &config)?,
    };
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

/// What is wrong in the database, and with the certificates where there is a folder.
fn in_database(args: &DoctorArgs, config: &Config, address: Address) -> Result<Vec<Problem>, CliError> {
    let found = on_postgres::block_on(async {
        let database = Database::new(address, 1)?;
        if args.restamp {
            let rows = restamp(&database).await?;
            say(&format!("{rows} rows were stamped"));
        }
        Ok(look(&database).await?)
    })?;
    let mut problems: Vec<Problem> =
        found.into_iter().map(|finding| problem(finding.code, finding.message)).collect();
    if let Some(data) = args.common.data.as_deref() {
        problems.extend(certificates(data, config, SystemClock::start().now_ms()));
        problems.extend(permissions(data));
    }
    Ok(problems)
}

fn in_folder(args: &DoctorArgs, config: &Config) -> Result<Vec<Problem>, CliError> {
    let data = args.common.folder()?;
    let now_ms = SystemClock::start().now_ms();
    let accounts = Accounts::open(data)?;
    if args.restamp {
        let rows = super::books(data)?.restamp()?;
        say(&format!("{rows} rows were stamped"));
    }
    let mut problems = accounts.look(database)?;
    problems.extend(books(data, &accounts, config, now_ms)?);
    problems.extend(accounts.look(keys)?);
    problems.extend(certificates(data, config, now_ms));
    problems.extend(permissions(data));
    problems.extend(disk(data)?);
    Ok(problems)
}

fn books(data: &Path, accounts: &Accounts, config: &Config, now_ms: i64) -> Result<Vec<Problem>, CliError> {
    if !Ledger::path(data).is_file() {
        return Ok(vec![problem("books_missing", "the books are gone: restore the last backup")]);
    }
    let ledger = match super::books(data) {
        Ok(ledger) => ledger,
        Err(error) => return Ok(vec![problem("books_damaged", format!("{error}: restore the last backup"))]),
    };
    let found = ledger.look()?;
    let mut problems: Vec<Problem> =
        found.into_iter().map(|finding| problem(finding.code, finding.message)).collect();
    if problems.iter().any(|problem| problem.code == "books_damaged") {
        return Ok(problems);
    }
    for shop in accounts.look(shops)? {
        let people = accounts.look(|connection| memberships(connection, shop))?;
        for person in people.into_iter().filter(|person| person.active && !person.station) {
            if ledger.person(&shop.to_string(), &person.account.to_string())?.is_none() {
                let account = person.account;
                let message =
                    format!("account {account} is nobody in the books: restart the hub, it enters them");
                problems.push(problem("account_without_employee", message));
            }
        }
    }
    let within = config.backups.as_ref().map_or(UNSAVED_AT_MOST, |plan| plan.every * 2);
    let age = ledger.unsafe_since()?.map_or(0, |since| now_ms.saturating_sub(since));
    if u64::try_from(age).unwrap_or(0) > u64::try_from(within.as_millis()).unwrap_or(u64::MAX) {
        let message =
            "changes are in no backup since long: run `counterpart-hub backup`, and see the log why";
        problems.push(problem("backup_too_old", message));
    }
    Ok(problems)
}

/// A backup needs about twice the room of the databases while it is made.
#[cfg(unix)]
fn disk(data: &Path) -> Result<Option<Problem>, CliError> {
    let disk = rustix::fs::statvfs(data).map_err(std::io::Error::from)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let used: u64 = [Ledger::path(data), Accounts::path(data)]
        .iter()
        .map(|path| std::fs::metadata(path).map_or(0, |file| file.len()))
        .sum();
    let full = free < FREE_AT_LEAST.max(used * 3);
    Ok(full.then(|| problem("disk_almost_full", format!("only {} MB are free on the disk", free >> 20))))
}

#[cfg(not(unix))]
fn disk(_: &Path) -> Result<Option<Problem>, CliError> {
    Ok(None)
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

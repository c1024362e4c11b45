//! The command line: JSON on standard output for scripts, words on standard error for people.

mod backup;
mod doctor;
mod init;
mod invite;
mod made;
mod on_postgres;
mod premises;
mod serve;

use crate::accounts::{InviteError, NoSuchRole, StoreError};
use crate::auth::password::PasswordError;
use crate::auth::token::BadSigningKey;
use crate::backup::BackupError;
use crate::config::{Config, ConfigError, Options};
use crate::functions::FunctionsError;
use crate::hub::OpenError;
use crate::ledger::{Ledger, LedgerError};
use crate::pairing::TooLong;
use crate::postgres::Address;
use crate::secret::NoRandomness;
use crate::tls::TlsError;
use clap::{Args, Parser, Subcommand};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Counterpart's hub: the server of a repair shop, on the shop's own machine.
///
/// Begin with `counterpart-hub init --data DIR`, then `counterpart-hub serve --data DIR`; or, on PostgreSQL, with
/// `--database postgres://…` in its place or beside it. Every flag that names an
/// environment variable can also stand in DIR/hub.toml (with _ for -, limits under its table "limits").
#[derive(Parser)]
#[command(name = "counterpart-hub", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up a new shop: owner, keys and certificates. Once for each folder.
    Init(InitArgs),
    /// Serve the shop's devices until told to stop (Ctrl-C or SIGTERM).
    Serve(ServeArgs),
    /// Give someone an account, with a first password to be changed.
    Invite(InviteArgs),
    /// Back everything up into one file, also while the hub serves.
    Backup(BackupArgs),
    /// Put a backup back, while the hub does not serve. Devices give back what the backup does not hold.
    Restore(RestoreArgs),
    /// Look for problems: database, keys, certificates. Exit status 0 when there are none.
    Doctor(DoctorArgs),
}

#[derive(Args)]
struct Common {
    /// The hub's folder: database, certificates, configuration. Back it up, and keep it private. With --database it
    /// holds certificates and configuration alone, and may be left out where neither is needed.
    #[arg(long, env = "COUNTERPART_HUB_DATA", value_name = "DIR", required_unless_present = "database")]
    data: Option<PathBuf>,
    /// PostgreSQL 15 or newer in place of the folder's own database: shops, accounts, sessions and keys, for any number
    /// of hubs. `postgres://USER:PASSWORD@HOST/NAME`; another machine is only reached over TLS. Its role sets the
    /// database up, owns it, and need not be a superuser.
    #[arg(long, env = "COUNTERPART_HUB_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
    /// The certificate (PEM) that the database's is held against [default: the public authorities'].
    #[arg(long, env = "COUNTERPART_HUB_DATABASE_ROOT", value_name = "FILE", hide_short_help = true)]
    database_root: Option<PathBuf>,
    /// Print one line of JSON on standard output.
    #[arg(long)]
    json: bool,
}

impl Common {
    /// The database, if the command line or the folder's file names one.
    fn address(&self, config: &Config) -> Result<Option<Address>, CliError> {
        let (url, root) = match &self.database {
            Some(url) => (Some(url), self.database_root.as_ref()),
            None => (config.database.0.as_ref(), config.database.1.as_ref()),
        };
        Ok(url.map(|url| Address::parse(url, root.map(PathBuf::as_path))).transpose()?)
    }

    /// The same, for commands that take no other configuration.
    fn own_address(&self) -> Result<Option<Address>, CliError> {
        self.address(&Config::load(Options::default(), None, self.data.as_deref())?)
    }

    fn folder(&self) -> Result<&Path, CliError> {
        self.data.as_deref().ok_or(CliError::NoFolder)
    }

    /// The folder of a hub that keeps everything in it.
    fn own_folder(&self) -> Result<&Path, CliError> {
        if self.own_address()?.is_some() {
            return Err(CliError::NotOfAFolder);
        }
        self.folder()
    }
}

#[derive(Args)]
struct Configured {
    /// Configuration file [default: DIR/hub.toml, if there is one].
    #[arg(long, env = "COUNTERPART_HUB_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

#[derive(Args)]
struct InitArgs {
    #[command(flatten)]
    common: Common,
    /// The owner's e-mail address.
    #[arg(long, default_value = "owner@shop.example", value_name = "EMAIL")]
    email: String,
    /// The owner's name [default: the beginning of the address].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The shop's name.
    #[arg(long, default_value = "My shop", value_name = "NAME")]
    shop_name: String,
    /// Further name or address of this machine, for its certificate. May be repeated.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    configured: Configured,
}

#[derive(Args)]
struct InviteArgs {
    #[command(flatten)]
    common: Common,
    /// The person's e-mail address.
    #[arg(long, value_name = "EMAIL")]
    email: String,
    /// The person's name [default: the beginning of the address].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// owner, admin, manager, technician or front_desk.
    #[arg(long, value_name = "ROLE")]
    role: String,
    /// A shared tablet, where people switch by PIN.
    #[arg(long)]
    station: bool,
}

#[derive(Args)]
struct BackupArgs {
    #[command(flatten)]
    common: Common,
    /// The file to make. What is there already is never overwritten.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

#[derive(Args)]
struct RestoreArgs {
    #[command(flatten)]
    common: Common,
    /// The file that `backup` or `serve` has made.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The folder holds a hub: move its files aside, into a folder beside them.
    #[arg(long)]
    replace: bool,
}

#[derive(Args)]
struct DoctorArgs {
    #[command(flatten)]
    common: Common,
    /// First stamp rows that were changed in SQL, so that they reach the devices.
    #[arg(long)]
    restamp: bool,
    #[command(flatten)]
    configured: Configured,
}

/// Why a command did not do what it promises.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The folder has a shop already.
    #[error(
        "there is a shop already: nothing was changed. Give another --data folder or --database for another shop."
    )]
    AlreadyThere,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The invitation.
    #[error(transparent)]
    Invite(#[from] InviteError),
    /// The role.
    #[error(transparent)]
    Role(#[from] NoSuchRole),
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The signing key.
    #[error(transparent)]
    Key(#[from] BadSigningKey),
    /// Randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The hub.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The functions.
    #[error(transparent)]
    Functions(#[from] FunctionsError),
    /// The QR code.
    #[error(transparent)]
    Code(#[from] TooLong),
    /// The address to listen on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The system.
    #[error("{0}")]
    System(#[from] std::io::Error),
    /// The name of the shop.
    #[error("--shop-name: must have 1 to 120 characters")]
    ShopName,
    /// The name of the person.
    #[error("--name: must have 1 to 120 characters")]
    Name,
    /// The shop's books.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A folder is needed.
    #[error("--data: must name the folder that holds the certificates, unless --cert and --key do")]
    NoFolder,
    /// The command is about a folder's own database.
    #[error(
        "--database: PostgreSQL has tools of its own for this (pg_dump, pg_restore, or whoever runs it for you); \
         after putting a backup back: select public.begin_another_history()"
    )]
    NotOfAFolder,
    /// Another hub serves the folder.
    #[error("a hub serves this folder already: stop it first")]
    Serving,
    /// There are problems.
    #[error("there are problems")]
    Problems,
}

impl Cli {
    /// Does what the command line says.
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Init(args) => init::run(&args),
            Command::Serve(args) => serve::run(args),
            Command::Invite(args) => invite::run(&args),
            Command::Backup(args) => backup::backup(&args),
            Command::Restore(args) => backup::run_restore(&args),
            Command::Doctor(args) => doctor::run(args),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(CliError::Problems) => ExitCode::FAILURE,
            Err(error) => {
                say(&format!("counterpart-hub: {error}"));
                ExitCode::FAILURE
            }
        }
    }
}

/// The shops' books in a data folder.
fn books(data: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open(&Ledger::path(data), &REPAIR_SHOP, Env::system())
}

fn check_name(name: Option<&str>) -> Result<(), CliError> {
    let fits =
        |name: &str| (1..=120).contains(&name.trim().chars().count()) && !name.contains(char::is_control);
    if name.is_none_or(fits) { Ok(()) } else { Err(CliError::Name) }
}

/// A line for scripts.
fn print(json: &serde_json::Value) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{json}")?;
    Ok(out.flush()?)
}

/// A line for people.
fn say(line: &str) {
    eprintln!("{line}");
}

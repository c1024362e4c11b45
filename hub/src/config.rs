//! How the hub is configured: a flag beats the environment, the environment beats the file, the file beats the default.

use crate::announce::{BadName, Card};
use crate::backup::daily::Plan;
use crate::limits::Limits;
use clap::Args;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a hub listens that is told nothing.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);
const DEFAULT_ANNOUNCE_AS: &str = "Counterpart hub";
const DEFAULT_TOKEN_SECONDS: i64 = 3_600;
const DEFAULT_BACKUP_HOURS: u32 = 24;
const DEFAULT_BACKUP_DAYS: u32 = 7;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {source}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error("--cert and --key belong together: give both or neither")]
    HalfCertificate,
    /// Nobody else on the LAN can come to a hub that listens on loopback.
    #[error("--announce: the hub listens on loopback, where no other device reaches it: give --listen")]
    AnnounceLoopback,
    /// The name to announce.
    #[error(transparent)]
    AnnounceAs(#[from] BadName),
    /// A token must hold for a while.
    #[error("token_seconds: must be between 60 and 86400")]
    TokenSeconds,
}

/// What may be set; what is not set is left to the next source.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Address and port to listen on [default: 0.0.0.0:8443]. Loopback (127.0.0.1) is served without TLS.
    #[arg(long, env = "COUNTERPART_HUB_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Certificate to serve (PEM, the leaf first) instead of the one that init made.
    #[arg(long, env = "COUNTERPART_HUB_CERT", value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, env = "COUNTERPART_HUB_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where devices reach the hub, if that is not where it listens: `https://hub.example:8443`
    #[arg(long, env = "COUNTERPART_HUB_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Further name or address of this machine, for the certificate that init made. May be repeated.
    #[arg(long = "host", env = "COUNTERPART_HUB_HOSTS", value_name = "NAME", value_delimiter = ',')]
    pub hosts: Vec<String>,
    /// Behind a proxy of your own: the header in which it names the client's address. Set it only if every request
    /// passes that proxy.
    #[arg(long, env = "COUNTERPART_HUB_ADDRESS_HEADER", value_name = "HEADER", hide_short_help = true)]
    pub address_header: Option<String>,
    /// Make the hub known on the LAN, so that devices find it (multicast DNS, service _counterpart._tcp): its address,
    /// its port and the fingerprint of its root.
    #[arg(
        long,
        env = "COUNTERPART_HUB_ANNOUNCE",
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub announce: Option<bool>,
    /// The name that it is announced under [default: Counterpart hub]. Everybody on the LAN reads it.
    #[arg(long, env = "COUNTERPART_HUB_ANNOUNCE_AS", value_name = "NAME")]
    pub announce_as: Option<String>,
    /// How long an access token holds, in seconds [default: 3600].
    #[arg(long, env = "COUNTERPART_HUB_TOKEN_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    pub token_seconds: Option<i64>,
    /// Where the hub puts the backups that it makes by itself [default: DIR/backups]. Another disk is better.
    #[arg(long, env = "COUNTERPART_HUB_BACKUP_FOLDER", value_name = "DIR")]
    pub backup_folder: Option<PathBuf>,
    /// Hours from one of these backups to the next [default: 24]; 0 makes none.
    #[arg(long, env = "COUNTERPART_HUB_BACKUP_HOURS", value_name = "HOURS")]
    pub backup_hours: Option<u32>,
    /// Of how many days the last backup is kept [default: 7].
    #[arg(long, env = "COUNTERPART_HUB_BACKUP_DAYS", value_name = "DAYS")]
    pub backup_days: Option<u32>,
    /// Beside a PostgREST that serves the functions from PostgreSQL: where it listens. The hub then keeps accounts and
    /// channels, and checks the PINs of shared tablets.
    #[arg(long, env = "COUNTERPART_HUB_REST", value_name = "ADDRESS:PORT", hide_short_help = true)]
    pub rest: Option<SocketAddr>,
    /// The PostgreSQL that holds everything, where the command line does not name it.
    #[arg(skip)]
    pub database: Option<String>,
    /// Whose certificates are believed there.
    #[arg(skip)]
    pub database_root: Option<PathBuf>,
    /// The limits.
    #[command(flatten)]
    pub limits: LimitOptions,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty, $env:literal;)*) => {
        /// The limits that may be set.
        #[derive(Args, Clone, Debug, Default, Deserialize)]
        #[command(next_help_heading = "Limits")]
        #[serde(deny_unknown_fields, default)]
        pub struct LimitOptions {
            $($(#[doc = $doc])* #[arg(long, env = $env, value_name = "N", hide_short_help = true)] pub $name: Option<$type>,)*
        }

        impl LimitOptions {
            fn or(self, other: LimitOptions) -> LimitOptions {
                LimitOptions { $($name: self.$name.or(other.$name),)* }
            }

            fn limits(self) -> Limits {
                let default = Limits::default();
                Limits { $($name: self.$name.unwrap_or(default.$name),)* ..default }
            }
        }
    };
}

limits! {
    /// Open connections [default: 8192].
    connections: usize, "COUNTERPART_HUB_CONNECTIONS";
    /// Open realtime sockets [default: 4000].
    sockets: usize, "COUNTERPART_HUB_SOCKETS";
    /// Open realtime sockets of one account [default: 1500].
    sockets_per_account: usize, "COUNTERPART_HUB_SOCKETS_PER_ACCOUNT";
    /// Sign-ins and refreshes of one address in five minutes [default: 1500]. A shop's devices share one.
    tokens_per_address: u32, "COUNTERPART_HUB_TOKENS_PER_ADDRESS";
    /// Sign-ins and refreshes of one address at once [default: 300].
    token_burst: u32, "COUNTERPART_HUB_TOKEN_BURST";
    /// Wrong passwords of one account in five minutes [default: 30].
    passwords_per_account: u32, "COUNTERPART_HUB_PASSWORDS_PER_ACCOUNT";
    /// Wrong passwords of one account at once [default: 10].
    password_burst: u32, "COUNTERPART_HUB_PASSWORD_BURST";
    /// Requests of one account in a minute [default: 30000].
    requests_per_account: u32, "COUNTERPART_HUB_REQUESTS_PER_ACCOUNT";
    /// Requests of one account at once [default: 5000].
    request_burst: u32, "COUNTERPART_HUB_REQUEST_BURST";
    /// Bytes of a request's body, outside of Auth [default: 16777216].
    body: usize, "COUNTERPART_HUB_BODY";
    /// Connections to PostgreSQL, beside the one for pokes [default: 16].
    database_connections: usize, "COUNTERPART_HUB_DATABASE_CONNECTIONS";
}

/// The configuration of a run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The operator's own certificate and key.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Where devices reach the hub, if the operator says so.
    pub public_url: Option<String>,
    /// Further names of this machine.
    pub hosts: Vec<String>,
    /// The header in which a proxy names the client.
    pub address_header: Option<String>,
    /// The name that the hub is announced under, if it is.
    pub announce_as: Option<String>,
    /// How long an access token holds.
    pub token_seconds: i64,
    /// The backups that the hub makes by itself, if it does.
    pub backups: Option<Plan>,
    /// The PostgREST that serves the functions, if one does.
    pub rest: Option<SocketAddr>,
    /// The PostgreSQL that the file names, and whose certificates are believed there.
    pub database: (Option<String>, Option<PathBuf>),
    /// The limits.
    pub limits: Limits,
}

impl Config {
    /// Joins what was given on the command line and in the environment with the file: the named one, or `hub.toml` in
    /// the data folder, if it is there.
    pub fn load(given: Options, file: Option<&Path>, data: Option<&Path>) -> Result<Config, ConfigError> {
        let beside = || data.map(|data| data.join("hub.toml")).filter(|beside| beside.is_file());
        let path = file.map(Path::to_owned).or_else(beside);
        let from_file = path.map(|path| read(&path)).transpose()?.unwrap_or_default();
        Config::join(given, from_file, data)
    }

    fn join(given: Options, file: Options, data: Option<&Path>) -> Result<Config, ConfigError> {
        // A certificate on the command line must not meet a key of the file.
        let pair = if given.cert.is_some() || given.key.is_some() {
            (given.cert, given.key)
        } else {
            (file.cert, file.key)
        };
        let certificate = match pair {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(ConfigError::HalfCertificate),
        };
        let token_seconds = given.token_seconds.or(file.token_seconds).unwrap_or(DEFAULT_TOKEN_SECONDS);
        if !(60..=86_400).contains(&token_seconds) {
            return Err(ConfigError::TokenSeconds);
        }
        let listen = given.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN);
        let announce = given.announce.or(file.announce).unwrap_or(false);
        if announce && listen.ip().is_loopback() {
            return Err(ConfigError::AnnounceLoopback);
        }
        let announce_as = given.announce_as.or(file.announce_as);
        let announce_as = announce_as.unwrap_or_else(|| DEFAULT_ANNOUNCE_AS.to_owned());
        Card::check_name(&announce_as)?;
        let public_url = given.public_url.or(file.public_url);
        let hours = given.backup_hours.or(file.backup_hours).unwrap_or(DEFAULT_BACKUP_HOURS);
        let days = given.backup_days.or(file.backup_days).unwrap_or(DEFAULT_BACKUP_DAYS);
        let folder = given
            .backup_folder
            .or(file.backup_folder)
            .unwrap_or_else(|| data.unwrap_or(Path::new("")).join("backups"));
        let every = Duration::from_secs(u64::from(hours) * 3_600);
        let plan = Plan { folder, every, days: usize::try_from(days).unwrap_or(usize::MAX) };
        Ok(Config {
            listen,
            certificate,
            public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
            hosts: if given.hosts.is_empty() { file.hosts } else { given.hosts },
            address_header: given.address_header.or(file.address_header),
            announce_as: announce.then_some(announce_as),
            token_seconds,
            backups: (hours > 0).then_some(plan),
            rest: given.rest.or(file.rest),
            database: (file.database, file.database_root),
            limits: given.limits.or(file.limits).limits(),
        })
    }
}

fn read(path: &Path) -> Result<Options, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    toml::from_str(&text)
        .map_err(|source| ConfigError::Toml { path: path.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_beats_the_file_and_the_file_beats_the_default() {
        let file = toml::from_str("listen = \"127.0.0.1:1\"\n[limits]\nsockets = 7\nbody = 8\n").unwrap();
        let limits = LimitOptions { sockets: Some(9), ..LimitOptions::default() };
        let config =
            Config::join(Options { limits, ..Options::default() }, file, Some(Path::new("d"))).unwrap();
        assert_eq!((9, 8, 8_192), (config.limits.sockets, config.limits.body, config.limits.connections));
        assert_eq!("127.0.0.1:1".parse::<SocketAddr>().unwrap(), config.listen);
    }

    #[test]
    fn a_hub_is_announced_when_it_is_told_to_and_can_be_reached() {
        let join = |given: &str, file: &str| {
            let [given, file] = [given, file].map(|text| toml::from_str::<Options>(text).unwrap());
            Config::join(given, file, Some(Path::new("d")))
        };
        assert_eq!(join("", "").unwrap().announce_as, None);
        let named = join("", "announce = true\nannounce_as = \"Workshop\"").unwrap();
        assert_eq!(named.announce_as.as_deref(), Some("Workshop"));
        assert_eq!(join("announce = false", "announce = true").unwrap().announce_as, None);
        assert_eq!(join("announce = true", "").unwrap().announce_as.as_deref(), Some(DEFAULT_ANNOUNCE_AS));
        let loopback = join("announce = true", "listen = \"127.0.0.1:1\"");
        assert!(matches!(loopback, Err(ConfigError::AnnounceLoopback)));
        let long = format!("announce_as = \"{}\"", "x".repeat(57));
        assert!(matches!(join("", &long), Err(ConfigError::AnnounceAs(_))));
    }

    #[test]
    fn an_unknown_setting_and_half_a_certificate_are_refused() {
        assert!(toml::from_str::<Options>("lissten = 1").is_err());
        let file = toml::from_str("cert = \"a\"\nkey = \"b\"\n").unwrap();
        let half = Options { cert: Some("c".into()), ..Options::default() };
        assert!(matches!(Config::join(half, file, Some(Path::new("d"))), Err(ConfigError::HalfCertificate)));
    }
}

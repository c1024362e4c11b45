//! Where the database is, and how safely it is reached: on this machine as it likes, anywhere else only over TLS and
//! only where its certificate is believed.

use super::DatabaseError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a connection that says nothing is believed.
const QUIET: Duration = Duration::from_secs(30);

/// The database's address, with what it is reached as. It is never shown: it holds a password.
#[derive(Clone)]
pub struct Address {
    config: Config,
    root: Option<PathBuf>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

impl Address {
    /// Takes a `postgres://…` apart. Its certificate is held against `root` or, without one, the public authorities.
    pub fn parse(url: &str, root: Option<&Path>) -> Result<Address, DatabaseError> {
        let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
        let parsed: Option<Config> = url.parse().ok().filter(|_| is_url);
        let mut config = parsed.ok_or(DatabaseError::NotAnAddress)?;
        if config.get_hosts().is_empty() {
            return Err(DatabaseError::NotAnAddress);
        }
        if !config.get_hosts().iter().all(is_here) {
            if config.get_ssl_mode() == SslMode::Disable {
                return Err(DatabaseError::InTheClear);
            }
            // Whoever stands between could take "no TLS here" for an answer.
            config.ssl_mode(SslMode::Require);
        }
        config.application_name("counterpart-hub").connect_timeout(CONNECT);
        config.keepalives_idle(QUIET).tcp_user_timeout(QUIET);
        Ok(Address { config, root: root.map(Path::to_owned) })
    }

    pub(super) fn config(&self) -> Config {
        self.config.clone()
    }

    /// What checks the database's certificate.
    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, DatabaseError> {
        let mut roots = RootCertStore::empty();
        match &self.root {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                let certificates = CertificateDer::pem_file_iter(path).map_err(|_| DatabaseError::Root)?;
                for certificate in certificates {
                    let certificate = certificate.map_err(|_| DatabaseError::Root)?;
                    roots.add(certificate).map_err(|_| DatabaseError::Root)?;
                }
                if roots.is_empty() {
                    return Err(DatabaseError::Root);
                }
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| DatabaseError::Root)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<SslMode, DatabaseError> {
        Address::parse(url, None).map(|address| address.config.get_ssl_mode())
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_or_refused() {
        for url in ["postgres://u:p@db.example/shop", "postgresql://u@10.0.0.3/shop?sslmode=prefer"] {
            assert_eq!(Ok(SslMode::Require), mode(url), "{url}");
        }
        assert_eq!(Err(DatabaseError::InTheClear), mode("postgres://u@db.example/shop?sslmode=disable"));
        for url in ["postgres://u@127.0.0.1:5/shop?sslmode=disable", "postgres://u@localhost/shop"] {
            assert_ne!(Ok(SslMode::Require), mode(url), "{url}");
        }
        // One of two hosts elsewhere is elsewhere.
        assert_eq!(Ok(SslMode::Require), mode("postgres://u@localhost,db.example/shop"));
    }

    #[test]
    fn what_is_no_address_is_refused_and_never_shown() {
        for url in
            ["", "host=localhost", "mysql://u@localhost/x", "postgres:///x", "postgres://u@localhost:x/y"]
        {
            assert_eq!(Err(DatabaseError::NotAnAddress), mode(url), "{url}");
        }
        let address = Address::parse("postgres://ada:secret@localhost/shop", None).unwrap();
        assert_eq!("Address", format!("{address:?}"));
    }

    #[test]
    fn a_root_that_is_none_is_refused() {
        let nowhere = tempfile::tempdir().unwrap();
        let address =
            Address::parse("postgres://u@db.example/shop", Some(&nowhere.path().join("root.pem"))).unwrap();
        assert!(matches!(address.tls(), Err(DatabaseError::Root)));
    }
}

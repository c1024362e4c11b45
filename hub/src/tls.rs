//! The hub's certificates: a root of its own, which devices pin by its fingerprint, and a leaf for this machine's
//! addresses, which is what it serves.
//!
//! The leaf is never a CA: rustls, and every platform, refuses a CA's certificate as a server's own.

use crate::secret;
use chrono::{DateTime, Datelike};
use counterpart_core::env::DAY_MS;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

const ROOT_DAYS: i64 = 3_650;
/// Apple's platforms refuse a leaf that holds longer than 825 days.
const LEAF_DAYS: i64 = 820;
/// A leaf is renewed, or complained about, when it has fewer days left.
pub const RENEW_DAYS: i64 = 30;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds no certificate or key.
    #[error("{path}: holds no {what} in PEM form")]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The given certificate is a CA's.
    #[error(
        "{path}: this is a certificate authority's own certificate (CA:TRUE), and no device accepts that as a \
         server's. Give a leaf that the authority signed for this machine's name, with the authority's certificate \
         after it in the same file; or leave out --cert and --key to use the leaf that `init` made."
    )]
    CaAsLeaf {
        /// The file.
        path: PathBuf,
    },
    /// The key does not belong to the certificate, or is of no known kind.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// Where the hub's own certificates lie.
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// In a data folder.
    pub fn of(data: &Path) -> Files {
        Files { folder: data.join("tls") }
    }

    /// The root's certificate.
    pub fn root(&self) -> PathBuf {
        self.folder.join("root.pem")
    }

    /// The root's key.
    pub fn root_key(&self) -> PathBuf {
        self.folder.join("root-key.pem")
    }

    /// The leaf's certificate, the root's after it.
    pub fn leaf(&self) -> PathBuf {
        self.folder.join("leaf.pem")
    }

    /// The leaf's key.
    pub fn leaf_key(&self) -> PathBuf {
        self.folder.join("leaf-key.pem")
    }
}

/// What a certificate says.
#[derive(Debug)]
pub struct Facts {
    /// Whether it is a CA's.
    pub is_ca: bool,
    /// Unix milliseconds.
    pub not_after_ms: i64,
    /// The names and addresses it is for.
    pub names: BTreeSet<String>,
    /// Who signed it.
    pub issuer: String,
    /// Whose it is.
    pub subject: String,
}

impl Facts {
    /// How many whole days it still holds.
    pub fn days_left(&self, now_ms: i64) -> i64 {
        (self.not_after_ms - now_ms).div_euclid(DAY_MS)
    }
}

/// The names of a machine in its shop: what the operator says, loopback, and every LAN address.
pub fn machine_names(given: &[String]) -> Vec<String> {
    let mut names = given.to_vec();
    names.extend(lan_addresses().iter().map(IpAddr::to_string));
    names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// This machine's addresses that another device can reach, IPv4 first.
pub fn lan_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let usable = interfaces.iter().filter(|interface| !interface.is_loopback() && !interface.is_link_local());
    let mut addresses: Vec<IpAddr> = usable.map(if_addrs::Interface::ip).collect();
    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
    addresses
}

/// Makes the root and the first leaf.
pub fn create(files: &Files, names: &[String], now_ms: i64) -> Result<(), TlsError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    std::fs::create_dir_all(&files.folder).map_err(file(&files.folder))?;
    let key = KeyPair::generate()?;
    let mut root = params("Counterpart hub root", now_ms, ROOT_DAYS);
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root = root.self_signed(&key)?;
    write(&files.root_key(), &key.serialize_pem(), true)?;
    write(&files.root(), &root.pem(), false)?;
    make_leaf(files, names, now_ms)
}

/// Makes a leaf for these names, signed by the root.
pub fn make_leaf(files: &Files, names: &[String], now_ms: i64) -> Result<(), TlsError> {
    let (root, root_key) = (read(&files.root())?, read(&files.root_key())?);
    let issuer = Issuer::from_ca_cert_pem(&root, KeyPair::from_pem(&root_key)?)?;
    let key = KeyPair::generate()?;
    let mut leaf = params("Counterpart hub", now_ms, LEAF_DAYS);
    leaf.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let leaf = leaf.signed_by(&key, &issuer)?;
    write(&files.leaf_key(), &key.serialize_pem(), true)?;
    write(&files.leaf(), &format!("{}{root}", leaf.pem()), false)
}

/// Makes a new leaf if the stored one ends soon or misses one of the names; says whether it did.
pub fn renew_leaf(files: &Files, names: &[String], now_ms: i64) -> Result<bool, TlsError> {
    let leaf = facts(&files.leaf())?;
    let stale = leaf.days_left(now_ms) < RENEW_DAYS || names.iter().any(|name| !leaf.names.contains(name));
    if stale {
        make_leaf(files, names, now_ms)?;
    }
    Ok(stale)
}

fn params(name: &str, now_ms: i64, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    let date = |ms: i64| {
        let day = DateTime::from_timestamp_millis(ms).unwrap_or_default().date_naive();
        // Both fit: a month has at most 12, a day at most 31.
        rcgen::date_time_ymd(day.year(), day.month() as u8, day.day() as u8)
    };
    // A device whose clock runs a day late accepts it too.
    params.not_before = date(now_ms - DAY_MS);
    params.not_after = date(now_ms + days * DAY_MS);
    params
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

fn write(path: &Path, content: &str, private: bool) -> Result<(), TlsError> {
    crate::files::write(path, content.as_bytes(), private)
        .map_err(|source| TlsError::File { path: path.to_owned(), source })
}

/// The certificates of a PEM file, the leaf first.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) | Err(_) => Err(TlsError::NotPem { path: path.to_owned(), what: "certificate" }),
    }
}

/// What the first certificate of a PEM file says.
pub fn facts(path: &Path) -> Result<Facts, TlsError> {
    let chain = chain(path)?;
    let broken = || TlsError::NotPem { path: path.to_owned(), what: "certificate" };
    let first = chain.first().ok_or_else(broken)?;
    let (_, certificate) = X509Certificate::from_der(first).map_err(|_| broken())?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
    Ok(Facts {
        is_ca: certificate.is_ca(),
        not_after_ms: certificate.validity().not_after.timestamp().saturating_mul(1000),
        names: names.unwrap_or_default(),
        issuer: certificate.issuer().to_string(),
        subject: certificate.subject().to_string(),
    })
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::IPAddress(bytes) = name {
        return <[u8; 4]>::try_from(*bytes)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
            .ok()
            .map(|address| address.to_string());
    }
    if let GeneralName::DNSName(name) = name { Some((*name).to_owned()) } else { None }
}

/// What a server needs to serve a certificate.
pub fn server_config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    if facts(certificate)?.is_ca {
        return Err(TlsError::CaAsLeaf { path: certificate.to_owned() });
    }
    let pem = read(key)?;
    let private = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| TlsError::NotPem { path: key.to_owned(), what: "private key" })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain(certificate)?, private)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The SHA-256 of the last certificate of a file: the root that devices pin.
pub fn root_fingerprint(path: &Path) -> Result<String, TlsError> {
    let chain = chain(path)?;
    Ok(chain.last().map(|root| secret::sha256_hex(root)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn made() -> (tempfile::TempDir, Files, Vec<String>) {
        let data = tempfile::tempdir().unwrap();
        let files = Files::of(data.path());
        let names = vec!["hub.example".to_owned(), "192.0.2.7".to_owned(), "2001:db8::7".to_owned()];
        create(&files, &names, NOW).unwrap();
        (data, files, names)
    }

    #[test]
    fn the_leaf_names_the_machine_and_is_no_ca() {
        let (_data, files, names) = made();
        let (root, leaf) = (facts(&files.root()).unwrap(), facts(&files.leaf()).unwrap());
        assert!(root.is_ca && !leaf.is_ca);
        assert_eq!(root.subject, leaf.issuer);
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), leaf.names);
        assert!(leaf.days_left(NOW) <= 825);
        server_config(&files.leaf(), &files.leaf_key()).unwrap();
    }

    #[test]
    fn a_ca_served_as_a_leaf_is_refused_and_told_what_to_do() {
        let (_data, files, _) = made();
        let error = server_config(&files.root(), &files.root_key()).unwrap_err();
        assert!(matches!(&error, TlsError::CaAsLeaf { .. }));
        assert!(error.to_string().contains("Give a leaf"));
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (_data, files, _) = made();
        assert!(matches!(server_config(&files.leaf(), &files.root_key()), Err(TlsError::Unusable(_))));
        assert!(matches!(server_config(&files.leaf(), &files.root()), Err(TlsError::NotPem { .. })));
    }

    #[test]
    fn a_leaf_is_renewed_when_it_ends_soon_or_an_address_is_new_and_the_root_stays() {
        let (_data, files, mut names) = made();
        let fingerprint = root_fingerprint(&files.leaf()).unwrap();
        assert_eq!(fingerprint, root_fingerprint(&files.root()).unwrap());
        assert!(!renew_leaf(&files, &names, NOW).unwrap());
        names.push("192.0.2.8".to_owned());
        assert!(renew_leaf(&files, &names, NOW).unwrap());
        assert!(!renew_leaf(&files, &names, NOW).unwrap());
        assert!(renew_leaf(&files, &names, NOW + 800 * DAY_MS).unwrap());
        assert_eq!(fingerprint, root_fingerprint(&files.leaf()).unwrap());
    }
}

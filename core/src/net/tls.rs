//! TLS: whom a device believes, as the one configuration that every connection is made with.
//!
//! It believes the public authorities that are built in, and beside them one root of the server's own, known by its
//! certificate or by the fingerprint in its QR code. The platform's store is never asked: a root that somebody put
//! there can read nothing.

use super::provider::provider;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::schema::{Invalid, Rule};
use crate::sha256;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error as ThisError;

/// A root of the server's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnRoot {
    /// By the SHA-256 of its certificate: the server sends the certificate itself.
    Fingerprint([u8; 32]),
    /// By its certificate.
    Certificate(CertificateDer<'static>),
}

impl OwnRoot {
    /// A fingerprint as a QR code carries it: 64 hexadecimal digits, with or without colons.
    pub fn fingerprint(text: &str) -> Result<OwnRoot> {
        let wrong = || Error::from(Invalid::field("root_sha256", Rule::Kind("a fingerprint")).of("server"));
        let digits: Vec<u8> = text.trim().bytes().filter(|byte| *byte != b':').collect();
        if digits.len() != 64 {
            return Err(wrong());
        }
        let mut fingerprint = [0; 32];
        for (byte, pair) in fingerprint.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            let (high, low) = digit(0).zip(digit(1)).ok_or_else(wrong)?;
            *byte = (high * 16 + low) as u8;
        }
        Ok(OwnRoot::Fingerprint(fingerprint))
    }

    /// A certificate in PEM or DER form.
    pub fn certificate(bytes: &[u8]) -> Result<OwnRoot> {
        let wrong = || Error::from(Invalid::field("root", Rule::Kind("a certificate")).of("server"));
        let is_pem = bytes.trim_ascii_start().starts_with(b"-----");
        let certificate = if is_pem {
            CertificateDer::from_pem_slice(bytes).map_err(|_| wrong())?
        } else {
            CertificateDer::from(bytes.to_vec())
        };
        RootCertStore::empty().add(certificate.clone()).map_err(|_| wrong())?;
        Ok(OwnRoot::Certificate(certificate))
    }

    fn is(&self, certificate: &CertificateDer<'_>) -> bool {
        match self {
            OwnRoot::Fingerprint(pinned) => sha256::of(certificate).as_ref() == pinned,
            OwnRoot::Certificate(own) => own.as_ref() == certificate.as_ref(),
        }
    }
}

/// Whom to believe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// A root of the server's own, beside the public authorities.
    pub own: Option<OwnRoot>,
}

impl Trust {
    /// The configuration of every connection.
    pub(super) fn config(&self, env: &Env) -> Result<ClientConfig> {
        let provider = Arc::new(provider());
        let verifier = Verifier::new(self.own.clone(), provider.clone())?;
        let time = Arc::new(Time(env.clone()));
        let mut config = ClientConfig::builder_with_details(provider, time)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::defect(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Why a server's certificate is not believed, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum TlsFault {
    /// A CA's certificate stands where the server's own should.
    #[error(
        "the server shows an authority's certificate as its own: let it serve a leaf signed by that authority, with \
         the authority's certificate after it"
    )]
    RootAsLeaf,
    /// It leads to no root that this device believes.
    #[error(
        "the server's certificate comes from an authority that this device does not know: scan the server's code \
         again; if that does not help, the server does not send its root, or somebody is in between"
    )]
    UnknownIssuer,
    /// It has ended.
    #[error(
        "the server's certificate has expired: renew it there, or set this device's clock if it is wrong"
    )]
    Expired,
    /// It has not begun.
    #[error("the server's certificate is not valid yet: set this device's clock, or the server's")]
    NotYetValid,
    /// It is for another name or address.
    #[error("the server's certificate is for another address: make one that names the address used here")]
    WrongHost,
    /// What answers speaks no TLS.
    #[error("what answers there speaks no TLS: check the address and the port")]
    NotTls,
    /// Anything else.
    #[error("no secure connection could be agreed on: check that the server supports TLS 1.2 or 1.3")]
    Other,
}

impl TlsFault {
    /// The fault behind an error, if it is one of TLS.
    pub(super) fn behind(error: &(dyn std::error::Error + 'static)) -> Option<TlsFault> {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(TlsFault::of(found));
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            // An I/O error leaves out the error that it holds when it is asked for its source.
            Some(inner) => TlsFault::behind(inner),
            None => error.source().and_then(TlsFault::behind),
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "the enums are rustls's, and grow")]
    fn of(error: &rustls::Error) -> TlsFault {
        use CertificateError as Wrong;
        let wrong = match error {
            rustls::Error::InvalidCertificate(wrong) => wrong,
            rustls::Error::InvalidMessage(_) => return TlsFault::NotTls,
            _ => return TlsFault::Other,
        };
        match wrong {
            Wrong::UnknownIssuer | Wrong::BadSignature => TlsFault::UnknownIssuer,
            Wrong::Expired | Wrong::ExpiredContext { .. } => TlsFault::Expired,
            Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => TlsFault::NotYetValid,
            Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => TlsFault::WrongHost,
            Wrong::Other(other) if is_ca_as_leaf(other.0.as_ref()) => TlsFault::RootAsLeaf,
            _ => TlsFault::Other,
        }
    }
}

fn is_ca_as_leaf(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

/// The engine's clock, by which certificates end.
#[derive(Debug)]
struct Time(Env);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let ms = u64::try_from(self.0.now()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

/// Believes the public authorities, and the server's own root beside them.
#[derive(Debug)]
struct Verifier {
    own: Option<OwnRoot>,
    public: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(own: Option<OwnRoot>, provider: Arc<CryptoProvider>) -> Result<Verifier> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let public = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|error| Error::defect(error.to_string()))?;
        Ok(Verifier { own, public, provider })
    }

    /// What believes the own root alone, if it is known or the server sent it.
    fn with_own(&self, sent: &[CertificateDer<'_>]) -> Option<Arc<WebPkiServerVerifier>> {
        let own = self.own.as_ref()?;
        let root = match own {
            OwnRoot::Certificate(root) => root.clone(),
            OwnRoot::Fingerprint(_) => sent.iter().find(|sent| own.is(sent))?.clone().into_owned(),
        };
        let mut roots = RootCertStore::empty();
        roots.add(root).ok()?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone()).build().ok()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        if let Some(own) = self.with_own(sent) {
            match own.verify_server_cert(leaf, sent, name, ocsp, now) {
                // A server may have moved from its own root to a public authority.
                Err(error) if error == unknown => {}
                decided => return decided,
            }
        }
        self.public.verify_server_cert(leaf, sent, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.public.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.public.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.public.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_64_hexadecimal_digits() {
        let plain = "ab".repeat(32);
        let expected = OwnRoot::Fingerprint([0xab; 32]);
        assert_eq!(expected, OwnRoot::fingerprint(&plain).unwrap());
        let colons = vec!["AB"; 32].join(":");
        assert_eq!(expected, OwnRoot::fingerprint(&colons).unwrap());
        for wrong in ["", "ab", &"zz".repeat(32), &"ab".repeat(33), &"+a".repeat(32), &"é".repeat(32)] {
            assert!(OwnRoot::fingerprint(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for wrong in [&b""[..], b"-----BEGIN CERTIFICATE-----", b"\x30\x03abc", b"hello"] {
            assert!(OwnRoot::certificate(wrong).is_err());
        }
    }

    #[test]
    fn the_fault_is_found_under_every_error_around_it() {
        let inside = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let around = io::Error::other(io::Error::other(inside));
        assert_eq!(Some(TlsFault::Expired), TlsFault::behind(&around));
        assert_eq!(None, TlsFault::behind(&io::Error::other("x")));
    }
}

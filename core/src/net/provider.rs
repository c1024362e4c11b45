//! The cryptography that TLS is made of, from ring's parts: what a device uses, and no more. What is not named here is not
//! in the library.

use rustls::SignatureScheme;
use rustls::crypto::ring::{ALL_KX_GROUPS, cipher_suite};
use rustls::crypto::{CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use std::sync::Arc;
use webpki::ring as check;

/// What connections are made with.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider {
        // AES-GCM alone: every server of TLS 1.3 has to have it, those of TLS 1.2 have it beside ChaCha20-Poly1305, and
        // phones have instructions for it.
        cipher_suites: vec![
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ],
        kx_groups: ALL_KX_GROUPS.to_vec(),
        signature_verification_algorithms: SIGNATURES,
        secure_random: &Random,
        key_provider: &NoKeys,
    }
}

/// Every signature that ring can check.
const SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        check::ECDSA_P256_SHA256,
        check::ECDSA_P256_SHA384,
        check::ECDSA_P384_SHA256,
        check::ECDSA_P384_SHA384,
        check::ED25519,
        check::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        check::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        check::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        check::RSA_PKCS1_2048_8192_SHA256,
        check::RSA_PKCS1_2048_8192_SHA384,
        check::RSA_PKCS1_2048_8192_SHA512,
        check::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
        check::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
        check::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    ],
    // TLS 1.3 takes the first of a scheme. To TLS 1.2 a scheme says nothing about the curve.
    mapping: &[
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[check::ECDSA_P384_SHA384, check::ECDSA_P256_SHA384]),
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[check::ECDSA_P256_SHA256, check::ECDSA_P384_SHA256]),
        (SignatureScheme::ED25519, &[check::ED25519]),
        (SignatureScheme::RSA_PSS_SHA512, &[check::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA384, &[check::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA256, &[check::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[check::RSA_PKCS1_2048_8192_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[check::RSA_PKCS1_2048_8192_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[check::RSA_PKCS1_2048_8192_SHA256]),
    ],
};

/// The system's own randomness, whatever clock and chance a test gives the engine.
#[derive(Debug)]
struct Random;

impl SecureRandom for Random {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(bytes).map_err(|_| GetRandomFailed)
    }
}

/// A device has no certificate of its own, and so no key to sign with.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("a device has no key".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::crypto::ring::default_provider;

    #[test]
    fn every_signature_that_ring_checks_is_checked() {
        let (own, ring) = (SIGNATURES, default_provider().signature_verification_algorithms);
        assert_eq!(format!("{:?}", own.all), format!("{:?}", ring.all));
        assert_eq!(format!("{:?}", own.mapping), format!("{:?}", ring.mapping));
    }

    #[test]
    fn the_suites_are_rings_own_but_for_one_cipher() {
        let ring = default_provider().cipher_suites;
        let kept = ring.iter().filter(|suite| !format!("{:?}", suite.suite()).contains("CHACHA20"));
        assert!(kept.eq(&provider().cipher_suites));
    }
}

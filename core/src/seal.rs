//! Sealing: bytes that nobody reads without the key, bound to what they are about.

use crate::env::Env;
use crate::error::{Error, Result};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// A key in the clear, wiped from memory when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

const NONCE: usize = 24;

/// A new key.
pub(crate) fn new_key(env: &Env) -> Key {
    let mut key = Zeroizing::new([0; 32]);
    env.entropy.fill(&mut *key);
    key
}

/// Seals bytes. Opened they are only with the same key, and as being about the same.
pub(crate) fn seal(env: &Env, key: &Key, plain: &[u8], about: &str) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE];
    env.entropy.fill(&mut nonce);
    let cipher = XChaCha20Poly1305::new(&CipherKey::from(**key));
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: about.as_bytes() })
        .map_err(|_| Error::defect("it could not be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// What was sealed; nothing if it was with another key, about something else, or was damaged.
pub(crate) fn open(key: &Key, sealed: &[u8], about: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let cipher = XChaCha20Poly1305::new(&CipherKey::from(**key));
    let payload = Payload { msg: sealed, aad: about.as_bytes() };
    cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).ok()
}

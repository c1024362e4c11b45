//! SHA-256, by which content, files and certificates are named. It is ring's, which TLS brings along.

use ring::digest::{Context, Digest, SHA256, digest};

/// The hash of something that is at hand.
pub(crate) fn of(bytes: &[u8]) -> Digest {
    digest(&SHA256, bytes)
}

/// How a hash is written: 64 digits of hexadecimal.
pub(crate) fn hex(hash: &Digest) -> String {
    let halves = hash.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

/// The hash of something that comes in pieces.
pub(crate) struct Hashing(Context);

impl Hashing {
    pub(crate) fn new() -> Hashing {
        Hashing(Context::new(&SHA256))
    }

    pub(crate) fn update(&mut self, piece: impl AsRef<[u8]>) {
        self.0.update(piece.as_ref());
    }

    pub(crate) fn hex(self) -> String {
        hex(&self.0.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_abc_is_the_standard_s_own() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&of(b"abc")), known);
        let mut pieces = Hashing::new();
        pieces.update("a");
        pieces.update("bc");
        assert_eq!(pieces.hex(), known);
    }
}

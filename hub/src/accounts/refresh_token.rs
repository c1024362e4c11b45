//! A refresh token: which session, and the how manieth of it, signed with the session's own key.
//!
//! Its text is the base64url of version, session, counter, signature (16 bytes) and check sum (4 bytes), as Supabase
//! writes them. To everyone else it is opaque.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac};
use uuid::Uuid;

const VERSION: u8 = 0;
const SIGNATURE: usize = 16;
const CHECKSUM: usize = 4;
/// More than any token of ours is long.
const LONGEST: usize = 128;

/// A refresh token taken apart. Only [`signed_with`](RefreshToken::signed_with) tells whether the hub issued it.
#[derive(Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session it belongs to.
    pub session: Uuid,
    /// The how manieth of its session it is.
    pub counter: i64,
    signed: Vec<u8>,
    signature: [u8; SIGNATURE],
}

impl RefreshToken {
    /// The text of a session's token number `counter`.
    pub fn issue(session: Uuid, counter: i64, key: &[u8]) -> String {
        let mut content = vec![VERSION];
        content.extend_from_slice(session.as_bytes());
        write_varint(counter.unsigned_abs(), &mut content);
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &content);
        content.extend_from_slice(&signature.as_ref()[..SIGNATURE]);
        let checksum = digest::digest(&digest::SHA256, &content);
        content.extend_from_slice(&checksum.as_ref()[..CHECKSUM]);
        URL_SAFE_NO_PAD.encode(content)
    }

    /// Takes a token apart; nothing if it is not of our making.
    pub fn parse(text: &str) -> Option<RefreshToken> {
        if text.len() > LONGEST {
            return None;
        }
        let content = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (rest, checksum) = content.split_at_checked(content.len().checked_sub(CHECKSUM)?)?;
        if &digest::digest(&digest::SHA256, rest).as_ref()[..CHECKSUM] != checksum {
            return None;
        }
        let (signed, signature) = rest.split_at_checked(rest.len().checked_sub(SIGNATURE)?)?;
        let (version, fields) = signed.split_first()?;
        let (session, counter) = fields.split_at_checked(16)?;
        if *version != VERSION {
            return None;
        }
        Some(RefreshToken {
            session: Uuid::from_slice(session).ok()?,
            counter: i64::try_from(read_varint(counter)?).ok()?,
            signed: signed.to_vec(),
            signature: signature.try_into().ok()?,
        })
    }

    /// Whether it was signed with that session key.
    pub fn signed_with(&self, key: &[u8]) -> bool {
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &self.signed);
        crate::secret::same(&signature.as_ref()[..SIGNATURE], &self.signature)
    }
}

fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The number that fills `bytes` exactly.
fn read_varint(bytes: &[u8]) -> Option<u64> {
    let (last, head) = bytes.split_last()?;
    if bytes.len() > 9 || *last >= 0x80 || head.iter().any(|byte| *byte < 0x80) {
        return None;
    }
    Some(bytes.iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f)))
}

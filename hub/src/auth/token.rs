//! Access tokens: what the hub signs at sign-in and believes afterwards.
//!
//! Only ES256 with the hub's own key is accepted: a token that names another algorithm is refused before its signature
//! is looked at.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// A token longer than this is none of ours.
const LONGEST: usize = 8 * 1024;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// The account.
    pub sub: Uuid,
    /// For whom: always `authenticated`.
    pub aud: String,
    /// When it ends, in Unix seconds.
    pub exp: i64,
    /// When it began, in Unix seconds.
    pub iat: i64,
    /// The account's address.
    pub email: String,
    /// Always empty: the hub knows no phones.
    pub phone: String,
    /// How the person signed in.
    pub app_metadata: serde_json::Value,
    /// What the person's apps keep with the account.
    pub user_metadata: serde_json::Value,
    /// Always `authenticated`.
    pub role: String,
    /// Always `aal1`: one factor.
    pub aal: String,
    /// The factors and when they were shown.
    pub amr: Vec<Factor>,
    /// The session.
    pub session_id: Uuid,
    /// Always false.
    pub is_anonymous: bool,
}

/// How and when a person proved who they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Always `password`.
    pub method: String,
    /// Unix seconds.
    pub timestamp: i64,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not three parts.
    #[error("Expected 3 parts in JWT; got {0}")]
    Parts(usize),
    /// A part is not what it should be.
    #[error("JWT cannot be decoded")]
    Malformed,
    /// Signed in another way than the hub's.
    #[error("Wrong or unsupported encoding algorithm")]
    Algorithm,
    /// Signed with a key that is not the hub's.
    #[error("No suitable key or wrong key type")]
    Key,
    /// The signature does not fit.
    #[error("JWT cryptographic operation failed")]
    Signature,
    /// It is genuine and over.
    #[error("JWT expired")]
    Expired {
        /// Since how many seconds.
        seconds: i64,
    },
    /// It begins later than now.
    #[error("JWT issued at future")]
    FromTheFuture,
}

/// The signing key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the key that signs access tokens cannot be used")]
pub struct BadSigningKey;

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
}

/// Makes a new signing key, as PKCS #8.
pub fn new_signing_key() -> Result<Vec<u8>, BadSigningKey> {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    Ok(document.map_err(|_| BadSigningKey)?.as_ref().to_vec())
}

/// Signs access tokens and checks them.
pub struct Signer {
    pair: EcdsaKeyPair,
    kid: String,
    random: SystemRandom,
}

impl Signer {
    /// A signer with a stored key.
    pub fn new(pkcs8: &[u8]) -> Result<Signer, BadSigningKey> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
            .map_err(|_| BadSigningKey)?;
        let kid = crate::secret::sha256_hex(pair.public_key().as_ref())[..16].to_owned();
        Ok(Signer { pair, kid, random })
    }

    /// The signed text of a token.
    pub fn sign(&self, claims: &Claims) -> Result<String, BadSigningKey> {
        let header = Header { alg: "ES256".into(), kid: Some(self.kid.clone()), typ: Some("JWT".into()) };
        let part = |json: serde_json::Result<Vec<u8>>| json.map(|json| URL_SAFE_NO_PAD.encode(json));
        let head = part(serde_json::to_vec(&header)).map_err(|_| BadSigningKey)?;
        let body = part(serde_json::to_vec(claims)).map_err(|_| BadSigningKey)?;
        let content = format!("{head}.{body}");
        let signature = self.pair.sign(&self.random, content.as_bytes()).map_err(|_| BadSigningKey)?;
        Ok(format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }

    /// What a token says, if the hub signed it and it holds now. `leeway` seconds are allowed for the clocks.
    pub fn check(&self, token: &str, now_s: i64, leeway: i64) -> Result<Claims, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Malformed);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [head, body, signature] = parts[..] else { return Err(TokenError::Parts(parts.len())) };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed);
        let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| TokenError::Malformed)?;
        if header.alg != "ES256" {
            return Err(TokenError::Algorithm);
        }
        if header.kid.is_some_and(|kid| kid != self.kid) {
            return Err(TokenError::Key);
        }
        let content = &token[..head.len() + 1 + body.len()];
        signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref())
            .verify(content.as_bytes(), &decode(signature)?)
            .map_err(|_| TokenError::Signature)?;
        let claims: Claims = serde_json::from_slice(&decode(body)?).map_err(|_| TokenError::Malformed)?;
        if now_s >= claims.exp.saturating_add(leeway) {
            return Err(TokenError::Expired { seconds: now_s - claims.exp });
        }
        if claims.iat > now_s.saturating_add(leeway.max(30)) {
            return Err(TokenError::FromTheFuture);
        }
        Ok(claims)
    }

    /// The public key, as devices that check tokens themselves want it.
    pub fn jwks(&self) -> serde_json::Value {
        // An uncompressed point: 04, x, y.
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({"keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: "http://hub/auth/v1".into(),
            sub: Uuid::from_u128(1),
            aud: "authenticated".into(),
            exp: 2_000,
            iat: 1_000,
            email: String::new(),
            phone: String::new(),
            app_metadata: json!({}),
            user_metadata: json!({}),
            role: "authenticated".into(),
            aal: "aal1".into(),
            amr: Vec::new(),
            session_id: Uuid::from_u128(2),
            is_anonymous: false,
        }
    }

    fn signer() -> Signer {
        Signer::new(&new_signing_key().unwrap()).unwrap()
    }

    #[test]
    fn a_token_says_what_was_signed_until_it_ends() {
        let signer = signer();
        let token = signer.sign(&claims()).unwrap();
        assert_eq!(Ok(claims()), signer.check(&token, 1_999, 0));
        assert_eq!(Err(TokenError::Expired { seconds: 0 }), signer.check(&token, 2_000, 0));
        assert_eq!(Ok(claims()), signer.check(&token, 2_029, 30));
        assert_eq!(Err(TokenError::FromTheFuture), signer.check(&token, 900, 0));
    }

    #[test]
    fn a_token_of_another_hub_is_not_believed() {
        let token = signer().sign(&claims()).unwrap();
        assert_eq!(Err(TokenError::Key), signer().check(&token, 1_500, 0));
    }

    #[test]
    fn swapped_claims_break_the_signature() {
        let signer = signer();
        let mut stranger = claims();
        stranger.sub = Uuid::from_u128(9);
        let (mine, theirs) = (signer.sign(&claims()).unwrap(), signer.sign(&stranger).unwrap());
        let (mine, theirs): (Vec<_>, Vec<_>) = (mine.split('.').collect(), theirs.split('.').collect());
        let forged = format!("{}.{}.{}", mine[0], theirs[1], mine[2]);
        assert_eq!(Err(TokenError::Signature), signer.check(&forged, 1_500, 0));
    }

    #[test]
    fn an_unsigned_token_is_refused_by_its_algorithm() {
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let body = part(serde_json::to_value(claims()).unwrap());
        for alg in ["none", "HS256", "RS256"] {
            let token = format!("{}.{body}.", part(json!({"alg": alg})));
            assert_eq!(Err(TokenError::Algorithm), signer().check(&token, 1_500, 0));
        }
        assert_eq!(Err(TokenError::Parts(1)), signer().check("sb_publishable_x", 1_500, 0));
    }

    proptest::proptest! {
        #[test]
        fn no_text_upsets_the_checker(text in "[A-Za-z0-9_.-]{0,300}|.{0,64}") {
            assert!(signer().check(&text, 1_500, 0).is_err());
        }
    }
}

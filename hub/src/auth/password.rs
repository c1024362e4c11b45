//! Passwords: Argon2id, a few at a time, so that a crowd at the door takes neither all the memory nor all the
//! processors.

use crate::secret::NoRandomness;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// The fewest characters of a password that a person chooses.
pub const FEWEST_CHARACTERS: usize = 8;
/// The most bytes of a password.
pub const MOST_BYTES: usize = 256;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The work was not done.
    #[error("the password could not be worked on")]
    NotDone,
    /// No randomness for the salt.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Hashes a password on this thread.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| NoRandomness)?;
    Ok(hash.to_string())
}

/// Whether a password fits a hash, on this thread.
pub fn fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The place where passwords are worked on.
pub struct Passwords {
    places: Semaphore,
    nobody: String,
}

impl Passwords {
    /// A place for `at_once` passwords at a time.
    pub fn new(at_once: usize) -> Result<Passwords, PasswordError> {
        Ok(Passwords { places: Semaphore::new(at_once), nobody: hash("nobody has this password")? })
    }

    /// Hashes a password.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.work(move || hash(&password)).await?
    }

    /// Whether the password fits the hash. Without a hash the answer is no, after the same work: how long it takes
    /// does not tell whether an account exists.
    pub async fn fits(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        Ok(self.work(move || fits(&password, &hash)).await? && known)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.places.acquire().await.map_err(|_| PasswordError::NotDone)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| PasswordError::NotDone)
    }
}

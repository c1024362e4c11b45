//! What an inspector may do beyond looking, in builds that are no release: start over.

use super::{Shop, lock};
use crate::error::Result;
use crate::sync::Call;

impl Shop {
    /// Empties the file of everything that the server has, and fetches it anew. Whoever asks has asked the person.
    /// While operations have no outcome it is refused: they would be lost.
    pub fn purge(&self) -> Result<Vec<Call>> {
        lock(&self.inner.engine).purge()
    }

    /// Fetches everything anew. What is here stays until it has come; the queue stays altogether.
    pub fn force_full_sync(&self) -> Result<Vec<Call>> {
        lock(&self.inner.engine).reload()
    }
}

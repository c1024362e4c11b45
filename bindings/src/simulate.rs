//! What an inspector may do beyond looking, in builds that are no release: make the network bad, start over, edit as
//! another device would. A library that is shipped has none of it.

use crate::error::Result;
use crate::records::RecordKind;
use crate::terminal::Terminal;
use counterpart_core::net::Trouble;
use counterpart_core::{Error, schema};

#[uniffi::export]
impl Terminal {
    /// Makes the network bad, or well again: for whoever is signed in now or signs in later. That there is no network at
    /// all is what `network` says.
    pub async fn simulate(&self, trouble: Trouble) -> Result<()> {
        self.desk(move |inner| inner.core.simulate(trouble)).await
    }

    /// Empties the open shop's file of everything that the server has, and fetches it anew. While operations have no
    /// outcome it is refused.
    pub async fn purge(&self) -> Result<()> {
        self.wait(None, async |inner| inner.core.purge().await).await
    }

    /// Fetches everything of the open shop anew. What is here stays until it has come.
    pub async fn force_full_sync(&self) -> Result<()> {
        self.wait(None, async |inner| inner.core.force_full_sync().await).await
    }

    /// Sets a field, to a value in JSON, as another device of this account would that has not seen this one's work: an
    /// edit of it here that is made before the next sync becomes a conflict there.
    pub async fn edit_elsewhere(
        &self,
        kind: RecordKind,
        id: String,
        field: String,
        value: String,
    ) -> Result<()> {
        self.wait(None, async move |inner| {
            let value = serde_json::from_str(&value).map_err(|_| not_json())?;
            inner.core.edit_elsewhere(kind.table(), &id, &field, &value).await
        })
        .await
    }
}

fn not_json() -> Error {
    schema::Invalid::field("value", schema::Rule::Kind("JSON")).of("elsewhere").into()
}

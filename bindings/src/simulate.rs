//! What an inspector may do beyond looking, in builds that are no release: make the network bad, start over, edit as
//! another device would, make up work. A library that is shipped has none of it.

use crate::error::Result;
use crate::made_up::MadeUp;
use crate::records::RecordKind;
use crate::shop::Shop;
use crate::terminal::Terminal;
use counterpart_core::net::Trouble;
use counterpart_core::{Error, schema};

/// More than this is made up at once for nobody.
const MOST_MADE_UP: u32 = 10_000;

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

#[uniffi::export]
impl Shop {
    /// Takes in so many made-up customers with their devices, 10,000 at most, as work of the person at the device: it is
    /// queued and sent like any other. One seed makes up the same ones again.
    pub async fn make_up(&self, tickets: u32, seed: u64) -> Result<()> {
        self.desk(move |shop| {
            if tickets > MOST_MADE_UP {
                return Err(too_many());
            }
            let mut made_up = MadeUp::of(seed);
            for _ in 0..tickets {
                shop.intake(&made_up.intake(), None)?;
            }
            Ok(())
        })
        .await
    }
}

fn not_json() -> Error {
    schema::Invalid::field("value", schema::Rule::Kind("JSON")).of("elsewhere").into()
}

fn too_many() -> Error {
    let limit = schema::Check::Range(0, i64::from(MOST_MADE_UP));
    schema::Invalid::field("tickets", schema::Rule::Limit(limit)).of("made_up").into()
}

//! The hub's own keys: what devices name in `apikey`, and what signs access tokens.

use super::StoreError;
use crate::secret;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use uuid::Uuid;

/// The keys that `init` hands out.
#[derive(Debug)]
pub struct GatewayKeys {
    /// For every device; not a secret.
    pub anon: String,
    /// For the shop's own scripts: may do everything. Only its hash is kept.
    pub service: String,
}

/// The keys as they are stored.
pub struct KeySet {
    /// The key of every device.
    pub anon: String,
    /// SHA-256 of the service key.
    pub service_hash: String,
    /// The ES256 key that signs access tokens, as PKCS #8.
    pub signing: Vec<u8>,
}

const ANON: &str = "anon";
const SERVICE: &str = "service_sha256";
const SIGNING: &str = "signing_es256";

/// Makes and stores the keys of a new hub.
pub fn store_keys(tx: &Transaction<'_>, signing: &[u8], now_ms: i64) -> Result<GatewayKeys, StoreError> {
    let keys = GatewayKeys { anon: secret::key("sb_publishable_")?, service: secret::key("sb_secret_")? };
    let service_hash = secret::sha256_hex(keys.service.as_bytes());
    let rows = [(ANON, keys.anon.as_bytes()), (SERVICE, service_hash.as_bytes()), (SIGNING, signing)];
    for (name, value) in rows {
        let sql = "insert into keys (name, value, created_at) values (?1, ?2, ?3)";
        tx.execute(sql, params![name, value, now_ms])?;
    }
    Ok(keys)
}

/// The stored keys.
pub fn load_keys(connection: &Connection) -> Result<KeySet, StoreError> {
    let text = |bytes| String::from_utf8(bytes).map_err(|_| StoreError::Broken("key"));
    Ok(KeySet {
        anon: text(load(connection, ANON)?)?,
        service_hash: text(load(connection, SERVICE)?)?,
        signing: load(connection, SIGNING)?,
    })
}

/// The key of a shop that wraps the keys of passcodes. It is made when it is first asked for, and never again.
pub fn shop_key(tx: &Transaction<'_>, shop: Uuid, now_ms: i64) -> Result<[u8; 32], StoreError> {
    let name = format!("shop_key/{shop}");
    let made: [u8; 32] = secret::bytes()?;
    let sql = "insert into keys (name, value, created_at) values (?1, ?2, ?3) on conflict do nothing";
    tx.execute(sql, params![name, made, now_ms])?;
    load(tx, &name)?.try_into().map_err(|_| StoreError::Broken("shop key"))
}

fn load(connection: &Connection, name: &str) -> Result<Vec<u8>, StoreError> {
    let sql = "select value from keys where name = ?1";
    connection.query_row(sql, [name], |row| row.get(0)).optional()?.ok_or(StoreError::Broken("set of keys"))
}

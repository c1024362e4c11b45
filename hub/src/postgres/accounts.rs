//! Accounts, sessions and keys in the database, so that every instance knows whom any of them has let in. Who works where
//! is read from the shops' own tables, on every call.

use super::{Database, DatabaseError};
use crate::accounts::{
    Account, Answer, Changes, GatewayKeys, InviteError, KeySet, MOST_SESSIONS, Next, Refresh, RefreshToken,
    Registry, Role, Session, SignIn, SignOut, StoreError,
};
use crate::functions::staff;
use crate::secret;
use deadpool_postgres::{GenericClient, Transaction};
use tokio_postgres::Row;
use uuid::Uuid;

const COLUMNS: &str =
    "id, email, password_hash, must_change, metadata, created_at, updated_at, last_sign_in_at";
/// True of a membership that holds: whoever the shop's books say is gone works there no more.
const WORKS: &str = "m.active and (m.station or not exists (
    select from public.employees as e
    where e.shop_id = m.shop_id and e.id = m.account::text and e.deleted_at is null and not e.active))";

/// The accounts of hubs that share a database.
pub struct OnPostgres {
    database: Database,
}

impl OnPostgres {
    /// Those of a database that `init` has set up.
    pub fn new(database: Database) -> OnPostgres {
        OnPostgres { database }
    }

    /// The hub's keys.
    pub async fn keys(&self) -> Result<KeySet, StoreError> {
        let client = self.database.client().await?;
        let rows = query(&client, "select name, value from counterpart_hub.keys", &[]).await?;
        let key = |name: &str| {
            let found = rows.iter().find(|row| row.get::<_, &str>(0) == name);
            found.map(|row| row.get::<_, Vec<u8>>(1)).ok_or(StoreError::Broken("set of keys"))
        };
        let text = |name| String::from_utf8(key(name)?).map_err(|_| StoreError::Broken("key"));
        Ok(KeySet { anon: text(ANON)?, service_hash: text(SERVICE)?, signing: key(SIGNING)? })
    }
}

const ANON: &str = "anon";
const SERVICE: &str = "service_sha256";
const SIGNING: &str = "signing_es256";

type Parameters<'a> = &'a [&'a (dyn tokio_postgres::types::ToSql + Sync)];

async fn query(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Vec<Row>, StoreError> {
    let asked = async {
        let statement = client.prepare_cached(sql).await?;
        client.query(&statement, parameters).await
    };
    Ok(asked.await.map_err(DatabaseError::from)?)
}

async fn execute(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<u64, StoreError> {
    let asked = async {
        let statement = client.prepare_cached(sql).await?;
        client.execute(&statement, parameters).await
    };
    Ok(asked.await.map_err(DatabaseError::from)?)
}

/// Makes and stores the keys of hubs on this database; nothing where there are some.
pub(crate) async fn make_keys(
    tx: &Transaction<'_>,
    signing: &[u8],
    now_ms: i64,
) -> Result<Option<GatewayKeys>, StoreError> {
    let keys = GatewayKeys { anon: secret::key("sb_publishable_")?, service: secret::key("sb_secret_")? };
    let service_hash = secret::sha256_hex(keys.service.as_bytes());
    for (name, value) in
        [(ANON, keys.anon.as_bytes()), (SERVICE, service_hash.as_bytes()), (SIGNING, signing)]
    {
        let sql = "insert into counterpart_hub.keys (name, value, created_at) values ($1, $2, $3)
                   on conflict do nothing";
        if execute(tx, sql, &[&name, &value, &now_ms]).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(keys))
}

/// Founds a shop under an id.
pub(crate) async fn found_shop(tx: &Transaction<'_>, shop: Uuid, name: &str) -> Result<(), StoreError> {
    execute(tx, "select public.found_shop($1, shop => $2)", &[&name, &shop]).await.map(drop)
}

/// The shop that `init` made.
pub(crate) async fn the_shop(tx: &impl GenericClient) -> Result<Uuid, StoreError> {
    let rows = query(tx, "select id from public.shops order by created_at, id limit 1", &[]).await?;
    rows.first().map(|row| row.get(0)).ok_or(StoreError::Database(DatabaseError::Missing))
}

/// Who is invited, with what.
pub(crate) struct Invited<'a> {
    /// The address, in its normal form.
    pub(crate) email: &'a str,
    /// What the person is called, if anybody said.
    pub(crate) name: Option<&'a str>,
    /// What the person is in the shop.
    pub(crate) role: Role,
    /// Whether it is a shared tablet.
    pub(crate) station: bool,
    /// Of the first password.
    pub(crate) password_hash: &'a str,
}

/// Makes someone a member of a shop. An account that is known already is signed out everywhere and gets the new first
/// password; one of Supabase's own keeps its id.
pub(crate) async fn invite(
    tx: &Transaction<'_>,
    shop: Uuid,
    invited: &Invited<'_>,
    now_ms: i64,
) -> Result<Uuid, InviteError> {
    let Invited { email, name, role, station, password_hash } = invited;
    let sql = "select id from auth.users where lower(email) = $1 order by created_at limit 1";
    let known: Option<Uuid> = query(tx, sql, &[email]).await?.first().map(|row| row.get(0));
    let id = match known {
        Some(id) => id,
        None => {
            let id = secret::id(now_ms).map_err(StoreError::from)?;
            execute(tx, "insert into auth.users (id, email) values ($1, $2)", &[&id, email]).await?;
            id
        }
    };
    let works =
        format!("select from public.members as m where m.shop_id = $1 and m.account = $2 and {WORKS}");
    if !query(tx, &works, &[&shop, &id]).await?.is_empty() {
        return Err(InviteError::AlreadyMember);
    }
    let sql =
        "insert into counterpart_hub.accounts (id, email, password_hash, must_change, created_at, updated_at)
               values ($1, $2, $3, true, $4, $4)
               on conflict (id) do update set password_hash = $3, must_change = true, updated_at = $4";
    execute(tx, sql, &[&id, email, password_hash, &now_ms]).await?;
    execute(tx, "delete from counterpart_hub.sessions where account_id = $1", &[&id]).await?;
    let (first, last) = name.map_or((None, None), staff::names);
    let sql = "select public.take_in($1, $2, $3, $4, $5, $6, $7)";
    execute(tx, sql, &[&shop, &id, email, &role.word(), station, &first, &last]).await?;
    Ok(id)
}

/// The shops, with how many owners each has.
pub(crate) async fn owner_of(client: &impl GenericClient) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let sql = format!(
        "select s.id, (select count(*) from public.members as m where m.shop_id = s.id and m.role = 'owner' and {WORKS})
         from public.shops as s order by s.created_at, s.id"
    );
    Ok(query(client, &sql, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn account_where(
    client: &impl GenericClient,
    condition: &str,
    value: &(dyn tokio_postgres::types::ToSql + Sync),
) -> Result<Option<Account>, StoreError> {
    let sql = format!("select {COLUMNS} from counterpart_hub.accounts where {condition}");
    Ok(query(client, &sql, &[value]).await?.first().map(account))
}

fn account(row: &Row) -> Account {
    Account {
        id: row.get(0),
        email: row.get(1),
        password_hash: row.get(2),
        must_change: row.get(3),
        metadata: row.get(4),
        created_at: row.get(5),
        updated_at: row.get(6),
        last_sign_in_at: row.get(7),
    }
}

async fn works_anywhere(client: &impl GenericClient, account: Uuid) -> Result<bool, StoreError> {
    let sql = format!("select from public.members as m where m.account = $1 and {WORKS} limit 1");
    Ok(!query(client, &sql, &[&account]).await?.is_empty())
}

async fn begin_session(
    tx: &Transaction<'_>,
    account: Uuid,
    now_ms: i64,
) -> Result<(Uuid, String), StoreError> {
    let session = secret::id(now_ms)?;
    let key: [u8; 32] = secret::bytes()?;
    let sql = "insert into counterpart_hub.sessions (id, account_id, refresh_key, refresh_counter, refreshed_at, created_at)
               values ($1, $2, $3, 0, $4, $4)";
    execute(tx, sql, &[&session, &account, &key.as_slice(), &now_ms]).await?;
    let sql = "delete from counterpart_hub.sessions where id in (
                 select id from counterpart_hub.sessions where account_id = $1
                 order by created_at desc, id desc offset $2)";
    execute(tx, sql, &[&account, &MOST_SESSIONS]).await?;
    let sql = "update counterpart_hub.accounts set last_sign_in_at = $2 where id = $1";
    execute(tx, sql, &[&account, &now_ms]).await?;
    Ok((session, RefreshToken::issue(session, 0, &key)))
}

async fn refresh(tx: &Transaction<'_>, presented: &str, now_ms: i64) -> Result<Refresh, StoreError> {
    let Some(presented) = RefreshToken::parse(presented) else { return Ok(Refresh::NotFound) };
    // Two refreshes of one token, on two instances, take turns.
    let sql = "select account_id, refresh_key, refresh_counter, refreshed_at from counterpart_hub.sessions
               where id = $1 for update";
    let rows = query(tx, sql, &[&presented.session]).await?;
    let Some(row) = rows.first() else { return Ok(Refresh::NotFound) };
    let key = <[u8; 32]>::try_from(row.get::<_, Vec<u8>>(1)).map_err(|_| StoreError::Broken("session"))?;
    let session = Session {
        id: presented.session,
        account: row.get(0),
        key,
        counter: row.get(2),
        refreshed_at: row.get(3),
    };
    if !presented.signed_with(&session.key) {
        return Ok(Refresh::NotFound);
    }
    if !works_anywhere(tx, session.account).await? {
        return Ok(Refresh::Banned);
    }
    match session.next(&presented, now_ms) {
        Next::Rotate(counter) => {
            let sql =
                "update counterpart_hub.sessions set refresh_counter = $2, refreshed_at = $3 where id = $1";
            execute(tx, sql, &[&session.id, &counter, &now_ms]).await?;
            Ok(session.granted(counter))
        }
        Next::Again => Ok(session.granted(session.counter)),
        Next::End(why) => {
            execute(tx, "delete from counterpart_hub.sessions where id = $1", &[&session.id]).await?;
            Ok(why)
        }
    }
}

async fn change(
    tx: &Transaction<'_>,
    account: Uuid,
    session: Uuid,
    changes: &Changes,
    now_ms: i64,
) -> Result<Option<Account>, StoreError> {
    if let Some(metadata) = &changes.metadata {
        let sql = "update counterpart_hub.accounts set metadata = $2, updated_at = $3 where id = $1";
        execute(tx, sql, &[&account, metadata, &now_ms]).await?;
    }
    if let Some(hash) = &changes.password_hash {
        let sql =
            "update counterpart_hub.accounts set password_hash = $2, must_change = false, updated_at = $3
                   where id = $1";
        execute(tx, sql, &[&account, hash, &now_ms]).await?;
        let sql = "delete from counterpart_hub.sessions where account_id = $1 and id <> $2";
        execute(tx, sql, &[&account, &session]).await?;
    }
    account_where(tx, "id = $1", &account).await
}

/// Runs work in one transaction, whole or not at all.
macro_rules! transaction {
    ($this:ident, |$tx:ident| $work:expr) => {
        Box::pin(async move {
            let mut client = $this.database.client().await?;
            let $tx = client.transaction().await.map_err(DatabaseError::from)?;
            let done = $work.await?;
            $tx.commit().await.map_err(DatabaseError::from)?;
            Ok(done)
        })
    };
}

impl Registry for OnPostgres {
    fn account(&self, id: Uuid) -> Answer<'_, Option<Account>> {
        Box::pin(async move { account_where(&self.database.client().await?, "id = $1", &id).await })
    }

    fn account_by_email(&self, email: String) -> Answer<'_, Option<Account>> {
        Box::pin(async move { account_where(&self.database.client().await?, "email = $1", &email).await })
    }

    fn sign_in(&self, known: Account, now_ms: i64) -> Answer<'_, SignIn> {
        transaction!(self, |tx| async {
            let still = account_where(&tx, "id = $1 for update", &known.id).await?;
            if still.is_none_or(|now| now.password_hash != known.password_hash) {
                return Ok::<_, StoreError>(SignIn::Stale);
            }
            if !works_anywhere(&tx, known.id).await? {
                return Ok(SignIn::Banned);
            }
            let (session, token) = begin_session(&tx, known.id, now_ms).await?;
            let now = account_where(&tx, "id = $1", &known.id).await?;
            Ok(now.map_or(SignIn::Stale, |account| SignIn::Begun { account, session, token }))
        })
    }

    fn refresh(&self, presented: String, now_ms: i64) -> Answer<'_, Refresh> {
        transaction!(self, |tx| refresh(&tx, &presented, now_ms))
    }

    fn session(&self, session: Uuid, account: Uuid) -> Answer<'_, (bool, Option<Account>)> {
        Box::pin(async move {
            let client = self.database.client().await?;
            let sql = "select from counterpart_hub.sessions where id = $1 and account_id = $2";
            let exists = !query(&client, sql, &[&session, &account]).await?.is_empty();
            Ok((exists, account_where(&client, "id = $1", &account).await?))
        })
    }

    fn sign_out(&self, account: Uuid, session: Uuid, scope: SignOut) -> Answer<'_, ()> {
        let which = match scope {
            SignOut::Global => "account_id = $1 or id = $2",
            SignOut::Local => "account_id = $1 and id = $2",
            SignOut::Others => "account_id = $1 and id <> $2",
        };
        Box::pin(async move {
            let client = self.database.client().await?;
            let sql = format!("delete from counterpart_hub.sessions where {which}");
            execute(&client, &sql, &[&account, &session]).await.map(drop)
        })
    }

    fn change(
        &self,
        account: Uuid,
        session: Uuid,
        changes: Changes,
        now_ms: i64,
    ) -> Answer<'_, Option<Account>> {
        transaction!(self, |tx| change(&tx, account, session, &changes, now_ms))
    }

    fn is_member(&self, shop: Uuid, account: Uuid) -> Answer<'_, bool> {
        Box::pin(async move {
            let client = self.database.client().await?;
            let sql = format!(
                "select from public.members as m where m.shop_id = $1 and m.account = $2 and {WORKS}"
            );
            Ok(!query(&client, &sql, &[&shop, &account]).await?.is_empty())
        })
    }

    fn deactivate(&self, shop: Uuid, account: Uuid, _now_ms: i64) -> Answer<'_, ()> {
        transaction!(self, |tx| async {
            let sql = "update public.members set active = false where shop_id = $1 and account = $2";
            execute(&tx, sql, &[&shop, &account]).await?;
            let sql = "delete from counterpart_hub.sessions where account_id = $1";
            execute(&tx, sql, &[&account]).await.map(drop)
        })
    }

    fn is_there(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let client = self.database.client().await?;
            query(&client, "select from public.shops limit 1", &[]).await.map(drop)
        })
    }
}

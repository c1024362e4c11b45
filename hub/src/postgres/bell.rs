//! Pokes on a database that others write to: a commit of this instance is told to its own devices at once, and to the
//! other instances by a NOTIFY on a connection of its own, many commits in one. What nobody told (a writer in SQL, a
//! PostgREST beside the hub, an instance that was killed) is seen when the shops' heads are looked at.
//!
//! NOTIFY never stands in a writer's transaction: it would make all writers of the database take turns. Whoever lost
//! their place in a shop is off its channels before the poke goes out.

use super::health::forget_daily;
use super::{Address, Database, DatabaseError};
use crate::clock::Clock;
use crate::realtime::Realtime;
use counterpart_core::sync::wire::{Cursor, Poke};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio_postgres::{AsyncMessage, Client};
use uuid::Uuid;

/// How often the heads of the shops are looked at that somebody here listens to.
const LOOK: Duration = Duration::from_millis(250);
/// How long after a lost connection another is made.
const PAUSE: Duration = Duration::from_secs(1);
const CHANNEL: &str = "counterpart_poke";
/// Heads in one NOTIFY, whose payload may have 8,000 bytes.
const MOST_HEADS: usize = 40;

/// What instances tell each other.
#[derive(Serialize, Deserialize)]
struct Told {
    from: Uuid,
    heads: Vec<(Uuid, Cursor)>,
}

/// The bell of one instance.
pub struct Bell {
    me: Uuid,
    database: Database,
    realtime: Arc<Realtime>,
    clock: Arc<dyn Clock>,
    /// The last commit of each shop that the devices here were poked with.
    known: Mutex<HashMap<Uuid, Cursor>>,
    /// What the others have not been told yet: of each shop the last.
    untold: Mutex<BTreeMap<Uuid, Cursor>>,
    wake: Notify,
}

impl Bell {
    /// One for an instance.
    pub fn new(
        database: Database,
        realtime: Arc<Realtime>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Bell>, crate::secret::NoRandomness> {
        let me = uuid::Builder::from_random_bytes(crate::secret::bytes()?).into_uuid();
        let (known, untold, wake) = (Mutex::default(), Mutex::default(), Notify::new());
        Ok(Arc::new(Bell { me, database, realtime, clock, known, untold, wake }))
    }

    /// A commit of this instance: its devices are poked before this returns, the other instances soon. `of_people`
    /// where somebody may have lost their place by it.
    pub async fn ring(&self, shop: Uuid, head: Cursor, of_people: bool) {
        if !self.is_news(shop, &head) {
            return;
        }
        if of_people && let Err(error) = self.show_out_now(shop).await {
            tracing::error!(%error, "whoever lost their place may hear of this commit");
        }
        self.untold().insert(shop, head.clone());
        self.wake.notify_one();
        self.poke(shop, head);
    }

    /// Tells and listens until it is dropped, and meanwhile has done what has to be done once a day.
    pub async fn run(self: Arc<Self>) {
        tokio::join!(self.attend_to_all(), forget_daily(&self.database, self.clock.as_ref()));
    }

    async fn attend_to_all(&self) {
        loop {
            if let Err(error) = self.attend(self.database.address()).await {
                tracing::warn!(%error, "pokes wait for the database");
            }
            self.clock.reached(self.clock.elapsed() + PAUSE).await;
        }
    }

    /// One connection's time.
    async fn attend(&self, address: &Address) -> Result<(), DatabaseError> {
        let (client, mut connection) = address.config().connect(address.tls()?).await?;
        let (heard, mut hearing) = mpsc::unbounded_channel();
        let listening = tokio::spawn(async move {
            let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
            while let Some(Ok(message)) = messages.next().await {
                if let AsyncMessage::Notification(told) = message
                    && heard.send(told.payload().to_owned()).is_err()
                {
                    return;
                }
            }
        });
        client.batch_execute(&format!("listen {CHANNEL}")).await?;
        let ended = loop {
            let look = self.clock.reached(self.clock.elapsed() + LOOK);
            let done = tokio::select! {
                biased;
                told = hearing.recv() => match told {
                    None => break Err(DatabaseError::Lost),
                    Some(told) => self.hear(&client, &told).await,
                },
                () = self.wake.notified() => self.tell(&client).await,
                () = look => self.look(&client).await,
            };
            if done.is_err() {
                break done;
            }
        };
        listening.abort();
        ended
    }

    async fn tell(&self, client: &Client) -> Result<(), DatabaseError> {
        let untold: Vec<_> = std::mem::take(&mut *self.untold()).into_iter().collect();
        for heads in untold.chunks(MOST_HEADS) {
            let told = Told { from: self.me, heads: heads.to_vec() };
            let Ok(payload) = serde_json::to_string(&told) else { continue };
            client.execute("select pg_notify($1, $2)", &[&CHANNEL, &payload]).await?;
        }
        Ok(())
    }

    /// What another instance tells. Anybody on the database can write such a message: what is none is left alone.
    async fn hear(&self, client: &Client, payload: &str) -> Result<(), DatabaseError> {
        match serde_json::from_str::<Told>(payload) {
            Ok(told) if told.from != self.me => self.moved(client, told.heads).await,
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn look(&self, client: &Client) -> Result<(), DatabaseError> {
        let shops = self.realtime.shops();
        if shops.is_empty() {
            return Ok(());
        }
        let asks = "select shop_id, epoch, head, tag from counterpart.heads where shop_id = any($1)";
        let rows = client.query(asks, &[&shops]).await?;
        let cursor = |row: &tokio_postgres::Row| Cursor { epoch: row.get(1), n: row.get(2), tag: row.get(3) };
        self.moved(client, rows.iter().map(|row| (row.get(0), cursor(row))).collect()).await
    }

    async fn moved(&self, client: &Client, heads: Vec<(Uuid, Cursor)>) -> Result<(), DatabaseError> {
        let news: Vec<_> = heads.into_iter().filter(|(shop, head)| self.is_news(*shop, head)).collect();
        if news.is_empty() {
            return Ok(());
        }
        let shops: Vec<Uuid> = news.iter().map(|(shop, _)| *shop).collect();
        self.show_out(client, &shops).await?;
        for (shop, head) in news {
            self.poke(shop, head);
        }
        Ok(())
    }

    /// Ends the sockets of everybody who works in these shops no more.
    async fn show_out(&self, client: &Client, shops: &[Uuid]) -> Result<(), DatabaseError> {
        let asks = "select shop_id, account from public.members where shop_id = any($1) and not active";
        for row in client.query(asks, &[&shops]).await? {
            self.realtime.drop_member(row.get(0), row.get(1));
        }
        Ok(())
    }

    async fn show_out_now(&self, shop: Uuid) -> Result<(), DatabaseError> {
        let client = self.database.client().await?;
        self.show_out(&client, &[shop]).await
    }

    fn poke(&self, shop: Uuid, head: Cursor) {
        if let Ok(poke) = serde_json::to_value(Poke { head }) {
            self.realtime.poke(shop, &poke);
        }
    }

    /// Notes a commit, and says whether the devices here have not been poked with it or a later one.
    fn is_news(&self, shop: Uuid, head: &Cursor) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let old = known.get(&shop).is_some_and(|known| known.epoch == head.epoch && known.n >= head.n);
        if !old {
            known.insert(shop, head.clone());
        }
        !old
    }

    fn untold(&self) -> MutexGuard<'_, BTreeMap<Uuid, Cursor>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

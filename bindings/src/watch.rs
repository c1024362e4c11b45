//! Watches: what a screen shows, as it changes. A watch is asked for the next state and waits until there is one that
//! differs from the last it gave; states in between are skipped. It tells nothing by itself, so nothing comes after its
//! end, and no listener is ever called under a lock.

use crate::error::{Result, is_closed, panicked};
use crate::inner::Inner;
use crate::records::{BoardPage, RecordKind, WatchedCustomer, WatchedItem, WatchedTicket};
use crate::shop::{Shop, board_page, window};
use crate::threads::{Waiting, mistaken};
use chrono::{DateTime, Utc};
use counterpart_core::desk::{AppointmentRow, Badges, BoardFilter, EmployeeRow, ItemRow};
use counterpart_core::entity::{CustomerId, EmployeeId, InventoryItemId, TicketId};
use counterpart_core::net::Present;
use counterpart_core::outbox::Parked;
use counterpart_core::shop::Notices;
use counterpart_core::shop::OpenConflict;
use counterpart_core::store::ChangeBatch;
use counterpart_core::sync::SyncState;
use counterpart_core::{Error, shop};
use std::any::Any;
use std::fmt;
use std::future::pending;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Turns, Notify, watch};
use tokio::time::timeout;

/// A state, whatever it is of: watches have their types where they cross, and the engine room between them has none, so
/// that the library holds it once.
type State = Arc<dyn Any + Send + Sync>;

/// What a watch knows: nothing yet, a state or what went wrong, or that it is over.
enum Known {
    Nothing,
    Is(Result<State>),
    Over,
}

/// What a watch looks at, and when to look again if nothing happens before.
type Look = Box<dyn Fn(&shop::Shop) -> Result<Seen<State>, Error> + Send + Sync>;

type Seen<T> = (T, Option<DateTime<Utc>>);

/// How a watch looks, and whether two states are the same to whoever sees them.
struct View {
    look: Look,
    same: fn(&State, &State) -> bool,
}

/// Whether a commit is a reason to look again.
type Matters = Box<dyn Fn(&ChangeBatch) -> bool + Send + Sync>;

fn same<T: PartialEq + 'static>(one: &State, other: &State) -> bool {
    one.downcast_ref::<T>() == other.downcast_ref::<T>()
}

/// The half of a watch that waits.
struct Watching<T> {
    wait: Wait,
    of: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Watching<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Watching")
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Watching<T> {
    /// Begins to watch: `look` is asked again when a commit is one that `matters`, or the shop came to another line.
    fn begin(
        shop: &Shop,
        matters: impl Fn(&ChangeBatch) -> bool + Send + Sync + 'static,
        hints: Option<Hints>,
        look: impl Fn(&shop::Shop) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Watching<T> {
        Watching::begin_until(shop, matters, hints, move |core| Ok((look(core)?, None)))
    }

    /// The same of something that also changes when a moment has come.
    fn begin_until(
        shop: &Shop,
        matters: impl Fn(&ChangeBatch) -> bool + Send + Sync + 'static,
        hints: Option<Hints>,
        look: impl Fn(&shop::Shop) -> Result<Seen<T>, Error> + Send + Sync + 'static,
    ) -> Watching<T> {
        let look = Box::new(move |core: &shop::Shop| {
            let (state, until) = look(core)?;
            Ok((Arc::new(state) as State, until))
        });
        let view = View { look, same: same::<T> };
        Watching { wait: Wait::begin(shop, Box::new(matters), hints, view), of: PhantomData }
    }

    /// The next state; nothing once the watch or the shop has ended.
    async fn next(&self) -> Result<Option<T>> {
        let Some(state) = self.wait.next().await? else { return Ok(None) };
        state.downcast_ref().cloned().map(Some).ok_or_else(mistaken)
    }

    fn end(&self) {
        self.wait.end();
    }
}

struct Wait {
    known: Turns<watch::Receiver<Known>>,
    // Ends with the watch, whoever lets go of it first.
    task: Mutex<Option<Waiting<()>>>,
    ended: watch::Sender<bool>,
}

impl Wait {
    fn begin(of: &Shop, matters: Matters, hints: Option<Hints>, view: View) -> Wait {
        let (tell, known) = watch::channel(Known::Nothing);
        let task = Some(of.inner.threads.begin(follow(of, matters, hints, view, tell)));
        Wait { known: Turns::new(known), task: Mutex::new(task), ended: watch::Sender::new(false) }
    }

    async fn next(&self) -> Result<Option<State>> {
        let mut ended = self.ended.subscribe();
        let mut known = self.known.lock().await;
        let changed = tokio::select! {
            biased;
            _ = ended.wait_for(|ended| *ended) => return Ok(None),
            changed = known.changed() => changed,
        };
        if changed.is_err() {
            return Ok(None);
        }
        match &*known.borrow_and_update() {
            Known::Is(state) => state.clone().map(Some),
            Known::Nothing | Known::Over => Ok(None),
        }
    }

    fn end(&self) {
        self.ended.send_replace(true);
        drop(self.task.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// What beside commits may change what a watch shows.
type Hints = fn(&Inner) -> Option<Hint>;

/// Something that is told of as it changes.
enum Hint {
    State(watch::Receiver<counterpart_core::terminal::Sight>),
    Presence(watch::Receiver<Vec<Present>>),
}

impl Hint {
    async fn changed(&mut self) -> bool {
        match self {
            Hint::State(sights) => sights.changed().await.is_ok(),
            Hint::Presence(present) => present.changed().await.is_ok(),
        }
    }
}

/// Looks, tells what differs, and waits for a reason to look again.
fn follow(
    shop: &Shop,
    matters: Matters,
    hints: Option<Hints>,
    view: View,
    tell: watch::Sender<Known>,
) -> impl Future<Output = ()> + Send + 'static {
    let (core, inner) = (shop.core.clone(), Arc::downgrade(&shop.inner));
    let mut rewired = shop.inner.rewired.subscribe();
    let stale = Arc::new(Notify::new());
    let (view, woken) = (Arc::new(view), Arc::clone(&stale));
    let subscription = core.observe(move |batch| {
        if matters(batch) {
            woken.notify_one();
        }
    });
    async move {
        let _subscription = subscription;
        let mut last = None;
        let mut hint = None;
        loop {
            if hint.is_none() {
                hint = hints.and_then(|hints| inner.upgrade().and_then(|inner| hints(&inner)));
            }
            let (asked, shown) = (Arc::clone(&view), core.clone());
            let seen = tokio::task::spawn_blocking(move || (asked.look)(&shown)).await;
            let seen = seen.unwrap_or_else(|_| Err(panicked()));
            if seen.as_ref().is_err_and(is_closed) {
                tell.send_replace(Known::Over);
                return;
            }
            let (seen, until) = match seen {
                Ok((state, until)) => (Ok(state), until),
                Err(error) => (Err(error), None),
            };
            let passed = passed(until, core.env().now());
            if !last.as_ref().is_some_and(|last| view.shows_the_same(last, &seen)) {
                tell.send_replace(Known::Is(seen.clone()));
                last = Some(seen);
            }
            let told = async {
                match &mut hint {
                    Some(hint) => hint.changed().await,
                    None => std::future::pending().await,
                }
            };
            let lives = tokio::select! {
                () = stale.notified() => true,
                () = passed => true,
                changed = rewired.changed() => {
                    if changed.is_err() {
                        tell.send_replace(Known::Over);
                        return;
                    }
                    false
                }
                lives = told => lives,
            };
            if !lives {
                hint = None;
            }
        }
    }
}

/// Waits until a moment has passed; for ever where there is none.
async fn passed(moment: Option<DateTime<Utc>>, now: i64) {
    let Some(moment) = moment else { return pending().await };
    let wait = u64::try_from(moment.timestamp_millis().saturating_sub(now)).unwrap_or(0);
    // One more, for it has passed then.
    timeout(Duration::from_millis(wait.saturating_add(1)), pending::<()>()).await.ok();
}

impl View {
    fn shows_the_same(&self, last: &Result<State>, seen: &Result<State>) -> bool {
        match (last, seen) {
            (Ok(last), Ok(seen)) => (self.same)(last, seen),
            (Err(last), Err(seen)) => last == seen,
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        }
    }
}

/// A watch that crosses: its name, what it shows, and what a call on the shop needs to begin one.
macro_rules! watches {
    ($(
        $(#[doc = $does:literal])+
        $watch:ident of $state:ty = $begin:ident($shop:ident $(, $parameter:ident: $type:ty)*) $body:block
    )+) => {
        $(
            $(#[doc = $does])+
            #[derive(Debug, uniffi::Object)]
            pub struct $watch(Watching<$state>);

            #[uniffi::export]
            impl $watch {
                /// Waits for the next state. Nothing comes once the watch or the shop has ended.
                pub async fn next(&self) -> Result<Option<$state>> {
                    self.0.next().await
                }

                /// Ends the watch: whoever waits for it is told, and nothing comes any more.
                pub fn end(&self) {
                    self.0.end();
                }
            }
        )+

        #[uniffi::export]
        impl Shop {
            $(
                $(#[doc = $does])+
                pub fn $begin(&self $(, $parameter: $type)*) -> Arc<$watch> {
                    let $shop = self;
                    Arc::new($watch($body))
                }
            )+
        }
    };
}

fn touches(tables: &'static [&'static str]) -> impl Fn(&ChangeBatch) -> bool + Send + Sync + 'static {
    move |batch| tables.iter().any(|table| batch.touches(table))
}

fn state_hints(inner: &Inner) -> Option<Hint> {
    inner.core.states().ok().map(Hint::State)
}

fn presence_hints(inner: &Inner) -> Option<Hint> {
    inner.core.presence().ok().map(Hint::Presence)
}

watches! {
    /// What a person sees of the sync, as it changes.
    StateWatch of SyncState = watch_state(shop) {
        Watching::begin(shop, |_| true, Some(state_hints), |core| core.state())
    }

    /// The first window of the board, as it changes.
    BoardWatch of BoardPage = watch_board(shop, filter: BoardFilter, limit: u32) {
        let look = move |core: &shop::Shop| core.read(|reader| board_page(reader, &filter, None, limit));
        Watching::begin(shop, touches(&["tickets", "customers"]), None, look)
    }

    /// A ticket with all that its screen shows, as it changes.
    TicketWatch of WatchedTicket = watch_ticket(shop, ticket: TicketId) {
        let tables = &["tickets", "customers", "ticket_lines", "ticket_notes", "ticket_events", "ticket_secrets"];
        Watching::begin(shop, touches(tables), None, move |core| {
            Ok(WatchedTicket { view: core.ticket_view(&ticket)? })
        })
    }

    /// A customer, as somebody here or elsewhere changes it.
    CustomerWatch of WatchedCustomer = watch_customer(shop, customer: CustomerId) {
        Watching::begin(shop, touches(&["customers"]), None, move |core| {
            Ok(WatchedCustomer { customer: core.get(&customer.0)? })
        })
    }

    /// An item of the shelf with its quantity, as it changes.
    ItemWatch of WatchedItem = watch_item(shop, item: InventoryItemId) {
        Watching::begin(shop, touches(&["inventory_items", "stock_movements"]), None, move |core| {
            Ok(WatchedItem { item: core.get(&item.0)? })
        })
    }

    /// The employees by name, those who left last, as they change.
    EmployeesWatch of Vec<EmployeeRow> = watch_employees(shop) {
        Watching::begin(shop, touches(&["employees"]), None, |core| core.employees())
    }

    /// Items to order, by name, as they change: the first window.
    LowStockWatch of Vec<ItemRow> = watch_low_stock(shop, limit: u32) {
        let look = move |core: &shop::Shop| core.low_stock(None, window(limit));
        Watching::begin(shop, touches(&["inventory_items", "stock_movements"]), None, look)
    }

    /// How often something of these kinds changed since the watch began: a reason to read again what a search, or any list
    /// without a watch of its own, shows.
    ChangesWatch of u64 = watch_changes(shop, kinds: Vec<RecordKind>) {
        let changes = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&changes);
        let matters = move |batch: &ChangeBatch| {
            let changed = kinds.iter().any(|kind| batch.touches(kind.table()));
            if changed {
                counted.fetch_add(1, Ordering::Relaxed);
            }
            changed
        };
        // Whether the shop is still open is asked as with any other watch.
        Watching::begin(shop, matters, None, move |core| core.read(|_| Ok(changes.load(Ordering::Relaxed))))
    }

    /// The appointments of a range of time, as they change.
    CalendarWatch of Vec<AppointmentRow> =
        watch_calendar(shop, from: DateTime<Utc>, until: DateTime<Utc>, assignee: Option<EmployeeId>)
    {
        let look = move |core: &shop::Shop| core.calendar(from, until, assignee.as_ref());
        Watching::begin(shop, touches(&["appointments", "customers"]), None, look)
    }

    /// The numbers on the badges, as they change.
    BadgesWatch of Badges = watch_badges(shop, day: DateTime<Utc>, next_day: DateTime<Utc>) {
        let tables = &["tickets", "inventory_items", "appointments"];
        let look = move |core: &shop::Shop| Ok((core.badges(day, next_day)?, core.next_due()?));
        Watching::begin_until(shop, touches(tables), None, look)
    }

    /// What others did, the newest first, as it changes.
    NoticesWatch of Notices = watch_notices(shop, limit: u32) {
        let look = move |core: &shop::Shop| {
            let notices = core.notices(window(limit))?;
            let calm_at = notices.calm_at;
            Ok((notices, calm_at))
        };
        Watching::begin_until(shop, touches(&["notices"]), None, look)
    }

    /// What waits for a person, as it changes.
    ParkedWatch of Vec<Parked> = watch_parked(shop) {
        Watching::begin(shop, |batch| batch.queue, None, |core| core.parked())
    }

    /// The conflicts that wait for a person, as they change.
    ConflictsWatch of Vec<OpenConflict> = watch_conflicts(shop) {
        Watching::begin(shop, touches(&["conflicts"]), None, |core| core.open_conflicts())
    }

    /// Who is there and what they look at, as it changes.
    PresenceWatch of Vec<Present> = watch_presence(shop) {
        let inner = Arc::downgrade(&shop.inner);
        let look = move |_: &shop::Shop| {
            let present = inner.upgrade().map(|inner| inner.core.present());
            // Without a line to the server nobody is seen.
            Ok(present.and_then(Result::ok).unwrap_or_default())
        };
        Watching::begin(shop, |_| false, Some(presence_hints), look)
    }
}

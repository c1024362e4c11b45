//! What others did, as one device hears of it: a notice per person for what came within five seconds.

use super::names::Names;
use crate::demo::{Bell, Device};
use counterpart_core::store::{Change, Subscription, What};
use counterpart_core::{Result, Shop};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Notices that are kept.
const KEPT: usize = 4;
/// What one person does within this time is told once.
const TOGETHER_MS: i64 = 5_000;

/// What a device heard of one person.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Notice {
    by: String,
    what: String,
    at: i64,
    #[serde(skip)]
    counts: BTreeMap<&'static str, usize>,
}

/// What a device heard.
pub(super) struct Feed {
    shop: Shop,
    // Written by the engine's own thread, which must not be kept waiting: it is read up later.
    heard: Arc<Mutex<Vec<Change>>>,
    notices: Mutex<Vec<Notice>>,
    _subscription: Subscription,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Feed {
    /// Listens from now on.
    pub(super) fn of(device: &Device, bell: Bell) -> Feed {
        let heard: Arc<Mutex<Vec<Change>>> = Arc::default();
        let into = Arc::clone(&heard);
        let subscription = device.shop.observe(move |batch| {
            lock(&into).extend(batch.changes().filter(|change| change.what != What::Status));
            bell.ring();
        });
        let shop = device.shop.clone();
        Feed { shop, heard, notices: Mutex::default(), _subscription: subscription }
    }

    /// Reads up what was heard since the last time.
    pub(super) fn read_up(&self) -> Result<()> {
        let me = self.shop.who().actor;
        // Taken first: whoever tells may hold the engine, which is asked below.
        let heard = std::mem::take(&mut *lock(&self.heard));
        for change in heard {
            let Some(noun) = noun(change.table) else { continue };
            let Some(record) = self.shop.record(change.table, &change.id)? else { continue };
            let by = record.row.meta.updated_by.clone().or(record.row.meta.created_by.clone());
            if by.is_some() && by != me {
                self.note(by.unwrap_or_default(), noun);
            }
        }
        Ok(())
    }

    fn note(&self, by: String, noun: &'static str) {
        let now = self.shop.env().now();
        let mut notices = lock(&self.notices);
        let fits = |notice: &Notice| notice.by == by && now - notice.at < TOGETHER_MS;
        let at = notices.iter().position(fits).unwrap_or_else(|| {
            notices.insert(0, Notice { by, what: String::new(), at: now, counts: BTreeMap::new() });
            0
        });
        if let Some(notice) = notices.get_mut(at) {
            *notice.counts.entry(noun).or_default() += 1;
            let plural = |(noun, count): (&&str, &usize)| match count {
                1 => format!("1 {noun}"),
                _ => format!("{count} {noun}s"),
            };
            notice.what = notice.counts.iter().map(plural).collect::<Vec<_>>().join(", ");
        }
        notices.truncate(KEPT);
    }

    /// The latest first. Names are looked up now: work may arrive before the person who did it.
    pub(super) fn notices(&self, names: &Names) -> Vec<Notice> {
        let mut notices = lock(&self.notices).clone();
        notices.iter_mut().for_each(|notice| notice.by = names.of(Some(&notice.by)));
        notices
    }
}

/// What a notice calls a row; nothing for rows that nobody waits to hear of.
fn noun(table: &str) -> Option<&'static str> {
    match table {
        "customers" => Some("customer"),
        "tickets" => Some("ticket"),
        "ticket_notes" => Some("note"),
        "ticket_lines" => Some("part"),
        "ticket_events" => Some("status change"),
        "appointments" => Some("appointment"),
        "conflicts" => Some("conflict"),
        _ => None,
    }
}

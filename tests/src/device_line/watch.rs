//! Events of one open shop: what each commit changed, and the state whenever it differs from the last one told.

use super::line::Out;
use counterpart_core::store::{ChangeBatch, Subscription, What};
use counterpart_core::{Shop, shop::Progress};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Ends when it is dropped: no event of its shop comes after that.
pub(super) struct Watch {
    // The order matters: with the listener and the last sender gone, the thread ends.
    subscription: Option<Subscription>,
    look: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(super) fn begin(shop: Shop, out: Arc<Out>) -> Watch {
        let (look, looks) = sync_channel(1);
        let (told, again) = (Arc::clone(&out), look.clone());
        let subscription = shop.observe(move |batch| {
            told.event(&changed(batch));
            poke(&again);
        });
        let thread = std::thread::spawn(move || tell_states(&shop, &out, &looks));
        poke(&look);
        Watch { subscription: Some(subscription), look: Some(look), thread: Some(thread) }
    }

    /// The state may be another one now.
    pub(super) fn look(&self) {
        if let Some(look) = &self.look {
            poke(look);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.subscription = None;
        self.look = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            eprintln!("device: the watch had failed");
        }
    }
}

/// Asks for a look at the state. One that is still due stands for this one too.
fn poke(look: &SyncSender<()>) {
    match look.try_send(()) {
        Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
    }
}

/// Not from a listener: the engine may be at work while it is called, and the state is the engine's.
fn tell_states(shop: &Shop, out: &Out, looks: &Receiver<()>) {
    let mut last = None;
    for () in looks {
        // A shop that is being closed has no state to tell.
        let Ok(state) = shop.state() else { continue };
        let state = super::show::state(&state);
        if last.as_ref() != Some(&state) {
            out.event(&json!({ "state": state }));
            last = Some(state);
        }
    }
}

fn changed(batch: &ChangeBatch) -> Json {
    let rows: Vec<Json> = batch
        .changes()
        .map(|change| json!({ "table": change.table, "id": change.id, "what": word(change.what) }))
        .collect();
    let whole: Vec<&str> = batch.whole_tables().collect();
    json!({ "changed": { "rows": rows, "tables": whole, "queue": batch.queue } })
}

fn word(what: What) -> &'static str {
    match what {
        What::Created => "created",
        What::Updated => "updated",
        What::Deleted => "deleted",
        What::Status => "status",
    }
}

/// How far an export or an import is.
pub(super) fn progress(progress: Progress) -> Json {
    json!({ "progress": { "rows": progress.rows, "bytes": progress.bytes } })
}

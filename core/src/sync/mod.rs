//! Sync: when to send, what an answer means, what to do with what came back.
//!
//! [`transition`] decides, without touching anything: a state and an event give a state and effects. [`Engine`]
//! carries the effects out on the store and says which calls to make; somebody else makes them.

mod apply;
mod catch_up;
mod engine;
mod kept;
mod leaving;
mod merge;
mod parked;
mod place;
mod reading;
mod record;
#[cfg(feature = "inspector")]
mod reload;
mod sending;
mod snapshot;
mod state;
pub(crate) mod stretches;
mod transition;
pub mod wire;

pub use apply::Page;
pub(crate) use catch_up::{is_loading, sift_staged};
pub use engine::{Call, Engine, SyncState};
pub use merge::{Added, FieldState, Incoming, Verdict, merge};
pub(crate) use place::{Place, outside_windows};
pub use snapshot::{Landed, SnapshotWriter};
pub use state::{Answer, Effect, Event, Link, Live, Phase, RetryPolicy, Session, Wait};
pub use transition::transition;
pub use wire::{Cursor, PushAnswer, PushRequest};

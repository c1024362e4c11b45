//! What the tour of the engine plays with: a clock that it owns, a server that does as it is told, a timeline.

mod clock;
mod link;
mod server;
mod timeline;

pub use clock::VirtualClock;
pub use link::{Attempt, Line, Link};
pub use server::Server;
pub use timeline::{Failure, Timeline};

//! What people at the desk do with the repair shop's entities, on top of an engine that knows none of them.

pub mod layouts;

//! What an answer says when something went wrong: a stable code, and a sentence without a customer's data.

use counterpart_core::Error;
use serde_json::{Value as Json, json};

/// Why a line was not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// The line is not one that a device understands. Nothing of it is repeated.
    Bad(String),
    /// The engine did not do it.
    Engine(Error),
}

impl Fault {
    pub(super) fn bad(why: impl Into<String>) -> Fault {
        Fault::Bad(why.into())
    }

    pub(super) fn to_json(&self) -> Json {
        let (code, message) = match self {
            Fault::Bad(why) => ("bad_request", why.clone()),
            Fault::Engine(error) => (error.code(), error.to_string()),
        };
        json!({ "code": code, "message": message })
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Engine(error)
    }
}

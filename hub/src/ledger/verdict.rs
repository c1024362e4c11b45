//! What is said of an operation.

use super::Result;
use counterpart_core::outbox::Outcome;
use counterpart_core::schema::{Denied, Invalid};

/// An operation took effect.
pub(super) struct Applied {
    pub(super) outcome: Outcome,
    /// What was lost or is in conflict, if anything.
    pub(super) code: Option<String>,
    pub(super) field: Option<String>,
}

/// An operation did not, and why.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) field: Option<String>,
    pub(super) message: Option<String>,
    /// Only for now: what it needs has not applied.
    pub(super) held: bool,
}

impl Refused {
    pub(super) fn rule(code: &str) -> Refused {
        Refused { code: code.into(), field: None, message: None, held: false }
    }

    pub(super) fn held() -> Refused {
        Refused { held: true, ..Refused::rule("held") }
    }
}

impl From<Invalid> for Refused {
    fn from(wrong: Invalid) -> Self {
        let message = Some(wrong.to_string());
        Refused { field: Some(wrong.field.into()), message, ..Refused::rule(wrong.rule.code()) }
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Refused { message: Some(denied.rule.into()), ..Refused::rule("denied") }
    }
}

/// A verdict about one operation; the outer error is the database's.
pub(super) type Verdict = Result<std::result::Result<Applied, Refused>>;

//! What can go wrong, as the engine's eight things that a shell can do about it. Every one has a stable code for scripts,
//! logs and translations, and none has a customer's data.

use counterpart_core::{Error, NotNow};

/// The result of whatever crosses.
pub(crate) type Result<T, E = ShopError> = std::result::Result<T, E>;

/// What went wrong. Every variant is one thing for the shell to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error, uniffi::Error)]
pub enum ShopError {
    /// The input breaks a rule: show it beside the field.
    #[error("{table}.{field}: {rule}")]
    Invalid {
        /// The rule, as a stable code.
        code: String,
        /// The table.
        table: String,
        /// The field.
        field: String,
        /// The rule, in words.
        rule: String,
    },
    /// The person may not do it: say so, offer to switch person.
    #[error("not allowed in {table}: {rule}")]
    Denied {
        /// `denied`.
        code: String,
        /// The table.
        table: String,
        /// What is missing.
        rule: String,
    },
    /// There is no such thing here: refresh the screen.
    #[error("no such {what} here")]
    Missing {
        /// `not_found`.
        code: String,
        /// What was asked for.
        what: String,
    },
    /// It cannot be done at this moment: wait, or ask.
    #[error("not now: {code}")]
    NotNow {
        /// Why: `in_use`, `device_locked`, `pin_locked`, `busy`, `unanswered`, `unsent`, `cancelled`, `closed`.
        code: String,
        /// For how long still, of `pin_locked`.
        seconds: Option<u64>,
        /// How many, of `unsent`.
        operations: Option<u64>,
    },
    /// The local file or its disk needs attention.
    #[error("local database: {code}")]
    Storage {
        /// What is wrong: `disk_full`, `read_only`, `newer_file`, `damaged`, `foreign_file`.
        code: String,
    },
    /// It needs the server, once.
    #[error("needs the server: {reason}")]
    NeedsServer {
        /// `needs_server`.
        code: String,
        /// Why.
        reason: String,
    },
    /// The session has ended: sign in again. Nothing is lost.
    #[error("signed out: {reason}")]
    SignedOut {
        /// `signed_out`.
        code: String,
        /// Why.
        reason: String,
    },
    /// A defect of the engine: report it.
    #[error("defect: {detail}")]
    Defect {
        /// `defect`.
        code: String,
        /// What happened, without customer data.
        detail: String,
    },
}

impl From<Error> for ShopError {
    fn from(error: Error) -> Self {
        let code = error.code().to_owned();
        match error {
            Error::Invalid(wrong) => ShopError::Invalid {
                code,
                table: wrong.table.to_owned(),
                field: wrong.field.to_owned(),
                rule: wrong.rule.to_string(),
            },
            Error::Denied { table, rule } => {
                ShopError::Denied { code, table: table.to_owned(), rule: rule.to_owned() }
            }
            Error::Missing { what } => ShopError::Missing { code, what: what.to_owned() },
            Error::NotNow(why) => {
                let (seconds, operations) = match why {
                    NotNow::PinLocked { seconds } => (Some(seconds), None),
                    NotNow::Unsent { operations } => (None, Some(operations)),
                    NotNow::InUse
                    | NotNow::DeviceLocked
                    | NotNow::Busy
                    | NotNow::Unanswered
                    | NotNow::Cancelled
                    | NotNow::Closed => (None, None),
                };
                ShopError::NotNow { code, seconds, operations }
            }
            Error::Storage(_) => ShopError::Storage { code },
            Error::NeedsServer { reason } => ShopError::NeedsServer { code, reason: reason.to_owned() },
            Error::SignedOut { reason } => ShopError::SignedOut { code, reason: reason.to_owned() },
            Error::Defect { detail } => ShopError::Defect { code, detail },
        }
    }
}

/// What a panic on one of the facade's threads comes to: that call's answer, and nobody else's.
pub(crate) fn panicked() -> Error {
    Error::Defect { detail: "the work panicked".into() }
}

/// Whether somebody closed what was asked.
pub(crate) fn is_closed(error: &Error) -> bool {
    *error == Error::NotNow(NotNow::Closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_core::StorageFault;
    use counterpart_core::schema::{Invalid, Rule};

    #[test]
    fn every_one_of_the_engine_s_errors_keeps_its_code() {
        let text = |text: &str| text.to_owned();
        let invalid = Error::from(Invalid::field("sku", Rule::Required).of("inventory_items"));
        let rule = text("must not be empty");
        let (table, field) = (text("inventory_items"), text("sku"));
        let unsent = ShopError::NotNow { code: text("unsent"), seconds: None, operations: Some(3) };
        let locked = ShopError::NotNow { code: text("pin_locked"), seconds: Some(30), operations: None };
        for (engine, facade) in [
            (invalid, ShopError::Invalid { code: text("required"), table, field, rule }),
            (
                Error::Denied { table: "tickets", rule: "status_role" },
                ShopError::Denied { code: text("denied"), table: text("tickets"), rule: text("status_role") },
            ),
            (
                Error::Missing { what: "tickets" },
                ShopError::Missing { code: text("not_found"), what: text("tickets") },
            ),
            (Error::NotNow(NotNow::Unsent { operations: 3 }), unsent),
            (Error::NotNow(NotNow::PinLocked { seconds: 30 }), locked),
            (Error::Storage(StorageFault::DiskFull), ShopError::Storage { code: text("disk_full") }),
            (
                Error::NeedsServer { reason: "offline" },
                ShopError::NeedsServer { code: text("needs_server"), reason: text("offline") },
            ),
            (
                Error::SignedOut { reason: "ended" },
                ShopError::SignedOut { code: text("signed_out"), reason: text("ended") },
            ),
            (
                Error::Defect { detail: text("odd") },
                ShopError::Defect { code: text("defect"), detail: text("odd") },
            ),
        ] {
            assert_eq!(ShopError::from(engine), facade);
        }
    }
}

//! What can go wrong, as the engine's eight things that a shell can do about it. Every one has a stable code for scripts,
//! logs and translations, and none has a customer's data.

use crate::UniFfiTag;
use counterpart_core::{Error, Fault, NotNow};
use uniffi::{LowerError, MetadataBuffer, RustBuffer, TypeId};

/// The result of whatever crosses. Only where it does is the engine's error made into the one that shells know.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

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

/// What a shell sees of the engine's error.
///
/// SAFETY: it crosses as the shells' own error does, and is described as that one.
unsafe impl LowerError<UniFfiTag> for Error {
    fn lower_error(error: Error) -> RustBuffer {
        <ShopError as LowerError<UniFfiTag>>::lower_error(error.into())
    }
}

impl TypeId<UniFfiTag> for Error {
    const TYPE_ID_META: MetadataBuffer = <ShopError as TypeId<UniFfiTag>>::TYPE_ID_META;
}

impl From<Error> for ShopError {
    fn from(error: Error) -> Self {
        let code = error.code().to_owned();
        match error.into_fault() {
            Fault::Invalid(wrong) => ShopError::Invalid {
                code,
                table: wrong.table.to_owned(),
                field: wrong.field.to_owned(),
                rule: wrong.rule.to_string(),
            },
            Fault::Denied { table, rule } => {
                ShopError::Denied { code, table: table.to_owned(), rule: rule.to_owned() }
            }
            Fault::Missing { what } => ShopError::Missing { code, what: what.to_owned() },
            Fault::NotNow(why) => {
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
            Fault::Storage(_) => ShopError::Storage { code },
            Fault::NeedsServer { reason } => ShopError::NeedsServer { code, reason: reason.to_owned() },
            Fault::SignedOut { reason } => ShopError::SignedOut { code, reason: reason.to_owned() },
            Fault::Defect { detail } => ShopError::Defect { code, detail },
        }
    }
}

/// What a panic on one of the facade's threads comes to: that call's answer, and nobody else's.
pub(crate) fn panicked() -> Error {
    Error::defect("the work panicked")
}

/// Whether somebody closed what was asked.
pub(crate) fn is_closed(error: &Error) -> bool {
    error.is(&Fault::NotNow(NotNow::Closed))
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
                Error::denied("tickets", "status_role"),
                ShopError::Denied { code: text("denied"), table: text("tickets"), rule: text("status_role") },
            ),
            (
                Error::missing("tickets"),
                ShopError::Missing { code: text("not_found"), what: text("tickets") },
            ),
            (Error::not_now(NotNow::Unsent { operations: 3 }), unsent),
            (Error::not_now(NotNow::PinLocked { seconds: 30 }), locked),
            (Error::storage(StorageFault::DiskFull), ShopError::Storage { code: text("disk_full") }),
            (
                Error::needs_server("offline"),
                ShopError::NeedsServer { code: text("needs_server"), reason: text("offline") },
            ),
            (
                Error::signed_out("ended"),
                ShopError::SignedOut { code: text("signed_out"), reason: text("ended") },
            ),
            (Error::defect(text("odd")), ShopError::Defect { code: text("defect"), detail: text("odd") }),
        ] {
            assert_eq!(ShopError::from(engine), facade);
        }
    }
}

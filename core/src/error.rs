//! What can go wrong, as eight things a shell can do about it. Each has a stable code and no customer data.

use crate::schema::{BadValue, Denied, Invalid};
use thiserror::Error;

/// The result of anything the engine does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Every variant is one thing for the shell to do.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Error {
    /// The input breaks a rule: show it beside the field.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The person may not do it: say so, offer to switch person.
    #[error("not allowed in {table}: {rule}")]
    Denied {
        /// The table.
        table: &'static str,
        /// What is missing.
        rule: &'static str,
    },
    /// There is no such thing here: refresh the screen.
    #[error("no such {what} here")]
    Missing {
        /// What was asked for.
        what: &'static str,
    },
    /// It cannot be done at this moment: wait, or ask.
    #[error("not now: {0}")]
    NotNow(NotNow),
    /// The local file or its disk needs attention.
    #[error("local database: {0}")]
    Storage(StorageFault),
    /// It needs the server, once.
    #[error("needs the server: {reason}")]
    NeedsServer {
        /// Why.
        reason: &'static str,
    },
    /// The session has ended: sign in again. Nothing is lost.
    #[error("signed out: {reason}")]
    SignedOut {
        /// Why.
        reason: &'static str,
    },
    /// A defect of the engine: report it.
    #[error("defect: {detail}")]
    Defect {
        /// What happened, without customer data.
        detail: String,
    },
}

/// Why something has to wait.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotNow {
    /// Another process has the file open.
    #[error("the file is open in another process")]
    InUse,
    /// The locked device withholds the file or its secure storage.
    #[error("the device is locked")]
    DeviceLocked,
    /// Too many wrong PINs.
    #[error("too many wrong PINs, locked for {seconds} s")]
    PinLocked {
        /// For how long still.
        seconds: u64,
    },
    /// The database is busy.
    #[error("the database is busy")]
    Busy,
    /// The operation's outcome is being asked for.
    #[error("the server is being asked what became of it")]
    Unanswered,
    /// Operations wait for the server, and nobody said what is to become of them.
    #[error("operations that are not sent: {operations}")]
    Unsent {
        /// How many.
        operations: u64,
    },
    /// The caller cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// Closed, suspended or shutting down.
    #[error("the shop is closed")]
    Closed,
}

/// What is wrong with the local file or its disk.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum StorageFault {
    /// No room is left. What was saved before is safe.
    #[error("the disk is full")]
    DiskFull,
    /// The folder or the file cannot be written.
    #[error("the folder is read-only")]
    ReadOnly,
    /// A newer version of the app wrote the file.
    #[error("written by a newer version ({found}, this one knows {known})")]
    Newer {
        /// The file's version.
        found: u32,
        /// The newest that this app knows.
        known: u32,
    },
    /// The file is damaged. Opening it again sets it aside and carries its queue over.
    #[error("the file is damaged")]
    Damaged,
    /// The file belongs to another schema, account or shop.
    #[error("the file belongs to another shop or account")]
    Foreign,
}

impl Error {
    /// A stable code for scripts, logs and translations.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Invalid(wrong) => wrong.rule.code(),
            Error::Denied { .. } => "denied",
            Error::Missing { .. } => "not_found",
            Error::NotNow(reason) => match reason {
                NotNow::InUse => "in_use",
                NotNow::DeviceLocked => "device_locked",
                NotNow::PinLocked { .. } => "pin_locked",
                NotNow::Busy => "busy",
                NotNow::Unanswered => "unanswered",
                NotNow::Unsent { .. } => "unsent",
                NotNow::Cancelled => "cancelled",
                NotNow::Closed => "closed",
            },
            Error::Storage(fault) => match fault {
                StorageFault::DiskFull => "disk_full",
                StorageFault::ReadOnly => "read_only",
                StorageFault::Newer { .. } => "newer_file",
                StorageFault::Damaged => "damaged",
                StorageFault::Foreign => "foreign_file",
            },
            Error::NeedsServer { .. } => "needs_server",
            Error::SignedOut { .. } => "signed_out",
            Error::Defect { .. } => "defect",
        }
    }

    pub(crate) fn defect(detail: impl Into<String>) -> Error {
        Error::Defect { detail: detail.into() }
    }

    pub(crate) const DAMAGED: Error = Error::Storage(StorageFault::Damaged);
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Error::Denied { table: denied.table, rule: denied.rule }
    }
}

impl From<BadValue> for Error {
    fn from(_: BadValue) -> Self {
        Error::DAMAGED
    }
}

impl From<rusqlite::Error> for Error {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the enums are SQLite's, and grow")]
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Code::DatabaseCorrupt | Code::NotADatabase => Error::DAMAGED,
                Code::DiskFull => Error::Storage(StorageFault::DiskFull),
                Code::ReadOnly => Error::Storage(StorageFault::ReadOnly),
                Code::DatabaseBusy | Code::DatabaseLocked => Error::NotNow(NotNow::Busy),
                Code::CannotOpen
                | Code::SystemIoFailure
                | Code::PermissionDenied
                | Code::AuthorizationForStatementDenied => Error::NotNow(NotNow::DeviceLocked),
                _ => Error::defect(error.to_string()),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Error::DAMAGED,
            _ => Error::defect(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Error {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the enum is the standard library's, and grows")]
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        match error.kind() {
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Error::Storage(StorageFault::ReadOnly),
            Kind::StorageFull | Kind::QuotaExceeded => Error::Storage(StorageFault::DiskFull),
            _ => Error::NotNow(NotNow::DeviceLocked),
        }
    }
}

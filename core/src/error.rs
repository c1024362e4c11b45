//! What can go wrong, as eight things a shell can do about it. Each has a stable code and no customer data.

use crate::schema::{BadValue, Denied, Invalid};
use std::fmt;

/// The result of anything the engine does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. It is one pointer, so that whatever can fail is returned and passed on as cheaply as if it could not.
#[derive(Clone, PartialEq)]
pub struct Error(Box<Fault>);

/// What an [`Error`] is about. Every variant is one thing for the shell to do.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum Fault {
    /// The input breaks a rule: show it beside the field.
    #[error(transparent)]
    Invalid(Invalid),
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
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
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

impl Fault {
    pub(crate) const DAMAGED: Fault = Fault::Storage(StorageFault::Damaged);
    pub(crate) const FOREIGN: Fault = Fault::Storage(StorageFault::Foreign);

    /// A stable code for scripts, logs and translations.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Invalid(wrong) => wrong.rule.code(),
            Fault::Denied { .. } => "denied",
            Fault::Missing { .. } => "not_found",
            Fault::NotNow(reason) => match reason {
                NotNow::InUse => "in_use",
                NotNow::DeviceLocked => "device_locked",
                NotNow::PinLocked { .. } => "pin_locked",
                NotNow::Busy => "busy",
                NotNow::Unanswered => "unanswered",
                NotNow::Unsent { .. } => "unsent",
                NotNow::Cancelled => "cancelled",
                NotNow::Closed => "closed",
            },
            Fault::Storage(fault) => match fault {
                StorageFault::DiskFull => "disk_full",
                StorageFault::ReadOnly => "read_only",
                StorageFault::Newer { .. } => "newer_file",
                StorageFault::Damaged => "damaged",
                StorageFault::Foreign => "foreign_file",
            },
            Fault::NeedsServer { .. } => "needs_server",
            Fault::SignedOut { .. } => "signed_out",
            Fault::Defect { .. } => "defect",
        }
    }
}

impl Error {
    /// What it is about.
    pub fn fault(&self) -> &Fault {
        &self.0
    }

    /// What it is about, to keep.
    pub fn into_fault(self) -> Fault {
        *self.0
    }

    /// Whether it is about exactly this.
    pub fn is(&self, fault: &Fault) -> bool {
        *self.0 == *fault
    }

    /// Whether the session has ended.
    pub fn is_signed_out(&self) -> bool {
        matches!(*self.0, Fault::SignedOut { .. })
    }

    /// A stable code for scripts, logs and translations.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// [`Fault::Denied`].
    #[cold]
    pub fn denied(table: &'static str, rule: &'static str) -> Error {
        Fault::Denied { table, rule }.into()
    }

    /// [`Fault::Missing`].
    #[cold]
    pub fn missing(what: &'static str) -> Error {
        Fault::Missing { what }.into()
    }

    /// [`Fault::NotNow`].
    #[cold]
    pub fn not_now(why: NotNow) -> Error {
        Fault::NotNow(why).into()
    }

    /// [`Fault::Storage`].
    #[cold]
    pub fn storage(fault: StorageFault) -> Error {
        Fault::Storage(fault).into()
    }

    /// [`Fault::NeedsServer`].
    #[cold]
    pub fn needs_server(reason: &'static str) -> Error {
        Fault::NeedsServer { reason }.into()
    }

    /// [`Fault::SignedOut`].
    #[cold]
    pub fn signed_out(reason: &'static str) -> Error {
        Fault::SignedOut { reason }.into()
    }

    /// [`Fault::Defect`].
    #[cold]
    pub fn defect(detail: impl Into<String>) -> Error {
        Fault::Defect { detail: detail.into() }.into()
    }

    #[cold]
    pub(crate) fn damaged() -> Error {
        Fault::DAMAGED.into()
    }
}

impl From<Fault> for Error {
    #[cold]
    #[inline(never)]
    fn from(fault: Fault) -> Self {
        Error(Box::new(fault))
    }
}

impl From<Invalid> for Error {
    fn from(wrong: Invalid) -> Self {
        Fault::Invalid(wrong).into()
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Error::denied(denied.table, denied.rule)
    }
}

impl From<BadValue> for Error {
    fn from(_: BadValue) -> Self {
        Error::damaged()
    }
}

impl From<rusqlite::Error> for Error {
    #[cold]
    #[inline(never)]
    #[allow(clippy::wildcard_enum_match_arm, reason = "the enums are SQLite's, and grow")]
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Code::DatabaseCorrupt | Code::NotADatabase => Error::damaged(),
                Code::DiskFull => Error::storage(StorageFault::DiskFull),
                Code::ReadOnly => Error::storage(StorageFault::ReadOnly),
                Code::DatabaseBusy | Code::DatabaseLocked => Error::not_now(NotNow::Busy),
                Code::CannotOpen
                | Code::SystemIoFailure
                | Code::PermissionDenied
                | Code::AuthorizationForStatementDenied => Error::not_now(NotNow::DeviceLocked),
                _ => Error::defect(error.to_string()),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Error::damaged(),
            _ => Error::defect(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Error {
    #[cold]
    #[inline(never)]
    #[allow(clippy::wildcard_enum_match_arm, reason = "the enum is the standard library's, and grows")]
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        match error.kind() {
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Error::storage(StorageFault::ReadOnly),
            Kind::StorageFull | Kind::QuotaExceeded => Error::storage(StorageFault::DiskFull),
            _ => Error::not_now(NotNow::DeviceLocked),
        }
    }
}

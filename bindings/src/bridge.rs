//! Types of the engine's own bridge that cross here as well.

use chrono::{DateTime, Utc};

uniffi::use_remote_type!(counterpart_core::DateTime<Utc>);

//! How types of other crates cross to Swift and Kotlin: times as native dates.

use chrono::{DateTime, Utc};
use std::time::SystemTime;

type Moment = DateTime<Utc>;

uniffi::custom_type!(Moment, SystemTime, {
    remote,
    lower: |moment| SystemTime::from(moment),
    try_lift: |time| Ok(DateTime::<Utc>::from(time)),
});

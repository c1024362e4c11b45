//! Feature flags: what a shop tries out on some of its people or devices first. A device's answer never changes while
//! the shop's settings stay as they are.
//!
//! A schema has flags where one of its tables has a field of the name `feature_flags`: an object that gives for the
//! flag's name the percentage of devices, and for `name/employee` that of one person, which goes first. `poll_seconds`
//! is no percentage but a time.

use crate::error::Result;
use crate::schema::{Json, Value};
use crate::sha256;
use crate::store::Reader;
use std::collections::BTreeMap;

/// Whether to hold a channel to the server; without one the device polls.
pub const REALTIME: &str = "realtime";
/// Whether to tell what others did.
pub const NOTICES: &str = "notices";
/// How often to poll, in seconds.
pub const POLL_SECONDS: &str = "poll_seconds";

/// The field that holds a shop's flags.
const FIELD: &str = "feature_flags";
/// On unless a shop says otherwise.
const ON_BY_DEFAULT: &[&str] = &[REALTIME, NOTICES];

/// A shop's flags, as one person sees them on one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    device: String,
    employee: Option<String>,
    values: BTreeMap<String, i64>,
}

impl Flags {
    /// The flags of the shop whose database this is.
    pub(crate) fn of(reader: &Reader<'_>, employee: Option<&str>) -> Result<Flags> {
        let device = reader.fact("install")?.unwrap_or_default();
        let mut flags = Flags { device, employee: employee.map(str::to_owned), values: BTreeMap::new() };
        let Some(table) = reader.schema().tables.iter().find(|table| table.field(FIELD).is_some()) else {
            return Ok(flags);
        };
        for row in reader.list(table, "", 1)? {
            if let Value::Text(text) = row.get(FIELD)
                && let Ok(Json::Object(object)) = serde_json::from_str(text)
            {
                let number = |(name, value): (String, Json)| Some((name, value.as_i64()?));
                flags.values.extend(object.into_iter().filter_map(number));
            }
        }
        Ok(flags)
    }

    /// Whether something is on here. What the shop says nothing about is on only if it is part of every shop.
    pub fn is_on(&self, name: &str) -> bool {
        let mine =
            self.employee.as_deref().and_then(|employee| self.values.get(&format!("{name}/{employee}")));
        match mine.or_else(|| self.values.get(name)) {
            Some(percent) => share(&self.device, name) < *percent,
            None => ON_BY_DEFAULT.contains(&name),
        }
    }

    /// How often to poll, in milliseconds, if the shop says so. More often than every five seconds helps nobody.
    pub(crate) fn poll_ms(&self) -> Option<i64> {
        self.values.get(POLL_SECONDS).map(|seconds| seconds.saturating_mul(1_000).max(5_000))
    }
}

/// Where a device stands among a hundred, for one flag: each flag draws anew.
fn share(device: &str, name: &str) -> i64 {
    let hash = sha256::of(format!("{device}\u{1f}{name}").as_bytes());
    let number = hash.as_ref().iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    i64::from(number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(device: &str, values: &[(&str, i64)]) -> Flags {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Flags { device: device.into(), employee: Some("tess".into()), values }
    }

    #[test]
    fn a_percentage_is_met_by_about_that_many_devices_and_grows_without_turning_anybody_off() {
        let mut on = [0; 3];
        for device in 0..2_000 {
            let device = format!("device-{device}");
            let answers = [10, 50, 90].map(|percent| flags(&device, &[("board", percent)]).is_on("board"));
            assert!(answers.is_sorted(), "{device} was turned off by a higher percentage");
            on.iter_mut().zip(answers).for_each(|(sum, answer)| *sum += usize::from(answer));
        }
        for (found, wanted) in on.into_iter().zip([200_usize, 1_000, 1_800]) {
            assert!(found.abs_diff(wanted) < 80, "{found} of 2,000 instead of about {wanted}");
        }
        assert!(!flags("any", &[("board", 0)]).is_on("board"));
        assert!(flags("any", &[("board", 100)]).is_on("board"));
    }

    #[test]
    fn one_person_may_have_it_before_anybody_else_or_be_spared() {
        assert!(flags("any", &[("board", 0), ("board/tess", 100)]).is_on("board"));
        assert!(!flags("any", &[("board", 100), ("board/tess", 0)]).is_on("board"));
        assert!(!flags("any", &[("board", 0), ("board/ada", 100)]).is_on("board"));
    }

    #[test]
    fn what_every_shop_has_is_on_until_a_shop_says_otherwise() {
        let none = flags("any", &[]);
        assert!(none.is_on(REALTIME) && none.is_on(NOTICES) && !none.is_on("board"));
        assert!(!flags("any", &[(REALTIME, 0)]).is_on(REALTIME));
        assert_eq!(none.poll_ms(), None);
        assert_eq!(flags("any", &[(POLL_SECONDS, 60)]).poll_ms(), Some(60_000));
        assert_eq!(flags("any", &[(POLL_SECONDS, 0)]).poll_ms(), Some(5_000));
    }
}

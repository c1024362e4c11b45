//! `bindings`: what the packages of one platform need.

use crate::android::{self, Kind};
use crate::bindings::{self, Build};
use crate::step::Failure;

/// Makes what one platform needs.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        ["kotlin"] => bindings::kotlin(Build::Debug).map(drop),
        ["kotlin", "--release"] => bindings::kotlin(Build::Release).map(drop),
        ["swift"] => bindings::swift(Build::Debug),
        ["swift", "--release"] => bindings::swift(Build::Release),
        ["android"] | ["android", "--release"] => android::run(Kind::Shipped),
        ["android", "--debug"] => android::run(Kind::Inspected),
        _ => {
            let usage =
                "`cargo xtask bindings kotlin|swift [--release]` or `cargo xtask bindings android [--debug]`";
            Err(Failure::Asked(usage.into()))
        }
    }
}

//! Licences: everything that the project builds on may be shipped under its terms, and comes from crates.io.

use crate::step::{Failure, announce, cargo};
use serde::Deserialize;
use spdx::{AdditionItem, Expression, LicenseItem, ParseMode};
use std::process::Stdio;

/// Licences that ask for no more than their text beside the binary, or for changes to their own files.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // Data: the certificates of the public authorities.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Exceptions that only grant more.
const ALLOWED_EXCEPTIONS: &[&str] = &["LLVM-exception"];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Judges every package that any feature and any platform brings in.
pub(crate) fn check() -> Result<(), Failure> {
    let mut command = cargo(&["metadata", "--format-version", "1", "--all-features", "--locked"]);
    announce("Licences and sources of every dependency", &command);
    let failed = |why: String| Failure::Untrue(format!("Could not read the dependencies: {why}."));
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    let refused: Vec<String> =
        metadata.packages.iter().filter_map(|package| refusal(package, &metadata)).collect();
    if refused.is_empty() {
        eprintln!("   {} packages, all allowed", metadata.packages.len());
        return Ok(());
    }
    Err(Failure::Untrue(refused.join("\n")))
}

/// Why a package may not be used, if it may not.
fn refusal(package: &Package, metadata: &Metadata) -> Option<String> {
    let why = match (package.source.as_deref(), package.license.as_deref()) {
        (Some(CRATES_IO), licence) => unlicensed(licence)?,
        (None, licence) if metadata.workspace_members.contains(&package.id) => unlicensed(licence)?,
        (None, _) => "comes from a folder outside the workspace".to_owned(),
        (Some(source), _) => format!("comes from {source}, not from crates.io"),
    };
    Some(format!("{} {} {why}.", package.name, package.version))
}

/// What is wrong with a licence expression, if anything is.
fn unlicensed(licence: Option<&str>) -> Option<String> {
    let Some(text) = licence else { return Some("names no licence".to_owned()) };
    // Older packages write `MIT/Apache-2.0`, which the lax mode reads as OR.
    let Ok(expression) = Expression::parse_mode(text, ParseMode::LAX) else {
        return Some(format!("has a licence that is no SPDX expression: {text}"));
    };
    let allowed = expression.evaluate(|asked| {
        let licence = match &asked.license {
            LicenseItem::Spdx { id, .. } => ALLOWED.contains(&id.name),
            LicenseItem::Other { .. } => false,
        };
        let exception = match &asked.addition {
            None => true,
            Some(AdditionItem::Spdx(id)) => ALLOWED_EXCEPTIONS.contains(&id.name),
            Some(AdditionItem::Other { .. }) => false,
        };
        licence && exception
    });
    if allowed {
        None
    } else {
        Some(format!("is licensed as {text}, which is not on the list of allowed licences"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(licence: &str) -> bool {
        unlicensed(Some(licence)).is_none()
    }

    fn judged(source: Option<&str>, id: &str) -> Option<String> {
        let package = Package {
            id: id.into(),
            name: "part".into(),
            version: "1.0.0".into(),
            license: Some("MIT".into()),
            source: source.map(Into::into),
        };
        refusal(&package, &Metadata { packages: vec![], workspace_members: vec!["ours".into()] })
    }

    #[test]
    fn one_allowed_side_of_an_or_is_enough() {
        assert!(allowed("MIT"));
        assert!(allowed("GPL-3.0-only OR MIT"));
        assert!(allowed("MIT/Apache-2.0"));
        assert!(allowed("(Apache-2.0 OR GPL-2.0-only) AND BSD-3-Clause"));
        assert!(allowed("Apache-2.0 WITH LLVM-exception"));
    }

    #[test]
    fn both_sides_of_an_and_are_needed() {
        assert!(!allowed("MIT AND GPL-3.0-only"));
        assert!(!allowed("(MIT OR Apache-2.0) AND OpenSSL"));
        assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
    }

    #[test]
    fn copyleft_unknown_and_missing_licences_are_refused() {
        for licence in ["GPL-2.0-or-later", "AGPL-3.0-only", "LicenseRef-own", "whatever I like", "BUSL-1.1"]
        {
            assert!(!allowed(licence), "{licence}");
        }
        assert!(unlicensed(None).is_some());
    }

    #[test]
    fn only_crates_io_and_the_workspace_are_sources() {
        assert_eq!(judged(Some(CRATES_IO), "theirs"), None);
        assert_eq!(judged(None, "ours"), None);
        assert!(judged(None, "theirs").unwrap().contains("outside the workspace"));
        assert!(
            judged(Some("git+https://example.org/part"), "theirs").unwrap().contains("not from crates.io")
        );
    }
}

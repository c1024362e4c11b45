//! `bindings android`: the library for Android's four ABIs, and the AAR around them; with `--debug` those that have what an
//! inspector may do. It says what is missing where there is no NDK, and fails if a 64-bit library would not load on a device
//! with pages of 16 KB.

use crate::bindings::{self, Build};
use crate::debian::{self, is_there};
use crate::files;
use crate::step::{Failure, cargo, run as step, workspace};
use crate::{aar, kotlin};
use std::fs;
use std::path::{Path, PathBuf};

/// Android's name of an ABI, Rust's target, and whether its pages may have 16 KB.
const ABIS: &[(&str, &str, bool)] = &[
    ("arm64-v8a", "aarch64-linux-android", true),
    ("armeabi-v7a", "armv7-linux-androideabi", false),
    ("x86_64", "x86_64-linux-android", true),
    ("x86", "i686-linux-android", false),
];
const LARGEST_PAGE: u64 = 16 * 1_024;

/// What an app takes in: the one that it ships, or the one of its debug builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As it is shipped.
    Shipped,
    /// With what an inspector may do.
    Inspected,
}

impl Kind {
    /// How the desktop's library is built that describes the same calls, and the facade's features.
    fn build(self) -> Build {
        match self {
            Kind::Shipped => Build::Plain,
            Kind::Inspected => Build::Debug,
        }
    }

    /// Where Gradle finds the generated code and the libraries, beside its file.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Kind::Shipped => "shipped",
            Kind::Inspected => "inspected",
        }
    }

    fn archive(self) -> &'static str {
        match self {
            Kind::Shipped => aar::SHIPPED,
            Kind::Inspected => "counterpart-debug.aar",
        }
    }
}

/// Builds one kind, and puts its AAR together.
pub(crate) fn run(kind: Kind) -> Result<(), Failure> {
    let missing = missing();
    if !missing.is_empty() {
        return Err(Failure::Untrue(format!(
            "`cargo xtask bindings android` needs what is not here: {}.",
            missing.join("; ")
        )));
    }
    debian::install("bindings android", "Java and Maven", kotlin::NEEDED)?;
    // The generated code is the same for every system, but not what an inspector may do.
    let described = bindings::kotlin(kind.build())?;
    let folder = files::fresh(&format!("{}/{}", aar::PART, kind.folder()))?;
    aar::tree(&workspace(bindings::KOTLIN_GENERATED), &folder.join("generated"))?;
    let libraries = folder.join("jniLibs");
    let mut build = cargo(&["ndk"]);
    for (abi, _, _) in ABIS {
        build.args(["-t", abi]);
    }
    build.args(["--platform", aar::MIN_SDK]).arg("-o").arg(&libraries).args([
        "build",
        "-p",
        "counterpart-ffi",
        "--profile",
        "release-ffi",
    ]);
    build.args(bindings::features(kind.build()));
    bindings::small(&mut build);
    build.env("CARGO_ENCODED_RUSTFLAGS", flags(bindings::without_descriptions(&described)?));
    step("The library for Android's four ABIs", build)?;
    for (abi, _, _) in ABIS.iter().filter(|(_, _, large)| *large) {
        check_alignment(&libraries.join(abi).join("libcounterpart_ffi.so"))?;
    }
    kotlin::compile()?;
    let whole = aar::assemble(kind.archive(), Some(&libraries))?;
    eprintln!("   {}", whole.display());
    Ok(())
}

/// What the compiler is told, and the linker: pages of 16 KB, relocations in the packed form that every supported Android
/// reads, one function where several came out the same, and what is `unneeded`.
fn flags(unneeded: String) -> String {
    let linker = [
        format!("-Wl,-z,max-page-size={LARGEST_PAGE}"),
        "-Wl,--pack-dyn-relocs=android".to_owned(),
        "-Wl,--icf=all".to_owned(),
        "-Wl,-z,defs".to_owned(),
        unneeded,
    ];
    let mut flags: Vec<String> = linker.iter().map(|flag| format!("-Clink-arg={flag}")).collect();
    flags.push("-Cstrip=symbols".to_owned());
    bindings::rust_flags(&flags)
}

/// What has to be there and is not, each with how to get it.
fn missing() -> Vec<String> {
    let mut missing = Vec::new();
    let named = ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"].iter().find_map(std::env::var_os);
    if !named.is_some_and(|ndk| PathBuf::from(ndk).join("toolchains").is_dir()) {
        missing.push("an Android NDK, whose folder ANDROID_NDK_HOME names".to_owned());
    }
    if !is_there("cargo-ndk") {
        missing.push("cargo-ndk (`cargo install cargo-ndk`)".to_owned());
    }
    missing.extend(bindings::lacking_targets(ABIS.iter().map(|(_, target, _)| *target)));
    missing
}

fn check_alignment(library: &Path) -> Result<(), Failure> {
    let bytes = fs::read(library)
        .map_err(|error| Failure::Untrue(format!("{} cannot be read: {error}.", library.display())))?;
    let shown = library.strip_prefix(workspace("")).unwrap_or(library).display();
    match least_alignment(&bytes) {
        Some(alignment) if alignment >= LARGEST_PAGE => Ok(()),
        Some(alignment) => Err(Failure::Untrue(format!(
            "{shown} is aligned to {alignment} bytes: devices with pages of 16 KB do not load it."
        ))),
        None => Err(Failure::Untrue(format!("{shown} is no 64-bit library."))),
    }
}

/// The least alignment of what a 64-bit ELF file has loaded.
fn least_alignment(elf: &[u8]) -> Option<u64> {
    const LOADED: u32 = 1;
    if elf.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let word = |at: usize| Some(u16::from_le_bytes(elf.get(at..at + 2)?.try_into().ok()?));
    let long = |at: usize| Some(u64::from_le_bytes(elf.get(at..at + 8)?.try_into().ok()?));
    let (table, size, count) = (usize::try_from(long(0x20)?).ok()?, word(0x36)?, word(0x38)?);
    let mut least = None;
    for at in (0..usize::from(count)).map(|row| table + row * usize::from(size)) {
        let kind = u32::from_le_bytes(elf.get(at..at + 4)?.try_into().ok()?);
        if kind == LOADED {
            let alignment = long(at + 0x30)?;
            least = Some(least.map_or(alignment, |known: u64| known.min(alignment)));
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of headers alone: two loaded segments and one that is not.
    fn elf(alignments: [u64; 2]) -> Vec<u8> {
        let mut file = vec![0; 0x40 + 3 * 0x38];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[0x20] = 0x40;
        file[0x36] = 0x38;
        file[0x38] = 3;
        for (row, (kind, alignment)) in
            [(1, alignments[0]), (2, 8), (1, alignments[1])].into_iter().enumerate()
        {
            let at = 0x40 + row * 0x38;
            file[at] = kind;
            file[at + 0x30..at + 0x38].copy_from_slice(&u64::to_le_bytes(alignment));
        }
        file
    }

    #[test]
    fn the_least_aligned_segment_that_is_loaded_counts() {
        assert_eq!(least_alignment(&elf([16_384, 65_536])), Some(16_384));
        assert_eq!(least_alignment(&elf([16_384, 4_096])), Some(4_096));
    }

    #[test]
    fn gradle_takes_the_inspector_into_debug_builds_alone() {
        let read = |file: &str| fs::read_to_string(workspace(file)).unwrap();
        let part = read(&format!("{}/build.gradle.kts", aar::PART));
        let app = read("android/app/build.gradle.kts");
        for (builds, kind) in [("debug", Kind::Inspected), ("release", Kind::Shipped)] {
            let set = format!("sourceSets[\"{builds}\"]");
            let folder = kind.folder();
            for line in [
                format!("{set}.kotlin.srcDir(\"{folder}/generated\")\n"),
                format!("{set}.jniLibs.srcDir(\"{folder}/jniLibs\")\n"),
            ] {
                assert_eq!(part.matches(folder).count(), 2, "{part}");
                assert!(part.contains(&line), "{line}");
            }
            let models = format!("android/model/src/{folder}/kotlin");
            assert!(workspace(&models).is_dir(), "{models}");
            assert!(
                app.contains(&format!("{set}.kotlin.srcDir(\"../model/src/{folder}/kotlin\")\n")),
                "{app}"
            );
            assert_eq!(app.matches(&format!("/src/{folder}")).count(), 1, "{app}");
        }
    }

    #[test]
    fn what_is_cut_off_or_no_library_has_no_alignment() {
        let whole = elf([16_384, 16_384]);
        assert_eq!(least_alignment(&whole[..whole.len() - 8]), None);
        assert_eq!(least_alignment(b"MZ"), None);
    }
}

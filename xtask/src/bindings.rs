//! The facade's library and its generated code, where the Kotlin and the Swift package expect them. Neither is ever
//! committed.

use crate::files::{copied, fresh, made, written};
use crate::step::{Failure, built, cargo, program, run as step, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the library is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// Quickly, for tests and an app's debug builds: with what an inspector may do.
    Debug,
    /// The same as the tests of every package have it, and with it the programs that suites start.
    Tested,
    /// Quickly, with the calls that a shipped library has: what is generated from it fits that one.
    Plain,
    /// As it is shipped: small, and slow to build.
    Release,
}

/// Where whatever imports the Swift package's modules by hand finds the C of the facade.
pub(crate) const MODULE_MAP: &str =
    "-fmodule-map-file=bindings/swift/Sources/CounterpartC/include/module.modulemap";
const CONFIGURATION: &str = "bindings/bindgen.toml";
const PROFILE: &str = "release-ffi";
/// Linux on 64-bit ARM, and how the names of Debian's tools for it begin (`gcc-aarch64-linux-gnu`).
const ARM64: &str = "aarch64-unknown-linux-gnu";
const ARM64_TOOLS: &str = "aarch64-linux-gnu-";
/// How the names of UniFFI's descriptions begin.
const DESCRIPTION: &str = "UNIFFI_META_";

/// What the engine has no use for in SQLite, and what its own defaults would bring along.
const SQLITE: &str = "-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_RTREE \
                      -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_COLUMN_METADATA -USQLITE_ENABLE_STAT4 \
                      -USQLITE_ENABLE_LOAD_EXTENSION -USQLITE_SOUNDEX -DSQLITE_OMIT_LOAD_EXTENSION \
                      -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_TCL_VARIABLE \
                      -DSQLITE_OMIT_COMPLETE -DSQLITE_OMIT_GET_TABLE -USQLITE_ENABLE_API_ARMOR \
                      -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_UTF16 -DSQLITE_OMIT_DATETIME_FUNCS \
                      -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_PROGRESS_CALLBACK \
                      -DSQLITE_OMIT_COMPILEOPTION_DIAGS";
/// Nothing unwinds through C: a panic in what SQLite calls back is caught before it gets there. Its frames have no pointers
/// either, or they would have them where Rust's do.
const C: &str = "-Oz -fno-asynchronous-unwind-tables -fno-unwind-tables -fomit-frame-pointer";
/// Where every frame has a pointer, the tables for unwinding need not follow each push and pop: they are a third smaller.
const RUST: &str = "-Cforce-frame-pointers=yes";
/// Whatever the library calls has to be there: nobody else has what it leaves out of SQLite. Functions that came out the same
/// are one. The 50,000 places that the loader fills in take two bytes each instead of 24, which Linux reads since 2022
/// (glibc 2.36) and Android since 9.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const LINKER: &[&str] = &["-Wl,-z,defs", "-Wl,--icf=all", "-Wl,-z,pack-relative-relocs"];
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
const LINKER: &[&str] = &[];

/// The Kotlin package's generated code, and the library as a resource of its jar. It says which library described the calls.
pub(crate) fn kotlin(build: Build) -> Result<PathBuf, Failure> {
    let Built { library, described } = library(build)?;
    let generator = generator("bindgen-kotlin")?;
    let generated = fresh(KOTLIN_GENERATED)?;
    let mut generate = program(".", generator, &["generate", "--language", "kotlin", "--no-format"]);
    generate.args(["--config", CONFIGURATION, "--out-dir"]).arg(&generated).arg(&described);
    step("The Kotlin side of the facade", generate)?;
    let native = fresh("bindings/kotlin/native")?.join(jna_folder());
    made(&native)?;
    stripped(&library, &native.join(library.file_name().unwrap_or_default()), build)?;
    Ok(described)
}

/// The Swift package's generated code, its C module and the library.
pub(crate) fn swift(build: Build) -> Result<(), Failure> {
    let lacks = xcode_lacks();
    if !lacks.is_empty() {
        return Err(Failure::Untrue(format!(
            "`cargo xtask bindings swift` needs what is not here: {}.",
            lacks.join("; ")
        )));
    }
    let Built { library, described } = library(build)?;
    let generator = generator("bindgen-swift")?;
    let generated = fresh("target/bindgen-swift")?;
    let mut generate = program(".", generator, &["--swift-sources", "--headers", "--config", CONFIGURATION]);
    generate.arg(&described).arg(&generated);
    step("The Swift side of the facade", generate)?;
    let sources = fresh("bindings/swift/Sources/CounterpartFacade")?;
    for file in ["CounterpartFacade.swift", "CounterpartModel.swift"] {
        copied(&generated.join(file), &sources.join(file))?;
    }
    let module = fresh("bindings/swift/Sources/CounterpartC")?;
    let headers = fresh("bindings/swift/Sources/CounterpartC/include")?;
    let mut map = "module CounterpartC {\n".to_owned();
    for file in ["CounterpartFacadeC.h", "CounterpartModelC.h"] {
        copied(&generated.join(file), &headers.join(file))?;
        map.push_str(&format!("    header \"{file}\"\n"));
    }
    map.push_str("    export *\n}\n");
    written(&headers.join("module.modulemap"), &map)?;
    let native = fresh(SWIFT_NATIVE)?;
    if std::env::consts::OS == "macos" {
        return xcframework(&headers, &native, build);
    }
    // A target needs a source, and the library has them all.
    written(&module.join("empty.c"), "")?;
    stripped(&library, &native.join(library.file_name().unwrap_or_default()), build)
}

/// Rust's names of what Xcode takes in, each for Apple's own processors: devices, the simulator, the Mac.
const APPLE: [&str; 3] = ["aarch64-apple-ios", "aarch64-apple-ios-sim", "aarch64-apple-darwin"];

/// What Xcode takes in: the library for devices, the simulator and the Mac, each with the C module.
fn xcframework(headers: &Path, native: &Path, build: Build) -> Result<(), Failure> {
    let mut create = program(".", "xcodebuild", &["-create-xcframework"]);
    for target in APPLE {
        let words = ["rustc", "-p", "counterpart-ffi", "--lib", "--profile", PROFILE, "--target", target];
        let mut cargo = cargo(&[&words, features(build), &["--crate-type", "staticlib"]].concat());
        small(&mut cargo);
        // As the package's manifest says: what is built from C would otherwise be for the newest systems only.
        cargo.env("IPHONEOS_DEPLOYMENT_TARGET", "17.0").env("MACOSX_DEPLOYMENT_TARGET", "14.0");
        step(&format!("The library for {target}"), cargo)?;
        let library = workspace("target").join(target).join(PROFILE).join("libcounterpart_ffi.a");
        create.arg("-library").arg(library).arg("-headers").arg(headers);
    }
    create.arg("-output").arg(native.join("CounterpartC.xcframework"));
    step("The XCFramework", create)
}

/// What an XCFramework needs and is not here, each with how to get it. Nothing where none is made.
pub(crate) fn xcode_lacks() -> Vec<String> {
    if !cfg!(target_os = "macos") {
        return Vec::new();
    }
    // Apple's command line tools alone have a program of that name, which only says that it needs Xcode.
    let xcode = Command::new("xcodebuild").arg("-version").output();
    let mut lacks = Vec::new();
    if !xcode.is_ok_and(|said| said.status.success()) {
        lacks.push("Xcode, chosen with `xcode-select`".to_owned());
    }
    lacks.extend(lacking_targets(APPLE.into_iter()));
    lacks
}

/// Which of Rust's targets are not installed, with how to install them.
pub(crate) fn lacking_targets<'a>(wanted: impl Iterator<Item = &'a str>) -> Option<String> {
    let installed = Command::new("rustup").args(["target", "list", "--installed"]).output();
    let installed =
        installed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let lacking: Vec<&str> = wanted.filter(|target| !installed.lines().any(|line| line == *target)).collect();
    (!lacking.is_empty()).then(|| format!("Rust's targets (`rustup target add {}`)", lacking.join(" ")))
}

/// Where the Kotlin package's generated code lies.
pub(crate) const KOTLIN_GENERATED: &str = "bindings/kotlin/generated";

/// Where the Swift package's library lies.
pub(crate) const SWIFT_NATIVE: &str = "bindings/swift/native";

/// Leaves out of a library that is shipped what it does not need.
pub(crate) fn small(build: &mut Command) {
    build.env("LIBSQLITE3_FLAGS", SQLITE).env("CFLAGS", C).env("CARGO_ENCODED_RUSTFLAGS", rust_flags(&[]));
}

/// What the compiler is told of every package, and what else there is to say, as cargo takes it from its environment.
pub(crate) fn rust_flags(more: &[String]) -> String {
    let flags = [RUST.to_owned()].into_iter().chain(remapped()).chain(more.iter().cloned());
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// A panic in somebody else's package names the package, and not the folders of whoever built the library: 60 bytes for
/// every file that one can stand in.
fn remapped() -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    let registries = registries.into_iter().flatten().flatten();
    registries.map(|registry| format!("--remap-path-prefix={}/=", registry.path().display())).collect()
}

/// What tells the linker that nobody calls for UniFFI's descriptions of calls: only the generators read them, and not from a
/// library that is shipped. The linker keeps by name what cargo tells it to, so each has to be named.
pub(crate) fn without_descriptions(described: &Path) -> Result<String, Failure> {
    let mut nm = program(".", "nm", &["--extern-only", "--defined-only", "--format=posix"]);
    let said = nm.arg(described).output();
    let said = said.map_err(|error| Failure::Untrue(format!("`nm` could not be started: {error}.")))?;
    let names = descriptions(&String::from_utf8_lossy(&said.stdout))
        .ok_or_else(|| Failure::Untrue(format!("{} describes no calls.", described.display())))?;
    // From the workspace's folder, in which the linker is started: flags are split at spaces.
    let list = "target/descriptions.list";
    written(&workspace(list), &format!("{{ local: {names} }};\n"))?;
    Ok(format!("-Wl,--version-script={list}"))
}

/// The names of descriptions in what `nm` said, each with a semicolon. A Mac puts a line before every name.
fn descriptions(said: &str) -> Option<String> {
    let names =
        said.lines().filter_map(|line| line.split(' ').next()).map(|name| name.trim_start_matches('_'));
    let names: String =
        names.filter(|name| name.starts_with(DESCRIPTION)).map(|name| format!("{name}; ")).collect();
    (!names.is_empty()).then(|| names.trim_end().to_owned())
}

/// What an inspector may do is in no library that is shipped, and in every one of tests and debug builds, or what is
/// generated from one would not link with another.
pub(crate) fn features(build: Build) -> &'static [&'static str] {
    match build {
        Build::Debug | Build::Tested => &["--features", "inspector"],
        Build::Plain | Build::Release => &[],
    }
}

/// The library, and the one that describes its calls to the generators.
pub(crate) struct Built {
    /// What the app loads, with its symbols.
    pub(crate) library: PathBuf,
    /// The same calls with their descriptions.
    described: PathBuf,
}

/// What is built of the workspace before its tests are.
const TESTED: &[&str] =
    &["--workspace", "--lib", "--bin", "counterpart-hub", "--bin", "demo", "--test", "doctrine"];

/// Builds the library.
pub(crate) fn library(build: Build) -> Result<Built, Failure> {
    let (says, what, features): (&str, &[&str], _) = match build {
        // Where a test is among what is built, the features are those of all tests: the facade's own ask for the inspector.
        Build::Tested => {
            ("The facade's library, the hub and the demo, as the tests have them", TESTED, &[][..])
        }
        Build::Debug | Build::Plain | Build::Release => {
            ("The facade's library", &["-p", "counterpart-ffi"], features(build))
        }
    };
    step(says, cargo(&[&["build"], what, features].concat()))?;
    let name = format!("{}counterpart_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let described = built("counterpart-ffi")?.with_file_name(&name);
    if build != Build::Release {
        return Ok(Built { library: described.clone(), described });
    }
    let mut command = shipped(&[]);
    let mut linker: Vec<String> = LINKER.iter().map(|flag| (*flag).to_owned()).collect();
    if !linker.is_empty() {
        linker.push(without_descriptions(&described)?);
    }
    linked(&mut command, linker);
    step("The facade's library, as it is shipped", command)?;
    Ok(Built { library: workspace("target").join(PROFILE).join(name), described })
}

/// Builds the library as phones and tablets have it, on a PC with Linux: what it comes to there is told without an NDK and
/// without a Mac.
pub(crate) fn library_for_arm64() -> Result<PathBuf, Failure> {
    if let Some(lacking) = lacking_targets([ARM64].into_iter()) {
        return Err(Failure::Untrue(format!("What is not here: {lacking}.")));
    }
    let described = library(Build::Plain)?.described;
    let mut command = shipped(&["--target", ARM64]);
    command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", format!("{ARM64_TOOLS}gcc"));
    let mut linker: Vec<String> = LINKER.iter().map(|flag| (*flag).to_owned()).collect();
    // Rust's own linker, which its PC's compiler takes by itself.
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = sysroot.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    let sysroot =
        sysroot.map_err(|error| Failure::Untrue(format!("`rustc` could not be started: {error}.")))?;
    linker.push("-fuse-ld=lld".to_owned());
    linker.push(format!("-B{sysroot}/lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld"));
    linker.push(without_descriptions(&described)?);
    linked(&mut command, linker);
    step("The facade's library, as it is shipped, for 64-bit ARM", command)?;
    let whole = workspace("target").join(ARM64).join(PROFILE).join("libcounterpart_ffi.so");
    let stripped = whole.with_extension("stripped");
    strip(&format!("{ARM64_TOOLS}strip"), "--strip-all", &whole, &stripped)?;
    Ok(stripped)
}

fn shipped(more: &[&str]) -> Command {
    let mut command = cargo(&["rustc", "-p", "counterpart-ffi", "--lib", "--profile", PROFILE]);
    small(&mut command);
    command.args(more).args(["--crate-type", "cdylib", "--"]);
    command
}

fn linked(command: &mut Command, flags: Vec<String>) {
    command.args(flags.into_iter().flat_map(|flag| ["-C".to_owned(), format!("link-arg={flag}")]));
}

/// Builds one of the generators, on its own: in one build with the library, its features would be the library's too.
pub(crate) fn generator(name: &str) -> Result<PathBuf, Failure> {
    step(
        "The generator, of the library's own version",
        cargo(&["build", "-p", "counterpart-bindgen", "--features", "generate", "--bin", name]),
    )?;
    built(name)
}

/// Copies a library without what only debuggers read; as it is shipped, without any name that nobody calls it by.
pub(crate) fn stripped(from: &Path, to: &Path, build: Build) -> Result<(), Failure> {
    let all = build == Build::Release && !cfg!(target_os = "macos");
    strip("strip", if all { "--strip-all" } else { "-S" }, from, to)
}

fn strip(tool: &str, what: &str, from: &Path, to: &Path) -> Result<(), Failure> {
    let mut strip = program(".", tool, &[what, "-o"]);
    strip.arg(to).arg(from);
    step("The library, without what only debuggers read", strip)
}

/// The folder in which JNA looks for a library of this system.
fn jna_folder() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let processor = if std::env::consts::ARCH == "x86_64" { "x86-64" } else { std::env::consts::ARCH };
    format!("{system}-{processor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_generated_from_a_library_with_the_inspector_stands_over_one_with_it() {
        assert_eq!(features(Build::Tested), features(Build::Debug));
        assert!(features(Build::Debug).contains(&"inspector"));
        assert!([Build::Plain, Build::Release].map(features).iter().all(|features| features.is_empty()));
    }

    #[test]
    fn of_all_names_only_those_of_descriptions_are_left_out_of_a_shipped_library() {
        let said =
            "UNIFFI_META_A_METHOD_B R 1f0 20\nuniffi_a_fn_method_b T 200 9\n_UNIFFI_META_NAMESPACE_A D 0 8\n";
        assert_eq!(descriptions(said).as_deref(), Some("UNIFFI_META_A_METHOD_B; UNIFFI_META_NAMESPACE_A;"));
        assert_eq!(descriptions("ffi_a_rustbuffer_alloc T 10 4\n"), None);
    }
}

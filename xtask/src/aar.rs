//! The Android library as one file: classes, manifest, backup rules, R8's rules, and a library for each ABI. Put
//! together here, because Android's own build does not run everywhere; what it makes has the layout of what that makes.

use crate::files;
use crate::step::{Failure, program, run as step, workspace};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Android's part of the package lies.
pub(crate) const PART: &str = "bindings/kotlin/android";
/// What the one that an app ships is called.
pub(crate) const SHIPPED: &str = "counterpart.aar";
const STAGING: &str = "bindings/kotlin/android/target/aar";
/// From here on Android has java.time and java.nio.file.
pub(crate) const MIN_SDK: &str = "26";
const PACKAGE: &str = "dev.counterpart.android";
const METADATA: &str = "META-INF/com/android/build/gradle/aar-metadata.properties";
/// The classes of both Maven modules, compiled before.
const CLASSES: [&str; 2] = ["bindings/kotlin/target/classes", "bindings/kotlin/android/target/classes"];
const RULES: [&str; 2] = ["res/xml/counterpart_data_extraction.xml", "res/xml/counterpart_full_backup.xml"];

/// Puts it together, under a name, out of the compiled packages and a folder of libraries by ABI, or without any, to see that
/// the rest is whole. Gives back where it lies.
pub(crate) fn assemble(archive: &str, libraries: Option<&Path>) -> Result<PathBuf, Failure> {
    let staging = files::fresh(STAGING)?;
    let manifest = read(&workspace(PART).join("src/main/AndroidManifest.xml"))?;
    files::written(&staging.join("AndroidManifest.xml"), &packaged(&manifest)?)?;
    for rules in RULES {
        copied(&workspace(PART).join("src/main").join(rules), &staging.join(rules))?;
    }
    files::written(&staging.join("R.txt"), &resources())?;
    copied(&workspace(PART).join("consumer-rules.pro"), &staging.join("proguard.txt"))?;
    let metadata = staging.join(METADATA);
    files::made(metadata.parent().unwrap_or(&staging))?;
    files::written(&metadata, "aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=31\n")?;
    let classes = files::fresh("bindings/kotlin/android/target/aar-classes")?;
    for module in CLASSES {
        // Beside them lie the desktop's libraries.
        for folder in ["dev", "META-INF"] {
            tree(&workspace(module).join(folder), &classes.join(folder))?;
        }
    }
    packed(&staging.join("classes.jar"), &classes)?;
    if let Some(libraries) = libraries {
        tree(libraries, &staging.join("jni"))?;
    }
    let whole = workspace(PART).join("target").join(archive);
    packed(&whole, &staging)?;
    match lacking(&entries(&staging, &staging)?).as_slice() {
        [] => Ok(whole),
        lacking => Err(Failure::Untrue(format!("The Android library lacks {}.", lacking.join(", ")))),
    }
}

/// The manifest as a library carries it: with what Gradle's file says beside it.
fn packaged(manifest: &str) -> Result<String, Failure> {
    let namespace = r#"<manifest xmlns:android="http://schemas.android.com/apk/res/android">"#;
    let (before, after) = manifest
        .split_once(namespace)
        .ok_or(Failure::Untrue("The Android manifest does not begin as it should.".into()))?;
    let open = namespace.trim_end_matches('>');
    Ok(format!(
        "{before}{open} package=\"{PACKAGE}\">\n    <uses-sdk android:minSdkVersion=\"{MIN_SDK}\" />{after}"
    ))
}

/// The names that the library's resources go by.
fn resources() -> String {
    let name = |path: &&str| Some(path.rsplit('/').next()?.strip_suffix(".xml")?.to_owned());
    RULES.iter().filter_map(name).map(|name| format!("int xml {name} 0x0\n")).collect()
}

/// What has to be in it and is not.
fn lacking(entries: &BTreeSet<String>) -> Vec<String> {
    let needed =
        ["AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt", METADATA].into_iter().chain(RULES);
    needed.filter(|needed| !entries.contains(*needed)).map(str::to_owned).collect()
}

fn packed(archive: &Path, folder: &Path) -> Result<(), Failure> {
    let mut jar = program(".", "jar", &["--create", "--no-manifest", "--file"]);
    jar.arg(archive).arg("-C").arg(folder).arg(".");
    let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    step(&format!("{name} of the Android library"), jar)
}

/// Every file of a folder, by its path within it.
fn entries(root: &Path, folder: &Path) -> Result<BTreeSet<String>, Failure> {
    let mut found = BTreeSet::new();
    for path in children(folder)? {
        if path.is_dir() {
            found.extend(entries(root, &path)?);
        } else {
            found.insert(path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

/// Copies a folder and all that is in it.
pub(crate) fn tree(from: &Path, to: &Path) -> Result<(), Failure> {
    for path in children(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { tree(&path, &target)? } else { copied(&path, &target)? }
    }
    Ok(())
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unread =
        |error: std::io::Error| Failure::Untrue(format!("{} cannot be read: {error}.", folder.display()));
    fs::read_dir(folder).map_err(unread)?.map(|entry| Ok(entry.map_err(unread)?.path())).collect()
}

fn copied(from: &Path, to: &Path) -> Result<(), Failure> {
    files::made(to.parent().unwrap_or(to))?;
    fs::copy(from, to).map(drop).map_err(|error| files::unwritable(to, &error))
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::Untrue(format!("{} cannot be read: {error}.", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_in_the_library_says_whose_it_is_and_from_which_android_on() {
        let source = read(&workspace(PART).join("src/main/AndroidManifest.xml")).unwrap();
        let packaged = packaged(&source).unwrap();
        assert!(packaged.contains(r#"package="dev.counterpart.android""#));
        assert!(packaged.contains(r#"<uses-sdk android:minSdkVersion="26" />"#));
        assert!(packaged.contains("@xml/counterpart_data_extraction"));
        assert!(super::packaged("<manifest>").is_err());
    }

    #[test]
    fn gradle_s_file_names_the_same_package_and_android() {
        let gradle = read(&workspace(PART).join("build.gradle.kts")).unwrap();
        assert!(gradle.contains(&format!("namespace = \"{PACKAGE}\"")));
        assert!(gradle.contains(&format!("minSdk = {MIN_SDK}\n")));
    }

    #[test]
    fn what_an_app_brings_to_the_library_is_named_in_the_version_that_it_was_built_with() {
        let pom = read(&workspace("bindings/kotlin/pom.xml")).unwrap();
        let guide = read(&workspace("docs/platforms.md")).unwrap();
        for (artifact, version) in [
            ("net.java.dev.jna:jna", "jna"),
            ("org.jetbrains.kotlinx:kotlinx-coroutines-core", "coroutines"),
            ("org.jetbrains.kotlin:kotlin-stdlib", "kotlin"),
        ] {
            let (_, after) = pom.split_once(&format!("<{version}.version>")).unwrap();
            let (version, _) = after.split_once('<').unwrap();
            assert!(guide.contains(&format!("`{artifact}:{version}")), "{artifact}:{version}");
        }
        let rules = read(&workspace(PART).join("consumer-rules.pro")).unwrap();
        assert!(rules.contains("-keepattributes RuntimeVisibleAnnotations,"), "the fields' order is in one");
    }

    #[test]
    fn neither_a_cloud_nor_another_device_gets_the_shop_s_folder() {
        let rules = RULES.map(|rules| read(&workspace(PART).join("src/main").join(rules)).unwrap());
        for part in ["cloud-backup", "device-transfer"] {
            let (_, part) = rules[0].split_once(&format!("<{part}>")).unwrap();
            let (part, _) = part.split_once("</").unwrap();
            assert!(part.contains(r#"<exclude domain="root" path="no_backup/counterpart/" />"#));
        }
        assert!(rules[1].contains(r#"<exclude domain="root" path="no_backup/counterpart/" />"#));
    }

    #[test]
    fn a_library_that_is_not_whole_is_found() {
        let mut entries: BTreeSet<String> =
            ["AndroidManifest.xml", "classes.jar", "R.txt", METADATA].map(str::to_owned).into();
        entries.extend(RULES.map(str::to_owned));
        assert_eq!(lacking(&entries), ["proguard.txt"]);
        entries.insert("proguard.txt".into());
        assert!(lacking(&entries).is_empty());
        assert_eq!(resources().lines().count(), RULES.len());
    }
}

//! The app for iPad and iPhone, as far as Linux goes: its words as Swift, its models against a live hub, and its screens
//! against declarations of what SwiftUI has.

use crate::bindings::{self, Build, MODULE_MAP};
use crate::files::fresh;
use crate::step::{Failure, built, cargo, run as step};
use crate::swift;
use crate::swift_sources::{files, refuse_closures_in_macros};
use crate::swift_words::GENERATED;
use crate::toolchain::Toolchain;
use crate::words;

const PACKAGE: &str = "ios";
/// A run with fewer tests than this has lost some.
const FEWEST_TESTS: usize = 124;

const TESTS: &str = "ios/Tests";

/// What is written by hand, but for the mistakes, whose lines are as long as what is to be said of them.
const SOURCES: &[&str] =
    &["ios/Package.swift", "ios/Sources/ShopPlatform", "ios/Sources/ShopUI", "ios/Tests", "ios/App/Sources"];
/// Of the models, a part is generated.
const MODELS: &str = "ios/Sources/ShopModel";
/// Where what the check compiles goes; nothing of it is ever linked.
const CHECKED: &str = "ios/.build/checks";
const SHIPPED: &str = "ios/.build/checks/shipped";
/// Where the suite's build leaves its modules.
const BUILT: &str = "ios/.build/debug/Modules";
/// Files with one wrong thing each. What only the flow of values shows is not looked for where types are wrong.
const MISTAKES: &[&str] = &["ios/checks/mistakes/Types.swift", "ios/checks/mistakes/Flow.swift"];

/// The words, and what is tested with them: Apple's half of the apps' suite alone.
pub(crate) fn run() -> Result<(), Failure> {
    words::generate()?;
    step("The hub", cargo(&["build", "-p", "counterpart-hub"]))?;
    bindings::swift(Build::Debug)?;
    test()
}

/// Looks over the sources, runs the models' suite against a hub, and checks the screens. The words, the hub and the
/// bindings must be there.
pub(crate) fn test() -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    let models = files(MODELS)?.into_iter().filter(|file| !file.contains("/generated/")).collect::<Vec<_>>();
    let lint = ["swift", "format", "lint", "--strict", "--recursive"];
    let lint = [&lint, SOURCES, &words_of(&models)].concat();
    step("The form of the iPad's and iPhone's sources", toolchain.command(&lint, &[])?)?;
    refuse_closures_in_macros(TESTS)?;
    let linker = swift::linker_flags();
    let build =
        [&["swift", "build", "--build-tests", "--package-path", PACKAGE], &words_of(&linker)[..]].concat();
    // By itself: what hangs in the tests is ended sooner than a build from cold would be.
    step("The models in Swift", toolchain.command(&build, &[])?)?;
    let hub = [("COUNTERPART_HUB", built("counterpart-hub")?.display().to_string())];
    swift::suite(&toolchain, "The models in Swift against a hub", PACKAGE, &hub, FEWEST_TESTS)?;
    // A Mac has the real thing, and Xcode checks the screens against it.
    if cfg!(target_os = "macos") { Ok(()) } else { screens(&toolchain, &models) }
}

/// How the checks call the compiler.
const SWIFT_6: &[&str] =
    &["-swift-version", "6", "-parse-as-library", "-module-cache-path", "ios/.build/check-cache"];

/// Compiles the screens, previews included, against declarations of SwiftUI and the models as the suite built them, down
/// to the compiler's last check; then the mistakes, of which each has to be refused with the error that it names; then the
/// app as it is shipped.
fn screens(toolchain: &Toolchain, models: &[String]) -> Result<(), Failure> {
    fresh(CHECKED)?;
    let declared = files("ios/checks/SwiftUI")?;
    let module = format!("{CHECKED}/SwiftUI.swiftmodule");
    let emit = ["-wmo", "-emit-module", "-module-name", "SwiftUI", "-emit-module-path", &module];
    let declare = [&["swiftc"], SWIFT_6, &emit, &words_of(&declared)].concat();
    step("SwiftUI, as far as the screens use it: declarations", toolchain.command(&declare, &[])?)?;

    let found = ["-I", CHECKED, "-I", BUILT, "-Xcc", MODULE_MAP];
    let sources = files("ios/Sources/ShopUI")?;
    let module = format!("{CHECKED}/ShopUI.swiftmodule");
    let lowered = format!("{CHECKED}/lowered.sil");
    let emit = ["-D", "DEBUG", "-wmo", "-emit-sil", "-o", &lowered, "-module-name", "ShopUI"];
    let emit = [&emit[..], &["-enable-testing", "-emit-module", "-emit-module-path", &module]].concat();
    let check = [&["swiftc"], SWIFT_6, &found, &emit, &words_of(&sources)].concat();
    step("The screens in Swift against the declarations", toolchain.command(&check, &[])?)?;

    let verify =
        ["-emit-sil", "-o", &lowered, "-module-name", "Mistakes", "-verify", "-verify-ignore-unknown"];
    for mistakes in MISTAKES {
        let check = [&["swiftc", "-frontend"], SWIFT_6, &found, &verify, &[*mistakes]].concat();
        step("Mistakes that have to be refused", toolchain.command(&check, &[])?)?;
    }
    shipped(toolchain, models, &sources)
}

/// Compiles the models and the screens without what only debug builds have: nothing else may need the inspector.
fn shipped(toolchain: &Toolchain, models: &[String], screens: &[String]) -> Result<(), Failure> {
    let module = format!("{SHIPPED}/ShopModel.swiftmodule");
    let emit = ["-wmo", "-emit-module", "-module-name", "ShopModel", "-emit-module-path", &module];
    let words = files(GENERATED)?;
    let found = ["-I", BUILT, "-Xcc", MODULE_MAP];
    let build = [&["swiftc"], SWIFT_6, &found, &emit, &words_of(models), &words_of(&words)].concat();
    fresh(SHIPPED)?;
    step("The models in Swift as they are shipped", toolchain.command(&build, &[])?)?;
    let found = ["-I", SHIPPED, "-I", CHECKED, "-I", BUILT, "-Xcc", MODULE_MAP];
    let check = ["-wmo", "-typecheck", "-module-name", "ShopUI"];
    let check = [&["swiftc"], SWIFT_6, &found, &check, &words_of(screens)].concat();
    step("The screens in Swift as they are shipped", toolchain.command(&check, &[])?)
}

fn words_of(files: &[String]) -> Vec<&str> {
    files.iter().map(String::as_str).collect()
}

//! The app for iPad and iPhone, as far as Linux goes: its words as Swift, its models against a live hub, and its screens
//! against declarations of what SwiftUI has.

use crate::bindings::{self, Build, fresh, unwritable};
use crate::step::{Failure, built, cargo, run as step};
use crate::swift::{self, Toolchain};
use crate::swift_sources::{files, refuse_closures_in_macros};
use crate::words::{self, CODES, Language, forms, languages, name, places};
use serde_json::{Map, Value, json};
use std::fs;

const PACKAGE: &str = "ios";
/// What only Apple's systems ask to be said.
const STRINGS: &str = "ios/strings";
const GENERATED: &str = "ios/Sources/ShopModel/generated";
/// The keys of this group are of the system's own list, and read by the system.
const INFO: &str = "info.";
const INFO_GENERATED: &str = "ios/App/generated";
/// A run with fewer tests than this has lost some.
const FEWEST_TESTS: usize = 123;

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
/// Where they find the C of the facade.
const MAP: &str = "-fmodule-map-file=bindings/swift/Sources/CounterpartC/include/module.modulemap";

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

    let found = ["-I", CHECKED, "-I", BUILT, "-Xcc", MAP];
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
    let found = ["-I", BUILT, "-Xcc", MAP];
    let build = [&["swiftc"], SWIFT_6, &found, &emit, &words_of(models), &words_of(&words)].concat();
    fresh(SHIPPED)?;
    step("The models in Swift as they are shipped", toolchain.command(&build, &[])?)?;
    let found = ["-I", SHIPPED, "-I", CHECKED, "-I", BUILT, "-Xcc", MAP];
    let check = ["-wmo", "-typecheck", "-module-name", "ShopUI"];
    let check = [&["swiftc"], SWIFT_6, &found, &check, &words_of(screens)].concat();
    step("The screens in Swift as they are shipped", toolchain.command(&check, &[])?)
}

fn words_of(files: &[String]) -> Vec<&str> {
    files.iter().map(String::as_str).collect()
}

/// Writes the words of every language as Swift, and as the catalogue of what the system itself says.
pub(crate) fn words(mut spoken: Vec<Language>) -> Result<(), Failure> {
    let own = languages(STRINGS)?;
    let catalogue = info(&own);
    for (language, own) in spoken.iter_mut().zip(own) {
        language.words.extend(own.words.into_iter().filter(|(key, _)| !key.starts_with(INFO)));
    }
    let mut swift = spoken.first().map(|first| interface(&first.words)).unwrap_or_default();
    let all: Vec<String> = spoken.iter().map(|language| format!("{}()", language.object)).collect();
    swift.push_str(&format!(
        "\n/// The words of every language.\npublic let allWords: [any Words] = [{}]\n",
        all.join(", ")
    ));
    for language in &spoken {
        swift.push_str(&structure(language));
    }
    write(GENERATED, "Words.swift", &swift)?;
    write(INFO_GENERATED, "InfoPlist.xcstrings", &format!("{catalogue:#}\n"))
}

fn write(folder: &str, file: &str, text: &str) -> Result<(), Failure> {
    let path = fresh(folder)?.join(file);
    fs::write(&path, text).map_err(|error| unwritable(&path, &error))
}

/// What the system says in the app's name, in the form of Xcode's catalogues.
fn info(languages: &[Language]) -> Value {
    let mut strings = Map::new();
    for Language { file, words, .. } in languages {
        for (key, said) in words {
            let Some(key) = key.strip_prefix(INFO) else { continue };
            let string = strings
                .entry(key)
                .or_insert_with(|| json!({ "extractionState": "manual", "localizations": {} }));
            string["localizations"][*file] =
                json!({ "stringUnit": { "state": "translated", "value": said } });
        }
    }
    json!({ "sourceLanguage": "en", "strings": strings, "version": "1.0" })
}

/// One place alone needs no label; several have their names.
fn signature(key: &str, said: &Value) -> String {
    let places = places(said);
    if places.is_empty() {
        return format!("var {}: String", name(key));
    }
    let unnamed = if places.len() == 1 { "_ " } else { "" };
    let kind = |place: &str| if place == "count" { "Int" } else { "String" };
    let parameters: Vec<String> =
        places.iter().map(|place| format!("{unnamed}{place}: {}", kind(place))).collect();
    format!("func {}({}) -> String", name(key), parameters.join(", "))
}

fn interface(words: &Map<String, Value>) -> String {
    let mut swift = "// Written by `cargo xtask words` from android/strings and ios/strings.\n\n\
        /// Everything that the screens say.\npublic protocol Words: Sendable {\n    \
        /// Its code: `en`.\n    var language: String { get }\n\n    \
        /// Whether it is read from right to left.\n    var rtl: Bool { get }\n\n    \
        /// What is said of the engine's and the server's codes.\n    var problems: [String: String] { get }\n"
        .to_owned();
    for (key, said) in words.iter().filter(|(key, _)| !key.starts_with(CODES)) {
        let get = if places(said).is_empty() { " { get }" } else { "" };
        swift.push_str(&format!("    {}{get}\n", signature(key, said)));
    }
    swift + "}\n"
}

fn structure(Language { file, object, rtl, words }: &Language) -> String {
    let mut swift = format!(
        "\n/// The words of `{file}`.\npublic struct {object}: Words {{\n    public init() {{}}\n\n    \
         public let language = \"{file}\"\n    public let rtl = {rtl}\n    \
         public var problems: [String: String] {{ Self.said }}\n"
    );
    let mut said_of_codes = "    private static let said = [\n".to_owned();
    for (key, said) in words {
        if let Some(code) = key.strip_prefix(CODES) {
            let form = plain(said.as_str().unwrap_or_default());
            said_of_codes.push_str(&format!("        \"{code}\": \"{form}\",\n"));
            continue;
        }
        let form = |said: &Value| literal(said.as_str().unwrap_or_default());
        let body = if said.is_object() {
            let cases: Vec<String> = forms(said)
                .filter(|(kind, _)| *kind != "other")
                .map(|(kind, form)| format!("case \"{kind}\": {}; ", literal(form)))
                .collect();
            let other = form(said.get("other").unwrap_or_default());
            format!("switch plural(language, count) {{ {}default: {other} }}", cases.concat())
        } else {
            form(said)
        };
        swift.push_str(&format!("    public {} {{ {body} }}\n", signature(key, said)));
    }
    swift + &said_of_codes + "    ]\n}\n"
}

/// A Swift string, its places filled from the parameters of their names.
fn literal(form: &str) -> String {
    format!("\"{}\"", plain(form).replace('{', "\\(").replace('}', ")"))
}

/// What stands between the quotes of a Swift string.
fn plain(form: &str) -> String {
    form.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn language(words: Value) -> Language {
        Language { file: "en", object: "English", rtl: false, words: words.as_object().cloned().unwrap() }
    }

    #[test]
    fn places_become_parameters_and_nothing_else_is_filled_in() {
        let words = language(json!({
            "a.price_of": "\\(x) \"{name}\"", "b": "{from} to {to}", "problem.denied": "No {field}.",
            "n": { "one": "1", "other": "{count}" },
        }));
        let swift = structure(&words);
        for line in [
            r#"public func aPriceOf(_ name: String) -> String { "\\(x) \"\(name)\"" }"#,
            r#"public func b(from: String, to: String) -> String { "\(from) to \(to)" }"#,
            r#"public func n(_ count: Int) -> String { switch plural(language, count) { case "one": "1"; default: "\(count)" } }"#,
            r#""denied": "No {field}.","#,
        ] {
            assert!(swift.contains(line), "{line} in {swift}");
        }
        assert!(!interface(&words.words).contains("denied"));
    }

    #[test]
    fn the_system_s_sentences_stand_in_every_language_under_its_own_keys() {
        let arabic = Language { file: "ar", ..language(json!({ "info.NSCamera": "ع", "other": "x" })) };
        let catalogue = info(&[language(json!({ "info.NSCamera": "Why", "other": "x" })), arabic]);
        let said = &catalogue["strings"]["NSCamera"]["localizations"];
        assert_eq!(said["en"]["stringUnit"]["value"], "Why");
        assert_eq!(said["ar"]["stringUnit"]["value"], "ع");
        assert_eq!(catalogue["strings"].as_object().map(Map::len), Some(1));
    }
}

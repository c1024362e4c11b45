//! The words as Swift, and what the system itself says in the app's name.

use crate::catalogue::{CODES, Language, forms, languages, name, places};
use crate::files::{fresh, written};
use crate::step::Failure;
use serde_json::{Map, Value, json};

/// What only Apple's systems ask to be said.
const STRINGS: &str = "ios/strings";
/// Where the words lie as Swift.
pub(crate) const GENERATED: &str = "ios/Sources/ShopModel/generated";
/// The keys of this group are of the system's own list, and read by the system.
const INFO: &str = "info.";
const INFO_GENERATED: &str = "ios/App/generated";

/// Writes the words of every language as Swift, and as the catalogue of what the system itself says.
pub(crate) fn write(mut spoken: Vec<Language>) -> Result<(), Failure> {
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
    written(&fresh(GENERATED)?.join("Words.swift"), &swift)?;
    written(&fresh(INFO_GENERATED)?.join("InfoPlist.xcstrings"), &format!("{catalogue:#}\n"))
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

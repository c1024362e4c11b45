//! `words`: the apps' words as Kotlin and as Swift, from one catalogue. Here as Kotlin.

use crate::catalogue::{CODES, Language, forms, languages, name, places};
use crate::files::{fresh, written};
use crate::step::{Failure, no_arguments};
use crate::swift_words;
use serde_json::{Map, Value};

const STRINGS: &str = "android/strings";
const GENERATED: &str = "android/model/generated";

pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    no_arguments("words", arguments)?;
    generate()
}

/// Writes the words of every language where the models expect them.
pub(crate) fn generate() -> Result<(), Failure> {
    let languages = languages(STRINGS)?;
    let mut kotlin = languages.first().map(|first| interface(&first.words)).unwrap_or_default();
    for Language { file, object, rtl, words } in &languages {
        kotlin.push_str(&language(file, object, *rtl, words));
    }
    written(&fresh(GENERATED)?.join("Words.kt"), &kotlin)?;
    swift_words::write(languages)
}

fn signature(key: &str, said: &Value) -> String {
    let places = places(said);
    if places.is_empty() {
        return format!("val {}: String", name(key));
    }
    let kind = |place: &str| if place == "count" { "Long" } else { "String" };
    let parameters: Vec<String> = places.iter().map(|place| format!("{place}: {}", kind(place))).collect();
    format!("fun {}({}): String", name(key), parameters.join(", "))
}

fn interface(words: &Map<String, Value>) -> String {
    let mut kotlin = "// Written by `cargo xtask words` from android/strings.\n\
        package dev.counterpart.app\n\n/** Everything that the screens say. */\ninterface Words {\n    \
        /** Its code: `en`. */\n    val language: String\n\n    /** Whether it is read from right to left. */\n    \
        val rtl: Boolean\n\n    /** What is said of the engine's and the server's codes. */\n    \
        val problems: Map<String, String>\n"
        .to_owned();
    for (key, said) in words.iter().filter(|(key, _)| !key.starts_with(CODES)) {
        kotlin.push_str(&format!("    {}\n", signature(key, said)));
    }
    kotlin + "}\n"
}

fn language(file: &str, object: &str, rtl: bool, words: &Map<String, Value>) -> String {
    let mut kotlin = format!(
        "\n/** The words of `{file}`. */\nobject {object} : Words {{\n    override val language = \"{file}\"\n    \
         override val rtl = {rtl}\n"
    );
    let mut problems = "    override val problems =\n        mapOf(\n".to_owned();
    for (key, said) in words {
        if let Some(code) = key.strip_prefix(CODES) {
            problems.push_str(&format!(
                "            \"{code}\" to \"{}\",\n",
                plain(said.as_str().unwrap_or_default())
            ));
        } else if said.is_object() {
            let cases: Vec<String> = forms(said)
                .filter(|(kind, _)| *kind != "other")
                .map(|(kind, form)| format!("        \"{kind}\" -> {}\n", literal(form)))
                .collect();
            let other = said.get("other").and_then(Value::as_str).unwrap_or_default();
            kotlin.push_str(&format!(
                "    override {} = when (plural(language, count)) {{\n{}        else -> {}\n    }}\n",
                signature(key, said),
                cases.concat(),
                literal(other)
            ));
        } else {
            let form = literal(said.as_str().unwrap_or_default());
            kotlin.push_str(&format!("    override {} = {form}\n", signature(key, said)));
        }
    }
    kotlin + &problems + "        )\n}\n"
}

/// A Kotlin string, its places filled from the parameters of their names.
fn literal(form: &str) -> String {
    format!("\"{}\"", plain(form).replace('{', "${"))
}

/// What stands between the quotes of a Kotlin string.
fn plain(form: &str) -> String {
    form.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn places_become_parameters_and_nothing_else_is_filled_in() {
        let words = map(json!({ "a.price_of": "${x} \"{name}\"", "problem.denied": "No." }));
        let kotlin = language("en", "English", false, &words);
        assert!(
            kotlin
                .contains(r#"override fun aPriceOf(name: String, x: String): String = "\$${x} \"${name}\"""#)
        );
        assert!(kotlin.contains(r#""denied" to "No.","#));
        assert!(!interface(&words).contains("denied"));
    }
}

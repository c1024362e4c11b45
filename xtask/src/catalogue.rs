//! What the apps say, from one file of data per language. Every language says everything that English says, with the same
//! places to fill in, or there is nothing.

use crate::step::{Failure, workspace};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;

/// The language that the others are held against.
const FIRST: &str = "en";
/// File, the name of its object, whether it is read from right to left.
const LANGUAGES: &[(&str, &str, bool)] = &[(FIRST, "English", false), ("ar", "Arabic", true)];
/// The keys of this group are the engine's codes.
pub(crate) const CODES: &str = "problem.";

/// What one language says.
pub(crate) struct Language {
    /// Its code.
    pub(crate) file: &'static str,
    /// What it is called in the generated code.
    pub(crate) object: &'static str,
    /// Whether it is read from right to left.
    pub(crate) rtl: bool,
    pub(crate) words: Map<String, Value>,
}

/// Every language of a folder, all with the same words.
pub(crate) fn languages(folder: &str) -> Result<Vec<Language>, Failure> {
    let mut languages: Vec<Language> = Vec::new();
    for (file, object, rtl) in LANGUAGES {
        let unread = |error: &dyn std::error::Error| {
            Failure::Untrue(format!("{folder}/{file}.json cannot be read: {error}."))
        };
        let path = workspace(folder).join(format!("{file}.json"));
        let text = fs::read_to_string(&path).map_err(|error| unread(&error))?;
        let words: Map<String, Value> = serde_json::from_str(&text).map_err(|error| unread(&error))?;
        compare(languages.first().map_or(&words, |first| &first.words), &words)
            .map_err(|why| Failure::Untrue(format!("{folder}/{file}.json: {why}.")))?;
        languages.push(Language { file, object, rtl: *rtl, words });
    }
    Ok(languages)
}

/// Whether a language has the same words with the same places as the first.
fn compare(first: &Map<String, Value>, other: &Map<String, Value>) -> Result<(), String> {
    if let Some(extra) = other.keys().find(|key| !first.contains_key(*key)) {
        return Err(format!("`{extra}` is not said in English"));
    }
    for (key, said) in first {
        let also = other.get(key).ok_or_else(|| format!("`{key}` is missing"))?;
        if also.is_object() != said.is_object() || places(also) != places(said) {
            return Err(format!("`{key}` has other places to fill in"));
        }
        if also.is_object() && also.get("other").is_none() {
            return Err(format!("`{key}` does not say what `other` numbers are called"));
        }
        if forms(also).any(|(_, form)| form.trim().is_empty()) {
            return Err(format!("`{key}` says nothing"));
        }
    }
    Ok(())
}

/// A word's forms by their number's kind; one without a number has one form.
pub(crate) fn forms(said: &Value) -> impl Iterator<Item = (&str, &str)> {
    let plural = said.as_object().into_iter().flatten();
    let plural = plural.filter_map(|(kind, form)| Some((kind.as_str(), form.as_str()?)));
    plural.chain(said.as_str().map(|form| ("other", form)))
}

/// The places to fill in, in the order of the alphabet.
pub(crate) fn places(said: &Value) -> BTreeSet<&str> {
    let named = |form: &'_ str| -> Vec<(usize, usize)> {
        let opened = form.match_indices('{').map(|(at, _)| at + 1);
        opened.filter_map(|from| Some((from, from + form.get(from..)?.find('}')?))).collect()
    };
    let mut found = BTreeSet::new();
    for (_, form) in forms(said) {
        found.extend(named(form).into_iter().filter_map(|(from, until)| form.get(from..until)));
    }
    if said.is_object() {
        found.insert("count");
    }
    found
}

/// `board.stale` is called `boardStale`.
pub(crate) fn name(key: &str) -> String {
    let mut parts = key.split(['.', '_', '-']);
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_language_that_leaves_something_out_is_refused() {
        let first = map(json!({ "a.b": "Now {name}", "n": { "one": "1", "other": "{count}" } }));
        for (other, why) in [
            (json!({ "a.b": "x {name}" }), "`n` is missing"),
            (json!({ "a.b": "x", "n": { "other": "{count}" } }), "`a.b` has other places to fill in"),
            (
                json!({ "a.b": "{name}", "n": { "one": "1" } }),
                "`n` does not say what `other` numbers are called",
            ),
            (json!({ "a.b": "{name}", "n": { "other": " " } }), "`n` says nothing"),
            (json!({ "a.b": "{name}", "n": { "other": "{count}" }, "z": "z" }), "`z` is not said in English"),
        ] {
            assert_eq!(compare(&first, &map(other)), Err(why.to_owned()));
        }
        assert_eq!(compare(&first, &first), Ok(()));
    }
}

//! Folding: how text is compared when people search. Accents and case do not matter, in any script.

use std::cmp::Ordering;

// Worked out by `build.rs`: the ranges of accents, the letters that have another form, and where in the texts, a line each,
// that form stands.
include!(concat!(env!("OUT_DIR"), "/plain_letters.rs"));

/// Lower case, without accents, single spaces.
///
/// ```
/// use counterpart_core::search_key::fold;
/// assert_eq!(fold("  Núñez  ÅSA "), "nunez asa");
/// ```
pub fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        push_plain(&mut plain, letter);
    }
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds what is left of a letter without its accents, in its plainest form: of `ﬁ` two letters, of an accent alone nothing.
fn push_plain(plain: &mut String, letter: char) {
    let code = u32::from(letter);
    if letter.is_ascii() {
        plain.push(letter);
    } else if let Ok(at) = LETTERS.binary_search(&code) {
        plain.extend(TEXTS[usize::from(PLAIN[at])..].chars().take_while(|letter| *letter != '\n'));
    } else if let Some(syllable) = code.checked_sub(0xAC00).filter(|syllable| *syllable < 19 * 588) {
        // A Korean syllable is a first letter, a vowel and perhaps a last letter, in this order of the script's table.
        let parts = [0x1100 + syllable / 588, 0x1161 + syllable % 588 / 28, 0x11A7 + syllable % 28];
        let parts = parts.into_iter().take(if syllable % 28 == 0 { 2 } else { 3 });
        plain.extend(parts.filter_map(char::from_u32));
    } else if !is_accent(code) {
        plain.push(letter);
    }
}

fn is_accent(code: u32) -> bool {
    let beside = |&(first, last): &(u32, u32)| match (first > code, last < code) {
        (true, _) => Ordering::Greater,
        (_, true) => Ordering::Less,
        (false, false) => Ordering::Equal,
    };
    ACCENTS.binary_search_by(beside).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;

    #[test]
    fn every_letter_comes_to_what_unicode_makes_of_it() {
        for letter in '\0'..=char::MAX {
            let expected: String = letter.nfkd().filter(|part| !is_combining_mark(*part)).collect();
            let mut plain = String::new();
            push_plain(&mut plain, letter);
            assert_eq!(plain, expected, "{letter:?}");
        }
    }

    #[test]
    fn a_text_comes_to_the_same_as_its_letters() {
        for text in [
            "Nu\u{301}n\u{303}ez",
            "q\u{307}\u{323}",
            "한국어 각",
            "ﬁne ½ Ａ",
            "كِتَابٌ",
            "ΟΔΟΣ ὈΔΥΣΣΕΎΣ",
            "𝔄 ﷺ",
        ] {
            let plain: String = text.nfkd().filter(|part| !is_combining_mark(*part)).collect();
            assert_eq!(fold(text), plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}

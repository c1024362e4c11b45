//! Folding: how text is compared when people search. Accents and case do not matter, in any script.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case, without accents, single spaces.
///
/// ```
/// use counterpart_core::search_key::fold;
/// assert_eq!(fold("  Núñez  ÅSA "), "nunez asa");
/// ```
pub fn fold(text: &str) -> String {
    let plain: String = text.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

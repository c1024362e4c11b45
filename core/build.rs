//! Works out, while the engine is built, what search makes of every letter.
//!
//! The tables of `unicode-normalization` know far more than a search asks, and would be a fiftieth of the library inside an
//! app. What is asked is written down here in a third of the room, from those tables themselves.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Its syllables are taken apart by arithmetic.
const HANGUL: std::ops::RangeInclusive<char> = '\u{AC00}'..='\u{D7A3}';

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut accents: Vec<(u32, u32)> = Vec::new();
    let (mut letters, mut plain): (Vec<u32>, Vec<u16>) = (Vec::new(), Vec::new());
    let mut texts = String::new();
    let mut known: BTreeMap<String, u16> = BTreeMap::new();
    for letter in ('\0'..=char::MAX).filter(|letter| !HANGUL.contains(letter)) {
        let text: String = letter.nfkd().filter(|part| !is_combining_mark(*part)).collect();
        let code = u32::from(letter);
        if text.is_empty() {
            match accents.last_mut() {
                Some((_, last)) if *last + 1 == code => *last = code,
                _ => accents.push((code, code)),
            }
        } else if !text.chars().eq([letter]) {
            let next = u16::try_from(texts.len())?;
            let at = *known.entry(text).or_insert_with_key(|text| {
                texts.push_str(text);
                texts.push('\n');
                next
            });
            letters.push(code);
            plain.push(at);
        }
    }
    let mut tables = String::new();
    writeln!(tables, "static ACCENTS: [(u32, u32); {}] = {accents:?};", accents.len())?;
    writeln!(tables, "static LETTERS: [u32; {}] = {letters:?};", letters.len())?;
    writeln!(tables, "static PLAIN: [u16; {}] = {plain:?};", plain.len())?;
    writeln!(tables, "static TEXTS: &str = {texts:?};")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("plain_letters.rs"), tables)?;
    Ok(())
}

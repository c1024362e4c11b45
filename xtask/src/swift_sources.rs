//! Swift as it is written: which files there are, and what no test may say in them.

use crate::step::{Failure, workspace};
use std::fs;

/// The Swift files of a folder and of those in it, at least one.
pub(crate) fn files(folder: &str) -> Result<Vec<String>, Failure> {
    let unread = |error: std::io::Error| Failure::Untrue(format!("{folder} cannot be read: {error}."));
    let mut found = Vec::new();
    for entry in fs::read_dir(workspace(folder)).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(unread)?.is_dir() {
            found.extend(files(&path)?);
        } else if path.ends_with(".swift") {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(Failure::Untrue(format!("There are no Swift files in {folder}.")));
    }
    found.sort();
    Ok(found)
}

/// Fails where a folder's tests give a closure to `#expect` or `#require`.
pub(crate) fn refuse_closures_in_macros(folder: &str) -> Result<(), Failure> {
    for file in files(folder)? {
        let source = fs::read_to_string(workspace(&file))
            .map_err(|error| Failure::Untrue(format!("{file} cannot be read: {error}.")))?;
        if let Some(line) = closure_in_macro(&source) {
            return Err(Failure::Untrue(format!("{file}:{line}: a closure inside `#expect` or `#require`.")));
        }
    }
    Ok(())
}

/// The first line with a closure among what `#expect` or `#require` is given. Swift 6.0 may call it by the name of a closure
/// beside it, of which the linker keeps one: the test then asks something else than it says.
fn closure_in_macro(source: &str) -> Option<usize> {
    let macros = source.match_indices("#expect(").chain(source.match_indices("#require("));
    macros
        .filter_map(|(at, _)| brace_before_end(source.get(at..)?).map(|brace| at + brace))
        .min()
        .map(|at| source.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1)
}

/// Where a brace opens, outside of texts, before the parenthesis closes that is the first to open.
fn brace_before_end(call: &str) -> Option<usize> {
    let (mut open, mut text, mut escaped) = (0_usize, false, false);
    for (at, byte) in call.bytes().enumerate() {
        match (text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => text = !text,
            (false, b'{') => return Some(at),
            (false, b'(') => open += 1,
            (false, b')') if open == 1 => return None,
            (false, b')') => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_that_a_test_s_macro_is_given_is_found_and_a_brace_in_a_text_is_not() {
        let wrong = "let a = b { $0 }\n#expect(\n  a(\"(\") == c\n    .first { $0 } != nil\n)\n";
        assert_eq!(closure_in_macro(wrong), Some(4));
        assert_eq!(closure_in_macro("try #require(a { $0 }.b)"), Some(1));
        let right = "#expect(a(b) == \"{\\\"{\")\nlet c = d { $0 }\n#expect(throws: E.self) { try e() }";
        assert_eq!(closure_in_macro(right), None);
    }
}

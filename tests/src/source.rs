//! The workspace's own files as the doctrine test reads them: each text file once, and in Rust the words that the
//! compiler sees, so that comments and strings cannot break a rule and macros cannot hide from one.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::error::Error;
use std::path::Path;

/// A word or a mark of a Rust file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The line, from 1.
    pub line: usize,
    /// The word or the mark; literals are all `""`.
    pub text: String,
}

/// A name in a Rust file: `store::Row`, or `crate`, `store` and `Row` out of `use crate::{store::Row, …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The line of its last word.
    pub line: usize,
    /// Its words; from the crate's root, after `crate`, where it says `crate`, `self` or `super`.
    pub path: Vec<String>,
    /// The word or mark before it; for a part of a group, before the group.
    pub before: String,
    /// The word or mark after it.
    pub after: String,
}

/// A text file of the workspace.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path from the workspace's root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its words, if it is Rust.
    pub tokens: Vec<Token>,
}

impl Source {
    /// Reads a file's text; an error if it claims to be Rust and is not.
    pub fn new(path: &str, text: &str) -> Result<Source, Box<dyn Error>> {
        let mut tokens = Vec::new();
        if path.ends_with(".rs") {
            let stream: TokenStream = text.parse().map_err(|error| format!("{path} is not Rust: {error}"))?;
            flatten(stream, &mut tokens);
        }
        Ok(Source { path: path.to_owned(), text: text.to_owned(), tokens })
    }

    /// Every text file under a folder that git does not ignore.
    pub fn under(root: &Path) -> Result<Vec<Source>, Box<dyn Error>> {
        let files = ignore::WalkBuilder::new(root)
            .hidden(false)
            .parents(false)
            .ignore(false)
            .git_global(false)
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .sort_by_file_path(Path::cmp)
            .build();
        let mut sources = Vec::new();
        for file in files {
            let file = file?;
            if !file.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            let Ok(text) = String::from_utf8(std::fs::read(file.path())?) else { continue };
            if text.contains('\0') {
                continue;
            }
            let path = file.path().strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&path, &text)?);
        }
        Ok(sources)
    }

    /// The modules that the file is in, from its crate's root: `["store", "open"]` for `core/src/store/open.rs`.
    pub fn module(&self) -> Vec<String> {
        let inside = self.path.split_once("src/").map_or(self.path.as_str(), |(_, inside)| inside);
        let mut module: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
            module.pop();
        }
        module
    }

    /// Every name in a Rust file, those inside macros too.
    pub fn names(&self) -> Vec<Name> {
        let mut reader = Reader { tokens: &self.tokens, at: 0, module: self.module(), names: Vec::new() };
        reader.read();
        reader.names
    }
}

/// One list out of a tree; `::` and `!=` are one mark each.
fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let text = match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(Token { line, text: open.to_owned() });
                flatten(group.stream(), tokens);
                tokens.push(Token { line: group.span_close().start().line, text: close.to_owned() });
                continue;
            }
            TokenTree::Ident(word) => word.to_string().trim_start_matches("r#").to_owned(),
            TokenTree::Literal(_) => "\"\"".to_owned(),
            TokenTree::Punct(mark) => {
                let pair = match (mark.as_char(), mark.spacing()) {
                    (':', Spacing::Joint) => Some((':', "::")),
                    ('!', Spacing::Joint) => Some(('=', "!=")),
                    _ => None,
                };
                let joined = pair.filter(|(second, _)| {
                    trees
                        .next_if(|next| matches!(next, TokenTree::Punct(next) if next.as_char() == *second))
                        .is_some()
                });
                joined.map_or_else(|| mark.as_char().to_string(), |(_, both)| both.to_owned())
            }
        };
        tokens.push(Token { line, text });
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    module: Vec<String>,
    names: Vec<Name>,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn is_word(&self, at: usize) -> bool {
        self.text(at).starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
    }

    /// Reads on to the end. A `mod` with a body is a step down until its closing brace.
    fn read(&mut self) {
        let mut depth = 0_usize;
        let mut steps: Vec<usize> = Vec::new();
        while self.at < self.tokens.len() {
            match self.text(self.at) {
                "{" => {
                    if self.at >= 2 && self.text(self.at - 2) == "mod" {
                        self.module.push(self.text(self.at - 1).to_owned());
                        steps.push(depth);
                    }
                    depth += 1;
                }
                "}" => {
                    depth = depth.saturating_sub(1);
                    if steps.last() == Some(&depth) {
                        steps.pop();
                        self.module.pop();
                    }
                }
                _ => {}
            }
            if self.is_word(self.at) {
                let before = self.at.checked_sub(1).map_or("", |at| self.text(at)).to_owned();
                self.name(Vec::new(), &before);
            } else {
                self.at += 1;
            }
        }
    }

    /// Reads one name and, where it ends in a group, each name of the group.
    fn name(&mut self, mut path: Vec<String>, before: &str) {
        loop {
            let line = self.tokens.get(self.at).map_or(0, |token| token.line);
            match self.text(self.at) {
                "{" => {
                    self.at += 1;
                    while self.at < self.tokens.len() && self.text(self.at) != "}" {
                        let start = self.at;
                        self.name(path.clone(), before);
                        // Past `as Other`, the comma, and whatever a macro put there.
                        while self.at < self.tokens.len() && !matches!(self.text(self.at), "," | "}") {
                            self.at += 1;
                        }
                        if self.text(self.at) == "," || self.at == start {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "*" => path.push("*".to_owned()),
                word if self.is_word(self.at) => path.push(word.to_owned()),
                _ => return,
            }
            self.at += 1;
            let goes_on = self.text(self.at) == "::"
                && (self.is_word(self.at + 1) || matches!(self.text(self.at + 1), "{" | "*"));
            if !goes_on {
                let after = self.text(self.at).to_owned();
                let path = self.spelt_out(path);
                self.names.push(Name { line, path, before: before.to_owned(), after });
                return;
            }
            self.at += 1;
        }
    }

    /// `self` and `super` spelt from the crate's root; a `self` at the end of a group is what the group is of.
    fn spelt_out(&self, mut path: Vec<String>) -> Vec<String> {
        if path.len() > 1 && path.last().is_some_and(|word| word == "self") {
            path.pop();
        }
        if !path.first().is_some_and(|word| matches!(word.as_str(), "self" | "super")) {
            return path;
        }
        let mut module = self.module.clone();
        let mut words = path.into_iter().peekable();
        while let Some(word) = words.next_if(|word| matches!(word.as_str(), "self" | "super")) {
            if word == "super" {
                module.pop();
            }
        }
        std::iter::once("crate".to_owned()).chain(module).chain(words).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(path, text).unwrap();
        source.names().into_iter().map(|name| name.path.join("::")).collect()
    }

    #[test]
    fn a_group_is_read_as_the_names_in_it() {
        let text = "use crate::{store::{self, Row as R}, sync::*};";
        assert_eq!(
            names("core/src/shop.rs", text),
            ["use", "crate::store", "crate::store::Row", "crate::sync::*"]
        );
    }

    #[test]
    fn relative_names_are_spelt_spelt_out_also_inside_modules() {
        let text = "mod tests { use super::*; use super::super::sync; } use super::outbox;";
        let names = names("core/src/store/open.rs", text);
        assert!(names.contains(&"crate::store::open::*".to_owned()), "{names:?}");
        assert!(names.contains(&"crate::store::sync".to_owned()), "{names:?}");
        assert!(names.contains(&"crate::store::outbox".to_owned()), "{names:?}");
    }

    #[test]
    fn comments_and_strings_name_nothing_and_macros_do() {
        let text = "//! crate::a\n/// crate::b\nfn f() { /* crate::c */ g!(\"crate::d\", crate::e::F); }";
        let names = names("core/src/store.rs", text);
        assert_eq!(names, ["doc", "doc", "fn", "f", "g", "crate::e::F"]);
    }

    #[test]
    fn what_is_not_rust_is_an_error_and_other_text_is_only_text() {
        assert!(Source::new("a.rs", "fn f( {").is_err());
        assert!(Source::new("a.md", "fn f( {").unwrap().tokens.is_empty());
    }
}

//! The page's document: one file with its style and its script, and a policy under which nothing else can run in it.

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The document. What carries the nonce was written here.
pub(super) fn page(nonce: &str) -> String {
    HTML.replace("{style}", STYLE).replace("{script}", SCRIPT).replace("{nonce}", nonce)
}

/// What a browser may do with it.
pub(super) fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

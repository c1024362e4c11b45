//! What the ledger held at each of its commits, noted as they were made: what a device may show, and nothing else.

use std::collections::BTreeMap;

/// A row: its table and its id.
pub(super) type Key = (String, String);

/// Every version of every row, by the order of the commits. A restored backup is one more commit, that takes back.
#[derive(Default)]
pub(super) struct History {
    moment: usize,
    commits: BTreeMap<String, usize>,
    rows: BTreeMap<Key, Vec<(usize, Option<String>)>>,
}

impl History {
    /// A commit, by its tag, and the rows it changed; nothing for the deleted ones.
    pub(super) fn note(&mut self, tag: &str, rows: Vec<(Key, Option<String>)>) {
        self.moment += 1;
        self.commits.insert(tag.to_owned(), self.moment);
        for (key, body) in rows {
            self.rows.entry(key).or_default().push((self.moment, body));
        }
    }

    /// Where it stands now.
    pub(super) fn moment(&self) -> usize {
        self.moment
    }

    /// The moment of a commit.
    pub(super) fn moment_of(&self, tag: &str) -> Option<usize> {
        self.commits.get(tag).copied()
    }

    /// All is again as it was at a moment, under a new commit.
    pub(super) fn take_back(&mut self, to: usize, tag: &str) {
        self.moment += 1;
        self.commits.insert(tag.to_owned(), self.moment);
        for versions in self.rows.values_mut() {
            if versions.last().is_some_and(|(moment, _)| *moment > to) {
                let then = at(versions, to).map(str::to_owned);
                versions.push((self.moment, then));
            }
        }
    }

    /// A row as it was at a moment.
    pub(super) fn row(&self, key: &Key, moment: usize) -> Option<&str> {
        self.rows.get(key).and_then(|versions| at(versions, moment))
    }

    /// All rows that were there at a moment.
    pub(super) fn rows_at(&self, moment: usize) -> impl Iterator<Item = (&Key, &str)> {
        self.rows.iter().filter_map(move |(key, versions)| at(versions, moment).map(|body| (key, body)))
    }

    /// The last words of rows that are deleted now.
    pub(super) fn last_words(&self) -> impl Iterator<Item = (&Key, &str)> {
        self.rows.iter().filter_map(|(key, versions)| match versions.as_slice() {
            [.., (_, Some(body)), (_, None)] => Some((key, body.as_str())),
            _ => None,
        })
    }
}

fn at(versions: &[(usize, Option<String>)], moment: usize) -> Option<&str> {
    versions.iter().rev().find(|(then, _)| *then <= moment).and_then(|(_, body)| body.as_deref())
}

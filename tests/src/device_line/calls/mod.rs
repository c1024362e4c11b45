//! Every call there is: one table, of which `help` prints what `serve` looks up.

mod files;
mod inspector;
mod news;
mod people;
mod queue;
mod records;
mod stock;
mod terminal;
mod tickets;

use super::call::Call;

/// All calls, in the order in which a person would want to read of them.
pub(super) fn all() -> impl Iterator<Item = &'static Call> {
    [
        terminal::CALLS,
        records::CALLS,
        queue::CALLS,
        news::CALLS,
        tickets::CALLS,
        stock::CALLS,
        people::CALLS,
        files::CALLS,
        inspector::CALLS,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_calls_have_one_name() {
        let names: BTreeSet<&str> = all().map(|call| call.name).collect();
        assert_eq!(names.len(), all().count());
    }
}

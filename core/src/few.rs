//! A few values by key, in the keys' order: a list is all the map that they take. Each map of the standard library's is
//! there once more for each pair of types, and the app carries it.

/// The value of a key; an empty one where there was none yet.
pub(crate) fn of<K: Ord, V: Default>(list: &mut Vec<(K, V)>, key: K) -> &mut V {
    let at = list.binary_search_by(|(known, _)| known.cmp(&key)).unwrap_or_else(|at| {
        list.insert(at, (key, V::default()));
        at
    });
    &mut list[at].1
}

/// A map or a set of all that comes, filled one after the other. `collect` would sort all first, and bring along a sort for
/// each type.
pub(crate) fn filled<C: Default + Extend<T>, T>(all: impl IntoIterator<Item = T>) -> C {
    let mut filled = C::default();
    filled.extend(all);
    filled
}

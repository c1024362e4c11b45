//! What a statement is given: one function binds it, whatever its values are. A statement that was generic over its
//! values would be in the library once for each set of types that is ever given.

use rusqlite::ToSql;

/// The values of a statement's parameters, in the parameters' order.
pub trait Given {
    /// Hands pointers to them on.
    fn hand<T>(&self, to: impl FnOnce(&[&dyn ToSql]) -> T) -> T;
}

impl Given for () {
    fn hand<T>(&self, to: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        to(&[])
    }
}

// An empty array says nothing of its type: it is of this one.
impl Given for [&dyn ToSql; 0] {
    fn hand<T>(&self, to: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        to(&[])
    }
}

impl<V: ToSql> Given for [V; 1] {
    fn hand<T>(&self, to: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        let [value] = self;
        to(&[value])
    }
}

impl Given for &[&dyn ToSql] {
    fn hand<T>(&self, to: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        to(self)
    }
}

macro_rules! given {
    ($($value:ident: $type:ident),+) => {
        impl<$($type: ToSql),+> Given for ($($type,)+) {
            fn hand<T>(&self, to: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
                let ($($value,)+) = self;
                to(&[$($value),+])
            }
        }
    };
}

given!(a: A, b: B);
given!(a: A, b: B, c: C);
given!(a: A, b: B, c: C, d: D);
given!(a: A, b: B, c: C, d: D, e: E);
given!(a: A, b: B, c: C, d: D, e: E, f: F);
given!(a: A, b: B, c: C, d: D, e: E, f: F, g: G);
given!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H);
given!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I);

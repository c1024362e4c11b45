//! A fault, to see that what looks for faults finds it: `cargo xtask sanitize` runs it first, and goes on if it fails.

use std::hint::black_box;

#[test]
fn memory_that_was_freed_is_read() {
    let freed = Box::into_raw(Box::new(black_box(7_u64)));
    // SAFETY: none, and none is wanted. The eight bytes are read once and nothing depends on them.
    let read = unsafe {
        drop(Box::from_raw(freed));
        black_box(freed).read_volatile()
    };
    black_box(read);
}

//! See `counterpart_tests::fuzz::open_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| counterpart_tests::fuzz::open_file(bytes));

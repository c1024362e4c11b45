//! See `counterpart_tests::fuzz::row_from_json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| counterpart_tests::fuzz::row_from_json(bytes));

//! See `counterpart_tests::fuzz::import_export`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| counterpart_tests::fuzz::import_export(bytes));

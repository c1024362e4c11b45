//! See `counterpart_tests::fuzz::import_csv`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| counterpart_tests::fuzz::import_csv(bytes));

//! See `counterpart_tests::fuzz::operation_body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| counterpart_tests::fuzz::operation_body(bytes));

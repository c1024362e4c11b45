//! Writes the facade's Kotlin side out of an unstripped library.

fn main() {
    uniffi::uniffi_bindgen_main();
}

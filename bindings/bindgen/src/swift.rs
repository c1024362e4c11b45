//! Writes the facade's Swift side out of an unstripped library.

fn main() {
    uniffi::uniffi_bindgen_swift();
}

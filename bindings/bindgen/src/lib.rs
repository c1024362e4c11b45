//! The generators of the facade's Kotlin and Swift sides; see the two programs beside this file.

//! What holds for every entity of the repair shop.

mod tables;

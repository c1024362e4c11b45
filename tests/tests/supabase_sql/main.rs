//! The shop's promises as SQL, on a real PostgreSQL: held to the entity files, to the engine's merge rules and to the
//! permission table, so that a new entity is covered by itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod attacks;
mod batches;
mod functions;
mod limits;
mod merging;
mod migrations;
mod people;
mod permissions;
mod pgtap;
mod races;
mod rest;
mod rows;
mod schema;
mod several;
mod shops;
mod tables;
mod upkeep;

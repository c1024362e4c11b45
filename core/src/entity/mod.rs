//! The repair shop: one file per entity, each with its fields, merge policies, limits and rules.
//!
//! [`customer`] is the example to copy. The engine sees none of this: it is given [`repair_shop`] as a value.

pub mod customer;

pub use customer::{Address, Customer, CustomerId, Phone};

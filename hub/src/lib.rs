//! Counterpart's hub: a shop's own server on one SQLite file, or several on one PostgreSQL, speaking Supabase's protocol.
//!
//! [`hub::Hub`] joins the services: Auth, [`functions`], Realtime. [`serve`] puts them on a
//! socket, [`cli`] is the command line around all of it. [`ledger::Ledger`] keeps the shops' books: rows, receipts, commits.

pub mod accounts;
pub mod announce;
pub mod auth;
pub mod backup;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod config;
pub mod files;
pub mod functions;
pub mod gateway;
pub mod hub;
pub mod ledger;
pub mod limits;
pub mod metrics;
mod observe;
pub mod pairing;
pub mod postgres;
pub mod realtime;
mod rest;
mod routes;
pub mod rpc;
pub mod secret;
pub mod serve;
pub mod tls;

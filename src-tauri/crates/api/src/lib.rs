//! Every command, reply and error the window can see.
//!
//! This crate is the waist between the services and the window: plain data,
//! no service, no I/O. A command is a struct of parameters that implements
//! [`Call`]; its reply type is tied to it here, so neither side can drift.
//! The TypeScript twin is `ui/src/gen/api.ts`, written from these types by
//! [`bindings`]; a test fails when it is stale.
//!
//! Conventions: field names are snake_case as in Kafka's and Airflow's APIs;
//! times are milliseconds since the Unix epoch (`*_ms`); sizes are bytes
//! (`*_bytes`); rates are per second (`*_per_s`). A decoded value travels as
//! text, because JSON numbers in a browser lose 64-bit integers.
//!
//! # Adding a command
//!
//! 1. Write its parameter struct (and reply) in the noun's module here.
//! 2. Add a line to the list in [`commands`]; run `cargo xtask bindings`.
//! 3. The compiler now asks for its arm in `platform::commands::dispatch`.

pub mod bindings;
pub mod cluster;
pub mod commands;
pub mod consumers;
pub mod dags;
pub mod error;
pub mod messages;
pub mod overview;
pub mod quickstart;
pub mod schemas;
pub mod settings;
pub mod topics;

pub use commands::{Call, Request};
pub use error::{ApiError, ErrorCode};

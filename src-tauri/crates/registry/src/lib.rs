//! The schema registry: Confluent's REST API, compatibility, storage through a trait.
//!
//! The registry is a log of records and a cache of them. [`SchemaLog`] is the
//! log: in the app it is the broker's compacted one-partition topic `_schemas`,
//! in tests it is [`MemoryLog`]. [`Registry::open`] reads it from its start;
//! every write appends one record and then reads the log to its end before it
//! answers, so what a client was told is what the log says.
//!
//! A request's path: `server` (HTTP, parameters) → `registry` (the operation,
//! under the writer's lock if it writes) → `parsed` and `compat` (pure) →
//! `record` (the log's format) → `state` (the cache).
//!
//! ```no_run
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
//! let log = Arc::new(registry::MemoryLog::default());
//! let registry = registry::Registry::open(log, registry::Config::default()).await?;
//! registry::serve(listener, registry, std::future::pending()).await?;
//! # Ok(()) }
//! ```
//!
//! # Adding a schema language
//!
//! 1. Its parser, canonical and normal text: a module beside `avro`, `json` and `protobuf`.
//! 2. Its compatibility: a module in `compat`, with a table of verdicts.
//! 3. A variant of `parsed::Parsed`; the compiler asks for the rest.

mod avro;
mod compat;
mod config;
mod contract;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod json;
mod level;
mod log;
mod parsed;
mod protobuf;
mod record;
mod registry;
mod schema;
mod server;
mod settings;
mod sorted;
mod state;
mod subject;

pub use config::Config;
pub use contract::{Metadata, Rule, RuleKind, RuleMode, RuleSet};
pub use error::RegistryError;
pub use level::{CompatibilityLevel, Mode};
pub use log::{MemoryLog, SchemaLog, SchemaLogError, SchemaRecord};
pub use registry::{OpenError, Registry};
pub use schema::{Guid, Reference, SchemaType};
pub use server::serve;
pub use settings::Settings;

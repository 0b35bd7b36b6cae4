//! The schema registry: Confluent's REST API, compatibility, storage through a trait.
//!
//! The registry is a log of records and a cache of them. [`SchemaLog`] is the
//! log: in the app it is the broker's compacted one-partition topic `_schemas`,
//! in tests it is [`MemoryLog`]. [`Registry::open`] reads it from its start;
//! every write appends one record and then reads the log to its end before it
//! answers, so what a client was told is what the log says.
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

mod config;
mod level;
mod log;
mod registry;
mod server;

pub use config::Config;
pub use level::{CompatibilityLevel, Mode};
pub use log::{MemoryLog, SchemaLog, SchemaLogError, SchemaRecord};
pub use registry::{OpenError, Registry};
pub use server::serve;

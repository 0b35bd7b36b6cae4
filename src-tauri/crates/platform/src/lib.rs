//! The whole: configuration, data directory, start and stop order, the window's
//! commands, the quickstart pipeline. The only crate that knows all services.
//!
//! [`Platform::start`] takes the data directory's lock, binds every port, then
//! starts the broker, the registry, the orchestrator and the HTTP API in that
//! order; [`Platform::stop`] ends them in the opposite one. [`Platform::dispatch`]
//! is the only way in for the window, and `POST /rpc/<command>` the same way for
//! a browser and for tests.
//!
//! # Adding a command
//!
//! 1. Declare it in the crate `api`.
//! 2. The match in [`commands`] no longer compiles: add its arm, and the function
//!    in the noun's file below `commands/`.
//! 3. Add a hook in `ui/src/queries/`.

pub mod cli;
mod clusters;
mod commands;
mod config;
mod connections;
mod error;
mod http;
mod kafka_port;
mod metrics;
mod paths;
mod platform;
mod quickstart;
mod schema_check;
mod schema_log;
mod start;

pub use broker::Loggers;
pub use config::{AttachedCluster, Config, ConnectionEntry, Flags, QuickstartStart};
pub use error::StartError;
pub use paths::Paths;
pub use platform::{Addresses, Platform};

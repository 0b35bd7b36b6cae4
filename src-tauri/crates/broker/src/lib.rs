//! The Kafka broker: topics, groups, configs; `serve(listener, shutdown)`.
//!
//! [`Broker::open`] reads a log directory, [`serve`] answers Kafka clients on a listener the caller bound,
//! [`Broker::close`] makes everything durable. The same topics can be used from this process without a socket:
//! [`Broker::append`], [`Broker::read`].
//!
//! A request's way: `server` cuts frames, `handlers` has one function per API, `topics` and `partition` hold
//! the logs (crate `commitlog`), `coordinator` runs the groups, whose membership is the state machine in
//! [`groups`]; [`transactions`] is the other coordinator, and `share` runs the share groups. Handlers are plain
//! functions from request to response; only a fetch that waits and a join or sync that is answered later become
//! futures. Batches are appended from the request's own bytes and sent from what the log read; records are
//! looked into only where a rule needs it.
//!
//! Who may do what is decided before and around the handlers: [`listener`]s with TLS and SASL, access rules in
//! `handlers::guard`, quotas in `server::usage`. Where none are configured they cost nothing.
//!
//! # Adding a Kafka API
//!
//! 1. `wire`: the fields of request and response in `wire/src/messages/<api>.rs`, and a line in `wire/src/api.rs`.
//!    Its tests compare with an independent codec and try every length trap.
//! 2. A function `fn api(&Broker, Request) -> Response` in `handlers/`, and its line in `handlers::handle`:
//!    the match has no `_`, so the compiler asks for it. The API is advertised from then on.
//! 3. Its access rule in `handlers::guard::look`, whose match has no `_` either.
//! 4. A test in `tests/it/` that sends it as a raw frame, and a look with a stock client.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on fails"))]

mod admission;
mod append;
mod background;
mod broker;
mod cleaner;
mod clock;
mod complaints;
mod config;
pub mod configs;
mod coordinator;
mod durability;
mod features;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod group_store;
pub mod groups;
mod handlers;
mod listening;
mod loggers;
mod partition;
mod replay;
mod schemas;
mod seats;
mod security;
mod server;
mod sessions;
mod share;
mod state;
mod stats;
mod topic;
mod topics;
pub mod transactions;

pub use broker::Broker;
pub use clock::{Clock, SystemClock};
pub use commitlog::{LogDirError, ReadChunk};
pub use config::{AccessError, BrokerConfig, OpenError, Users};
pub use loggers::Loggers;
pub use schemas::{SchemaCheck, SchemaQuestion, SchemaRule, SubjectNames};
pub use security::listener;
pub use server::serve;
pub use stats::{BrokerStats, TopicStats};
pub use topic::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC};
pub use topics::TopicError;
pub use wire::batch::Offset;

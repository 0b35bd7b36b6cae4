//! The whole, over real sockets: stock clients against `pumphouse serve`.
//!
//! Clients that must be fetched first (Kafka's Java tools, Python, Node) are
//! found by environment variables that `cargo xtask test` sets; without them
//! a test names itself as skipped.

mod cli;
mod confluent;
mod durability;
mod first_pipeline;
mod garbage;
mod java_share;
mod java_tools;
mod kafka_python;
mod kcat;
mod layering;
mod postgres;
mod quickstart;
mod rdkafka;
mod registry;
mod secured;
mod start;
mod support;
mod transactions;

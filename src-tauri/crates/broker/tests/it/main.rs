//! The broker over real sockets, by raw frames.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod acls;
mod admin;
mod broker_configs;
mod cleaning;
mod client;
mod cluster_admin;
mod compression;
mod config_parity;
mod connections;
mod consume;
mod consumer_groups;
mod differential;
mod disk;
mod garbage;
mod group_kinds;
mod groups;
mod loggers;
mod produce;
mod quotas;
mod restart;
mod sasl;
mod schemas;
mod server;
mod share;
mod streams_groups;
mod streams_refusals;
mod tls;
mod transactions;

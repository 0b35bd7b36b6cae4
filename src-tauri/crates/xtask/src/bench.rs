//! Measurements: each prints its figures and how they came about.

mod broker;
mod http;
mod measure;
mod registry;
mod serve;
mod start;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Start of `pumphouse serve` on an empty directory, and its memory when idle.
    Start(start::Args),
    /// The broker beside Apache Kafka: throughput, latency, CPU, memory, start and recovery.
    Broker(broker::Args),
    /// Look-ups, registrations and the start of the schema registry.
    Registry(registry::Args),
}

pub(crate) fn bench(what: &Bench) -> anyhow::Result<()> {
    match what {
        Bench::Start(args) => start::run(args),
        Bench::Broker(args) => broker::run(args),
        Bench::Registry(args) => registry::run(args),
    }
}

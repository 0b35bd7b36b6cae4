//! What `cargo xtask bench broker` has a client do: commands that end with one line of JSON.

mod latency;
mod raw;

use std::net::SocketAddr;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Records at a steady rate from a producer to a consumer: how long each took.
    Latency(latency::Args),
    /// Tries until a record is acknowledged; says when, in microseconds since the epoch.
    FirstAck { address: SocketAddr, topic: String },
    /// Makes a topic; says how many milliseconds it took.
    Create {
        address: SocketAddr,
        topic: String,
        partitions: i32,
        /// `name=value`
        configs: Vec<String>,
    },
    /// Deletes a topic.
    Delete { address: SocketAddr, topic: String },
}

fn main() -> anyhow::Result<()> {
    let answer = match Cli::parse().command {
        Command::Latency(args) => latency::run(&args)?,
        Command::FirstAck { address, topic } => raw::run(raw::first_ack(address, &topic))?,
        Command::Create { address, topic, partitions, configs } => {
            raw::run(raw::create(address, &topic, partitions, &configs))?
        }
        Command::Delete { address, topic } => raw::run(raw::delete(address, &topic))?,
    };
    println!("{answer}");
    Ok(())
}

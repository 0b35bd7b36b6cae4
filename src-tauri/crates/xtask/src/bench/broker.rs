//! Apache Kafka and Pumphouse in turn, with the same clients on the same machine.

mod alone;
mod chart;
mod clients;
mod disk;
mod load;
mod report;
mod subject;

use std::path::PathBuf;

use anyhow::bail;

use super::serve;
use crate::cache;
use report::Report;

/// What can be chosen with `--only`.
const ROWS: &[&str] =
    &["produce", "consume", "latency", "fsync", "memory", "start", "kill", "partitions", "disk"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Rounds; in each, every measurement is made on every broker. The median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// One round of a tenth of the records: to see that it works.
    #[arg(long)]
    quick: bool,
    /// Only these rows, by name: produce, consume, latency, fsync, memory, start, kill, partitions, disk.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Leave out Apache Kafka and tansu.
    #[arg(long)]
    alone: bool,
    /// Cargo's profile of the binary.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Where the table (.md) and the picture (.svg) go.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Args {
    fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == row)
    }

    fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// A number of records, or fewer to be quick.
    fn records(&self, records: u64) -> u64 {
        if self.quick { records / 10 } else { records }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(unknown) = args.only.iter().find(|only| !ROWS.contains(&only.as_str())) {
        bail!("there is no row {unknown:?}; there are {}", ROWS.join(", "));
    }
    let binary = serve::build(&args.profile)?;
    let clients = clients::Clients::build(&args.profile)?;
    let mut report = Report::default();
    if ["produce", "consume", "latency", "fsync", "memory"].iter().any(|row| args.wants(row)) {
        load::run(args, &binary, &clients, &mut report)?;
    }
    alone::run(args, &binary, &clients, &mut report)?;

    let out = args.out.clone().unwrap_or_else(|| cache::root().join("docs"));
    std::fs::create_dir_all(&out)?;
    let table = report.markdown(args.rounds(), args.quick);
    println!("\n{table}");
    std::fs::write(out.join("bench-broker.md"), &table)?;
    chart::draw(&report, &out.join("bench-broker.svg"))?;
    println!("written: {}/bench-broker.md and .svg", out.display());
    Ok(())
}

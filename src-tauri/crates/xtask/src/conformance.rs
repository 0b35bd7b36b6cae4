//! `cargo xtask conformance`: other people's test suites and programs, run against Pumphouse and, beside it,
//! against a real Apache Kafka.
//!
//! What fails here and passes there is a fault of ours. Exclusions are lists in `tests/conformance`, with a
//! reason each. The quick part of each suite is part of `cargo xtask test`.

mod connect;
mod differential;
mod end_offset;
mod exclusions;
mod franz_go;
mod kafka_python;
mod librdkafka;
mod outcome;
mod pool;
mod rest;
mod scripts;
mod streams;
mod table;
mod target;
mod tools;

use clap::{Args, ValueEnum};

use crate::summary::Summary;
use crate::system::{self, Need};
use crate::{peers, sh, torture};
pub(crate) use outcome::{Case, Outcome};
pub(crate) use table::table;
pub(crate) use target::TargetKind;

#[derive(Args)]
pub(crate) struct ConformanceArgs {
    /// Which suites; none means all.
    suites: Vec<Suite>,
    /// Only what has this in its name.
    #[arg(long)]
    only: Option<String>,
    /// Only the part that `cargo xtask test` runs.
    #[arg(long)]
    quick: bool,
    /// Leave the real Kafka out where a suite has an expectation of its own.
    #[arg(long)]
    alone: bool,
    /// The protocol the suites' consumers use.
    #[arg(long, value_enum, default_value_t = GroupProtocol::Classic)]
    group_protocol: GroupProtocol,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// librdkafka's own tests (C).
    Librdkafka,
    /// kafka-python's integration tests (Python).
    KafkaPython,
    /// The tests of franz-go's client (Go).
    FranzGo,
    /// A Kafka Streams application, exactly once.
    Streams,
    /// Kafka Connect, distributed.
    Connect,
    /// Apache Kafka's command-line tools, their output compared.
    Tools,
    /// Random requests, every field of the answers compared.
    Differential,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GroupProtocol {
    Classic,
    /// KIP-848.
    Consumer,
}

/// What a suite needs to know of the run.
pub(crate) struct Run {
    pub(crate) only: Option<String>,
    pub(crate) quick: bool,
    pub(crate) consumer_protocol: bool,
    /// Pumphouse, and a real Kafka beside it where that was not left out.
    pub(crate) targets: Vec<TargetKind>,
}

impl Run {
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }
}

pub(crate) fn conformance(args: &ConformanceArgs) -> anyhow::Result<()> {
    system::ensure(Need::Test)?;
    // Of the whole workspace, as for the tests: nothing is compiled a second time.
    sh::step("build the services", &mut torture::build("dev"))?;
    let mut summary = Summary::new()?;
    let mut targets = vec![TargetKind::Pumphouse];
    if !args.alone {
        targets.push(TargetKind::Kafka);
    }
    let run = Run {
        only: args.only.clone(),
        quick: args.quick,
        consumer_protocol: args.group_protocol == GroupProtocol::Consumer,
        targets,
    };
    let suites: &[Suite] = if args.suites.is_empty() { Suite::value_variants() } else { &args.suites };
    for suite in suites {
        run_suite(*suite, &run, &mut summary)?;
    }
    summary.finish()
}

/// The quick part of every suite.
pub(crate) fn quick(summary: &mut Summary) -> anyhow::Result<()> {
    let run = Run { only: None, quick: true, consumer_protocol: false, targets: vec![TargetKind::Pumphouse] };
    // The differential test runs with the services' own tests.
    for suite in Suite::value_variants().iter().filter(|suite| **suite != Suite::Differential) {
        run_suite(*suite, &run, summary)?;
    }
    Ok(())
}

fn run_suite(suite: Suite, run: &Run, summary: &mut Summary) -> anyhow::Result<()> {
    // A peer that can't be fetched is a named skip, as everywhere.
    let jars = match peers::kafka() {
        Ok(jars) => jars,
        Err(error) => {
            return summary.skip(&format!("conformance: Apache Kafka's jars (Maven Central): {error:#}"));
        }
    };
    match suite {
        Suite::Librdkafka => librdkafka::run(run, &jars, summary),
        Suite::KafkaPython => kafka_python::run(run, &jars, summary),
        Suite::FranzGo => franz_go::run(run, &jars, summary),
        Suite::Streams => streams::run(run, &jars, summary),
        Suite::Connect => connect::run(run, &jars, summary),
        Suite::Tools => tools::run(run, &jars, summary),
        Suite::Differential => differential::run(&jars, summary),
    }
}

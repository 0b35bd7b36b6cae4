//! Random requests sent to Pumphouse and to a real Kafka, every field of the answers compared. The test is
//! `differential` of the crate `broker`; here it gets its real Kafka.

use std::path::Path;

use super::target::{Target, TargetKind};
use crate::check::cargo;
use crate::summary::Summary;

/// Twenty sequences from a fresh seed; `cargo xtask test` plays two that are always the same.
const RUNS: &str = "20";

pub(super) fn run(jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let kafka = Target::start(TargetKind::Kafka, jars, &[])?;
    let mut test = cargo(&["test", "--package", "broker", "--test", "it", "differential"]);
    test.env("PUMPHOUSE_PEER_BROKER", kafka.bootstrap());
    test.env("PUMPHOUSE_DIFFERENTIAL_RUNS", RUNS);
    summary.tests("random requests, compared with Apache Kafka", &mut test)
}

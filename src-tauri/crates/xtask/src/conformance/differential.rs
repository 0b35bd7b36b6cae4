//! Random requests sent to Pumphouse and to a real Kafka, every field of the answers compared. The test is
//! `differential` of the crate `broker`; here it gets its real Kafka.

use std::path::Path;

use super::target::{Target, TargetKind};
use crate::check::cargo;
use crate::peers::COMPARED;
use crate::summary::Summary;

/// Forty sequences of each kind from a fresh seed; `cargo xtask test` plays the same few each time.
const RUNS: &str = "40";

pub(super) fn run(jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let kafka = Target::start(TargetKind::Kafka, jars, &COMPARED)?;
    // Of the whole workspace, as `cargo xtask test` builds it: nothing is compiled a second time.
    let mut test = cargo(&["test", "--workspace", "--no-default-features", "--test", "it", "differential"]);
    test.env("PUMPHOUSE_PEER_BROKER", kafka.bootstrap());
    test.env("PUMPHOUSE_DIFFERENTIAL_RUNS", RUNS);
    summary.tests("random requests, compared with Apache Kafka", &mut test)
}

//! Kafka Connect, distributed, with the file connectors that come with Kafka: lines go from a file through a topic
//! into a file, exactly once at the source, while connectors are paused, tasks restarted and the worker killed.
//!
//! Every step checks its own outcome. In a whole run a real Kafka goes first, and what is left behind (offsets,
//! states, the worker's topics) must be what it was there.

mod story;
mod worker;

use std::path::Path;
use std::time::Instant;

use anyhow::bail;

use super::Run;
use super::outcome::{Case, Outcome};
use super::target::{Target, TargetKind};
use crate::peers::Scratch;
use crate::summary::Summary;

pub(super) fn run(run: &Run, jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let classes = Scratch::new("connect-classes")?;
    super::tools::compile(jars, classes.path())?;
    let mut expected = None;
    if run.targets.contains(&TargetKind::Kafka) {
        let target = Target::start(TargetKind::Kafka, jars, &[])?;
        match story::tell(&target, jars, classes.path()) {
            Ok(account) => expected = Some(account),
            Err(error) => bail!("Connect failed on a real Kafka: {error:#}"),
        }
    }
    let started = Instant::now();
    let target = Target::start(TargetKind::Pumphouse, jars, &[])?;
    let outcome = match (story::tell(&target, jars, classes.path()), expected) {
        (Err(error), _) => Outcome::Failed(format!("{error:#}")),
        (Ok(ours), Some(theirs)) if ours != theirs => {
            let same = theirs.iter().zip(&ours).take_while(|(theirs, ours)| theirs == ours).count();
            let rest = |of: &[String]| of[same..].join("\n");
            Outcome::Failed(format!("Apache Kafka:\n{}\nPumphouse:\n{}", rest(&theirs), rest(&ours)))
        }
        (Ok(_), _) => Outcome::Passed,
    };
    let name = "files through a topic, exactly once, with a worker killed".to_owned();
    let cases = vec![Case { name, outcome, took: started.elapsed() }];
    summary.cases("Kafka Connect", &[(TargetKind::Pumphouse, cases)], &[])
}

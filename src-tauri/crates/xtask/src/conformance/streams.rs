//! A Kafka Streams application with exactly_once_v2 whose output must equal its output on a real Kafka.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use super::Run;
use super::outcome::{Case, Outcome, tail};
use super::pool;
use super::target::{Target, TargetKind};
use crate::peers::{self, Scratch};
use crate::summary::Summary;
use crate::{cache, sh};

const LIMIT: Duration = Duration::from_secs(180);

pub(super) fn run(run: &Run, jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let classes = Scratch::new("streams-classes")?;
    let source: PathBuf = cache::root().join("tests/clients/streams/WordCountJoin.java");
    let mut javac = Command::new("javac");
    javac.arg("-cp").arg(format!("{}/*", jars.display())).arg("-d").arg(classes.path()).arg(&source);
    sh::step("compile the Streams application", &mut javac)?;
    let protocols: &[&str] = if run.quick { &["classic"] } else { &["classic", "streams"] };
    // Its output on a real Kafka is the measure: it runs there in any case.
    let mut expected = Vec::new();
    let mut cases = Vec::new();
    for kind in [TargetKind::Kafka, TargetKind::Pumphouse] {
        let target = Target::start(kind, jars, &[])?;
        for (index, protocol) in protocols.iter().enumerate() {
            let state = Scratch::new("streams-state")?;
            let mut java = peers::java(jars, Some(classes.path()), 256, "WordCountJoin");
            java.args([&target.bootstrap(), *protocol]).arg(state.path());
            let ended = pool::run_for(&mut java, LIMIT)?;
            let output: Vec<String> = ended
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("output: "))
                .map(str::to_owned)
                .collect();
            let done = ended.success == Some(true) && !output.is_empty();
            match kind {
                TargetKind::Kafka if !done => {
                    bail!("the Streams application failed on a real Kafka:\n{}", tail(&ended.text, 40));
                }
                TargetKind::Kafka => expected.push(output),
                TargetKind::Pumphouse => {
                    let outcome = if !done {
                        Outcome::Failed(tail(&ended.text, 40))
                    } else if output != expected[index] {
                        let (theirs, ours) = (expected[index].join("\n"), output.join("\n"));
                        Outcome::Failed(format!("Apache Kafka:\n{theirs}\nPumphouse:\n{ours}"))
                    } else {
                        Outcome::Passed
                    };
                    let name = format!("word count with a join, exactly once, group protocol {protocol}");
                    cases.push(Case { name, outcome, took: ended.took });
                }
            }
        }
    }
    summary.cases("Kafka Streams", &[(TargetKind::Pumphouse, cases)], &[])
}

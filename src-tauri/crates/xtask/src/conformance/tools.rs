//! Apache Kafka's command-line tools, run step by step against Pumphouse and a real Kafka; what they print is
//! compared line by line.
//!
//! The steps are `tests/conformance/tools/*.steps`, a session each; one JVM (`tests/clients/tools`) calls the tools
//! for both clusters in turn and takes out of their output what no two clusters have in common. Lines that differ
//! for a reason are in `tests/conformance/tools/exclusions.txt`.

mod exclusions;
mod transcript;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use self::exclusions::Exclusions;
use self::transcript::Step;
use super::Run;
use super::outcome::{Case, Outcome, tail};
use super::pool;
use super::target::{Target, TargetKind};
use crate::peers::{self, Scratch};
use crate::summary::Summary;
use crate::{cache, sh};

/// The session that `cargo xtask test` runs.
const QUICK: &[&str] = &["topics"];
const LIMIT: Duration = Duration::from_secs(900);

/// What Pumphouse does unasked: nobody waits for members that may come.
const OF_KAFKA: &[(&str, &str)] = &[
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.share.assignment.interval.ms", "0"),
    ("group.streams.assignment.interval.ms", "0"),
    ("group.streams.initial.rebalance.delay.ms", "0"),
];

/// Rules are in force where a session is about them.
const SECURED: &[(&str, &str)] = &[
    ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
    ("super.users", "User:ANONYMOUS"),
];

pub(super) fn run(run: &Run, jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let folder = cache::root().join("tests").join("conformance").join("tools");
    let mut exclusions = Exclusions::read(&folder.join("exclusions.txt"))?;
    let classes = Scratch::new("tools-classes")?;
    compile(jars, classes.path())?;
    let sessions = sessions(&folder)?;
    let wanted: Vec<&(String, PathBuf)> = sessions
        .iter()
        .filter(|(name, _)| run.wants(name) && (!run.quick || QUICK.contains(&name.as_str())))
        .collect();
    let mut cases = Vec::new();
    for (name, steps) in &wanted {
        let (seen, took) = session(name, steps, jars, classes.path())?;
        let each = took / u32::try_from(seen.len()).unwrap_or(1).max(1);
        cases.extend(seen.iter().map(|step| Case {
            name: format!("{name}: {}", step.text),
            outcome: compare(step, &mut exclusions),
            took: each,
        }));
    }
    if wanted.len() == sessions.len() {
        // A reason that explains nothing misleads.
        for unused in exclusions.unused() {
            let outcome = Outcome::Failed("no step differs so".to_owned());
            cases.push(Case { name: format!("exclusion {unused}"), outcome, took: Duration::ZERO });
        }
    }
    summary.cases("Kafka's command-line tools", &[(TargetKind::Pumphouse, cases)], &exclusions.used())
}

/// The programs that call Kafka's tools.
pub(super) fn compile(jars: &Path, classes: &Path) -> anyhow::Result<()> {
    let sources = cache::root().join("tests").join("clients").join("tools");
    let mut javac = Command::new("javac");
    javac.arg("-proc:none").arg("-cp").arg(format!("{}/*", jars.display())).arg("-d").arg(classes);
    for entry in std::fs::read_dir(&sources)? {
        javac.arg(entry?.path());
    }
    sh::step("compile the caller of Kafka's tools", &mut javac)
}

/// Names and files, in the order of their names.
fn sessions(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "steps") {
            found.push((path.file_stem().context("a name")?.to_string_lossy().into_owned(), path));
        }
    }
    found.sort();
    Ok(found)
}

/// Runs the steps against fresh brokers.
fn session(name: &str, steps: &Path, jars: &Path, classes: &Path) -> anyhow::Result<(Vec<Step>, Duration)> {
    let properties: &[(&str, &str)] = match name {
        "secured" => SECURED,
        "compaction" => &[("log.cleaner.backoff.ms", "200")],
        _ => &[],
    };
    let kafka = Target::start(TargetKind::Kafka, jars, &[OF_KAFKA, properties].concat())?;
    let pumphouse = Target::start(TargetKind::Pumphouse, jars, properties)?;
    let files = Scratch::new("tools-files")?;
    let mut java = peers::java(jars, Some(classes), 512, "ToolSession");
    // The session runs each tool's shutdown hooks when the tool is done.
    java.env("JDK_JAVA_OPTIONS", "--add-opens=java.base/java.lang=ALL-UNNAMED");
    java.arg(steps).arg(files.path());
    for (name, target) in [("kafka", &kafka), ("pumphouse", &pumphouse)] {
        java.arg(format!("{name}={}={}", target.bootstrap(), target.logs().display()));
    }
    let ended = pool::run_for(&mut java, LIMIT)?;
    eprintln!("  {name}: {:.0} s", ended.took.as_secs_f64());
    if !ended.text.lines().any(|line| line == "done") {
        bail!("the session {name} did not come to its end:\n{}", tail(&ended.text, 40));
    }
    Ok((transcript::parse(&ended.text), ended.took))
}

/// Lines are compared without their order: it is a hash table's wherever a tool lists things.
fn compare(step: &Step, exclusions: &mut Exclusions) -> Outcome {
    let theirs = exclusions.left(&step.text, &step.kafka);
    let ours = exclusions.left(&step.text, &step.pumphouse);
    if theirs == ours {
        return Outcome::Passed;
    }
    let mut text = String::new();
    for line in theirs.iter().filter(|line| !ours.contains(line)) {
        text += &format!("Apache Kafka: {line}\n");
    }
    for line in ours.iter().filter(|line| !theirs.contains(line)) {
        text += &format!("Pumphouse:    {line}\n");
    }
    if text.is_empty() {
        text = format!("Apache Kafka has {} lines, Pumphouse {}", theirs.len(), ours.len());
    }
    Outcome::Failed(text)
}

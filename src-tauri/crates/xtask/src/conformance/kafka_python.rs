//! kafka-python's integration tests, from its source distribution.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use super::Run;
use super::exclusions::Exclusions;
use super::outcome::{Case, Outcome, tail};
use super::pool::{self, Ended};
use super::target::{Target, TargetKind};
use crate::peers;
use crate::summary::Summary;

/// What `cargo xtask test` runs: those that take long check what others check too.
const QUICK: &str = "not high_throughput and not max_in_flight and not heartbeat_thread and not end_to_end";
const LIMIT: Duration = Duration::from_secs(1200);

pub(super) fn run(run: &Run, jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let peer = match peers::kafka_python_tests() {
        Ok(peer) => peer,
        Err(error) => return summary.skip(&format!("conformance: kafka-python's tests (PyPI): {error:#}")),
    };
    let exclusions = Exclusions::read("kafka_python")?;
    let mut results = Vec::new();
    for kind in &run.targets {
        results.push((*kind, against(*kind, run, &peer, jars, &exclusions)?));
    }
    summary.cases("kafka-python's integration tests", &results, &exclusions.all())
}

fn against(
    kind: TargetKind,
    run: &Run,
    peer: &peers::KafkaPythonTests,
    jars: &Path,
    exclusions: &Exclusions,
) -> anyhow::Result<Vec<Case>> {
    let target = Target::start(kind, jars, &[("num.partitions", "4")])?;
    let mut pytest = Command::new(&peer.interpreter);
    pytest
        .args(["-m", "pytest", "--verbose", "--color=no", "--tb=short", "--show-capture=no"])
        .args(["-p", "no:cacheprovider", "test/integration"])
        .current_dir(&peer.sources)
        .env("KAFKA_URI", format!("kafka://{}", target.bootstrap()))
        .env("KAFKA_VERSION", "4.3.0");
    match (&run.only, run.quick) {
        (Some(only), _) => pytest.args(["-k", only]),
        (None, true) => pytest.args(["-k", QUICK]),
        (None, false) => &mut pytest,
    };
    for (name, _) in exclusions.all() {
        pytest.args(["--deselect", &format!("test/integration/{name}")]);
    }
    eprintln!("  kafka-python's tests against {}", kind.name());
    let ended = pool::run_for(&mut pytest, LIMIT)?;
    let cases = cases(&ended);
    if cases.is_empty() {
        bail!("kafka-python's tests did not run:\n{}", tail(&ended.text, 40));
    }
    Ok(cases)
}

/// The lines `test/integration/file.py::name PASSED [ 1%]`, and what pytest says of failures below them.
fn cases(ended: &Ended) -> Vec<Case> {
    let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
    for line in ended.text.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(word)) = (words.next(), words.next()) else { continue };
        let Some(name) = name.strip_prefix("test/integration/").filter(|name| name.contains("::")) else {
            continue;
        };
        let outcome = match word {
            "PASSED" => Outcome::Passed,
            "SKIPPED" => Outcome::Skipped(line.to_owned()),
            "FAILED" | "ERROR" => Outcome::Failed(failure(&ended.text, name)),
            _ => continue,
        };
        outcomes.insert(name.to_owned(), outcome);
    }
    if ended.success.is_none() {
        let outcome = Outcome::Failed(format!("not done within {} s", LIMIT.as_secs()));
        outcomes.insert("pytest ends".to_owned(), outcome);
    }
    outcomes.into_iter().map(|(name, outcome)| Case { name, outcome, took: Duration::ZERO }).collect()
}

/// What stands below the test's headline in the list of failures.
fn failure(text: &str, name: &str) -> String {
    let function = name.rsplit("::").next().unwrap_or(name);
    let headline = |line: &&str| line.starts_with("____") && line.contains(&format!(" {function} "));
    let lines = text.lines().skip_while(|line| !headline(line));
    let section: Vec<&str> = lines.skip(1).take_while(|line| !line.starts_with("____")).collect();
    tail(&section.join("\n"), 25)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pytests_lines_are_read() {
        let text = "test/integration/test_a.py::test_one PASSED [ 50%]\n\
                    test/integration/test_a.py::test_two[gzip] FAILED [100%]\n\
                    ______ test_two[gzip] ______\nE  assert 1 == 2\n______ other ______\nE  x\n";
        let ended = Ended { success: Some(false), text: text.to_owned(), took: Duration::ZERO };
        let cases = cases(&ended);
        assert_eq!(cases[0].outcome, Outcome::Passed);
        assert_eq!(cases[1].name, "test_a.py::test_two[gzip]");
        assert_eq!(cases[1].outcome, Outcome::Failed("E  assert 1 == 2".to_owned()));
    }
}

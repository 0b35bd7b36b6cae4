//! kafka-python's integration tests, which a broker that runs already can be given to.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use super::Run;
use super::exclusions::Exclusions;
use super::outcome::{Case, Outcome, tail};
use super::pool;
use super::scripts::kafka_scripts;
use super::target::{Target, TargetKind};
use crate::peers::{self, KafkaPythonTests};
use crate::summary::Summary;

/// All of them, one after the other.
const LIMIT: Duration = Duration::from_secs(1_800);
/// Of one test.
const TEST_SECONDS_MAX: &str = "300";
/// Where the tests are, as pytest names them.
const FOLDER: &str = "test/integration/";

/// What `cargo xtask test` runs: these take a few seconds together.
const QUICK: &[&str] = &[
    "test_admin_integration.py::test_alter_partition_reassignments",
    "test_admin_integration.py::test_alter_replica_log_dirs",
    "test_admin_integration.py::test_delete_records_with_errors",
    "test_consumer_integration.py::test_kafka_consumer",
    "test_consumer_integration.py::test_kafka_consumer__offset_commit_resume",
    "test_consumer_integration.py::test_kafka_consumer_offsets_for_time",
    "test_producer_integration.py::test_end_to_end[gzip]",
    "test_producer_integration.py::test_idempotent_producer",
    "test_producer_integration.py::test_transactional_producer_messages",
    "test_producer_integration.py::test_transactional_producer_offsets",
];

pub(super) fn run(run: &Run, jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let tests = match peers::kafka_python_tests() {
        Ok(tests) => tests,
        Err(error) => return summary.skip(&format!("conformance: kafka-python's tests (PyPI): {error:#}")),
    };
    let exclusions = Exclusions::read("kafka-python")?;
    let all = names(&tests)?;
    let unknown = exclusions.unknown(&all);
    if !unknown.is_empty() {
        bail!("tests/conformance/kafka-python.txt names tests that do not exist: {unknown:?}");
    }
    if let Some(gone) = QUICK.iter().find(|name| !all.iter().any(|one| one == *name)) {
        bail!("kafka-python has no test {gone} any more");
    }
    let (excluded, wanted): (Vec<&String>, Vec<&String>) = all
        .iter()
        .filter(|name| run.wants(name) && (!run.quick || QUICK.contains(&name.as_str())))
        .partition(|name| exclusions.reason(name).is_some());
    let mut results = Vec::new();
    if !wanted.is_empty() {
        for kind in &run.targets {
            results.push((*kind, against(*kind, &tests, jars, &wanted)?));
        }
    }
    let excluded: Vec<(&str, &str)> =
        excluded.iter().filter_map(|name| Some((name.as_str(), exclusions.reason(name)?))).collect();
    summary.cases("kafka-python's integration tests", &results, &excluded)
}

/// What pytest finds, a test a line.
fn names(tests: &KafkaPythonTests) -> anyhow::Result<Vec<String>> {
    let mut list = pytest(tests);
    list.args(["--collect-only", "--quiet", FOLDER]);
    let ended = pool::run_for(&mut list, LIMIT)?;
    let names: Vec<String> =
        ended.text.lines().filter_map(|line| line.strip_prefix(FOLDER)).map(str::to_owned).collect();
    if ended.success != Some(true) || names.is_empty() {
        bail!("pytest found no tests:\n{}", tail(&ended.text, 30));
    }
    Ok(names)
}

fn against(
    kind: TargetKind,
    tests: &KafkaPythonTests,
    jars: &Path,
    wanted: &[&String],
) -> anyhow::Result<Vec<Case>> {
    // As its own fixture sets up a broker.
    let properties = [
        ("num.partitions", "4"),
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("allow.everyone.if.no.acl.found", "true"),
        // Groups ask for sessions of three seconds.
        ("group.min.session.timeout.ms", "1000"),
    ];
    let mut target = Target::start(kind, jars, &properties)?;
    let scripts = kafka_scripts(jars)?;
    eprintln!("  {} tests against {}", wanted.len(), kind.name());
    let mut pytest = pytest(tests);
    pytest
        .args([
            "--verbose",
            "--tb=short",
            "--durations=0",
            "--durations-min=0",
            "--timeout",
            TEST_SECONDS_MAX,
        ])
        .args(wanted.iter().map(|name| format!("{FOLDER}{name}")))
        .env("KAFKA_URI", format!("kafka://{}", target.bootstrap()))
        .env("KAFKA_ROOT", scripts.path());
    let ended = pool::run_for(&mut pytest, LIMIT)?;
    let mut cases: Vec<Case> = wanted
        .iter()
        .map(|name| Case {
            name: (*name).clone(),
            outcome: outcome(name, &ended.text),
            took: took(name, &ended.text),
        })
        .collect();
    for case in &cases {
        eprintln!("    {} {} ({:.0} s)", case.outcome.word(), case.name, case.took.as_secs_f64());
    }
    if !target.is_running() {
        let outcome = Outcome::Failed(tail(&target.log(), 40));
        cases.push(Case { name: "the broker runs to the end".to_owned(), outcome, took: Duration::ZERO });
    }
    Ok(cases)
}

fn pytest(tests: &KafkaPythonTests) -> Command {
    let mut command = Command::new(&tests.python);
    command
        .args(["-m", "pytest", "-p", "no:cacheprovider", "--no-header", "-W", "ignore"])
        .args(["-o", "log_level=ERROR"])
        .current_dir(&tests.home)
        .env("KAFKA_VERSION", "4.3.1");
    command
}

/// By the line pytest writes as a test ends: its name, a word, how far the run is.
fn outcome(name: &str, text: &str) -> Outcome {
    let line = format!("{FOLDER}{name} ");
    let said = text.lines().find_map(|found| found.strip_prefix(&line));
    match said.and_then(|said| said.split_whitespace().next()) {
        // A failure that the suite itself expects.
        Some("PASSED" | "XFAIL" | "XPASS") => Outcome::Passed,
        Some("SKIPPED") => Outcome::Skipped(said.unwrap_or_default().trim().to_owned()),
        Some(_) => Outcome::Failed(section(name, text)),
        None => Outcome::Failed(format!("it did not end:\n{}", tail(text, 30))),
    }
}

/// What pytest writes about a test that failed.
fn section(name: &str, text: &str) -> String {
    let test = name.rsplit("::").next().unwrap_or(name);
    let title = |line: &str| line.starts_with('_') && line.ends_with('_');
    let mut lines = text.lines().skip_while(|line| !(title(line) && line.contains(&format!(" {test} "))));
    let first = lines.next();
    let next = |line: &str| line.starts_with("====") || (title(line) && line.contains(" test_"));
    let rest = lines.take_while(|line| !next(line));
    tail(&first.into_iter().chain(rest).collect::<Vec<_>>().join("\n"), 40)
}

/// From pytest's list of durations: `0.31s call test/…`.
fn took(name: &str, text: &str) -> Duration {
    let test = format!("{FOLDER}{name}");
    let seconds = text.lines().filter_map(|line| {
        let mut words = line.splitn(2, char::is_whitespace);
        let seconds: f64 = words.next()?.strip_suffix('s')?.parse().ok()?;
        let (_, named) = words.next()?.trim().split_once(char::is_whitespace)?;
        (named.trim() == test).then_some(seconds)
    });
    Duration::try_from_secs_f64(seconds.sum()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
test/integration/test_a.py::test_one[gzip] PASSED                        [ 25%]
test/integration/test_a.py::test_two FAILED                              [ 50%]
test/integration/test_a.py::test_three SKIPPED (too old)                 [ 75%]
=================================== FAILURES ===================================
___________________________________ test_two ___________________________________
test_a.py:3: in test_two
E   AssertionError
============================== slowest durations ===============================
1.25s call     test/integration/test_a.py::test_one[gzip]
0.50s setup    test/integration/test_a.py::test_one[gzip]
";

    #[test]
    fn what_pytest_writes_is_read() {
        assert_eq!(outcome("test_a.py::test_one[gzip]", TEXT), Outcome::Passed);
        let Outcome::Failed(why) = outcome("test_a.py::test_two", TEXT) else { panic!("it failed") };
        assert!(why.contains("in test_two\nE   AssertionError") && !why.contains("durations"), "{why}");
        assert!(
            matches!(outcome("test_a.py::test_three", TEXT), Outcome::Skipped(why) if why.contains("(too old)"))
        );
        assert!(matches!(outcome("test_a.py::test_four", TEXT), Outcome::Failed(_)));
        assert_eq!(took("test_a.py::test_one[gzip]", TEXT), Duration::from_millis(1_750));
    }
}

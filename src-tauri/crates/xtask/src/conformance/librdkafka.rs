//! librdkafka's own test suite, from the sources that the crate `rdkafka-sys` ships.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use super::Run;
use super::exclusions::Exclusions;
use super::outcome::{Case, Outcome, tail};
use super::pool::{self, Ended};
use super::scripts::kafka_scripts;
use super::target::{Target, TargetKind};
use crate::peers;
use crate::summary::Summary;

/// What `cargo xtask test` runs: a test or two of each thing a client does, none longer than ten seconds.
const QUICK: &[&str] = &[
    "0001_multiobj",
    "0002_unkpart",
    "0003_msgmaxsize",
    "0005_order",
    "0011_produce_batch",
    "0012_produce_consume",
    "0017_compression",
    "0029_assign_offset",
    "0031_get_offsets",
    "0034_offset_reset",
    "0044_partition_cnt",
    "0054_offset_time",
    "0073_headers",
    "0099_commit_metadata",
    "0140_commit_metadata",
];

/// A test's own limits add up to less.
const LIMIT: Duration = Duration::from_secs(600);
/// They wait more than they work.
const AT_ONCE: usize = 4;
/// By how much the tests' own limits are stretched: several run at once, and some of them start a JVM for
/// every topic.
const TIMEOUT_MULTIPLIER: u32 = 3;

pub(super) fn run(run: &Run, jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    let home = match peers::librdkafka_tests() {
        Ok(home) => home,
        Err(error) => return summary.skip(&format!("conformance: librdkafka's test suite: {error:#}")),
    };
    let mut exclusions = Exclusions::read("librdkafka")?;
    if run.consumer_protocol {
        exclusions.append(Exclusions::read("librdkafka-kip848")?);
    }
    let all = tests(&home)?;
    let names: Vec<String> = all.iter().map(|test| test.name.clone()).collect();
    let unknown = exclusions.unknown(&names);
    if !unknown.is_empty() {
        bail!("tests/conformance/librdkafka.txt names tests that do not exist: {unknown:?}");
    }
    let wanted: Vec<Test> = all
        .into_iter()
        .filter(|test| !test.local && run.wants(&test.name))
        .filter(|test| !run.quick || QUICK.contains(&test.name.as_str()))
        .collect();
    let mut results = Vec::new();
    for kind in &run.targets {
        let mut cases = Vec::new();
        for auto_create in [true, false] {
            let group: Vec<&Test> = wanted
                .iter()
                .filter(|test| test.auto_create == auto_create && exclusions.reason(&test.name).is_none())
                .collect();
            if !group.is_empty() {
                cases.extend(against(*kind, run, &home, jars, &group, auto_create)?);
            }
        }
        results.push((*kind, cases));
    }
    let excluded: Vec<(&str, &str)> =
        wanted.iter().filter_map(|test| Some((test.name.as_str(), exclusions.reason(&test.name)?))).collect();
    summary.cases("librdkafka's test suite", &results, &excluded)
}

fn against(
    kind: TargetKind,
    run: &Run,
    home: &Path,
    jars: &Path,
    group: &[&Test],
    auto_create: bool,
) -> anyhow::Result<Vec<Case>> {
    let create = auto_create.to_string();
    let properties = [
        ("num.partitions", "4"),
        ("auto.create.topics.enable", &create),
        // Kafka's own default: tests count on the members of a new group to meet in its first rebalance.
        ("group.initial.rebalance.delay.ms", "3000"),
        // Some tests make access rules and expect them to be kept; all others are allowed everything.
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("allow.everyone.if.no.acl.found", "true"),
    ];
    let mut target = Target::start(kind, jars, &properties)?;
    let scripts = kafka_scripts(jars)?;
    let conf = home.join(format!("test-{}-{}.conf", std::process::id(), kind.name().len()));
    let lines = format!(
        "bootstrap.servers={}\ntest.topic.random=true\ntest.timeout.multiplier={TIMEOUT_MULTIPLIER}\n",
        target.bootstrap()
    );
    std::fs::write(&conf, lines)?;
    eprintln!(
        "  {} tests against {}, topics {}",
        group.len(),
        kind.name(),
        if auto_create { "created when asked for" } else { "created by hand" }
    );
    // The runner goes by the number alone.
    let mut numbers: Vec<&str> = group.iter().map(|test| test.number()).collect();
    numbers.dedup();
    let make = |number: &&str| {
        let mut command = Command::new(home.join("tests").join("test-runner"));
        command
            .args(["-p1", "-L", "-K", "-s", if auto_create { "default" } else { "noautocreate" }])
            .args(run.quick.then_some("-Q"))
            .current_dir(home.join("tests"))
            .env("LD_LIBRARY_PATH", format!("{0}/src:{0}/src-cpp", home.display()))
            .env("RDKAFKA_TEST_CONF", &conf)
            .env("TEST_KAFKA_VERSION", "4.3.1")
            .env("KAFKA_PATH", scripts.path())
            .env("BROKERS", target.bootstrap())
            .env("TESTS", number);
        if run.consumer_protocol {
            command.env("TEST_CONSUMER_GROUP_PROTOCOL", "consumer");
        }
        command
    };
    let show = |number: &&str, ended: &anyhow::Result<Ended>| {
        for test in group.iter().filter(|test| test.number() == *number) {
            let outcome = outcome(&test.name, ended);
            let seconds = ended.as_ref().map_or(0.0, |ended| ended.took.as_secs_f64());
            eprintln!("    {} {} ({seconds:.0} s)", outcome.word(), test.name);
        }
    };
    let mut ended = pool::run_all(&numbers, AT_ONCE, LIMIT, make, show);
    // Many of them measure time, which on a busy machine says little: what failed has a second try, alone.
    for (number, ended) in numbers.iter().zip(&mut ended) {
        let tests = group.iter().filter(|test| test.number() == *number);
        if tests.into_iter().any(|test| matches!(outcome(&test.name, ended), Outcome::Failed(_))) {
            eprintln!("    {number} once more, alone");
            *ended = pool::run_for(&mut make(number), LIMIT);
            show(number, ended);
        }
    }
    std::fs::remove_file(&conf)?;
    let mut cases: Vec<Case> = Vec::new();
    for (number, ended) in numbers.iter().zip(&ended) {
        for test in group.iter().filter(|test| test.number() == *number) {
            cases.push(Case {
                name: test.name.clone(),
                outcome: outcome(&test.name, ended),
                took: ended.as_ref().map_or(Duration::ZERO, |ended| ended.took),
            });
        }
    }
    if !target.is_running() {
        let outcome = Outcome::Failed(tail(&target.log(), 40));
        cases.push(Case { name: "the broker runs to the end".to_owned(), outcome, took: Duration::ZERO });
    }
    Ok(cases)
}

fn outcome(name: &str, ended: &anyhow::Result<Ended>) -> Outcome {
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => return Outcome::Failed(format!("{error:#}")),
    };
    // A line of the table at the end: its name, a word, the time, why.
    let row = ended
        .text
        .lines()
        .find(|line| line.starts_with('|') && line.split_whitespace().any(|word| word == name));
    match row {
        Some(row) if row.contains("PASSED") => Outcome::Passed,
        Some(row) if row.contains("SKIPPED") => {
            let said = format!("[{name} ");
            let why = ended.text.lines().rfind(|line| line.contains(&said) && !line.contains("====="));
            Outcome::Skipped(why.unwrap_or(row).to_owned())
        }
        Some(_) => Outcome::Failed(interesting(&ended.text)),
        None if ended.success.is_none() => {
            Outcome::Failed(format!("{}\ntook longer than {} s", tail(&ended.text, 30), LIMIT.as_secs()))
        }
        None => Outcome::Failed(tail(&ended.text, 30)),
    }
}

/// A failing test says so in the line before it ends, far from the end of what it prints.
fn interesting(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let failure = lines.iter().position(|line| {
        line.contains("### Test") || line.contains("TEST_FAIL") || line.contains("Assertion")
    });
    match failure {
        Some(at) => lines[at.saturating_sub(12)..(at + 6).min(lines.len())].join("\n"),
        None => tail(text, 30),
    }
}

struct Test {
    name: String,
    local: bool,
    auto_create: bool,
}

impl Test {
    /// What the runner selects by.
    fn number(&self) -> &str {
        self.name.get(..4).unwrap_or(&self.name)
    }
}

/// The list in `tests/test.c`.
fn tests(home: &Path) -> anyhow::Result<Vec<Test>> {
    let path: PathBuf = home.join("tests").join("test.c");
    let text = std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    let list = text.split_once("struct test tests[] = {").and_then(|(_, rest)| rest.split_once("{NULL}"));
    let tests = parse(list.context("test.c has no list of tests")?.0);
    if tests.len() < 100 {
        bail!("only {} tests were found in {}", tests.len(), path.display());
    }
    Ok(tests)
}

fn parse(list: &str) -> Vec<Test> {
    let entries = list.split("_TEST(").skip(1);
    entries
        .filter_map(|entry| {
            let name = entry.split([',', ')']).next()?.trim().to_owned();
            Some(Test {
                // Manual tests need somebody who looks on.
                local: entry.contains("TEST_F_LOCAL") || entry.contains("TEST_F_MANUAL"),
                auto_create: !entry.contains("noautocreate"),
                name,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_tests_is_read() {
        let list = "
            _TEST(0000_unittests, TEST_F_LOCAL, _THRES(.ucpu = 100.0)),
            _TEST(0001_multiobj, 0),
            _TEST(0107_topic_recreate, 0, TEST_BRKVER_TOPIC_ADMINAPI, .scenario = \"noautocreate\"),";
        let seen: Vec<_> =
            parse(list).into_iter().map(|test| (test.name, test.local, test.auto_create)).collect();
        let expected = [
            ("0000_unittests", true, true),
            ("0001_multiobj", false, true),
            ("0107_topic_recreate", false, false),
        ];
        assert_eq!(seen, expected.map(|(name, local, auto)| (name.to_owned(), local, auto)));
    }
}

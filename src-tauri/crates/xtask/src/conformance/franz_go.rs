//! The tests of franz-go's client: groups (KIP-848 too), transactions and share groups moving records on.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Run;
use super::outcome::{Case, Outcome, tail};
use super::pool;
use super::target::{Target, TargetKind};
use crate::peers::{self, FranzGoTests};
use crate::summary::Summary;

/// All of them; Go ends them itself shortly before.
const LIMIT: Duration = Duration::from_secs(1_260);
const GO_LIMIT: &str = "20m";
/// Records that are handed on from topic to topic, instead of half a million.
const RECORDS: &str = "50000";

pub(super) fn run(run: &Run, jars: &Path, summary: &mut Summary) -> anyhow::Result<()> {
    if run.quick {
        return Ok(()); // They take a minute and need Go.
    }
    let tests = match peers::franz_go_tests() {
        Ok(tests) => tests,
        Err(error) => return summary.skip(&format!("conformance: franz-go's tests (Go modules): {error:#}")),
    };
    let mut results = Vec::new();
    for kind in &run.targets {
        results.push((*kind, against(*kind, run, &tests, jars)?));
    }
    summary.cases("franz-go's tests", &results, &[])
}

fn against(kind: TargetKind, run: &Run, built: &FranzGoTests, jars: &Path) -> anyhow::Result<Vec<Case>> {
    let mut target = Target::start(kind, jars, &[])?;
    eprintln!("  franz-go's tests against {}", kind.name());
    let mut tests = Command::new(&built.program);
    tests
        .current_dir(&built.dir)
        .args(["-test.v", "-test.timeout", GO_LIMIT])
        .env("KGO_SEEDS", target.bootstrap())
        .env("KGO_TEST_RF", "1")
        .env("KGO_TEST_RECORDS", RECORDS);
    if let Some(only) = &run.only {
        tests.args(["-test.run", only]);
    }
    let ended = pool::run_for(&mut tests, LIMIT)?;
    let mut cases = cases(&ended.text);
    if ended.success != Some(true) && !cases.iter().any(|case| matches!(case.outcome, Outcome::Failed(_))) {
        let outcome = Outcome::Failed(tail(&ended.text, 40));
        cases.push(Case { name: "the tests end".to_owned(), outcome, took: ended.took });
    }
    if !target.is_running() {
        let outcome = Outcome::Failed(tail(&target.log(), 40));
        cases.push(Case { name: "the broker runs to the end".to_owned(), outcome, took: Duration::ZERO });
    }
    Ok(cases)
}

/// By the lines Go writes: `--- PASS: TestTxnEtl (39.56s)`. Subtests are indented, and part of their test.
fn cases(text: &str) -> Vec<Case> {
    let lines: Vec<&str> = text.lines().collect();
    let ends = lines.iter().enumerate().filter_map(|(at, line)| {
        let (word, rest) = line.strip_prefix("--- ")?.split_once(": ")?;
        let (name, seconds) = rest.split_once(" (")?;
        let seconds: f64 = seconds.strip_suffix("s)")?.parse().ok()?;
        let said = || lines[at.saturating_sub(20)..(at + 10).min(lines.len())].join("\n");
        let outcome = match word {
            "PASS" => Outcome::Passed,
            "SKIP" => Outcome::Skipped(lines.get(at + 1).unwrap_or(line).trim().to_owned()),
            _ => Outcome::Failed(said()),
        };
        let took = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        Some(Case { name: name.to_owned(), outcome, took })
    });
    ends.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_writes_is_read() {
        let text = "=== RUN   TestA\n--- PASS: TestA (1.50s)\n    --- PASS: TestA/sub (0.10s)\n\
                    --- SKIP: TestB (0.00s)\n    b_test.go:3: no SCRAM\n--- FAIL: TestC (0.01s)\nFAIL\n";
        let seen = cases(text);
        let words: Vec<_> = seen.iter().map(|case| (case.name.as_str(), case.outcome.word())).collect();
        assert_eq!(words, [("TestA", "passed"), ("TestB", "skipped"), ("TestC", "FAILED")]);
        assert_eq!(seen[0].took, Duration::from_millis(1_500));
        assert_eq!(seen[1].outcome, Outcome::Skipped("b_test.go:3: no SCRAM".to_owned()));
    }
}

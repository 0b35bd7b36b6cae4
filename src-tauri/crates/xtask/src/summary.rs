//! The sum of a run: what passed, what failed, what was skipped and why.

use std::path::PathBuf;
use std::process::Command;

use anyhow::bail;

use crate::cache;
use crate::conformance::{Case, Outcome, TargetKind, table};
use crate::sh;

#[derive(Default)]
pub(crate) struct Summary {
    passed: u64,
    failed: u64,
    failures: Vec<String>,
    skip_file: Option<PathBuf>,
}

impl Summary {
    /// Tests name what they skip, a line each, in the file that `PUMPHOUSE_SKIPS` names.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let path = cache::root().join("target").join("skips.txt");
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, "")?;
        Ok(Self { skip_file: Some(path), ..Self::default() })
    }

    pub(crate) fn skip(&mut self, reason: &str) -> anyhow::Result<()> {
        if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
            self.failed += 1;
            self.failures.push(format!("skipped, and CI=true: {reason}"));
            return Ok(());
        }
        use std::io::Write;
        if let Some(path) = &self.skip_file {
            writeln!(std::fs::OpenOptions::new().append(true).open(path)?, "{reason}")?;
        }
        Ok(())
    }

    /// A step that counts as one.
    pub(crate) fn step(&mut self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        if sh::step_output(name, command)?.ok {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.failures.push(name.to_owned());
        }
        Ok(())
    }

    /// A step that runs tests and prints how many.
    pub(crate) fn tests(&mut self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        if let Some(path) = &self.skip_file {
            command.env("PUMPHOUSE_SKIPS", path);
        }
        let output = sh::step_output(name, command)?;
        let (passed, failed) = count(&output.text);
        eprintln!("    {passed} passed, {failed} failed");
        self.passed += passed;
        self.failed += failed;
        if !output.ok {
            // A crash or a build error counts even where no test line says so.
            self.failed += u64::from(failed == 0);
            self.failures.push(name.to_owned());
        }
        if output.ok && passed == 0 {
            self.failed += 1;
            self.failures.push(format!("{name}: ran no test"));
        }
        Ok(())
    }

    /// A suite's tests, against Pumphouse and whatever ran beside it. What Pumphouse fails counts; what was
    /// left out is named with its reason.
    pub(crate) fn cases(
        &mut self,
        suite: &str,
        results: &[(TargetKind, Vec<Case>)],
        excluded: &[(&str, &str)],
    ) -> anyhow::Result<()> {
        // One target's outcomes were said as they came.
        let mut text = if results.len() > 1 { table(results) } else { String::new() };
        for (kind, cases) in results {
            let count = |word: &str| cases.iter().filter(|case| case.outcome.word() == word).count();
            text += &format!(
                "{suite}, {}: {} passed, {} failed, {} skipped by the suite, {} excluded\n",
                kind.name(),
                count("passed"),
                count("FAILED"),
                count("skipped"),
                excluded.len()
            );
            for case in cases {
                let seconds = case.took.as_secs_f64();
                match &case.outcome {
                    Outcome::Passed => {}
                    Outcome::Skipped(why) => text += &format!("  skipped {}: {why}\n", case.name),
                    Outcome::Failed(why) => {
                        let why = why.replace('\n', "\n      ");
                        text += &format!("  FAILED {} ({seconds:.0} s)\n      {why}\n", case.name);
                    }
                }
            }
        }
        for (name, reason) in excluded {
            text += &format!("  excluded {name}: {reason}\n");
        }
        eprint!("{text}");
        for case in
            results.iter().filter(|(kind, _)| *kind == TargetKind::Pumphouse).flat_map(|(_, cases)| cases)
        {
            match case.outcome {
                Outcome::Passed => self.passed += 1,
                Outcome::Failed(_) => {
                    self.failed += 1;
                    self.failures.push(format!("{suite}: {}", case.name));
                }
                Outcome::Skipped(_) => {}
            }
        }
        if results.iter().all(|(_, cases)| cases.is_empty()) {
            self.failed += 1;
            self.failures.push(format!("{suite}: ran no test"));
        }
        Ok(())
    }

    /// Prints the sum; its last line is the one CI reads.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let skips = self.skip_file.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        let skips: Vec<&str> = skips.lines().filter(|line| !line.is_empty()).collect();
        println!();
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        for skip in &skips {
            println!("skipped: {skip}");
        }
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed, skips.len());
        if self.failed > 0 {
            std::process::exit(1);
        }
        if self.passed == 0 {
            bail!("nothing was tested");
        }
        Ok(())
    }
}

/// Sums the closing lines of cargo's test runner and of Vitest.
fn count(text: &str) -> (u64, u64) {
    let (mut passed, mut failed) = (0, 0);
    for line in text.lines() {
        let line = line.trim();
        let counted = line.strip_prefix("test result:").or_else(|| line.strip_prefix("Tests "));
        if let Some(counts) = counted {
            passed += number_before(counts, "passed");
            failed += number_before(counts, "failed");
        }
    }
    (passed, failed)
}

fn number_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == ';' || c == '|').filter(|w| !w.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn closing_lines_are_summed() {
        fn check(text: &str, expected: (u64, u64)) {
            assert_eq!(count(text), expected, "{text}");
        }
        check("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured", (12, 0));
        check(
            "test result: FAILED. 3 passed; 2 failed; 0 ignored\ntest result: ok. 4 passed; 0 failed",
            (7, 2),
        );
        check("      Tests  2 failed | 31 passed (33)", (31, 2));
        check("      Tests  31 passed (31)", (31, 0));
        check("nothing", (0, 0));
    }
}

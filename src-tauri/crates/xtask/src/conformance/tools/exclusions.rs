//! Lines that are not compared, each with its reason.

use std::path::Path;

use anyhow::{Context, bail};

/// Read from blocks of lines: `# reason`, then `STEP | LINE` for each line left out and `STEP | -TEXT` for each
/// text taken out of lines. `*` in STEP and LINE stands for any text.
pub(super) struct Exclusions(Vec<Exclusion>);

struct Exclusion {
    step: String,
    line: String,
    reason: String,
    used: bool,
}

impl Exclusions {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut found = Vec::new();
        let mut reason = String::new();
        let mut in_reason = false;
        for line in text.lines() {
            if let Some(words) = line.strip_prefix('#') {
                if !in_reason {
                    reason.clear();
                }
                in_reason = true;
                reason = format!("{reason} {}", words.trim()).trim().to_owned();
            } else if line.trim().is_empty() {
                in_reason = false;
                reason.clear();
            } else {
                in_reason = false;
                let Some((step, pattern)) = line.split_once(" | ") else { bail!("no | in {line}") };
                if reason.is_empty() {
                    bail!("{line} is left out without a reason");
                }
                found.push(Exclusion {
                    step: step.trim().to_owned(),
                    line: pattern.trim().to_owned(),
                    reason: reason.clone(),
                    used: false,
                });
            }
        }
        Ok(Self(found))
    }

    /// The lines that are compared, sorted.
    pub(super) fn left(&mut self, step: &str, lines: &[String]) -> Vec<String> {
        let mut left: Vec<String> =
            lines.iter().filter_map(|line| self.left_of(step, line.to_owned())).collect();
        left.sort_unstable();
        left
    }

    fn left_of(&mut self, step: &str, mut line: String) -> Option<String> {
        for exclusion in self.0.iter_mut().filter(|one| matches(&one.step, step)) {
            if let Some(text) = exclusion.line.strip_prefix('-') {
                if line.contains(text) {
                    exclusion.used = true;
                    line = line.replace(text, "").trim_end().to_owned();
                }
            } else if matches(&exclusion.line, &line) {
                exclusion.used = true;
                return None;
            }
        }
        Some(line)
    }

    /// Those that left out something, with their reasons.
    pub(super) fn used(&self) -> Vec<(&str, &str)> {
        self.0.iter().filter(|one| one.used).map(|one| (one.line.as_str(), one.reason.as_str())).collect()
    }

    pub(super) fn unused(&self) -> Vec<String> {
        self.0.iter().filter(|one| !one.used).map(|one| format!("{} | {}", one.step, one.line)).collect()
    }
}

/// Whether the whole text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let Some((middle, last)) = rest.rsplit_once('*') else {
        return text.ends_with(rest);
    };
    for part in middle.split('*') {
        match text.find(part) {
            Some(at) => text = text.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_whole_text() {
        fn check(pattern: &str, text: &str, expected: bool) {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
        check("exit 0", "exit 0", true);
        check("exit 0", "exit 01", false);
        check("*", "anything", true);
        check("_schemas*", "_schemas:0:0", true);
        check("_schemas*", "my_schemas", false);
        check("*.rate=*", "a.rate=1", true);
        check("a*b*c", "a1b2c", true);
        check("a*b*c", "a1c2b", false);
        check("a*a", "a", false);
    }

    #[test]
    fn every_line_left_out_has_a_reason() {
        let text = "# the registry's topic,\n# which is always there\ntopics --list* | _schemas\n* | x*\n";
        let mut list = Exclusions::parse(text).expect("it parses");
        let lines = ["b", "_schemas", "a"].map(str::to_owned);
        assert_eq!(list.left("topics --list", &lines), ["a", "b"]);
        assert_eq!(list.left("groups --list", &lines), ["_schemas", "a", "b"]);
        assert_eq!(list.used(), [("_schemas", "the registry's topic, which is always there")]);
        assert_eq!(list.unused(), ["* | x*"]);
        let mut list = Exclusions::parse("# why\n* | -x=1,\n").expect("it parses");
        assert_eq!(list.left("topics", &["a: x=1,y=2".to_owned()]), ["a: y=2"]);
        assert!(Exclusions::parse("topics | a").is_err());
        assert!(Exclusions::parse("# why\n\ntopics | a").is_err());
    }
}

//! Tests that are not run, each with its reason.

use anyhow::{Context, bail};

use crate::cache;

pub(crate) struct Exclusions(Vec<(String, String)>);

impl Exclusions {
    /// Reads `tests/conformance/<suite>.txt`: a name and a reason a line; `#` begins a remark.
    pub(crate) fn read(suite: &str) -> anyhow::Result<Self> {
        let path = cache::root().join("tests").join("conformance").join(format!("{suite}.txt"));
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut entries = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once(char::is_whitespace) {
                Some((name, reason)) => entries.push((name.to_owned(), reason.trim().to_owned())),
                None => bail!("{line} is left out without a reason"),
            }
        }
        Ok(Self(entries))
    }

    /// Adds those of another list.
    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Why this one is left out, if it is.
    pub(crate) fn reason(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(excluded, _)| excluded == name).map(|(_, reason)| reason.as_str())
    }

    /// Names that no test has: a list that outlives its suite misleads.
    pub(crate) fn unknown<'a>(&'a self, names: &[String]) -> Vec<&'a str> {
        let unknown = self.0.iter().filter(|(excluded, _)| !names.contains(excluded));
        unknown.map(|(excluded, _)| excluded.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Exclusions;

    #[test]
    fn an_exclusion_has_a_reason() {
        let list = Exclusions::parse("# remark\n\n0001_a  needs two brokers\n").expect("it parses");
        assert_eq!(list.reason("0001_a"), Some("needs two brokers"));
        assert_eq!(list.reason("0001"), None);
        assert_eq!(list.unknown(&["0002_b".to_owned()]), ["0001_a"]);
        assert!(Exclusions::parse("0001_a").is_err());
    }
}

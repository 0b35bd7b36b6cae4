//! Subscriptions by regular expression: the coordinator matches them against the topics' names.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use wire::ErrorCode;

use super::{Change, Group, Refusal, Step};

/// A compiled expression may take this much; clients choose them.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// What an expression stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    pub topics: BTreeSet<String>,
    /// The catalog's version it was matched against.
    pub version: i64,
    /// When, by the wall clock.
    pub at_ms: i64,
}

/// Compiles an expression in RE2's dialect, to match whole names.
fn compile(expression: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{expression})$")).size_limit(COMPILED_BYTES_MAX).build()
}

/// Refuses what is no regular expression.
pub(super) fn check(expression: &str) -> Result<(), Refusal> {
    // By itself first: a lone ")" could close the group it is put into.
    let checked = RegexBuilder::new(expression).size_limit(COMPILED_BYTES_MAX).build();
    checked.and_then(|_| compile(expression)).map(|_| ()).map_err(|error| {
        let message =
            format!("SubscribedTopicRegex `{expression}` is not a valid regular expression: {error}.");
        Refusal::new(ErrorCode::InvalidRegularExpression, message)
    })
}

impl Group {
    /// Matches every expression members subscribe to, and forgets the one nobody does any more.
    pub(super) fn resolve_regexes(
        &mut self,
        step: &Step<'_>,
        before: Option<&str>,
        changes: &mut Vec<Change>,
    ) {
        let wanted: BTreeSet<&String> =
            self.members.values().filter_map(|member| member.regex.as_ref()).collect();
        if let Some(before) = before
            && !wanted.iter().any(|expression| *expression == before)
            && self.regexes.remove(before).is_some()
        {
            changes.push(Change::Regex(before.to_owned()));
        }
        if wanted.is_empty() {
            return;
        }
        let names = step.topics.names();
        for expression in wanted {
            // It was checked when the member came; one read from disk that is none matches nothing.
            let matches: BTreeSet<String> = match compile(expression) {
                Ok(regex) => names.iter().filter(|name| regex.is_match(name)).cloned().collect(),
                Err(_) => BTreeSet::new(),
            };
            if self.regexes.get(expression).is_some_and(|known| known.topics == matches) {
                continue;
            }
            let version = i64::try_from(step.topics.version()).unwrap_or(i64::MAX);
            let resolved = Resolved { topics: matches, version, at_ms: step.clock_ms };
            self.regexes.insert(expression.clone(), resolved);
            changes.push(Change::Regex(expression.clone()));
        }
    }

    /// Forgets the expressions nobody subscribes to.
    pub(super) fn drop_regexes(&mut self, changes: &mut Vec<Change>) {
        let unused: Vec<String> = self
            .regexes
            .keys()
            .filter(|expression| {
                !self.members.values().any(|member| member.regex.as_ref() == Some(expression))
            })
            .cloned()
            .collect();
        for expression in unused {
            self.regexes.remove(&expression);
            changes.push(Change::Regex(expression));
        }
    }
}

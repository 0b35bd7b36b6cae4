//! Both sides of a suite beside each other.

use super::{Case, TargetKind};

/// A line for every test and a column for every target, in the order in which the tests ran.
pub(crate) fn table(results: &[(TargetKind, Vec<Case>)]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for case in results.iter().flat_map(|(_, cases)| cases) {
        if !names.contains(&case.name.as_str()) {
            names.push(&case.name);
        }
    }
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let row = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("  {cell:<16}")).collect();
        format!("  {name:<width$}{cells}").trim_end().to_owned() + "\n"
    };
    let mut text = row("", results.iter().map(|(kind, _)| kind.name().to_owned()).collect());
    for name in names {
        let cell = |cases: &[Case]| match cases.iter().find(|case| case.name == name) {
            Some(case) => format!("{} {:.0} s", case.outcome.word(), case.took.as_secs_f64()),
            None => "-".to_owned(),
        };
        text += &row(name, results.iter().map(|(_, cases)| cell(cases)).collect());
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::conformance::Outcome;

    #[test]
    fn every_test_has_a_line_and_every_target_a_column() {
        let case =
            |name: &str, outcome| Case { name: name.to_owned(), outcome, took: Duration::from_millis(1_600) };
        let ours = vec![case("a", Outcome::Passed), case("long", Outcome::Failed(String::new()))];
        let text = table(&[
            (TargetKind::Pumphouse, ours),
            (TargetKind::Kafka, vec![case("a", Outcome::Skipped(String::new()))]),
        ]);
        let lines = [
            "        Pumphouse         Apache Kafka",
            "  a     passed 2 s        skipped 2 s",
            "  long  FAILED 2 s        -",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    }
}

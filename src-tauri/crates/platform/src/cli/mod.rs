//! What `pumphouse dag`, `topic` and `group` print. The command line names them; this does the work.

mod client_properties;
pub mod dag;
mod gantt;
pub mod group;
pub mod run;
mod target;
pub mod topic;

pub use target::{Connected, Target};

use cluster::ClusterError;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// A command's result: text for stdout, and whether the exit code is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub text: String,
    pub success: bool,
}

/// One sentence for stderr.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error("{path}: {source}")]
    Read { path: String, source: std::io::Error },
    #[error("{path}: {source}")]
    Write { path: String, source: std::io::Error },
    #[error("{0}")]
    Input(String),
    #[error(transparent)]
    Start(#[from] crate::StartError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Orchestrator(#[from] orchestrator::OrchestratorError),
}

impl Output {
    fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), success: true }
    }

    fn json<T: Serialize>(value: &T) -> Result<Self, CliError> {
        serde_json::to_string_pretty(value)
            .map(Self::text)
            .map_err(|error| CliError::Input(format!("the reply can't be written: {error}")))
    }
}

/// A table without frames: easy to read, easy to cut.
fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// `K=V`.
fn pair(text: &str) -> Result<(String, String), CliError> {
    text.split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| CliError::Input(format!("'{text}' is not of the form NAME=VALUE")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_split_at_the_first_equals_sign() {
        assert_eq!(pair("a=b=c").expect("a pair"), ("a".to_owned(), "b=c".to_owned()));
        assert!(pair("a").is_err() && pair("=b").is_err());
    }

    #[test]
    fn a_table_is_aligned_text() {
        let text = table(&["name", "count"], [vec!["orders".to_owned(), "3".to_owned()]]);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines, [["NAME", "COUNT"], ["orders", "3"]]);
    }
}

//! The small text files beside the data, in Kafka's formats: pure reading and writing of their text.

mod epochs;
mod meta;
mod offsets;
mod topic_id;

pub(crate) use epochs::EpochCache;
pub(crate) use meta::MetaProperties;
pub(crate) use offsets::{format_offsets, parse_offsets};
pub(crate) use topic_id::{format_partition_metadata, parse_partition_metadata};
pub use topic_id::{parse_uuid, random_uuid, uuid_text};

/// What is wrong with a text file, and in which line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextProblem {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

impl TextProblem {
    fn new(line: usize, problem: impl Into<String>) -> TextProblem {
        TextProblem { line, problem: problem.into() }
    }

    pub(crate) fn at(self, path: &std::path::Path) -> crate::LogError {
        crate::LogError::Text { path: path.to_path_buf(), line: self.line, problem: self.problem }
    }
}

/// The entry lines of a checkpoint: a version (0), a count and so many lines, each split at blanks.
fn entries(text: &str, fields: usize) -> Result<Vec<(usize, Vec<&str>)>, TextProblem> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    match lines.next() {
        Some((_, "0")) => {}
        Some((line, other)) => {
            return Err(TextProblem::new(line, format!("version {other:?} is unknown, 0 is expected")));
        }
        None => return Err(TextProblem::new(1, "the file is empty")),
    }
    let count: usize = match lines.next() {
        Some((line, count)) => {
            count.parse().map_err(|_| TextProblem::new(line, format!("{count:?} is no count")))?
        }
        None => return Err(TextProblem::new(2, "the count is missing")),
    };
    let mut found = Vec::new();
    for (line, entry) in lines.filter(|(_, line)| !line.is_empty()) {
        let parts: Vec<_> = entry.split_ascii_whitespace().collect();
        if parts.len() != fields {
            return Err(TextProblem::new(line, format!("{fields} fields are expected in {entry:?}")));
        }
        found.push((line, parts));
    }
    if found.len() != count {
        return Err(TextProblem::new(2, format!("{count} entries announced, {} found", found.len())));
    }
    Ok(found)
}

fn number<T: std::str::FromStr>(line: usize, text: &str) -> Result<T, TextProblem> {
    text.parse().map_err(|_| TextProblem::new(line, format!("{text:?} is no number here")))
}

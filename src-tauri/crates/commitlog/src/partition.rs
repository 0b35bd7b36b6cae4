use std::fmt;

use crate::LogDirError;

/// Kafka's limit, so that a directory name with its suffixes stays under 255 bytes.
pub const TOPIC_CHARS_MAX: usize = 249;

/// A topic's name and a partition number: which log is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    pub topic: String,
    pub partition: i32,
}

impl TopicPartition {
    #[must_use]
    pub fn new(topic: impl Into<String>, partition: i32) -> TopicPartition {
        TopicPartition { topic: topic.into(), partition }
    }

    /// The name of its directory: `topic-0`.
    #[must_use]
    pub fn dir_name(&self) -> String {
        format!("{}-{}", self.topic, self.partition)
    }

    /// Reads a directory's name; `None` for directories that are no partition's.
    #[must_use]
    pub fn parse_dir_name(name: &str) -> Option<TopicPartition> {
        let (topic, partition) = name.rsplit_once('-')?;
        if !partition.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        check_topic_name(topic).ok()?;
        Some(TopicPartition { topic: topic.to_owned(), partition: partition.parse().ok()? })
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Kafka's rule for topic names, which also keeps a name from leaving the data directory.
///
/// # Errors
/// [`LogDirError::TopicName`] when it is broken.
pub fn check_topic_name(topic: &str) -> Result<(), LogDirError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let sound = (1..=TOPIC_CHARS_MAX).contains(&topic.len())
        && topic.bytes().all(legal)
        && topic != "."
        && topic != "..";
    if sound { Ok(()) } else { Err(LogDirError::TopicName(topic.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<(&str, i32)>) {
        let expected = expected.map(|(topic, partition)| TopicPartition::new(topic, partition));
        assert_eq!(TopicPartition::parse_dir_name(name), expected, "{name}");
    }

    #[test]
    fn directory_names() {
        check("orders-0", Some(("orders", 0)));
        check("a-b.c_d-12", Some(("a-b.c_d", 12)));
        check("orders", None);
        check("orders-", None);
        check("-1", None);
        check("..-1", None);
        check("orders-0.5fd3b5f9c8-delete", None);
        check("orders-99999999999", None);
    }

    #[test]
    fn topic_names() {
        assert!(check_topic_name("host.metrics_v2-x").is_ok());
        for bad in ["", ".", "..", "a/b", "a b", "ü", &"x".repeat(250)] {
            assert!(check_topic_name(bad).is_err(), "{bad}");
        }
    }
}

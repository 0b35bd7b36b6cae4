//! What a broker is opened with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use commitlog::LogDirError;

use crate::configs::ConfigError;
use crate::topics::TopicError;

/// What a broker is opened with: where its data is, and values by Kafka's names.
///
/// ```
/// let config = broker::BrokerConfig::new("/tmp/kafka").with("num.partitions", "4");
/// assert_eq!(config.node_id, 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerConfig {
    pub log_dir: PathBuf,
    pub node_id: i32,
    /// Made up for a new directory; an existing one keeps its own.
    pub cluster_id: Option<String>,
    /// Values by the names of Kafka's `server.properties`. Defaults are Kafka's, but for the waits for more
    /// members (`group.initial.rebalance.delay.ms`, `group.*.assignment.interval.ms`: 0) and the partitions and
    /// replicas of the coordinators' topics (1): one broker on one computer gains nothing by Kafka's 3 seconds
    /// and 50 partitions.
    pub properties: BTreeMap<String, String>,
    /// Users of SASL listeners beside those that listeners' own properties and administrators name.
    pub users: Users,
}

/// Users and their passwords, never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Users(pub BTreeMap<String, String>);

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl BrokerConfig {
    /// Defaults, with the data in `log_dir`.
    pub fn new(log_dir: impl Into<PathBuf>) -> Self {
        Self {
            log_dir: log_dir.into(),
            node_id: 1,
            cluster_id: None,
            properties: BTreeMap::new(),
            users: Users::default(),
        }
    }

    /// The same with a user who may log in on SASL listeners.
    #[must_use]
    pub fn with_user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.users.0.insert(name.into(), password.into());
        self
    }

    /// The same with one value set.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.insert(name.into(), value.into());
        self
    }
}

/// Why a broker was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    LogDir(#[from] LogDirError),
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not what the broker wrote: {problem}; move it away to start with defaults", path.display())]
    State { path: PathBuf, problem: String },
    #[error(transparent)]
    Topic(#[from] TopicError),
    #[error("{0}")]
    Security(String),
}

/// Why the in-process API refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("there is no partition {partition} of topic {topic}")]
    NoPartition { topic: String, partition: i32 },
    #[error("offset {wanted} of {topic}-{partition} is outside {start}..{end}")]
    OffsetOutOfRange { topic: String, partition: i32, wanted: i64, start: i64, end: i64 },
    #[error("the batch was refused: {0}")]
    Batch(String),
    #[error("the disk refused; the log says why")]
    Storage,
}

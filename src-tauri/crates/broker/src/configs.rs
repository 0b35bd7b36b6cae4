//! Configuration by Kafka's names: what exists, what it means, what it is set to.

mod broker_keys;
mod client_metrics_keys;
mod definition;
mod duration;
mod group_keys;
mod resolve;
mod topic_keys;

pub use broker_keys::BROKER_KEYS;
pub use client_metrics_keys::CLIENT_METRICS_KEYS;
pub(crate) use definition::list;
pub use definition::{Check, Definition, Kind};
pub(crate) use duration::duration_ms;
pub use group_keys::GROUP_KEYS;
pub(crate) use group_keys::check_group;
pub(crate) use resolve::check_topic;
pub use resolve::is_broker_key;
pub use resolve::{Resolved, Settings, Source, TopicSettings};
pub use topic_keys::TOPIC_KEYS;

/// Why a configuration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("Unknown topic config name: {0}")]
    UnknownTopicKey(String),
    #[error("Unknown group config name: {0}")]
    UnknownGroupKey(String),
    #[error("Unknown broker config name: {0}")]
    UnknownBrokerKey(String),
    #[error("Invalid value {value} for configuration {name}: {problem}")]
    Value { name: String, value: String, problem: String },
    #[error("Cannot update {0} while the broker runs: set it where the broker is started")]
    ReadOnly(String),
}

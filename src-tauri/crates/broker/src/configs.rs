//! Configuration by Kafka's names: what exists, what it means, what it is set to.

mod broker;
mod change;
mod client_metrics_keys;
mod definition;
mod duration;
mod group_keys;
mod resolve;
mod table;
mod topic;
mod topic_keys;

pub(crate) use broker::{any_broker_key, broker_key};
pub use broker::{broker_keys, is_broker_key};
pub use client_metrics_keys::CLIENT_METRICS_KEYS;
pub(crate) use definition::list;
pub use definition::{Check, Definition, Kind, Scope};
pub(crate) use duration::duration_ms;
pub use group_keys::GROUP_KEYS;
pub(crate) use group_keys::{check_group, group_key};
pub use resolve::{Dynamic, Resolved, Settings, Source, Synonym};
pub use topic::TopicSettings;
pub(crate) use topic::check_topic;
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
    /// Values that exclude each other, or what the broker allows.
    #[error("{0}")]
    Rule(String),
    #[error("Cannot update these configs dynamically: [{}]", .0.join(", "))]
    ReadOnly(Vec<String>),
    #[error(
        "These security configs can be dynamically updated only per-listener using the listener prefix: [{}]",
        .0.join(", ")
    )]
    WithoutListener(Vec<String>),
    #[error("Cannot update these configs at default cluster level, broker id must be specified: [{}]", .0.join(", "))]
    PerBroker(Vec<String>),
}

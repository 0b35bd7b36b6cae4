//! What the owner of the process decides, once, before [`crate::Registry::open`].

use crate::CompatibilityLevel;

/// Limits and defaults of one registry.
#[derive(Debug, Clone)]
pub struct Config {
    /// The level in force while no record of the log sets another.
    pub compatibility: CompatibilityLevel,
    /// A longer schema is refused (42209). Confluent's own default is no limit;
    /// this one keeps one request from filling the log's batch.
    pub schema_bytes_max: usize,
    /// A larger request body is refused (413).
    pub request_bytes_max: usize,
    /// Answered by `/v1/metadata/id`: the id of the Kafka cluster behind it.
    pub kafka_cluster_id: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            compatibility: CompatibilityLevel::Backward,
            schema_bytes_max: 1024 * 1024,
            request_bytes_max: 4 * 1024 * 1024,
            kafka_cluster_id: String::new(),
        }
    }
}

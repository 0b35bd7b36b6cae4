//! Topics and their partitions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cluster::{ClusterId, default};

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicsList {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicRow {
    pub name: String,
    /// Kafka's own, or by convention (`_…`).
    pub internal: bool,
    pub partitions: u32,
    pub replication_factor: u32,
    pub under_replicated: u32,
    /// End minus start offsets, summed: an upper bound on compacted topics.
    pub messages: u64,
    /// Absent where the cluster does not tell.
    pub size_bytes: Option<u64>,
    pub messages_in_per_s: f64,
    pub messages_out_per_s: Option<f64>,
    pub cleanup_policy: Option<String>,
    /// Subjects `<topic>-key` and `<topic>-value`, when they exist.
    pub key_schema: Option<String>,
    pub value_schema: Option<String>,
    /// Groups with committed offsets on it.
    pub consumers: u32,
    /// In-rates of the last minute, oldest first.
    pub trend: Vec<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicDetail {
    pub row: TopicRow,
    pub partitions: Vec<PartitionRow>,
    pub groups: Vec<TopicGroup>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct PartitionRow {
    pub partition: i32,
    pub leader: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub start_offset: i64,
    /// The next offset to be written.
    pub end_offset: i64,
    pub size_bytes: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicGroup {
    pub group: String,
    pub state: String,
    pub members: u32,
    pub lag: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicConfigGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
}

/// Sets one key; no value goes back to the default.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicConfigSet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
    pub name: String,
    pub value: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicCreate {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
    pub partitions: i32,
    pub replication_factor: i32,
    /// Only what differs from the defaults.
    #[serde(default)]
    pub configs: Vec<ConfigPair>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ConfigPair {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicDelete {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicPartitionsAdd {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
    /// The new total.
    pub partitions: i32,
}

/// Deletes all records up to the current end of every partition.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicEmpty {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
}

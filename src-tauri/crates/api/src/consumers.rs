//! Consumer groups: members, lag, offsets.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cluster::{ClusterId, default};

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupsList {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupRow {
    pub group: String,
    /// Kafka's name: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Dead`.
    pub state: String,
    /// Kafka's name of the members' protocol: `Classic`, `Consumer`, or `Unknown` where the broker does not tell.
    pub kind: String,
    pub protocol_type: String,
    /// The assignor in use, e.g. `range`.
    pub protocol: String,
    pub members: u32,
    pub topics: Vec<String>,
    pub total_lag: u64,
    /// Lag over the last minute, oldest first.
    pub trend: Vec<f64>,
    pub coordinator: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub group: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupDetail {
    pub row: GroupRow,
    pub partitions: Vec<GroupPartition>,
    pub members: Vec<GroupMember>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupPartition {
    pub topic: String,
    pub partition: i32,
    /// None: nothing committed yet.
    pub current_offset: Option<i64>,
    pub start_offset: i64,
    pub end_offset: i64,
    /// None: nothing committed yet.
    pub lag: Option<u64>,
    pub member_id: Option<String>,
    pub client_id: Option<String>,
    pub host: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupMember {
    pub member_id: String,
    pub client_id: String,
    pub host: String,
    pub assignment: Vec<TopicPartitions>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicPartitions {
    pub topic: String,
    pub partitions: Vec<i32>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(tag = "to", rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum ResetTo {
    Earliest,
    Latest,
    Offset {
        offset: i64,
    },
    /// Forward when positive.
    ShiftBy {
        by: i64,
    },
    Time {
        timestamp_ms: i64,
    },
}

/// Moves committed offsets of a group without members.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupReset {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub group: String,
    pub topic: String,
    /// None: all.
    #[serde(default)]
    pub partitions: Option<Vec<i32>>,
    pub reset: ResetTo,
    /// Only say what would change.
    pub dry_run: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct OffsetChange {
    pub topic: String,
    pub partition: i32,
    pub before: Option<i64>,
    pub after: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupDelete {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub group: String,
}

//! The home page: health, rates, lag, runs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cluster::{ClusterId, default};
use crate::dags::{RunCounts, RunRow};

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct OverviewGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Overview {
    pub brokers: u32,
    pub topics: u32,
    pub partitions: u32,
    pub under_replicated: u32,
    pub offline: u32,
    pub messages_in_per_s: f64,
    /// Absent where the cluster does not tell (remote clusters: no protocol for it).
    pub bytes_in_per_s: Option<f64>,
    pub bytes_out_per_s: Option<f64>,
    pub total_lag: u64,
    pub busiest_topics: Vec<TopicRate>,
    pub slowest_groups: Vec<GroupLag>,
    pub runs: RunCounts,
    pub recent_runs: Vec<RunRow>,
    pub now_ms: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TopicRate {
    pub topic: String,
    pub messages_in_per_s: f64,
    /// Rates of the last minute, oldest first.
    pub trend: Vec<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct GroupLag {
    pub group: String,
    pub state: String,
    pub total_lag: u64,
    /// Lag over the last minute, oldest first.
    pub trend: Vec<f64>,
}

/// Names of series: `messages_in`, `bytes_in`, `bytes_out`, `total_lag`,
/// `topic_in:<topic>`, `group_lag:<group>`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MetricsGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub series: Vec<String>,
    pub from_ms: i64,
    pub to_ms: i64,
    /// The reply has at most this many points; older data is averaged.
    pub points_max: u32,
}

/// All series share one time axis; a gap is `null`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MetricsReply {
    pub times_ms: Vec<i64>,
    pub series: Vec<MetricSeries>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MetricSeries {
    pub name: String,
    pub values: Vec<Option<f64>>,
}

//! The quickstart pipeline: this computer's own figures, flowing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct QuickstartGet {}

/// Creates what is missing and starts the source; unpauses the DAG.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct QuickstartStart {}

/// Stops the source and pauses the DAG; data stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct QuickstartStop {}

/// Stops it and removes its topics, subjects, group, DAG and table.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct QuickstartRemove {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum QuickstartState {
    Absent,
    Running,
    Stopped,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Quickstart {
    pub state: QuickstartState,
    pub source_topic: String,
    pub report_topic: String,
    pub group: String,
    pub dag_id: String,
    /// Samples produced since the start of this process.
    pub produced: u64,
    /// The last sampling error.
    pub error: Option<String>,
}

//! DAGs, runs, task instances.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Airflow's run states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum RunState {
    Queued,
    Running,
    Success,
    Failed,
}

/// Airflow's task-instance states; `none` is Airflow's null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum TaskState {
    None,
    Scheduled,
    Queued,
    Running,
    Success,
    Failed,
    Skipped,
    UpstreamFailed,
    Removed,
    UpForRetry,
    UpForReschedule,
    Deferred,
    AwaitingInput,
    Restarting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum RunType {
    Scheduled,
    Manual,
    Backfill,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct RunCounts {
    pub queued: u32,
    pub running: u32,
    /// Ended in the last 24 h.
    pub success: u32,
    pub failed: u32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagsList {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagList {
    pub dags: Vec<DagRow>,
    pub import_errors: Vec<ImportError>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ImportError {
    /// Relative to the `dags/` folder.
    pub file: String,
    pub line: Option<u32>,
    pub message: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagRow {
    pub dag_id: String,
    pub description: Option<String>,
    /// As written: `0 * * * *`, `@daily`, `1 day, 0:00:00`, or none.
    pub schedule: Option<String>,
    pub paused: bool,
    pub tags: Vec<String>,
    pub owner: Option<String>,
    pub tasks: u32,
    /// Relative to the `dags/` folder.
    pub file: String,
    pub next_run_ms: Option<i64>,
    /// The last 14, oldest first.
    pub last_runs: Vec<RunRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct RunRow {
    pub dag_id: String,
    pub run_id: String,
    pub run_type: RunType,
    pub state: RunState,
    pub logical_date_ms: Option<i64>,
    pub data_interval_start_ms: Option<i64>,
    pub data_interval_end_ms: Option<i64>,
    pub queued_at_ms: Option<i64>,
    pub started_at_ms: Option<i64>,
    pub ended_at_ms: Option<i64>,
    /// The params given at the trigger, as JSON text.
    pub conf: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagGet {
    pub dag_id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagDetail {
    pub row: DagRow,
    pub tasks: Vec<DagTask>,
    pub edges: Vec<DagEdge>,
    pub params: Vec<DagParam>,
    /// The file's text.
    pub source: String,
    pub doc_md: Option<String>,
    pub start_date_ms: Option<i64>,
    pub end_date_ms: Option<i64>,
    pub catchup: bool,
    pub timezone: String,
    pub max_active_runs: u32,
    pub max_active_tasks: u32,
    pub run_timeout_s: Option<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagTask {
    pub task_id: String,
    /// What stands on the node.
    pub label: String,
    /// Airflow's class name, e.g. `BashOperator`.
    pub operator: String,
    /// The enclosing task groups, outermost first.
    pub groups: Vec<String>,
    pub trigger_rule: String,
    pub retries: u32,
    pub doc_md: Option<String>,
    /// A short line about what it does: the command, the SQL, the topic.
    pub summary: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagEdge {
    pub upstream: String,
    pub downstream: String,
    pub label: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagParam {
    pub name: String,
    /// JSON text.
    pub default: String,
    /// JSON Schema's type: `string`, `integer`, `number`, `boolean`, `array`, `object`, `null`.
    pub kind: Option<String>,
    pub description: Option<String>,
    pub choices: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagPause {
    pub dag_id: String,
    pub paused: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct DagTrigger {
    pub dag_id: String,
    /// A JSON object as text; its keys override the DAG's params.
    #[serde(default)]
    pub conf: Option<String>,
    #[serde(default)]
    pub logical_date_ms: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct RunsList {
    /// None: of all DAGs.
    #[serde(default)]
    pub dag_id: Option<String>,
    #[serde(default)]
    pub state: Option<RunState>,
    /// At most 1,000; newest first.
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct RunGet {
    pub dag_id: String,
    pub run_id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct RunDetail {
    pub run: RunRow,
    pub tasks: Vec<TaskInstanceRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TaskInstanceRow {
    pub task_id: String,
    /// −1 when not mapped.
    pub map_index: i32,
    pub state: TaskState,
    pub try_number: u32,
    pub max_tries: u32,
    pub operator: String,
    pub queued_at_ms: Option<i64>,
    pub started_at_ms: Option<i64>,
    pub ended_at_ms: Option<i64>,
    /// Why it waits, was skipped or failed, in one line.
    pub note: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct RunStop {
    pub dag_id: String,
    pub run_id: String,
}

/// Runs tasks again, as Airflow's clear does.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TasksClear {
    pub dag_id: String,
    pub run_id: String,
    /// Empty: all.
    pub task_ids: Vec<String>,
    pub downstream: bool,
    pub only_failed: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TaskInstanceGet {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    #[serde(default = "unmapped")]
    pub map_index: i32,
}

fn unmapped() -> i32 {
    -1
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TaskInstanceDetail {
    pub instance: TaskInstanceRow,
    pub xcoms: Vec<Xcom>,
    /// Template fields as rendered for the last try.
    pub rendered: Vec<RenderedField>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Xcom {
    pub key: String,
    /// JSON text.
    pub value: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct RenderedField {
    pub name: String,
    pub value: String,
}

/// Reads a task's log from a byte offset; waits for more while it runs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TaskLogGet {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    #[serde(default = "unmapped")]
    pub map_index: i32,
    /// None: the latest.
    #[serde(default)]
    pub try_number: Option<u32>,
    pub offset_bytes: u64,
    /// At most 5,000.
    pub wait_ms: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct TaskLog {
    pub try_number: u32,
    /// At most 256 KiB a call.
    pub text: String,
    pub next_offset_bytes: u64,
    /// The try has ended and all of its log was read.
    pub done: bool,
}

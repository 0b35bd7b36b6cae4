//! What the store keeps and callers read: DAG rows, runs, task instances, tries.

use dag::{Dag, RunState, RunType, TaskState};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The map index of a task that is not mapped.
pub const UNMAPPED: i32 = -1;

/// A run's name within the whole orchestrator.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunKey {
    pub dag_id: String,
    pub run_id: String,
}

impl RunKey {
    pub fn new(dag_id: impl Into<String>, run_id: impl Into<String>) -> Self {
        Self { dag_id: dag_id.into(), run_id: run_id.into() }
    }

    pub fn task(&self, task_id: impl Into<String>, map_index: i32) -> TaskKey {
        TaskKey {
            dag_id: self.dag_id.clone(),
            run_id: self.run_id.clone(),
            task_id: task_id.into(),
            map_index,
        }
    }
}

/// A task instance's name within the whole orchestrator.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskKey {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    /// −1 when not mapped.
    pub map_index: i32,
}

impl TaskKey {
    pub fn run(&self) -> RunKey {
        RunKey::new(&self.dag_id, &self.run_id)
    }
}

/// A half-open span of data; both ends are equal for a plain cron schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    pub start: Timestamp,
    pub end: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub key: RunKey,
    pub run_type: RunType,
    pub state: RunState,
    /// None for runs that stand for no date.
    pub logical_date: Option<Timestamp>,
    pub data_interval: Option<Interval>,
    /// The earliest moment it may start.
    pub run_after: Timestamp,
    pub queued_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// What the trigger gave; its keys override the DAG's params.
    pub conf: Map<String, Value>,
    /// Why it waits or failed, in one line.
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TaskInstance {
    pub key: TaskKey,
    pub state: TaskState,
    /// 0 until the first try is scheduled.
    pub try_number: u32,
    /// The try after which no retry follows is `max_tries + 1`.
    pub max_tries: u32,
    pub operator: String,
    pub queued_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// When an `up_for_retry` instance may run again.
    pub retry_at: Option<Timestamp>,
    /// Why it waits, was skipped or failed, in one line.
    pub note: Option<String>,
}

impl TaskInstance {
    pub fn new(key: TaskKey, operator: impl Into<String>, retries: u32) -> Self {
        Self {
            key,
            state: TaskState::None,
            try_number: 0,
            max_tries: retries,
            operator: operator.into(),
            queued_at: None,
            started_at: None,
            ended_at: None,
            retry_at: None,
            note: None,
        }
    }
}

/// One try of a task instance, kept after later tries.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskTry {
    pub key: TaskKey,
    pub try_number: u32,
    pub state: TaskState,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Xcom {
    pub key: String,
    pub value: Value,
    pub at: Timestamp,
}

/// A template field as it was rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedField {
    pub name: String,
    /// Strings as they are, everything else as JSON.
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// Relative to the DAGs folder.
    pub file: String,
    pub line: Option<u32>,
    pub message: String,
    pub at: Timestamp,
}

/// What the store knows of a DAG besides its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DagRecord {
    pub dag_id: String,
    /// Relative to the DAGs folder.
    pub file: String,
    pub paused: bool,
    /// Its file is gone or no longer defines it.
    pub stale: bool,
    pub parsed_at: Timestamp,
}

/// A DAG as a list shows it.
#[derive(Debug, Clone)]
pub struct DagEntry {
    pub record: DagRecord,
    pub dag: Arc<Dag>,
    /// When the next scheduled run starts, paused or not.
    pub next_run_at: Option<Timestamp>,
    /// Why its schedule never comes to a run.
    pub schedule_error: Option<String>,
    /// At most 14, oldest first.
    pub last_runs: Vec<Run>,
}

/// A DAG with its file's text.
#[derive(Debug, Clone)]
pub struct DagDetail {
    pub entry: DagEntry,
    pub source: String,
}

/// A run with its task instances, in the order of the DAG.
#[derive(Debug, Clone)]
pub struct RunDetail {
    pub run: Run,
    pub tasks: Vec<TaskInstance>,
}

#[derive(Debug, Clone)]
pub struct TaskInstanceDetail {
    pub instance: TaskInstance,
    pub tries: Vec<TaskTry>,
    pub xcoms: Vec<Xcom>,
    /// Of the last try.
    pub rendered: Vec<RenderedField>,
}

/// Runs by state; finished ones of the last 24 h.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    pub queued: u32,
    pub running: u32,
    pub success: u32,
    pub failed: u32,
}

/// Which runs to list; newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    pub dag_id: Option<String>,
    pub state: Option<RunState>,
}

/// A piece of a task's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    pub try_number: u32,
    pub text: String,
    pub next_offset_bytes: u64,
    /// The try has ended and all of its log was read.
    pub done: bool,
}

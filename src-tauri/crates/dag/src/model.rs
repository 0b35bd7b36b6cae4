//! A DAG as a value.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{graph::TaskGraph, params::Param, schedule::Schedule, task::Task, time::serde_seconds};

/// A DAG, its defaults applied. Field names are Airflow's parameter names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dag {
    pub dag_id: String,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub doc_md: Option<String>,
    pub schedule: Schedule,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
    pub catchup: bool,
    /// Cron expressions mean the wall clock of this zone.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub timezone: TimeZone,
    pub max_active_runs: u32,
    /// Per run.
    pub max_active_tasks: u32,
    #[serde(with = "serde_seconds::option")]
    pub dagrun_timeout: Option<Duration>,
    /// The first failed task ends the run.
    pub fail_fast: bool,
    pub tags: Vec<String>,
    pub owner: Option<String>,
    /// In authored order.
    pub params: Vec<Param>,
    /// Templates render to JSON values instead of text.
    pub render_template_as_native_obj: bool,
    /// None: as the orchestrator is configured.
    pub is_paused_upon_creation: Option<bool>,
    /// Outermost first, in authored order.
    pub groups: Vec<TaskGroup>,
    pub graph: TaskGraph,
    /// Where it starts in its file, from 1; 0 when it came from none.
    pub line: u32,
}

/// A task group; its tasks name it in [`Task::groups`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskGroup {
    /// With its parents' prefixes: `outer.inner`.
    pub group_id: String,
    pub parent: Option<String>,
    pub tooltip: String,
    /// Whether its tasks' ids begin with the group's.
    pub prefix_group_id: bool,
}

impl Dag {
    /// Airflow's `max_active_runs_per_dag`.
    pub const MAX_ACTIVE_RUNS: u32 = 16;
    /// Airflow's `max_active_tasks_per_dag`.
    pub const MAX_ACTIVE_TASKS: u32 = 16;

    /// A DAG with Airflow's defaults: no schedule, no tasks.
    pub fn new(dag_id: impl Into<String>) -> Self {
        Self {
            dag_id: dag_id.into(),
            display_name: None,
            description: None,
            doc_md: None,
            schedule: Schedule::None,
            start_date: None,
            end_date: None,
            catchup: false,
            timezone: TimeZone::UTC,
            max_active_runs: Self::MAX_ACTIVE_RUNS,
            max_active_tasks: Self::MAX_ACTIVE_TASKS,
            dagrun_timeout: None,
            fail_fast: false,
            tags: Vec::new(),
            owner: None,
            params: Vec::new(),
            render_template_as_native_obj: false,
            is_paused_upon_creation: None,
            groups: Vec::new(),
            graph: TaskGraph::default(),
            line: 0,
        }
    }

    /// In authored order.
    pub fn tasks(&self) -> &[Task] {
        self.graph.tasks()
    }

    pub fn task(&self, task_id: &str) -> Option<&Task> {
        self.graph.get(task_id)
    }

    /// The zone's name, e.g. `Europe/Berlin`.
    pub fn timezone_name(&self) -> String {
        self.timezone.iana_name().map_or_else(|| format!("{:?}", self.timezone), str::to_owned)
    }
}

/// The longest id Airflow takes.
pub const KEY_CHARS_MAX: usize = 250;

/// Why a DAG, task or group id is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("an id is empty")]
    Empty,
    #[error("the id '{}…' has {chars} characters, at most {KEY_CHARS_MAX} are allowed", .id.chars().take(20).collect::<String>())]
    TooLong { id: String, chars: usize },
    #[error("the id '{id}' contains '{bad}'; ids are made of letters, digits, dots, dashes and underscores")]
    BadCharacter { id: String, bad: char },
}

/// Airflow's rule for ids: `[A-Za-z0-9_.-]`, 1 to 250 characters.
///
/// Python's `\w` also takes letters beyond ASCII; so does this.
pub fn check_key(id: &str) -> Result<(), KeyError> {
    let chars = id.chars().count();
    if chars == 0 {
        return Err(KeyError::Empty);
    }
    if chars > KEY_CHARS_MAX {
        return Err(KeyError::TooLong { id: id.to_owned(), chars });
    }
    match id.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))) {
        Some(bad) => Err(KeyError::BadCharacter { id: id.to_owned(), bad }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let check = |id: &str, expected: bool| assert_eq!(check_key(id).is_ok(), expected, "{id:?}");
        check("host_report", true);
        check("a.b-c_1", true);
        check("größe", true);
        check("", false);
        check("a b", false);
        check("a/b", false);
        check(&"x".repeat(250), true);
        check(&"x".repeat(251), false);
    }

    #[test]
    fn a_dag_survives_json() {
        let mut dag = Dag::new("demo");
        dag.timezone = TimeZone::get("Europe/Berlin").expect("a zone");
        dag.dagrun_timeout = Some(Duration::from_millis(1_500));
        dag.schedule = "@daily".parse().expect("a schedule");
        let text = serde_json::to_string(&dag).expect("serializes");
        assert_eq!(serde_json::from_str::<Dag>(&text).expect("reads back"), dag);
        assert_eq!(dag.timezone_name(), "Europe/Berlin");
    }
}

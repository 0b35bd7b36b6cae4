//! DAGs written in YAML.
//!
//! A document is a DAG; several documents (`---`) may share a file. Keys are
//! Airflow's parameter names. Every error names its line and column, and a DAG
//! with an error is not among the results, while the file's other DAGs are.
//!
//! ```yaml
//! dag_id: host_report
//! description: What this computer did in the last minute
//! schedule: "* * * * *"        # cron, preset, duration (5m, {hours: 2}), or null
//! start_date: 2026-01-01
//! catchup: false
//! timezone: Europe/Berlin
//! max_active_runs: 1
//! tags: [demo]
//! params:
//!   threshold: {default: 10, type: integer, minimum: 0, description: In percent}
//!   region: eu
//! default_args: {retries: 2, retry_delay: 30s, conn_id: warehouse}
//! tasks:
//!   consume:
//!     operator: kafka_consume   # or ConsumeFromTopicOperator
//!     topics: [host.metrics]
//!   load:
//!     operator: sql
//!     sql: insert into metrics select …
//!     upstream: consume
//!   publish:
//!     operator: kafka_produce
//!     topic: host.report
//!     value: "{{ ti.xcom_pull('load') }}"
//!     upstream: [{task_id: load, label: loaded}]
//!     trigger_rule: all_done
//! task_groups:
//!   checks:
//!     tooltip: Nothing odd in it?
//!     upstream: load
//!     tasks:
//!       count: {operator: bash, bash_command: "echo {{ params.threshold }}"}
//! ```
//!
//! # The DAG
//!
//! `dag_id`, `dag_display_name`, `description`, `doc_md`, `schedule`,
//! `start_date`, `end_date`, `catchup`, `timezone`, `max_active_runs`,
//! `max_active_tasks`, `dagrun_timeout`, `fail_fast`, `tags`, `owner`,
//! `params`, `default_args`, `render_template_as_native_obj`,
//! `is_paused_upon_creation`, `tasks`, `task_groups`.
//!
//! A schedule may also name one of Airflow's timetables:
//! `{timetable: CronDataIntervalTimetable, cron: "0 6 * * 1", timezone: UTC}`.
//!
//! # Tasks
//!
//! `tasks` is a map from task id to task, or a list of tasks with `task_id`.
//! A task has an `operator`, that operator's parameters
//! ([`crate::operators::OPERATORS`]), and the parameters every task has:
//! `trigger_rule`, `retries`, `retry_delay`, `retry_exponential_backoff`,
//! `max_retry_delay`, `execution_timeout`, `depends_on_past`,
//! `wait_for_downstream`, `ignore_first_depends_on_past`, `pool`,
//! `pool_slots`, `priority_weight`, `weight_rule`, `max_active_tis_per_dag`,
//! `max_active_tis_per_dagrun`, `queue`, `owner`, `doc_md`,
//! `task_display_name`, `do_xcom_push`, `start_date`, `end_date`, `is_setup`,
//! `is_teardown`, `setups`, `on_failure_fail_dagrun`.
//!
//! `upstream` and `downstream` name tasks or groups, one or a list, each as
//! text or as `{task_id: …, label: …}`. Within a group its own tasks may be
//! named without the group's prefix. `default_args` holds defaults for any of
//! the parameters of tasks and operators.

mod dag;
mod edges;
mod fields;
mod groups;
mod params;
mod schedule;
mod task;
mod tree;

use std::{collections::HashMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::Dag;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// The DAGs without an error, in the file's order.
    pub dags: Vec<Dag>,
    /// In the file's order.
    pub diagnostics: Vec<Diagnostic>,
}

/// An error and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Diagnostic {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    line: u32,
    column: u32,
}

impl Position {
    const START: Self = Self { line: 1, column: 1 };

    fn new(line: usize, column: usize) -> Self {
        let clamp = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).max(1);
        Self { line: clamp(line), column: clamp(column) }
    }
}

impl Diagnostic {
    fn new(at: Position, message: impl Into<String>) -> Self {
        Self { line: at.line, column: at.column, message: message.into() }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// More errors than this help no one.
const DIAGNOSTICS_MAX: usize = 100;

/// Reads the DAGs of a file.
///
/// `now` is asked whether a schedule ever comes to a run.
pub fn parse(text: &str, now: Timestamp) -> Parsed {
    let mut diagnostics = Vec::new();
    let mut dags: Vec<Dag> = Vec::new();
    let mut lines: HashMap<String, u32> = HashMap::new();
    for document in tree::documents(text, &mut diagnostics) {
        let mut report = Vec::new();
        let found = dag::read(&document, now, &mut report);
        if let Some((dag, at)) = found.filter(|_| report.is_empty()) {
            match lines.get(&dag.dag_id) {
                Some(line) => {
                    let message =
                        format!("the DAG '{}' is defined twice; the first is in line {line}", dag.dag_id);
                    report.push(Diagnostic::new(at, message));
                }
                None => {
                    lines.insert(dag.dag_id.clone(), dag.line);
                    dags.push(dag);
                }
            }
        }
        diagnostics.append(&mut report);
    }
    diagnostics.sort();
    diagnostics.dedup();
    diagnostics.truncate(DIAGNOSTICS_MAX);
    Parsed { dags, diagnostics }
}

//! One task of a DAG.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{state::named, time::serde_seconds, trigger_rule::TriggerRule};
named!(
    /// How a task's priority is summed up over the graph.
    WeightRule, "weight rule", {
        /// Its own weight and those of all tasks after it.
        Downstream => "downstream",
        /// Its own weight and those of all tasks before it.
        Upstream => "upstream",
        /// Its own weight alone.
        Absolute => "absolute",
    }
);

/// One task, its defaults applied. Field names are Airflow's parameter names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// With the prefixes of its groups: `group.task`.
    pub task_id: String,
    /// Airflow's class name, e.g. `BashOperator`; see [`crate::operators`].
    pub operator: String,
    /// The operator's own parameters, templates not yet rendered.
    pub args: Map<String, Value>,
    pub trigger_rule: TriggerRule,
    pub retries: u32,
    #[serde(with = "serde_seconds")]
    pub retry_delay: Duration,
    /// The factor each further delay grows by; 0 for a constant delay.
    pub retry_exponential_backoff: f64,
    #[serde(with = "serde_seconds::option")]
    pub max_retry_delay: Option<Duration>,
    #[serde(with = "serde_seconds::option")]
    pub execution_timeout: Option<Duration>,
    pub depends_on_past: bool,
    pub wait_for_downstream: bool,
    pub ignore_first_depends_on_past: bool,
    pub pool: String,
    pub pool_slots: u32,
    pub priority_weight: i32,
    pub weight_rule: WeightRule,
    pub max_active_tis_per_dag: Option<u32>,
    pub max_active_tis_per_dagrun: Option<u32>,
    pub queue: String,
    pub owner: String,
    pub doc_md: Option<String>,
    /// What stands on the node, where it is not the id.
    pub display_name: Option<String>,
    /// The enclosing task groups' full ids, outermost first.
    pub groups: Vec<String>,
    pub is_setup: bool,
    pub is_teardown: bool,
    /// A teardown's failure fails the run.
    pub on_failure_fail_dagrun: bool,
    pub do_xcom_push: bool,
    /// Runs with an earlier logical date have no instance of this task.
    pub start_date: Option<Timestamp>,
    /// Runs with a later logical date have no instance of this task.
    pub end_date: Option<Timestamp>,
    /// Where it stands in its file, from 1; 0 when it came from none.
    pub line: u32,
}

impl Task {
    /// A task with Airflow's defaults.
    pub fn new(task_id: impl Into<String>, operator: impl Into<String>) -> Self {
        Self {
            task_id: task_id.into(),
            operator: operator.into(),
            args: Map::new(),
            trigger_rule: TriggerRule::AllSuccess,
            retries: 0,
            retry_delay: Duration::from_secs(300),
            retry_exponential_backoff: 0.0,
            max_retry_delay: None,
            execution_timeout: None,
            depends_on_past: false,
            wait_for_downstream: false,
            ignore_first_depends_on_past: true,
            pool: "default_pool".to_owned(),
            pool_slots: 1,
            priority_weight: 1,
            weight_rule: WeightRule::Downstream,
            max_active_tis_per_dag: None,
            max_active_tis_per_dagrun: None,
            queue: "default".to_owned(),
            owner: "airflow".to_owned(),
            doc_md: None,
            display_name: None,
            groups: Vec::new(),
            is_setup: false,
            is_teardown: false,
            on_failure_fail_dagrun: false,
            do_xcom_push: true,
            start_date: None,
            end_date: None,
            line: 0,
        }
    }

    /// What stands on the node.
    pub fn label(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.task_id)
    }

    /// Whether a run of this logical date has an instance of this task.
    ///
    /// A run without a logical date has one of every task.
    pub fn exists_at(&self, logical_date: Option<Timestamp>) -> bool {
        logical_date.is_none_or(|at| {
            self.start_date.is_none_or(|start| start <= at) && self.end_date.is_none_or(|end| at <= end)
        })
    }
}

//! DAGs as values: what they are, how they are written, when their runs are
//! due, and what becomes of their tasks.
//!
//! Pure: text comes in and values go out, the clock is an argument, and
//! nothing here opens a file or waits. The `orchestrator` does that.
//!
//! | module | answers |
//! |---|---|
//! | [`model`], [`task`], [`graph`], [`params`] | what a DAG is |
//! | [`yaml`] | what a DAG file says, and what is wrong with it |
//! | [`operators`] | which operators there are and what they take |
//! | [`schedule`], [`cron`], [`period`], [`timetable`] | when the next run is due |
//! | [`trigger_rule`], [`run_state`] | what becomes of a task and of a run |
//! | [`validate`] | whether a schedule comes to a run at all |
//! | [`json`], [`export`] | a DAG for other tools, a DAG for Airflow |
//!
//! Where Airflow has a rule, it is Airflow 3.3's: `tests/data` holds what the
//! real one answered, and the tests compare every case.
//!
//! Limits: a file of 4 MiB, 200,000 YAML values with aliases expanded, 64
//! levels, 10,000 tasks and 200,000 edges a DAG, 100 errors a file.

pub mod cron;
mod cron_field;
pub mod export;
pub mod graph;
pub mod json;
pub mod model;
pub mod operators;
pub mod params;
pub mod period;
pub mod run_state;
pub mod schedule;
pub mod state;
mod suggest;
pub mod task;
pub mod time;
pub mod timetable;
pub mod trigger_rule;
pub mod validate;
pub mod yaml;

pub use graph::{Edge, GraphError, TaskGraph};
pub use model::{Dag, TaskGroup};
pub use params::Param;
pub use schedule::Schedule;
pub use state::{RunState, RunType, TaskState};
pub use task::{Task, WeightRule};
pub use timetable::{DataInterval, RunInfo};
pub use trigger_rule::{Decision, TriggerRule};

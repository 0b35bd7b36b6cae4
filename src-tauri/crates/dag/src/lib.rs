//! DAGs as values: model, YAML authoring, timetables, trigger rules. Pure.

pub mod cron;
mod cron_field;
pub mod graph;
pub mod model;
pub mod operators;
pub mod params;
pub mod period;
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

//! The orchestrator: Airflow's semantics in one process, without its parts.
//!
//! [`Orchestrator::open`] reads the state (SQLite or PostgreSQL) and the DAG
//! files; [`Orchestrator::run`] schedules until told to stop. Inside:
//!
//! - `scheduler` owns all state in memory, decides with pure functions and
//!   writes one transaction per step. It is woken by events and due times.
//! - `executor` runs one try of a task: log, templates, operator, time limit.
//! - `operator` holds what tasks can do.
//! - `template` renders arguments with Airflow's context.
//! - `store` keeps rows; they become [`records`] at its edge.
//! - `rest` speaks a part of Airflow's REST API, version 2.
//!
//! # Adding an operator
//!
//! 1. Describe its parameters in the crate `dag`, in `operators::OPERATORS`.
//! 2. Implement the trait `Operator` in a file below `operator/`: take the
//!    rendered arguments from the context, watch `context.stop`, return the
//!    value for XCom.
//! 3. Add it to the list in `operator/mod.rs`, and show it in a DAG of the tests.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on fails"))]

pub mod clock;
pub mod config;
mod dagbag;
pub mod error;
mod executor;
pub mod foreground;
mod logs;
mod operator;
mod orchestrator;
pub mod ports;
pub mod records;
mod rest;
mod scheduler;
mod store;
mod template;

pub use clock::{Clock, ManualClock, SystemClock};
pub use config::OrchestratorConfig;
pub use error::OrchestratorError;
pub use executor::XCOM_BYTES_MAX;
pub use foreground::{RunOnce, RunOutcome, TaskOutcome, run_once};
pub use orchestrator::{Clear, LOG_BYTES_MAX, LOG_WAIT_MAX, LogicalDate, Orchestrator, Trigger};
pub use ports::{Connection, Connections, KafkaPort, Ports};
pub use records::{
    DagDetail, DagEntry, DagRecord, ImportError, Interval, LogPage, RenderedField, Run, RunCounts, RunDetail,
    RunFilter, RunKey, TaskInstance, TaskInstanceDetail, TaskKey, TaskTry, UNMAPPED, Xcom,
};
pub use scheduler::Snapshot;
pub use store::StoreError;

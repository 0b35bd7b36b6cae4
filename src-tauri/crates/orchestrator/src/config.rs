//! What the orchestrator is told at its start.

use std::path::PathBuf;

/// Names are Airflow's where Airflow has the setting.
#[derive(Debug, Clone)]
pub struct OrchestratorConfig {
    /// `sqlite:///path/to/orchestrator.db` or `postgres://user:password@host/database`.
    pub database_url: String,
    /// The folder of DAG files the user edits.
    pub dags_dir: PathBuf,
    /// Task logs: `dag_id=…/run_id=…/task_id=…/attempt=N.log`.
    pub logs_dir: PathBuf,
    /// Temporary files of running tasks and large results of finished ones.
    pub work_dir: PathBuf,
    /// Task instances running at once, over all DAGs.
    pub parallelism: u32,
    /// Slots of `default_pool`.
    pub default_pool_slots: u32,
    /// New DAGs wait for a click before they run on schedule.
    pub dags_are_paused_at_creation: bool,
    /// Create the runs that are due; without, only triggered ones run.
    pub scheduled_runs: bool,
    /// Of the DAGs folder, only this file.
    pub only_file: Option<String>,
    /// The interpreter of Python tasks; none: `python3`, then `python`, on the PATH.
    pub python: Option<PathBuf>,
}

impl OrchestratorConfig {
    /// Everything below one directory, Airflow's defaults.
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        Self {
            database_url: format!("sqlite://{}", dir.join("orchestrator.db").display()),
            dags_dir: dir.join("dags"),
            logs_dir: dir.join("logs"),
            work_dir: dir.join("work"),
            parallelism: 32,
            default_pool_slots: 128,
            dags_are_paused_at_creation: true,
            scheduled_runs: true,
            only_file: None,
            python: None,
        }
    }
}

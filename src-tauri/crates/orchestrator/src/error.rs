//! What a caller of the orchestrator can be told.

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum OrchestratorError {
    #[error("there is no DAG \"{dag_id}\"")]
    DagNotFound { dag_id: String },
    #[error("DAG \"{dag_id}\" has no run \"{run_id}\"")]
    RunNotFound { dag_id: String, run_id: String },
    #[error(
        "run \"{run_id}\" of DAG \"{dag_id}\" has no task instance \"{task_id}\" with map index {map_index}"
    )]
    TaskInstanceNotFound { dag_id: String, run_id: String, task_id: String, map_index: i32 },
    #[error("DAG \"{dag_id}\" has no task \"{task_id}\"")]
    TaskNotFound { dag_id: String, task_id: String },
    /// The file was deleted or does not parse, so there is nothing to run.
    #[error(
        "DAG \"{dag_id}\" is no longer in the DAGs folder: restore its file, or mend it if it has an import error"
    )]
    DagStale { dag_id: String },
    #[error("DAG \"{dag_id}\" already has a run {what}")]
    RunExists { dag_id: String, what: String },
    #[error("params of DAG \"{dag_id}\": {reason}")]
    ParamsInvalid { dag_id: String, reason: String },
    #[error("{0}")]
    Invalid(String),
    #[error("the orchestrator has stopped")]
    Stopped,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
}

impl OrchestratorError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

pub type Result<T, E = OrchestratorError> = std::result::Result<T, E>;

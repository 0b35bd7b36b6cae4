//! What an operator is given for one try.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dag::Task;
use parking_lot::Mutex;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::TaskError;
use crate::executor::{Services, XCOM_BYTES_MAX};
use crate::logs::TaskLog;
use crate::ports::Connection;
use crate::records::TaskKey;
use crate::template::Scope;

/// One try of one task instance, as its operator sees it.
pub(crate) struct TaskContext {
    pub key: TaskKey,
    pub try_number: u32,
    /// The operator's parameters, rendered.
    pub args: Map<String, Value>,
    pub task: Arc<Task>,
    /// Airflow's template context.
    pub scope: Scope,
    pub log: TaskLog,
    /// Cancelled when the try has to end.
    pub stop: CancellationToken,
    pub services: Arc<Services>,
    pub pushed: Pushed,
}

/// XComs of a running try; written when it ends.
#[derive(Clone, Default)]
pub(crate) struct Pushed(Arc<Mutex<Vec<(String, Value)>>>);

impl Pushed {
    pub(crate) fn push(&self, key: impl Into<String>, value: Value) {
        let key = key.into();
        let mut pushed = self.0.lock();
        pushed.retain(|(known, _)| *known != key);
        pushed.push((key, value));
    }

    /// What was pushed, unless one of them is too large.
    pub(crate) fn take_checked(&self) -> Result<Vec<(String, Value)>, String> {
        let pushed = std::mem::take(&mut *self.0.lock());
        for (key, value) in &pushed {
            let bytes = value.to_string().len();
            if bytes > XCOM_BYTES_MAX {
                return Err(format!(
                    "XCom \"{key}\" is {bytes} bytes, at most {XCOM_BYTES_MAX} are kept: write large results to a \
                     file or a table and pass on where they are"
                ));
            }
        }
        Ok(pushed)
    }
}

impl TaskContext {
    /// An argument by name; absent where the file leaves it out and the operator names no default.
    pub(crate) fn arg(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.args.get(name).filter(|value| !value.is_null()) {
            return Some(value.clone());
        }
        let known = dag::operators::find(&self.task.operator)?;
        serde_json::from_str(known.param(name)?.default?).ok()
    }

    /// An argument of this type.
    pub(crate) fn opt<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, TaskError> {
        let Some(value) = self.arg(name) else { return Ok(None) };
        serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|error| TaskError::argument(name, format!("{value} is not what it takes: {error}")))
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, TaskError> {
        self.opt(name)?.ok_or_else(|| TaskError::argument(name, "is missing"))
    }

    /// Text, numbers rendered as such.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, TaskError> {
        match self.arg(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            Some(other) => Err(TaskError::argument(name, format!("{other} is not text"))),
        }
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<String, TaskError> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| TaskError::argument(name, "is empty"))
    }

    /// A text or a list of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, TaskError> {
        match self.arg(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(value) => serde_json::from_value(value.clone())
                .map_err(|_| TaskError::argument(name, format!("{value} is not a text or a list of texts"))),
        }
    }

    /// A duration, stored as seconds.
    pub(crate) fn duration(&self, name: &str) -> Result<Option<Duration>, TaskError> {
        let Some(value) = self.arg(name) else { return Ok(None) };
        let seconds = match &value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        duration
            .map(Some)
            .ok_or_else(|| TaskError::argument(name, format!("{value} is not a number of seconds")))
    }

    /// A connection by id, or how to make one.
    pub(crate) fn connection(&self, conn_id: &str) -> Result<Connection, TaskError> {
        self.services.ports.connections.get(conn_id).ok_or_else(|| {
            TaskError::FailNoRetry(format!(
                "there is no connection \"{conn_id}\": add [connections.{conn_id}] to config.toml, or set the \
                 environment variable AIRFLOW_CONN_{}",
                conn_id.to_uppercase()
            ))
        })
    }

    /// A folder for results too large for XCom; kept with the run.
    pub(crate) fn results_dir(&self) -> PathBuf {
        let safe = crate::logs::safe;
        self.services
            .work_dir
            .join("results")
            .join(safe(&self.key.dag_id))
            .join(safe(&self.key.run_id))
            .join(safe(&self.key.task_id))
    }

    /// `AIRFLOW_CTX_*`: who runs, for processes.
    pub(crate) fn airflow_env(&self) -> Vec<(String, String)> {
        let mut env = vec![
            ("AIRFLOW_CTX_DAG_OWNER".to_owned(), self.task.owner.clone()),
            ("AIRFLOW_CTX_DAG_ID".to_owned(), self.key.dag_id.clone()),
            ("AIRFLOW_CTX_TASK_ID".to_owned(), self.key.task_id.clone()),
            ("AIRFLOW_CTX_DAG_RUN_ID".to_owned(), self.key.run_id.clone()),
            ("AIRFLOW_CTX_TRY_NUMBER".to_owned(), self.try_number.to_string()),
        ];
        if let Some(date) = self.scope.run().logical_date {
            env.push(("AIRFLOW_CTX_LOGICAL_DATE".to_owned(), dag::time::iso(date)));
        }
        env
    }
}

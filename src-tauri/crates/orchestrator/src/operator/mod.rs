//! What tasks can do.
//!
//! An operator gets its rendered arguments and a log, and returns a value for
//! XCom, or says how it failed. It knows nothing of states and retries.

mod bash;
mod context;
mod http;
mod kafka_consume;
mod kafka_produce;
pub(crate) mod leftovers;
mod process;
mod python;
mod sql;

use async_trait::async_trait;
use serde_json::Value;

pub(crate) use context::{Pushed, TaskContext};

/// How an operator ends, other than well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TaskError {
    /// Retried while tries are left.
    #[error("{0}")]
    Fail(String),
    /// Airflow's `AirflowFailException`.
    #[error("{0}")]
    FailNoRetry(String),
    /// Airflow's `AirflowSkipException`.
    #[error("{0}")]
    Skip(String),
}

impl TaskError {
    pub(crate) fn fail(message: impl std::fmt::Display) -> Self {
        Self::Fail(message.to_string())
    }

    /// Trying again with the same arguments cannot help.
    pub(crate) fn argument(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::FailNoRetry(format!("{name}: {reason}"))
    }
}

pub(crate) type TaskResult = Result<Option<Value>, TaskError>;

/// One kind of task.
#[async_trait]
pub(crate) trait Operator: Send + Sync + 'static {
    /// Airflow's class name.
    fn name(&self) -> &'static str;

    /// Does the work. When `context.stop` is cancelled it ends what it started and returns.
    async fn execute(&self, context: TaskContext) -> TaskResult;
}

/// Every operator that can run, by the names of [`dag::operators::OPERATORS`].
static OPERATORS: &[&dyn Operator] = &[
    &Empty,
    &bash::Bash,
    &python::Python,
    &http::Http,
    &sql::Sql,
    &kafka_produce::Produce,
    &kafka_consume::Consume,
];

pub(crate) fn find(name: &str) -> Option<&'static dyn Operator> {
    OPERATORS.iter().copied().find(|operator| operator.name() == name)
}

pub(crate) fn names() -> Vec<&'static str> {
    OPERATORS.iter().map(|operator| operator.name()).collect()
}

/// The scheduler passes it by; it runs only where something asks for a try of it.
struct Empty;

#[async_trait]
impl Operator for Empty {
    fn name(&self) -> &'static str {
        "EmptyOperator"
    }

    async fn execute(&self, _: TaskContext) -> TaskResult {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_of_the_model_can_run() {
        for operator in dag::operators::OPERATORS {
            assert!(find(operator.name).is_some(), "{}", operator.name);
        }
        assert_eq!(names().len(), dag::operators::OPERATORS.len());
    }
}

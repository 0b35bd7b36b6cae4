//! `SQLExecuteQueryOperator`: statements in SQLite or PostgreSQL, rows as the result.

mod numeric;
mod postgres;
mod sqlite;
mod text;

use async_trait::async_trait;
use serde_json::Value;

use super::{Operator, TaskContext, TaskError, TaskResult};
use crate::executor::XCOM_BYTES_MAX;
use crate::ports::Connection;
use text::Placeholder;

pub(super) struct Sql;

/// Rows handed on; a table is not an XCom.
const ROWS_MAX: usize = 100_000;

/// One statement, its placeholders numbered and their values in that order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    pub sql: String,
    pub values: Vec<Value>,
}

/// What a statement gave.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Value>,
    pub affected: u64,
    bytes: usize,
}

impl Rows {
    /// Keeps a row, unless there are too many.
    pub(super) fn push(&mut self, row: Vec<Value>) -> Result<(), TaskError> {
        let row = Value::Array(row);
        self.bytes += row.to_string().len() + 1;
        if self.bytes > XCOM_BYTES_MAX || self.rows.len() >= ROWS_MAX {
            return Err(TaskError::FailNoRetry(format!(
                "the result is larger than {ROWS_MAX} rows or {XCOM_BYTES_MAX} bytes: add a LIMIT, aggregate in SQL, \
                 write it to a table, or set do_xcom_push to false"
            )));
        }
        self.rows.push(row);
        Ok(())
    }
}

/// How to run: one of the databases does it.
pub(super) struct Plan {
    pub statements: Vec<Statement>,
    pub autocommit: bool,
    /// Rows are read only if somebody wants them.
    pub keep_rows: bool,
}

#[async_trait]
impl Operator for Sql {
    fn name(&self) -> &'static str {
        "SQLExecuteQueryOperator"
    }

    async fn execute(&self, context: TaskContext) -> TaskResult {
        let run = run(&context);
        tokio::select! {
            result = run => result,
            () = context.stop.cancelled() => Err(TaskError::fail("stopped")),
        }
    }
}

async fn run(context: &TaskContext) -> TaskResult {
    let connection = context.connection(&context.required_text("conn_id")?)?;
    let database = Database::of(&connection)?;
    let scripts = context.texts("sql")?;
    let split = context.get::<bool>("split_statements")?;
    let parameters = context.arg("parameters");
    let mut statements = Vec::new();
    for script in &scripts {
        let parts = if split { text::statements(script) } else { vec![script.clone()] };
        for part in parts {
            statements.push(statement(&part, parameters.as_ref(), matches!(database, Database::Postgres))?);
        }
    }
    if statements.is_empty() {
        return Err(TaskError::argument("sql", "holds no statement"));
    }
    let plan = Plan {
        statements,
        autocommit: context.get::<bool>("autocommit")?,
        keep_rows: context.task.do_xcom_push,
    };
    let results = match database {
        Database::Sqlite => sqlite::run(context, &connection, plan).await?,
        Database::Postgres => postgres::run(context, &connection, plan).await?,
    };
    let show = context.get::<bool>("show_return_value_in_logs")?;
    let one_script = scripts.len() == 1 && context.arg("sql").is_some_and(|sql| sql.is_string());
    let value = match one_script && context.get::<bool>("return_last")? {
        true => results.into_iter().next_back().map_or(Value::Null, into_value),
        false => Value::Array(results.into_iter().map(into_value).collect()),
    };
    if show {
        context.log.info(format!("result: {value}"));
    }
    Ok(Some(value).filter(|value| !value.is_null()))
}

/// Rows of a query; none for a statement without a result.
fn into_value(rows: Rows) -> Value {
    if rows.columns.is_empty() { Value::Null } else { Value::Array(rows.rows) }
}

enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    fn of(connection: &Connection) -> Result<Self, TaskError> {
        match connection.conn_type.as_str() {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            other => Err(TaskError::FailNoRetry(format!(
                "connection \"{}\" is of type \"{other}\": SQL runs in sqlite and postgres",
                connection.conn_id
            ))),
        }
    }
}

/// Numbers the placeholders and finds their values.
fn statement(sql: &str, parameters: Option<&Value>, percent: bool) -> Result<Statement, TaskError> {
    let Some(parameters) = parameters else {
        return Ok(Statement { sql: sql.to_owned(), values: Vec::new() });
    };
    let (sql, found) = text::placeholders(sql, percent);
    let wrong = |reason: String| TaskError::argument("parameters", reason);
    let mut next = 0;
    let mut values = Vec::with_capacity(found.len());
    for placeholder in found {
        let value = match (&placeholder, parameters) {
            (Placeholder::Next, Value::Array(list)) => {
                next += 1;
                list.get(next - 1).ok_or_else(|| {
                    wrong(format!("{} are given, the statement has more placeholders", list.len()))
                })?
            }
            (Placeholder::Numbered(number), Value::Array(list)) => list.get(number - 1).ok_or_else(|| {
                wrong(format!("{} are given, the statement asks for ${number}", list.len()))
            })?,
            (Placeholder::Named(name), Value::Object(map)) => {
                map.get(name).ok_or_else(|| wrong(format!("\"{name}\" is missing")))?
            }
            (Placeholder::Named(name), _) => return Err(wrong(format!("a map with \"{name}\" is needed"))),
            (Placeholder::Next | Placeholder::Numbered(_), _) => {
                return Err(wrong("a list is needed for ?, %s and $1".into()));
            }
        };
        values.push(value.clone());
    }
    Ok(Statement { sql, values })
}

fn report(context: &TaskContext, rows: &Rows) {
    if rows.columns.is_empty() {
        context.log.info(format!("{} rows affected", rows.affected));
    } else if context.task.do_xcom_push {
        context.log.info(format!("{} rows of {} columns", rows.rows.len(), rows.columns.len()));
    } else {
        context.log.info(format!("{} rows", rows.affected));
    }
}

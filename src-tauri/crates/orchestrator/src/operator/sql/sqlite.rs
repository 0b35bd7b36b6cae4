//! SQL in a SQLite file.

use std::str::FromStr;
use std::time::Duration;

use futures::TryStreamExt;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection as _, Either, Executor, Row, SqlSafeStr,
    Statement as _, TypeInfo, ValueRef,
};

use super::{Plan, Rows, report};
use crate::operator::{TaskContext, TaskError};
use crate::ports::Connection;

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn run(
    context: &TaskContext,
    connection: &Connection,
    plan: Plan,
) -> Result<Vec<Rows>, TaskError> {
    let mut db = options(connection)?
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| TaskError::Fail(format!("connection \"{}\": {error}", connection.conn_id)))?;
    let mut results = Vec::new();
    if !plan.autocommit {
        db.execute("BEGIN").await.map_err(TaskError::fail)?;
    }
    for statement in &plan.statements {
        context.log.info(format!("running: {}", statement.sql));
        let text = AssertSqlSafe(statement.sql.clone()).into_sql_str();
        let prepared = db.prepare(text).await.map_err(TaskError::fail)?;
        let mut rows = Rows {
            columns: prepared.columns().iter().map(|column| column.name().to_owned()).collect(),
            ..Rows::default()
        };
        let mut query = prepared.query();
        for value in &statement.values {
            query = match value {
                Value::Null => query.bind(None::<i64>),
                Value::Bool(value) => query.bind(*value),
                Value::Number(number) => match number.as_i64() {
                    Some(number) => query.bind(number),
                    None => query.bind(number.as_f64()),
                },
                Value::String(text) => query.bind(text.clone()),
                other => query.bind(other.to_string()),
            };
        }
        let mut stream = db.fetch_many(query);
        while let Some(found) = stream.try_next().await.map_err(TaskError::fail)? {
            match found {
                Either::Left(done) => rows.affected += done.rows_affected(),
                Either::Right(row) if plan.keep_rows => rows.push(values(&row)?)?,
                Either::Right(_) => rows.affected += 1,
            }
        }
        drop(stream);
        report(context, &rows);
        results.push(rows);
    }
    if !plan.autocommit {
        db.execute("COMMIT").await.map_err(TaskError::fail)?;
    }
    db.close().await.map_err(TaskError::fail)?;
    Ok(results)
}

fn options(connection: &Connection) -> Result<SqliteConnectOptions, TaskError> {
    let path = connection.host.as_deref().filter(|host| !host.is_empty()).or(connection.schema.as_deref());
    let options = match (path, connection.uri.as_deref()) {
        (Some(path), _) => SqliteConnectOptions::new().filename(path),
        (None, Some(uri)) => SqliteConnectOptions::from_str(uri).map_err(|error| {
            TaskError::FailNoRetry(format!("connection \"{}\": {error}", connection.conn_id))
        })?,
        (None, None) => {
            return Err(TaskError::FailNoRetry(format!(
                "connection \"{}\" names no file: set its host to a path",
                connection.conn_id
            )));
        }
    };
    Ok(options.create_if_missing(true).busy_timeout(BUSY_TIMEOUT))
}

fn values(row: &SqliteRow) -> Result<Vec<Value>, TaskError> {
    (0..row.columns().len()).map(|at| value(row, at).map_err(TaskError::fail)).collect()
}

fn value(row: &SqliteRow, at: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    // The value's own storage class: SQLite's columns promise nothing.
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" | "INT4" | "INT8" | "BIGINT" => Value::from(row.try_get_unchecked::<i64, _>(at)?),
        "BOOLEAN" => Value::from(row.try_get_unchecked::<bool, _>(at)?),
        "REAL" => Value::from(row.try_get_unchecked::<f64, _>(at)?),
        "BLOB" => {
            let bytes: Vec<u8> = row.try_get_unchecked(at)?;
            Value::from(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => Value::from(row.try_get_unchecked::<String, _>(at)?),
    })
}

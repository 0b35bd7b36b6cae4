//! Rows to records.

use std::str::FromStr;

use jiff::Timestamp;
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Result, StoreError};
use crate::records::{Interval, Run, RunKey, TaskInstance, TaskKey, TaskTry};

pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(super) fn micros_opt(at: Option<Timestamp>) -> Option<i64> {
    at.map(micros)
}

pub(super) fn corrupt(what: &str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { what: what.to_owned(), reason: reason.to_string() }
}

pub(super) fn time(row: &AnyRow, column: &str) -> Result<Timestamp> {
    Timestamp::from_microsecond(row.try_get(column)?).map_err(|error| corrupt(column, error))
}

pub(super) fn time_opt(row: &AnyRow, column: &str) -> Result<Option<Timestamp>> {
    let micros: Option<i64> = row.try_get(column)?;
    micros
        .map(|micros| Timestamp::from_microsecond(micros).map_err(|error| corrupt(column, error)))
        .transpose()
}

pub(super) fn named<T: FromStr<Err: std::fmt::Display>>(row: &AnyRow, column: &str) -> Result<T> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|error| corrupt(column, error))
}

pub(super) fn json(row: &AnyRow, column: &str) -> Result<Value> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| corrupt(column, error))
}

pub(super) fn int<T: TryFrom<i64, Error: std::fmt::Display>>(row: &AnyRow, column: &str) -> Result<T> {
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|error| corrupt(column, error))
}

pub(super) fn task_key(row: &AnyRow) -> Result<TaskKey> {
    Ok(TaskKey {
        dag_id: row.try_get("dag_id")?,
        run_id: row.try_get("run_id")?,
        task_id: row.try_get("task_id")?,
        map_index: int(row, "map_index")?,
    })
}

pub(super) const RUN: &str = "dag_id, run_id, run_type, state, logical_date, interval_start, interval_end, \
     run_after, queued_at, started_at, ended_at, conf, note";

pub(super) fn run(row: &AnyRow) -> Result<Run> {
    let interval = (time_opt(row, "interval_start")?, time_opt(row, "interval_end")?);
    let Value::Object(conf) = json(row, "conf")? else {
        return Err(corrupt("conf", "not a JSON object"));
    };
    Ok(Run {
        key: RunKey::new(row.try_get::<String, _>("dag_id")?, row.try_get::<String, _>("run_id")?),
        run_type: named(row, "run_type")?,
        state: named(row, "state")?,
        logical_date: time_opt(row, "logical_date")?,
        data_interval: interval.0.zip(interval.1).map(|(start, end)| Interval { start, end }),
        run_after: time(row, "run_after")?,
        queued_at: time_opt(row, "queued_at")?,
        started_at: time_opt(row, "started_at")?,
        ended_at: time_opt(row, "ended_at")?,
        conf,
        note: row.try_get("note")?,
    })
}

pub(super) const INSTANCE: &str = "dag_id, run_id, task_id, map_index, state, try_number, max_tries, operator, \
     queued_at, started_at, ended_at, retry_at, note";

pub(super) fn instance(row: &AnyRow) -> Result<TaskInstance> {
    Ok(TaskInstance {
        key: task_key(row)?,
        state: named(row, "state")?,
        try_number: int(row, "try_number")?,
        max_tries: int(row, "max_tries")?,
        operator: row.try_get("operator")?,
        queued_at: time_opt(row, "queued_at")?,
        started_at: time_opt(row, "started_at")?,
        ended_at: time_opt(row, "ended_at")?,
        retry_at: time_opt(row, "retry_at")?,
        note: row.try_get("note")?,
    })
}

pub(super) fn task_try(row: &AnyRow) -> Result<TaskTry> {
    Ok(TaskTry {
        key: task_key(row)?,
        try_number: int(row, "try_number")?,
        state: named(row, "state")?,
        started_at: time_opt(row, "started_at")?,
        ended_at: time_opt(row, "ended_at")?,
        note: row.try_get("note")?,
    })
}

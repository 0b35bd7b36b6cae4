//! Everything the scheduler can change, applied as one transaction per step.

use dag::Dag;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sqlx::{Any, Transaction};
use std::sync::Arc;

use super::row::{micros, micros_opt};
use super::{Result, Store};
use crate::records::{DagRecord, ImportError, RenderedField, Run, TaskInstance, TaskKey, TaskTry};

/// One change of the state.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Dag(DagRecord),
    Source {
        dag: Arc<Dag>,
        source: Arc<str>,
    },
    Run(Run),
    Instance(TaskInstance),
    Try(TaskTry),
    Xcom {
        key: TaskKey,
        name: String,
        value: Value,
        at: Timestamp,
    },
    /// A new try begins without what the last one left.
    XcomsCleared(TaskKey),
    Rendered {
        key: TaskKey,
        try_number: u32,
        fields: Vec<RenderedField>,
    },
    ImportError(ImportError),
    ImportErrorGone {
        file: String,
    },
}

impl Store {
    /// All of them or none.
    pub(crate) async fn apply(&self, changes: &[Change]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut tx = self.pool.begin().await?;
        for change in changes {
            change.write(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Change {
    async fn write(&self, tx: &mut Transaction<'static, Any>) -> Result<()> {
        match self {
            Self::Dag(record) => dag(tx, record).await,
            Self::Source { dag, source } => self::source(tx, dag, source).await,
            Self::Run(record) => run(tx, record).await,
            Self::Instance(record) => instance(tx, record).await,
            Self::Try(record) => task_try(tx, record).await,
            Self::Xcom { key, name, value, at } => xcom(tx, key, name, value, *at).await,
            Self::XcomsCleared(key) => xcoms_cleared(tx, key).await,
            Self::Rendered { key, try_number, fields } => rendered(tx, key, *try_number, fields).await,
            Self::ImportError(error) => import_error(tx, error).await,
            Self::ImportErrorGone { file } => {
                sqlx::query("DELETE FROM import_error WHERE file = $1")
                    .bind(file.clone())
                    .execute(&mut **tx)
                    .await?;
                Ok(())
            }
        }
    }
}

async fn dag(tx: &mut Transaction<'static, Any>, record: &DagRecord) -> Result<()> {
    sqlx::query(
        "INSERT INTO dag (dag_id, file, paused, stale, parsed_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (dag_id) DO UPDATE SET file = excluded.file, paused = excluded.paused, \
         stale = excluded.stale, parsed_at = excluded.parsed_at",
    )
    .bind(record.dag_id.clone())
    .bind(record.file.clone())
    .bind(i64::from(record.paused))
    .bind(i64::from(record.stale))
    .bind(micros(record.parsed_at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn source(tx: &mut Transaction<'static, Any>, dag: &Dag, source: &str) -> Result<()> {
    let json = serde_json::to_string(dag).map_err(|error| super::row::corrupt("dag_json", error))?;
    sqlx::query(
        "INSERT INTO dag_source (dag_id, source, dag_json) VALUES ($1, $2, $3) \
         ON CONFLICT (dag_id) DO UPDATE SET source = excluded.source, dag_json = excluded.dag_json",
    )
    .bind(dag.dag_id.clone())
    .bind(source.to_owned())
    .bind(json)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn run(tx: &mut Transaction<'static, Any>, run: &Run) -> Result<()> {
    sqlx::query(
        "INSERT INTO dag_run (dag_id, run_id, run_type, state, logical_date, interval_start, interval_end, \
         run_after, queued_at, started_at, ended_at, conf, note) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (dag_id, run_id) DO UPDATE SET state = excluded.state, queued_at = excluded.queued_at, \
         started_at = excluded.started_at, ended_at = excluded.ended_at, note = excluded.note",
    )
    .bind(run.key.dag_id.clone())
    .bind(run.key.run_id.clone())
    .bind(run.run_type.as_str())
    .bind(run.state.as_str())
    .bind(micros_opt(run.logical_date))
    .bind(run.data_interval.map(|interval| micros(interval.start)))
    .bind(run.data_interval.map(|interval| micros(interval.end)))
    .bind(micros(run.run_after))
    .bind(micros_opt(run.queued_at))
    .bind(micros_opt(run.started_at))
    .bind(micros_opt(run.ended_at))
    .bind(Value::Object(run.conf.clone()).to_string())
    .bind(run.note.clone())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn instance(tx: &mut Transaction<'static, Any>, instance: &TaskInstance) -> Result<()> {
    sqlx::query(
        "INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, try_number, max_tries, operator, \
         queued_at, started_at, ended_at, retry_at, note) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (dag_id, run_id, task_id, map_index) DO UPDATE SET state = excluded.state, \
         try_number = excluded.try_number, max_tries = excluded.max_tries, operator = excluded.operator, \
         queued_at = excluded.queued_at, started_at = excluded.started_at, ended_at = excluded.ended_at, \
         retry_at = excluded.retry_at, note = excluded.note",
    )
    .bind(instance.key.dag_id.clone())
    .bind(instance.key.run_id.clone())
    .bind(instance.key.task_id.clone())
    .bind(i64::from(instance.key.map_index))
    .bind(instance.state.as_str())
    .bind(i64::from(instance.try_number))
    .bind(i64::from(instance.max_tries))
    .bind(instance.operator.clone())
    .bind(micros_opt(instance.queued_at))
    .bind(micros_opt(instance.started_at))
    .bind(micros_opt(instance.ended_at))
    .bind(micros_opt(instance.retry_at))
    .bind(instance.note.clone())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn task_try(tx: &mut Transaction<'static, Any>, record: &TaskTry) -> Result<()> {
    sqlx::query(
        "INSERT INTO task_try (dag_id, run_id, task_id, map_index, try_number, state, started_at, ended_at, note) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (dag_id, run_id, task_id, map_index, try_number) DO UPDATE SET state = excluded.state, \
         started_at = excluded.started_at, ended_at = excluded.ended_at, note = excluded.note",
    )
    .bind(record.key.dag_id.clone())
    .bind(record.key.run_id.clone())
    .bind(record.key.task_id.clone())
    .bind(i64::from(record.key.map_index))
    .bind(i64::from(record.try_number))
    .bind(record.state.as_str())
    .bind(micros_opt(record.started_at))
    .bind(micros_opt(record.ended_at))
    .bind(record.note.clone())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn xcom(
    tx: &mut Transaction<'static, Any>,
    key: &TaskKey,
    name: &str,
    value: &Value,
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO xcom (dag_id, run_id, task_id, map_index, key, value, at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (dag_id, run_id, task_id, map_index, key) DO UPDATE SET value = excluded.value, \
         at = excluded.at",
    )
    .bind(key.dag_id.clone())
    .bind(key.run_id.clone())
    .bind(key.task_id.clone())
    .bind(i64::from(key.map_index))
    .bind(name.to_owned())
    .bind(value.to_string())
    .bind(micros(at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn xcoms_cleared(tx: &mut Transaction<'static, Any>, key: &TaskKey) -> Result<()> {
    sqlx::query("DELETE FROM xcom WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4")
        .bind(key.dag_id.clone())
        .bind(key.run_id.clone())
        .bind(key.task_id.clone())
        .bind(i64::from(key.map_index))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn rendered(
    tx: &mut Transaction<'static, Any>,
    key: &TaskKey,
    try_number: u32,
    fields: &[RenderedField],
) -> Result<()> {
    let fields: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), Value::from(field.value.clone()))).collect();
    sqlx::query(
        "INSERT INTO rendered_fields (dag_id, run_id, task_id, map_index, try_number, fields) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (dag_id, run_id, task_id, map_index, try_number) DO UPDATE SET fields = excluded.fields",
    )
    .bind(key.dag_id.clone())
    .bind(key.run_id.clone())
    .bind(key.task_id.clone())
    .bind(i64::from(key.map_index))
    .bind(i64::from(try_number))
    .bind(Value::Object(fields).to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn import_error(tx: &mut Transaction<'static, Any>, error: &ImportError) -> Result<()> {
    sqlx::query(
        "INSERT INTO import_error (file, line, message, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (file) DO UPDATE SET line = excluded.line, message = excluded.message, at = excluded.at",
    )
    .bind(error.file.clone())
    .bind(error.line.map(i64::from))
    .bind(error.message.clone())
    .bind(micros(error.at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

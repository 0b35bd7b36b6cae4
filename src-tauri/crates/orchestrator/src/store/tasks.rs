//! Reading task instances, tries, XComs and rendered fields.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Row};

use super::row::{self, INSTANCE, corrupt, int, json, time};
use super::{Result, Store};
use crate::records::{RenderedField, RunKey, TaskInstance, TaskKey, TaskTry, Xcom};

impl Store {
    pub(crate) async fn instances(&self, run: &RunKey) -> Result<Vec<TaskInstance>> {
        let sql = format!(
            "SELECT {INSTANCE} FROM task_instance WHERE dag_id = $1 AND run_id = $2 ORDER BY task_id, map_index"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(run.dag_id.clone())
            .bind(run.run_id.clone())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(row::instance).collect()
    }

    pub(crate) async fn instance(&self, key: &TaskKey) -> Result<Option<TaskInstance>> {
        let sql = format!(
            "SELECT {INSTANCE} FROM task_instance \
             WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4"
        );
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(key.dag_id.clone())
            .bind(key.run_id.clone())
            .bind(key.task_id.clone())
            .bind(i64::from(key.map_index))
            .fetch_optional(&self.pool)
            .await?;
        found.as_ref().map(row::instance).transpose()
    }

    pub(crate) async fn tries(&self, key: &TaskKey) -> Result<Vec<TaskTry>> {
        let rows = sqlx::query(
            "SELECT dag_id, run_id, task_id, map_index, try_number, state, started_at, ended_at, note \
             FROM task_try WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4 \
             ORDER BY try_number",
        )
        .bind(key.dag_id.clone())
        .bind(key.run_id.clone())
        .bind(key.task_id.clone())
        .bind(i64::from(key.map_index))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(row::task_try).collect()
    }

    pub(crate) async fn xcoms(&self, key: &TaskKey) -> Result<Vec<Xcom>> {
        let rows = sqlx::query(
            "SELECT key, value, at FROM xcom \
             WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4 ORDER BY key",
        )
        .bind(key.dag_id.clone())
        .bind(key.run_id.clone())
        .bind(key.task_id.clone())
        .bind(i64::from(key.map_index))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Xcom { key: row.try_get("key")?, value: json(row, "value")?, at: time(row, "at")? })
            })
            .collect()
    }

    /// One task's XCom by key; of a mapped task, each instance's in order of map index.
    pub(crate) async fn xcom(&self, run: &RunKey, task_id: &str, key: &str) -> Result<Vec<(i32, Value)>> {
        let rows = sqlx::query(
            "SELECT map_index, value FROM xcom \
             WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND key = $4 ORDER BY map_index",
        )
        .bind(run.dag_id.clone())
        .bind(run.run_id.clone())
        .bind(task_id.to_owned())
        .bind(key.to_owned())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((int(row, "map_index")?, json(row, "value")?))).collect()
    }

    pub(crate) async fn rendered(&self, key: &TaskKey, try_number: u32) -> Result<Vec<RenderedField>> {
        let found = sqlx::query(
            "SELECT fields FROM rendered_fields \
             WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4 AND try_number = $5",
        )
        .bind(key.dag_id.clone())
        .bind(key.run_id.clone())
        .bind(key.task_id.clone())
        .bind(i64::from(key.map_index))
        .bind(i64::from(try_number))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = found else { return Ok(Vec::new()) };
        let Value::Object(fields) = json(&row, "fields")? else {
            return Err(corrupt("fields", "not a JSON object"));
        };
        Ok(fields
            .into_iter()
            .map(|(name, value)| RenderedField {
                name,
                value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            })
            .collect())
    }
}

//! Reading DAG rows, sources and import errors.

use dag::Dag;
use sqlx::Row;

use super::row::{corrupt, int, time};
use super::{Result, Store};
use crate::records::{DagRecord, ImportError};

impl Store {
    pub(crate) async fn dags(&self) -> Result<Vec<DagRecord>> {
        let rows = sqlx::query("SELECT dag_id, file, paused, stale, parsed_at FROM dag ORDER BY dag_id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(DagRecord {
                    dag_id: row.try_get("dag_id")?,
                    file: row.try_get("file")?,
                    paused: int::<i64>(row, "paused")? != 0,
                    stale: int::<i64>(row, "stale")? != 0,
                    parsed_at: time(row, "parsed_at")?,
                })
            })
            .collect()
    }

    /// The definition last seen and its file's text.
    pub(crate) async fn source(&self, dag_id: &str) -> Result<Option<(Dag, String)>> {
        let row = sqlx::query("SELECT source, dag_json FROM dag_source WHERE dag_id = $1")
            .bind(dag_id.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let json: String = row.try_get("dag_json")?;
        let dag = serde_json::from_str(&json).map_err(|error| corrupt("dag_json", error))?;
        Ok(Some((dag, row.try_get("source")?)))
    }

    pub(crate) async fn import_errors(&self) -> Result<Vec<ImportError>> {
        let rows = sqlx::query("SELECT file, line, message, at FROM import_error ORDER BY file")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ImportError {
                    file: row.try_get("file")?,
                    line: row.try_get::<Option<i64>, _>("line")?.and_then(|line| u32::try_from(line).ok()),
                    message: row.try_get("message")?,
                    at: time(row, "at")?,
                })
            })
            .collect()
    }
}

//! Reading runs.

use dag::{RunState, RunType};
use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::row::{self, RUN, int, micros};
use super::{Result, Store};
use crate::records::{Run, RunCounts, RunFilter, RunKey};

/// A list longer than a window can show is a mistake.
pub(super) const RUNS_MAX: u32 = 1_000;

fn collect(rows: &[AnyRow]) -> Result<Vec<Run>> {
    rows.iter().map(row::run).collect()
}

impl Store {
    pub(crate) async fn run(&self, key: &RunKey) -> Result<Option<Run>> {
        let sql = format!("SELECT {RUN} FROM dag_run WHERE dag_id = $1 AND run_id = $2");
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(key.dag_id.clone())
            .bind(key.run_id.clone())
            .fetch_optional(&self.pool)
            .await?;
        found.as_ref().map(row::run).transpose()
    }

    pub(crate) async fn run_at(&self, dag_id: &str, logical_date: Timestamp) -> Result<Option<Run>> {
        let sql = format!("SELECT {RUN} FROM dag_run WHERE dag_id = $1 AND logical_date = $2");
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(dag_id.to_owned())
            .bind(micros(logical_date))
            .fetch_optional(&self.pool)
            .await?;
        found.as_ref().map(row::run).transpose()
    }

    /// Newest first, at most [`RUNS_MAX`].
    pub(crate) async fn runs(&self, filter: &RunFilter, limit: u32, offset: u32) -> Result<Vec<Run>> {
        let (clause, values) = where_clause(filter);
        let sql = format!(
            "SELECT {RUN} FROM dag_run {clause} ORDER BY run_after DESC, run_id DESC LIMIT {} OFFSET {offset}",
            limit.min(RUNS_MAX)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for value in values {
            query = query.bind(value);
        }
        collect(&query.fetch_all(&self.pool).await?)
    }

    pub(crate) async fn runs_total(&self, filter: &RunFilter) -> Result<u64> {
        let (clause, values) = where_clause(filter);
        let mut query = sqlx::query(AssertSqlSafe(format!("SELECT COUNT(*) AS total FROM dag_run {clause}")));
        for value in values {
            query = query.bind(value);
        }
        int(&query.fetch_one(&self.pool).await?, "total")
    }

    /// Queued and running ones, oldest first: what a restart goes on with.
    pub(crate) async fn unfinished_runs(&self) -> Result<Vec<Run>> {
        let sql = format!(
            "SELECT {RUN} FROM dag_run WHERE state IN ('queued', 'running') ORDER BY run_after, run_id"
        );
        collect(&sqlx::query(AssertSqlSafe(sql)).fetch_all(&self.pool).await?)
    }

    /// The newest scheduled run by its data interval: the timetable goes on from it.
    pub(crate) async fn last_scheduled_run(&self, dag_id: &str) -> Result<Option<Run>> {
        let sql = format!(
            "SELECT {RUN} FROM dag_run WHERE dag_id = $1 AND run_type = '{}' \
             ORDER BY logical_date DESC LIMIT 1",
            RunType::Scheduled
        );
        let found =
            sqlx::query(AssertSqlSafe(sql)).bind(dag_id.to_owned()).fetch_optional(&self.pool).await?;
        found.as_ref().map(row::run).transpose()
    }

    /// The run before this logical date, whatever its type; with `state`, the last one in it.
    pub(crate) async fn run_before(
        &self,
        dag_id: &str,
        logical_date: Timestamp,
        state: Option<RunState>,
    ) -> Result<Option<Run>> {
        let clause = state.map(|state| format!("AND state = '{state}'")).unwrap_or_default();
        let sql = format!(
            "SELECT {RUN} FROM dag_run WHERE dag_id = $1 AND logical_date < $2 {clause} \
             ORDER BY logical_date DESC LIMIT 1"
        );
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(dag_id.to_owned())
            .bind(micros(logical_date))
            .fetch_optional(&self.pool)
            .await?;
        found.as_ref().map(row::run).transpose()
    }

    pub(crate) async fn run_counts(&self, now: Timestamp) -> Result<RunCounts> {
        let day_ago = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        let rows = sqlx::query(
            "SELECT state, COUNT(*) AS total FROM dag_run \
             WHERE state IN ('queued', 'running') OR (state IN ('success', 'failed') AND ended_at >= $1) \
             GROUP BY state",
        )
        .bind(micros(day_ago))
        .fetch_all(&self.pool)
        .await?;
        let mut counts = RunCounts::default();
        for row in &rows {
            let total: u32 = int(row, "total")?;
            match row::named::<RunState>(row, "state")? {
                RunState::Queued => counts.queued = total,
                RunState::Running => counts.running = total,
                RunState::Success => counts.success = total,
                RunState::Failed => counts.failed = total,
            }
        }
        Ok(counts)
    }
}

fn where_clause(filter: &RunFilter) -> (String, Vec<String>) {
    let mut terms = Vec::new();
    let mut values = Vec::new();
    if let Some(dag_id) = &filter.dag_id {
        values.push(dag_id.clone());
        terms.push(format!("dag_id = ${}", values.len()));
    }
    if let Some(state) = filter.state {
        values.push(state.as_str().to_owned());
        terms.push(format!("state = ${}", values.len()));
    }
    match terms.is_empty() {
        true => (String::new(), values),
        false => (format!("WHERE {}", terms.join(" AND ")), values),
    }
}

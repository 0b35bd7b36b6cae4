//! A part of Airflow's REST API, version 2: same paths, same JSON, same errors.

mod error;
mod json;
mod runs;
mod tasks;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::orchestrator::Orchestrator;
use error::{ApiError, Body, Query};

/// What one page holds where the client does not say, and at most.
pub(crate) const LIMIT: u32 = 50;
pub(crate) const LIMIT_MAX: u32 = 1_000;

type Answer = Result<Json<Value>, ApiError>;

/// Everything below `/api/v2`.
pub(crate) fn router(orchestrator: Orchestrator) -> Router {
    let api = Router::new()
        .route("/version", get(version))
        .route("/monitor/health", get(health))
        .route("/importErrors", get(import_errors))
        .route("/dags", get(dags))
        .route("/dags/{dag_id}", get(dag).patch(patch_dag))
        .route("/dags/{dag_id}/details", get(dag))
        .route("/dags/{dag_id}/tasks", get(dag_tasks))
        .route("/dags/{dag_id}/dagRuns", get(runs::list).post(runs::trigger))
        .route("/dags/{dag_id}/dagRuns/{run_id}", get(runs::get).patch(runs::patch))
        .route("/dags/{dag_id}/dagRuns/{run_id}/clear", axum::routing::post(runs::clear))
        .route("/dags/{dag_id}/dagRuns/{run_id}/taskInstances", get(tasks::list))
        .route("/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}", get(tasks::get))
        .route("/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/tries", get(tasks::tries))
        .route("/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}", get(tasks::logs))
        .route("/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries", get(tasks::xcoms))
        .route("/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}", get(tasks::xcom))
        .fallback(error::unknown_path)
        .with_state(orchestrator);
    Router::new().nest("/api/v2", api)
}

/// `limit` and `offset`, as every list takes them.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Page {
    limit: Option<u32>,
    offset: Option<u32>,
}

impl Page {
    pub(crate) fn limit(&self) -> u32 {
        self.limit.unwrap_or(LIMIT).min(LIMIT_MAX)
    }

    pub(crate) fn offset(&self) -> u32 {
        self.offset.unwrap_or(0)
    }

    /// The page of a list that is whole in memory.
    pub(crate) fn cut<T>(&self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        items.into_iter().skip(self.offset() as usize).take(self.limit() as usize).collect()
    }
}

async fn version() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "git_version": null }))
}

async fn health(State(orchestrator): State<Orchestrator>) -> Answer {
    let healthy = |ok: bool| if ok { "healthy" } else { "unhealthy" };
    let database = orchestrator.store().dags().await.is_ok();
    let beat = json::time(Some(jiff::Timestamp::now()));
    Ok(Json(json!({
        "metadatabase": { "status": healthy(database) },
        "scheduler": { "status": healthy(orchestrator.is_running()), "latest_scheduler_heartbeat": beat },
        "triggerer": { "status": null, "latest_triggerer_heartbeat": null },
        "dag_processor": { "status": healthy(orchestrator.is_running()), "latest_dag_processor_heartbeat": beat },
    })))
}

async fn import_errors(State(orchestrator): State<Orchestrator>, Query(page): Query<Page>) -> Answer {
    let errors = orchestrator.import_errors().await?;
    let total = errors.len();
    let list: Vec<Value> = page
        .cut(errors.into_iter().enumerate())
        .into_iter()
        .map(|(at, error)| {
            let place = error.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            json!({
                "import_error_id": at + 1,
                "timestamp": json::time(Some(error.at)),
                "filename": error.file,
                "bundle_name": "dags-folder",
                "stack_trace": format!("{place}{}", error.message),
            })
        })
        .collect();
    Ok(Json(json!({ "import_errors": list, "total_entries": total })))
}

#[derive(Debug, Deserialize)]
struct DagQuery {
    #[serde(flatten)]
    page: Text,
    paused: Option<bool>,
    dag_id_pattern: Option<String>,
}

/// serde's flatten reads numbers of a query as text.
#[derive(Debug, Deserialize)]
struct Text {
    limit: Option<String>,
    offset: Option<String>,
}

impl Text {
    fn page(&self) -> Result<Page, ApiError> {
        let number = |name: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => {
                text.parse().map(Some).map_err(|_| ApiError::unprocessable(name, "is no whole number"))
            }
        };
        Ok(Page { limit: number("limit", &self.limit)?, offset: number("offset", &self.offset)? })
    }
}

async fn dags(State(orchestrator): State<Orchestrator>, Query(query): Query<DagQuery>) -> Answer {
    let page = query.page.page()?;
    let mut entries = orchestrator.list_dags().await?;
    entries.retain(|entry| query.paused.is_none_or(|paused| entry.record.paused == paused));
    if let Some(pattern) = &query.dag_id_pattern {
        let wanted = pattern.trim_matches('%').to_lowercase();
        entries.retain(|entry| entry.record.dag_id.to_lowercase().contains(&wanted));
    }
    let total = entries.len();
    let list: Vec<Value> = page.cut(entries).iter().map(json::dag).collect();
    Ok(Json(json!({ "dags": list, "total_entries": total })))
}

async fn dag(State(orchestrator): State<Orchestrator>, Path(dag_id): Path<String>) -> Answer {
    let detail = orchestrator.dag(&dag_id).await?;
    Ok(Json(json::dag_details(&detail.entry)))
}

#[derive(Debug, Deserialize)]
struct DagPatch {
    is_paused: bool,
}

async fn patch_dag(
    State(orchestrator): State<Orchestrator>,
    Path(dag_id): Path<String>,
    Body(patch): Body<DagPatch>,
) -> Answer {
    orchestrator.set_paused(&dag_id, patch.is_paused).await?;
    let detail = orchestrator.dag(&dag_id).await?;
    Ok(Json(json::dag(&detail.entry)))
}

async fn dag_tasks(State(orchestrator): State<Orchestrator>, Path(dag_id): Path<String>) -> Answer {
    let detail = orchestrator.dag(&dag_id).await?;
    let dag = &detail.entry.dag;
    let list: Vec<Value> = dag.tasks().iter().map(|task| json::task(dag, task)).collect();
    Ok(Json(json!({ "total_entries": list.len(), "tasks": list })))
}

//! `/dagRuns`.

use axum::Json;
use axum::extract::{Path, State};
use dag::RunState;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{ApiError, Body, Query};
use super::{Answer, Page, json as form};
use crate::orchestrator::{Clear, LogicalDate, Orchestrator, Trigger};
use crate::records::{RunFilter, RunKey};
use crate::store::Store;

#[derive(Debug, Deserialize)]
pub(super) struct RunQuery {
    limit: Option<u32>,
    offset: Option<u32>,
    state: Option<String>,
}

/// Newest first. The DAG `~` means all.
pub(super) async fn list(
    State(orchestrator): State<Orchestrator>,
    Path(dag_id): Path<String>,
    Query(query): Query<RunQuery>,
) -> Answer {
    let page = Page { limit: query.limit, offset: query.offset };
    let state: Option<RunState> = match &query.state {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|error| ApiError::unprocessable("state", format!("{error}")))?)
        }
    };
    if dag_id != "~" {
        orchestrator.check_dag(&dag_id)?;
    }
    let filter = RunFilter { dag_id: Some(dag_id).filter(|dag_id| dag_id != "~"), state };
    let store: &Store = orchestrator.store();
    let runs = store.runs(&filter, page.limit(), page.offset()).await?;
    let total = store.runs_total(&filter).await?;
    let list: Vec<Value> = runs.iter().map(form::run).collect();
    Ok(Json(json!({ "dag_runs": list, "total_entries": total })))
}

#[derive(Debug, Deserialize)]
pub(super) struct TriggerBody {
    dag_run_id: Option<String>,
    /// Null or absent: the run stands for no date.
    logical_date: Option<String>,
    conf: Option<Map<String, Value>>,
    note: Option<String>,
}

pub(super) async fn trigger(
    State(orchestrator): State<Orchestrator>,
    Path(dag_id): Path<String>,
    Body(body): Body<TriggerBody>,
) -> Answer {
    let logical_date = match &body.logical_date {
        None => LogicalDate::None,
        Some(text) => LogicalDate::At(
            text.parse().map_err(|error| ApiError::unprocessable("logical_date", format!("{error}")))?,
        ),
    };
    let run = orchestrator
        .trigger(Trigger {
            dag_id,
            run_id: body.dag_run_id,
            logical_date,
            conf: body.conf.unwrap_or_default(),
            note: body.note,
        })
        .await?;
    Ok(Json(form::run(&run)))
}

pub(super) async fn get(
    State(orchestrator): State<Orchestrator>,
    Path((dag_id, run_id)): Path<(String, String)>,
) -> Answer {
    let detail = orchestrator.run_detail(&RunKey::new(dag_id, run_id)).await?;
    Ok(Json(form::run(&detail.run)))
}

#[derive(Debug, Deserialize)]
pub(super) struct RunPatch {
    state: String,
}

/// Of the states Airflow can set, `failed` is there: it stops the run.
pub(super) async fn patch(
    State(orchestrator): State<Orchestrator>,
    Path((dag_id, run_id)): Path<(String, String)>,
    Body(body): Body<RunPatch>,
) -> Answer {
    if body.state != "failed" {
        return Err(ApiError::unprocessable("state", "only failed can be set, which stops the run"));
    }
    let key = RunKey::new(dag_id, run_id);
    orchestrator.stop_run(&key).await?;
    Ok(Json(form::run(&orchestrator.run_detail(&key).await?.run)))
}

#[derive(Debug, Deserialize)]
pub(super) struct ClearBody {
    #[serde(default = "yes")]
    dry_run: bool,
    #[serde(default)]
    only_failed: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn clear(
    State(orchestrator): State<Orchestrator>,
    Path((dag_id, run_id)): Path<(String, String)>,
    Body(body): Body<ClearBody>,
) -> Answer {
    let key = RunKey::new(&dag_id, &run_id);
    if body.dry_run {
        let detail = orchestrator.run_detail(&key).await?;
        let failed = |state| matches!(state, dag::TaskState::Failed | dag::TaskState::UpstreamFailed);
        let chosen = detail.tasks.iter().filter(|task| !body.only_failed || failed(task.state));
        let list: Vec<Value> = chosen.map(|task| form::instance(task, detail.run.logical_date)).collect();
        return Ok(Json(json!({ "total_entries": list.len(), "task_instances": list })));
    }
    let clear = Clear { dag_id, run_id, only_failed: body.only_failed, ..Clear::default() };
    orchestrator.clear(clear).await?;
    Ok(Json(form::run(&orchestrator.run_detail(&key).await?.run)))
}

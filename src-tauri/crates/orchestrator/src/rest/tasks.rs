//! `/taskInstances`, their logs and XComs.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ApiError, Query};
use super::{Answer, Page, json as form};
use crate::orchestrator::Orchestrator;
use crate::records::{RunKey, TaskKey, UNMAPPED};

type TaskPath = Path<(String, String, String)>;

fn key(Path((dag_id, run_id, task_id)): TaskPath) -> TaskKey {
    TaskKey { dag_id, run_id, task_id, map_index: UNMAPPED }
}

pub(super) async fn list(
    State(orchestrator): State<Orchestrator>,
    Path((dag_id, run_id)): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Answer {
    let detail = orchestrator.run_detail(&RunKey::new(dag_id, run_id)).await?;
    let total = detail.tasks.len();
    let list: Vec<Value> = page
        .cut(&detail.tasks)
        .into_iter()
        .map(|task| form::instance(task, detail.run.logical_date))
        .collect();
    Ok(Json(json!({ "task_instances": list, "total_entries": total })))
}

pub(super) async fn get(State(orchestrator): State<Orchestrator>, path: TaskPath) -> Answer {
    let key = key(path);
    let detail = orchestrator.task_instance(&key).await?;
    let run = orchestrator.run_detail(&key.run()).await?.run;
    let mut value = form::instance(&detail.instance, run.logical_date);
    let rendered: serde_json::Map<String, Value> =
        detail.rendered.into_iter().map(|field| (field.name, Value::from(field.value))).collect();
    value["rendered_fields"] = Value::Object(rendered);
    Ok(Json(value))
}

pub(super) async fn tries(State(orchestrator): State<Orchestrator>, path: TaskPath) -> Answer {
    let detail = orchestrator.task_instance(&key(path)).await?;
    let list: Vec<Value> = detail.tries.iter().map(form::task_try).collect();
    Ok(Json(json!({ "total_entries": list.len(), "task_instances": list })))
}

#[derive(Debug, Deserialize)]
pub(super) struct LogQuery {
    /// What the last answer gave; the byte offset to go on from.
    token: Option<String>,
}

/// `{"content": [lines], "continuation_token": …}`, or plain text if that is accepted.
pub(super) async fn logs(
    State(orchestrator): State<Orchestrator>,
    Path((dag_id, run_id, task_id, try_number)): Path<(String, String, String, u32)>,
    Query(query): Query<LogQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let offset = match &query.token {
        None => 0,
        Some(token) => token.parse().map_err(|_| ApiError::unprocessable("token", "is none of ours"))?,
    };
    let key = TaskKey { dag_id, run_id, task_id, map_index: UNMAPPED };
    let page = orchestrator.read_log(&key, Some(try_number), offset, Duration::ZERO).await?;
    let plain = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept == "text/plain");
    if plain {
        return Ok(page.text.into_response());
    }
    let token = (!page.done).then(|| page.next_offset_bytes.to_string());
    let lines: Vec<&str> = page.text.lines().collect();
    Ok(Json(json!({ "content": lines, "continuation_token": token })).into_response())
}

pub(super) async fn xcoms(State(orchestrator): State<Orchestrator>, path: TaskPath) -> Answer {
    let key = key(path);
    let detail = orchestrator.task_instance(&key).await?;
    let list: Vec<Value> = detail
        .xcoms
        .iter()
        .map(|xcom| {
            json!({
                "key": xcom.key, "timestamp": form::time(Some(xcom.at)), "map_index": key.map_index,
                "task_id": key.task_id, "dag_id": key.dag_id, "run_id": key.run_id,
            })
        })
        .collect();
    Ok(Json(json!({ "xcom_entries": list, "total_entries": list.len() })))
}

pub(super) async fn xcom(
    State(orchestrator): State<Orchestrator>,
    Path((dag_id, run_id, task_id, name)): Path<(String, String, String, String)>,
) -> Answer {
    let key = TaskKey { dag_id, run_id, task_id, map_index: UNMAPPED };
    let detail = orchestrator.task_instance(&key).await?;
    let found = detail.xcoms.into_iter().find(|xcom| xcom.key == name);
    let xcom =
        found.ok_or_else(|| ApiError::not_found(format!("XCom entry with key: `{name}` not found")))?;
    Ok(Json(json!({
        "key": xcom.key, "value": xcom.value, "timestamp": form::time(Some(xcom.at)), "map_index": key.map_index,
        "task_id": key.task_id, "dag_id": key.dag_id, "run_id": key.run_id,
    })))
}

//! Our records in Airflow's JSON.

use dag::{Dag, Task, TaskState};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::records::{DagEntry, Run, TaskInstance, TaskTry};

/// `2026-01-01T00:00:00.000000Z`, or null.
pub(super) fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::from(format!("{at:.6}")))
}

fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> Value {
    match (from, to) {
        (Some(from), Some(to)) => Value::from(to.duration_since(from).as_secs_f64()),
        _ => Value::Null,
    }
}

/// Airflow's null for a state not decided yet.
fn state(state: TaskState) -> Value {
    if state == TaskState::None { Value::Null } else { Value::from(state.as_str()) }
}

pub(super) fn dag(entry: &DagEntry) -> Value {
    let (record, dag) = (&entry.record, &entry.dag);
    let tags: Vec<Value> = dag.tags.iter().map(|tag| json!({ "name": tag, "dag_id": dag.dag_id })).collect();
    let schedule = dag.schedule.text();
    json!({
        "dag_id": dag.dag_id,
        "dag_display_name": dag.display_name.as_ref().unwrap_or(&dag.dag_id),
        "is_paused": record.paused,
        "is_stale": record.stale,
        "last_parsed_time": time(Some(record.parsed_at)),
        "bundle_name": "dags-folder",
        "relative_fileloc": record.file,
        "fileloc": record.file,
        "description": dag.description,
        "timetable_summary": schedule,
        "timetable_description": schedule,
        "tags": tags,
        "max_active_tasks": dag.max_active_tasks,
        "max_active_runs": dag.max_active_runs,
        "has_task_concurrency_limits": dag.tasks().iter().any(|task| {
            task.max_active_tis_per_dag.is_some() || task.max_active_tis_per_dagrun.is_some()
        }),
        "has_import_errors": false,
        "next_dagrun_run_after": time(entry.next_run_at),
        "owners": dag.owner.iter().collect::<Vec<_>>(),
    })
}

pub(super) fn dag_details(entry: &DagEntry) -> Value {
    let mut value = dag(entry);
    let dag = &entry.dag;
    let params: serde_json::Map<String, Value> = dag
        .params
        .iter()
        .map(|param| {
            let shown =
                json!({ "value": param.default, "description": param.description, "schema": param.schema });
            (param.name.clone(), shown)
        })
        .collect();
    if let (Value::Object(map), Value::Object(more)) = (
        &mut value,
        json!({
            "catchup": dag.catchup,
            "dag_run_timeout": dag.dagrun_timeout.map(|timeout| timeout.as_secs_f64()),
            "doc_md": dag.doc_md,
            "start_date": time(dag.start_date),
            "end_date": time(dag.end_date),
            "params": params,
            "timezone": dag.timezone_name(),
            "render_template_as_native_obj": dag.render_template_as_native_obj,
        }),
    ) {
        map.extend(more);
    }
    value
}

pub(super) fn task(dag: &Dag, task: &Task) -> Value {
    let downstream: Vec<&str> =
        dag.graph.downstream(&task.task_id).iter().map(|task| task.task_id.as_str()).collect();
    json!({
        "task_id": task.task_id,
        "task_display_name": task.label(),
        "operator_name": task.operator,
        "owner": task.owner,
        "start_date": time(task.start_date),
        "end_date": time(task.end_date),
        "trigger_rule": task.trigger_rule.as_str(),
        "depends_on_past": task.depends_on_past,
        "wait_for_downstream": task.wait_for_downstream,
        "retries": task.retries,
        "queue": task.queue,
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "execution_timeout": task.execution_timeout.map(|timeout| timeout.as_secs_f64()),
        "retry_delay": task.retry_delay.as_secs_f64(),
        "retry_exponential_backoff": task.retry_exponential_backoff,
        "priority_weight": task.priority_weight,
        "weight_rule": task.weight_rule.as_str(),
        "doc_md": task.doc_md,
        "downstream_task_ids": downstream,
        "is_mapped": false,
        "class_ref": { "class_name": task.operator },
    })
}

pub(super) fn run(run: &Run) -> Value {
    json!({
        "dag_run_id": run.key.run_id,
        "dag_id": run.key.dag_id,
        "logical_date": time(run.logical_date),
        "queued_at": time(run.queued_at),
        "start_date": time(run.started_at),
        "end_date": time(run.ended_at),
        "duration": seconds(run.started_at, run.ended_at),
        "data_interval_start": time(run.data_interval.map(|interval| interval.start)),
        "data_interval_end": time(run.data_interval.map(|interval| interval.end)),
        "run_after": time(Some(run.run_after)),
        "run_type": run.run_type.as_str(),
        "state": run.state.as_str(),
        "triggered_by": if run.run_type == dag::RunType::Manual { "rest_api" } else { "timetable" },
        "conf": run.conf,
        "note": run.note,
    })
}

pub(super) fn instance(instance: &TaskInstance, logical_date: Option<Timestamp>) -> Value {
    json!({
        "task_id": instance.key.task_id,
        "task_display_name": instance.key.task_id,
        "dag_id": instance.key.dag_id,
        "dag_run_id": instance.key.run_id,
        "map_index": instance.key.map_index,
        "logical_date": time(logical_date),
        "start_date": time(instance.started_at),
        "end_date": time(instance.ended_at),
        "queued_when": time(instance.queued_at),
        "duration": seconds(instance.started_at, instance.ended_at),
        "state": state(instance.state),
        "try_number": instance.try_number,
        "max_tries": instance.max_tries,
        "operator": instance.operator,
        "operator_name": instance.operator,
        "note": instance.note,
    })
}

pub(super) fn task_try(record: &TaskTry) -> Value {
    json!({
        "task_id": record.key.task_id,
        "dag_id": record.key.dag_id,
        "dag_run_id": record.key.run_id,
        "map_index": record.key.map_index,
        "start_date": time(record.started_at),
        "end_date": time(record.ended_at),
        "duration": seconds(record.started_at, record.ended_at),
        "state": state(record.state),
        "try_number": record.try_number,
    })
}

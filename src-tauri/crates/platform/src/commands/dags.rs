//! DAGs, runs, task instances.

use std::time::Duration;

use api::ApiError;
use api::commands::Done;
use api::dags::*;
use jiff::Timestamp;
use orchestrator::{Clear, DagEntry, LogicalDate, RunFilter, RunKey, TaskInstance, TaskKey, Trigger};
use serde_json::Value;

use super::count;
use crate::error::{invalid, of_orchestrator};
use crate::platform::Services;

const RUNS_MAX: u32 = 1000;

pub(super) async fn list(it: &Services) -> Result<DagList, ApiError> {
    let entries = it.orchestrator.list_dags().await.map_err(of_orchestrator)?;
    let errors = it.orchestrator.import_errors().await.map_err(of_orchestrator)?;
    Ok(DagList {
        dags: entries.iter().map(row).collect(),
        import_errors: errors
            .into_iter()
            .map(|error| ImportError { file: error.file, line: error.line, message: error.message })
            .collect(),
    })
}

pub(super) async fn get(it: &Services, params: DagGet) -> Result<DagDetail, ApiError> {
    let detail = it.orchestrator.dag(&params.dag_id).await.map_err(of_orchestrator)?;
    let dag = &detail.entry.dag;
    Ok(DagDetail {
        row: row(&detail.entry),
        tasks: dag
            .tasks()
            .iter()
            .map(|task| DagTask {
                task_id: task.task_id.clone(),
                label: task.label().to_owned(),
                operator: task.operator.clone(),
                groups: task.groups.clone(),
                trigger_rule: task.trigger_rule.as_str().to_owned(),
                retries: task.retries,
                doc_md: task.doc_md.clone(),
                summary: dag::operators::summary(task),
            })
            .collect(),
        edges: dag
            .graph
            .edges()
            .into_iter()
            .map(|edge| DagEdge { upstream: edge.upstream, downstream: edge.downstream, label: edge.label })
            .collect(),
        params: dag.params.iter().map(param).collect(),
        source: detail.source,
        doc_md: dag.doc_md.clone(),
        start_date_ms: dag.start_date.map(Timestamp::as_millisecond),
        end_date_ms: dag.end_date.map(Timestamp::as_millisecond),
        catchup: dag.catchup,
        timezone: dag.timezone_name(),
        max_active_runs: dag.max_active_runs,
        max_active_tasks: dag.max_active_tasks,
        run_timeout_s: dag.dagrun_timeout.map(|limit| limit.as_secs_f64()),
    })
}

fn row(entry: &DagEntry) -> DagRow {
    let dag = &entry.dag;
    DagRow {
        dag_id: dag.dag_id.clone(),
        description: dag.description.clone(),
        schedule: dag.schedule.text(),
        paused: entry.record.paused,
        tags: dag.tags.clone(),
        owner: dag.owner.clone(),
        tasks: count(dag.tasks().len()),
        file: entry.record.file.clone(),
        next_run_ms: entry.next_run_at.map(Timestamp::as_millisecond),
        last_runs: entry.last_runs.iter().map(run_row).collect(),
    }
}

fn param(param: &dag::Param) -> DagParam {
    DagParam {
        name: param.name.clone(),
        default: param.default.as_ref().map_or_else(|| "null".to_owned(), Value::to_string),
        kind: param.types().into_iter().find(|kind| *kind != "null").map(str::to_owned),
        description: param.description.clone(),
        choices: param
            .schema
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|choice| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned))
            .collect(),
    }
}

pub(super) async fn pause(it: &Services, params: DagPause) -> Result<Done, ApiError> {
    it.orchestrator.set_paused(&params.dag_id, params.paused).await.map_err(of_orchestrator)?;
    Ok(Done {})
}

pub(super) async fn trigger(it: &Services, params: DagTrigger) -> Result<RunRow, ApiError> {
    let conf = match params.conf.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => serde_json::Map::new(),
        Some(text) => match serde_json::from_str(text) {
            Ok(Value::Object(conf)) => conf,
            Ok(_) => return Err(invalid("conf must be a JSON object, e.g. {\"key\": 1}")),
            Err(error) => return Err(invalid(format!("conf is not JSON: {error}"))),
        },
    };
    let logical_date = match params.logical_date_ms {
        None => LogicalDate::Now,
        Some(at_ms) => LogicalDate::At(
            Timestamp::from_millisecond(at_ms)
                .map_err(|error| invalid(format!("logical_date_ms {at_ms}: {error}")))?,
        ),
    };
    let trigger = Trigger { dag_id: params.dag_id, run_id: None, logical_date, conf, note: None };
    let run = it.orchestrator.trigger(trigger).await.map_err(of_orchestrator)?;
    Ok(run_row(&run))
}

pub(super) async fn runs(it: &Services, params: RunsList) -> Result<Vec<RunRow>, ApiError> {
    if params.limit > RUNS_MAX {
        return Err(invalid(format!("limit must be at most {RUNS_MAX}, not {}", params.limit)));
    }
    let filter = RunFilter { dag_id: params.dag_id, state: params.state.map(run_state_in) };
    let runs = it.orchestrator.runs(&filter, params.limit).await.map_err(of_orchestrator)?;
    Ok(runs.iter().map(run_row).collect())
}

pub(super) async fn run(it: &Services, params: RunGet) -> Result<RunDetail, ApiError> {
    let key = RunKey::new(params.dag_id, params.run_id);
    let detail = it.orchestrator.run_detail(&key).await.map_err(of_orchestrator)?;
    Ok(RunDetail { run: run_row(&detail.run), tasks: detail.tasks.iter().map(instance).collect() })
}

pub(super) async fn run_stop(it: &Services, params: RunStop) -> Result<Done, ApiError> {
    let key = RunKey::new(params.dag_id, params.run_id);
    it.orchestrator.stop_run(&key).await.map_err(of_orchestrator)?;
    Ok(Done {})
}

pub(super) async fn clear(it: &Services, params: TasksClear) -> Result<Done, ApiError> {
    let TasksClear { dag_id, run_id, task_ids, downstream, only_failed } = params;
    let clear = Clear { dag_id, run_id, task_ids, downstream, only_failed };
    it.orchestrator.clear(clear).await.map_err(of_orchestrator)?;
    Ok(Done {})
}

pub(super) async fn task_instance(
    it: &Services,
    params: TaskInstanceGet,
) -> Result<TaskInstanceDetail, ApiError> {
    let key = RunKey::new(params.dag_id, params.run_id).task(params.task_id, params.map_index);
    let detail = it.orchestrator.task_instance(&key).await.map_err(of_orchestrator)?;
    Ok(TaskInstanceDetail {
        instance: instance(&detail.instance),
        xcoms: detail
            .xcoms
            .into_iter()
            .map(|xcom| Xcom { key: xcom.key, value: xcom.value.to_string() })
            .collect(),
        rendered: detail
            .rendered
            .into_iter()
            .map(|field| RenderedField { name: field.name, value: field.value })
            .collect(),
    })
}

pub(super) async fn task_log(it: &Services, params: TaskLogGet) -> Result<TaskLog, ApiError> {
    let key: TaskKey = RunKey::new(params.dag_id, params.run_id).task(params.task_id, params.map_index);
    let wait = Duration::from_millis(params.wait_ms.into());
    let page = it
        .orchestrator
        .read_log(&key, params.try_number, params.offset_bytes, wait)
        .await
        .map_err(of_orchestrator)?;
    Ok(TaskLog {
        try_number: page.try_number,
        text: page.text,
        next_offset_bytes: page.next_offset_bytes,
        done: page.done,
    })
}

pub(super) fn run_row(run: &orchestrator::Run) -> RunRow {
    let at = |time: Option<Timestamp>| time.map(Timestamp::as_millisecond);
    RunRow {
        dag_id: run.key.dag_id.clone(),
        run_id: run.key.run_id.clone(),
        run_type: match run.run_type {
            dag::RunType::Scheduled => RunType::Scheduled,
            dag::RunType::Manual => RunType::Manual,
            dag::RunType::Backfill => RunType::Backfill,
        },
        state: match run.state {
            dag::RunState::Queued => RunState::Queued,
            dag::RunState::Running => RunState::Running,
            dag::RunState::Success => RunState::Success,
            dag::RunState::Failed => RunState::Failed,
        },
        logical_date_ms: at(run.logical_date),
        data_interval_start_ms: at(run.data_interval.map(|interval| interval.start)),
        data_interval_end_ms: at(run.data_interval.map(|interval| interval.end)),
        queued_at_ms: at(run.queued_at),
        started_at_ms: at(run.started_at),
        ended_at_ms: at(run.ended_at),
        conf: (!run.conf.is_empty()).then(|| Value::Object(run.conf.clone()).to_string()),
    }
}

fn run_state_in(state: RunState) -> dag::RunState {
    match state {
        RunState::Queued => dag::RunState::Queued,
        RunState::Running => dag::RunState::Running,
        RunState::Success => dag::RunState::Success,
        RunState::Failed => dag::RunState::Failed,
    }
}

fn instance(instance: &TaskInstance) -> TaskInstanceRow {
    let at = |time: Option<Timestamp>| time.map(Timestamp::as_millisecond);
    TaskInstanceRow {
        task_id: instance.key.task_id.clone(),
        map_index: instance.key.map_index,
        state: task_state(instance.state),
        try_number: instance.try_number,
        max_tries: instance.max_tries,
        operator: instance.operator.clone(),
        queued_at_ms: at(instance.queued_at),
        started_at_ms: at(instance.started_at),
        ended_at_ms: at(instance.ended_at),
        note: instance.note.clone(),
    }
}

fn task_state(state: dag::TaskState) -> TaskState {
    match state {
        dag::TaskState::None => TaskState::None,
        dag::TaskState::Scheduled => TaskState::Scheduled,
        dag::TaskState::Queued => TaskState::Queued,
        dag::TaskState::Running => TaskState::Running,
        dag::TaskState::Success => TaskState::Success,
        dag::TaskState::Failed => TaskState::Failed,
        dag::TaskState::Skipped => TaskState::Skipped,
        dag::TaskState::UpstreamFailed => TaskState::UpstreamFailed,
        dag::TaskState::Removed => TaskState::Removed,
        dag::TaskState::UpForRetry => TaskState::UpForRetry,
        dag::TaskState::UpForReschedule => TaskState::UpForReschedule,
        dag::TaskState::Deferred => TaskState::Deferred,
        dag::TaskState::AwaitingInput => TaskState::AwaitingInput,
        dag::TaskState::Restarting => TaskState::Restarting,
    }
}

//! A DAG and its runs to come, as JSON for people and tools.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    graph::Edge,
    model::Dag,
    operators,
    schedule::{Schedule, Style},
    task::Task,
    time::{iso, seconds},
    timetable::RunInfo,
};

/// Everything about a DAG, by the names of Airflow's serialized form.
pub fn dag(dag: &Dag) -> Value {
    let mut edges = dag.graph.edges();
    edges.sort();
    let labels = edges.iter().filter(|edge| edge.label.is_some());
    let pair = |edge: &Edge| json!([edge.upstream, edge.downstream]);
    let params: Map<String, Value> = dag
        .params
        .iter()
        .map(|param| {
            let shown =
                json!({"value": param.default, "schema": param.schema, "description": param.description});
            (param.name.clone(), shown)
        })
        .collect();
    json!({
        "dag_id": dag.dag_id,
        "dag_display_name": dag.display_name.as_ref().unwrap_or(&dag.dag_id),
        "description": dag.description,
        "doc_md": dag.doc_md,
        "line": dag.line,
        "schedule": dag.schedule.text(),
        "timetable": timetable(&dag.schedule),
        "timezone": dag.timezone_name(),
        "start_date": dag.start_date.map(iso),
        "end_date": dag.end_date.map(iso),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "dagrun_timeout_s": dag.dagrun_timeout.map(seconds),
        "fail_fast": dag.fail_fast,
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "render_template_as_native_obj": dag.render_template_as_native_obj,
        "owner": dag.owner,
        "tags": dag.tags,
        "params": params,
        "task_ids": dag.tasks().iter().map(|task| &task.task_id).collect::<Vec<_>>(),
        "edges": edges.iter().map(pair).collect::<Vec<_>>(),
        "edge_labels": labels.map(|edge| json!([edge.upstream, edge.downstream, edge.label])).collect::<Vec<_>>(),
        "topological_order": dag.graph.topological_order().iter().map(|task| &task.task_id).collect::<Vec<_>>(),
        "task_groups": groups(dag),
        "tasks": dag.tasks().iter().map(task).collect::<Vec<_>>(),
    })
}

/// A run to come: logical date, both ends of the data interval, and when it may start.
pub fn run(run: &RunInfo) -> Value {
    json!({
        "logical_date": run.logical_date,
        "data_interval": [run.data_interval.start, run.data_interval.end],
        "run_after": run.run_after,
    })
}

/// The class of Airflow that schedules the same way.
pub fn timetable(schedule: &Schedule) -> &'static str {
    match schedule {
        Schedule::None => "airflow.timetables.simple.NullTimetable",
        Schedule::Once => "airflow.timetables.simple.OnceTimetable",
        Schedule::Continuous => "airflow.timetables.simple.ContinuousTimetable",
        Schedule::Cron(cron) => match (&cron.style, cron.crons.len()) {
            (Style::Trigger { .. }, 1) => "airflow.timetables.trigger.CronTriggerTimetable",
            (Style::Trigger { .. }, _) => "airflow.timetables.trigger.MultipleCronTriggerTimetable",
            (Style::Interval, _) => "airflow.timetables.interval.CronDataIntervalTimetable",
        },
        Schedule::Delta(delta) => match delta.style {
            Style::Trigger { .. } => "airflow.timetables.trigger.DeltaTriggerTimetable",
            Style::Interval => "airflow.timetables.interval.DeltaDataIntervalTimetable",
        },
        Schedule::Events { .. } => "airflow.timetables.events.EventsTimetable",
    }
}

fn task(task: &Task) -> Value {
    let operator = operators::find(&task.operator);
    json!({
        "task_id": task.task_id,
        "display_name": task.label(),
        "task_type": task.operator,
        "operator_name": task.operator,
        "task_group": task.groups.last(),
        "line": task.line,
        "doc_md": task.doc_md,
        "owner": task.owner,
        "trigger_rule": task.trigger_rule,
        "is_setup": task.is_setup,
        "is_teardown": task.is_teardown,
        "on_failure_fail_dagrun": task.on_failure_fail_dagrun,
        "retries": task.retries,
        "retry_delay_s": seconds(task.retry_delay),
        "retry_exponential_backoff": task.retry_exponential_backoff,
        "max_retry_delay_s": task.max_retry_delay.map(seconds),
        "execution_timeout_s": task.execution_timeout.map(seconds),
        "depends_on_past": task.depends_on_past,
        "wait_for_downstream": task.wait_for_downstream,
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "priority_weight": task.priority_weight,
        "weight_rule": task.weight_rule,
        "max_active_tis_per_dag": task.max_active_tis_per_dag,
        "max_active_tis_per_dagrun": task.max_active_tis_per_dagrun,
        "queue": task.queue,
        "do_xcom_push": task.do_xcom_push,
        "template_fields": operator.map(|operator| operator.template_fields().collect::<Vec<_>>()),
        "args": task.args,
    })
}

fn groups(dag: &Dag) -> Vec<Value> {
    let mut tasks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for task in dag.tasks() {
        if let Some(group) = task.groups.last() {
            tasks.entry(group).or_default().push(&task.task_id);
        }
    }
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for group in &dag.groups {
        if let Some(parent) = &group.parent {
            children.entry(parent).or_default().push(&group.group_id);
        }
    }
    let none = Vec::new();
    dag.groups
        .iter()
        .map(|group| {
            json!({
                "group_id": group.group_id,
                "parent": group.parent,
                "tooltip": group.tooltip,
                "prefix_group_id": group.prefix_group_id,
                "children_tasks": tasks.get(group.group_id.as_str()).unwrap_or(&none),
                "children_groups": children.get(group.group_id.as_str()).unwrap_or(&none),
            })
        })
        .collect()
}

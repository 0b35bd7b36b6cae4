//! A DAG as a Python file for Airflow 3.
//!
//! What Airflow's operators cannot say is an error that names the task and the
//! parameter, never left out in silence. Kafka's consumer group is part of
//! Airflow's connection (`group.id` in its extra), so the file says which one
//! the connection needs.

mod helpers;
mod operators;
mod python;

use std::collections::{BTreeSet, HashMap};

use crate::model::Dag;
use crate::schedule::{CronSchedule, DeltaSchedule, Schedule, Style};
use crate::task::Task;
use crate::time::iso;
use operators::Emitted;
use python::{Call, identifier, literal, text};

/// Why a DAG has no form in Airflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct ExportError {
    /// `dag_id` or `dag_id.task_id`.
    pub place: String,
    pub reason: String,
}

/// The source of one Python file that defines these DAGs.
pub fn airflow(dags: &[Dag]) -> Result<String, ExportError> {
    let mut imports = BTreeSet::from([
        "import pendulum".to_owned(),
        "from datetime import timedelta".to_owned(),
        "from airflow.sdk import DAG, Label, Param, TaskGroup".to_owned(),
    ]);
    let mut needed = BTreeSet::new();
    let mut bodies = Vec::new();
    for dag in dags {
        bodies.push(one(dag, &mut imports, &mut needed)?);
    }
    let mut out = String::from("# Exported by Pumphouse.\n");
    for import in &imports {
        out.push_str(import);
        out.push('\n');
    }
    for helper in needed {
        out.push_str("\n\n");
        out.push_str(helper);
    }
    for body in bodies {
        out.push_str("\n\n");
        out.push_str(&body);
    }
    Ok(out)
}

fn one(
    dag: &Dag,
    imports: &mut BTreeSet<String>,
    needed: &mut BTreeSet<&'static str>,
) -> Result<String, ExportError> {
    let mut names = Names::default();
    let mut functions = String::new();
    let mut body = String::new();
    for group in &dag.groups {
        let mut call = Call::new("TaskGroup");
        call.put("group_id", text(&group.group_id)).put("prefix_group_id", "False");
        if let Some(parent) = &group.parent {
            call.put("parent_group", names.of("group", parent));
        }
        if !group.tooltip.is_empty() {
            call.put("tooltip", text(&group.tooltip));
        }
        body.push_str(&format!("    {} = {}\n", names.of("group", &group.group_id), call.render(4)));
    }
    for task in dag.tasks() {
        let at = |reason: String| ExportError { place: format!("{}.{}", dag.dag_id, task.task_id), reason };
        let variable = names.of("task", &task.task_id);
        let Emitted { mut call, import, helper, function } = operators::emit(task, &variable).map_err(at)?;
        imports.insert(import);
        needed.extend(helper);
        if let Some(function) = function {
            functions.push_str(&function);
            functions.push_str("\n\n");
        }
        common(task, &mut call);
        if let Some(group) = task.groups.last() {
            call.put("task_group", names.of("group", group));
        }
        let role = match (task.is_setup, task.is_teardown, task.on_failure_fail_dagrun) {
            (true, _, _) => ".as_setup()",
            (_, true, true) => ".as_teardown(on_failure_fail_dagrun=True)",
            (_, true, false) => ".as_teardown()",
            _ => "",
        };
        body.push_str(&format!("    {variable} = {}{role}\n", call.render(4)));
    }
    let mut edges = dag.graph.edges();
    edges.sort();
    for edge in &edges {
        let (up, down) = (names.of("task", &edge.upstream), names.of("task", &edge.downstream));
        match &edge.label {
            Some(label) => body.push_str(&format!("    {up} >> Label({}) >> {down}\n", text(label))),
            None => body.push_str(&format!("    {up} >> {down}\n")),
        }
    }
    if body.is_empty() {
        body.push_str("    pass\n");
    }
    Ok(format!("{functions}with {}:\n{body}", head(dag)?.render(0)))
}

/// `DAG(…)`: what differs from Airflow's defaults.
fn head(dag: &Dag) -> Result<Call, ExportError> {
    let at = |reason: &str| ExportError { place: dag.dag_id.clone(), reason: reason.to_owned() };
    let zone = dag.timezone_name();
    let date = |at| format!("pendulum.parse({}).in_timezone({})", text(&iso(at)), text(&zone));
    let mut call = Call::new("DAG");
    call.put("dag_id", text(&dag.dag_id)).put("schedule", schedule(dag).map_err(at)?);
    for (name, value) in
        [("dag_display_name", &dag.display_name), ("description", &dag.description), ("doc_md", &dag.doc_md)]
    {
        if let Some(value) = value {
            call.put(name, text(value));
        }
    }
    match dag.start_date {
        Some(start) => call.put("start_date", date(start)),
        // The zone of a cron is the start date's.
        None if zone != "UTC" => {
            call.put("start_date", format!("pendulum.datetime(2020, 1, 1, tz={})", text(&zone)))
        }
        None => &mut call,
    };
    if let Some(end) = dag.end_date {
        call.put("end_date", date(end));
    }
    call.put("catchup", literal(&dag.catchup.into()));
    if dag.max_active_runs != Dag::MAX_ACTIVE_RUNS {
        call.put("max_active_runs", dag.max_active_runs.to_string());
    }
    if dag.max_active_tasks != Dag::MAX_ACTIVE_TASKS {
        call.put("max_active_tasks", dag.max_active_tasks.to_string());
    }
    if let Some(timeout) = dag.dagrun_timeout {
        call.put("dagrun_timeout", python::timedelta(timeout));
    }
    if let Some(paused) = dag.is_paused_upon_creation {
        call.put("is_paused_upon_creation", literal(&paused.into()));
    }
    for (name, set) in
        [("fail_fast", dag.fail_fast), ("render_template_as_native_obj", dag.render_template_as_native_obj)]
    {
        if set {
            call.put(name, "True");
        }
    }
    if !dag.tags.is_empty() {
        call.put("tags", literal(&dag.tags.clone().into()));
    }
    if !dag.params.is_empty() {
        let params = dag.params.iter().map(|param| {
            let mut made = Call::new("Param");
            if let Some(default) = &param.default {
                made.put("default", literal(default));
            }
            if let Some(description) = &param.description {
                made.put("description", text(description));
            }
            for (keyword, value) in &param.schema {
                made.put(keyword, literal(value));
            }
            format!("{}: {}", text(&param.name), made.inline())
        });
        call.put("params", format!("{{{}}}", params.collect::<Vec<_>>().join(", ")));
    }
    Ok(call)
}

fn schedule(dag: &Dag) -> Result<String, &'static str> {
    match &dag.schedule {
        Schedule::None => Ok("None".to_owned()),
        Schedule::Cron(CronSchedule {
            crons, timezone: None, style: Style::Trigger { interval }, ..
        }) if crons.len() == 1 && interval.is_zero() => Ok(text(crons[0].text())),
        Schedule::Delta(DeltaSchedule { delta, style: Style::Trigger { interval } })
            if delta.months == 0 && interval.is_zero() =>
        {
            Ok(format!("timedelta(seconds={})", delta.as_seconds()))
        }
        Schedule::Once => Ok(text("@once")),
        Schedule::Continuous => Ok(text("@continuous")),
        Schedule::Cron(_) | Schedule::Delta(_) | Schedule::Events { .. } => Err(
            "this schedule needs a timetable class of Airflow: write it as one cron expression or timedelta to export it",
        ),
    }
}

/// What any operator takes, where it differs from Airflow's defaults.
fn common(task: &Task, call: &mut Call) {
    let plain = Task::new("", "");
    let mut put = |name: &str, differs: bool, value: String| {
        if differs {
            call.put(name, value);
        }
    };
    put(
        "trigger_rule",
        task.trigger_rule != plain.trigger_rule && !task.is_teardown,
        text(task.trigger_rule.as_str()),
    );
    put("retries", task.retries != plain.retries, task.retries.to_string());
    put("retry_delay", task.retry_delay != plain.retry_delay, python::timedelta(task.retry_delay));
    put(
        "retry_exponential_backoff",
        task.retry_exponential_backoff > 0.0,
        task.retry_exponential_backoff.to_string(),
    );
    let optional = |value: Option<std::time::Duration>| value.map(python::timedelta).unwrap_or_default();
    put("max_retry_delay", task.max_retry_delay.is_some(), optional(task.max_retry_delay));
    put("execution_timeout", task.execution_timeout.is_some(), optional(task.execution_timeout));
    put("depends_on_past", task.depends_on_past, "True".to_owned());
    put("wait_for_downstream", task.wait_for_downstream, "True".to_owned());
    put("pool", task.pool != plain.pool, text(&task.pool));
    put("pool_slots", task.pool_slots != plain.pool_slots, task.pool_slots.to_string());
    put("priority_weight", task.priority_weight != plain.priority_weight, task.priority_weight.to_string());
    put("weight_rule", task.weight_rule != plain.weight_rule, text(task.weight_rule.as_str()));
    put("owner", task.owner != plain.owner, text(&task.owner));
    put("doc_md", task.doc_md.is_some(), text(task.doc_md.as_deref().unwrap_or_default()));
    put("do_xcom_push", !task.do_xcom_push, "False".to_owned());
}

/// Python names for ids, each its own.
#[derive(Default)]
struct Names {
    given: HashMap<(&'static str, String), String>,
    taken: BTreeSet<String>,
}

impl Names {
    fn of(&mut self, kind: &'static str, id: &str) -> String {
        if let Some(name) = self.given.get(&(kind, id.to_owned())) {
            return name.clone();
        }
        let mut name = identifier(id);
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        self.given.insert((kind, id.to_owned()), name.clone());
        name
    }
}

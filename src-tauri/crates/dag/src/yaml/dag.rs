//! A document to a DAG.

use std::collections::HashSet;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Diagnostic, Position, edges,
    fields::{self, Fields},
    groups::{self, Outline},
    params, schedule,
    task::{self, Defaults},
    tree::{Content, Node},
};
use crate::{
    graph::{GraphError, TaskGraph},
    model::{Dag, check_key},
    suggest::nearest,
    trigger_rule::TriggerRule,
    validate::check_schedule,
};

/// The DAG and the position of its id; may be incomplete where errors were reported.
pub(super) fn read(document: &Node, now: Timestamp, report: &mut Vec<Diagnostic>) -> Option<(Dag, Position)> {
    let mut fields = Fields::of(document, "the DAG", report)?;
    let id_node = fields.required("dag_id", "the DAG's name", report);
    let dag_id = id_node.and_then(|node| fields::text("dag_id", node, report)).unwrap_or_default();
    let id_at = id_node.map_or(document.at, |node| node.at);
    if id_node.is_some()
        && let Err(error) = check_key(&dag_id)
    {
        report.push(Diagnostic::new(id_at, error.to_string()));
    }
    let mut dag = Dag::new(dag_id);
    dag.line = document.at.line;
    dag.timezone = zone(&mut fields, report);
    let zone = dag.timezone.clone();

    dag.display_name = fields.text("dag_display_name", report);
    dag.description = fields.text("description", report);
    dag.doc_md = fields.text("doc_md", report);
    let schedule_node = fields.raw("schedule");
    if let Some(schedule) = schedule_node.and_then(|node| schedule::read(node, &zone, report)) {
        dag.schedule = schedule;
    }
    dag.start_date = fields.time("start_date", &zone, report);
    dag.end_date = fields.time("end_date", &zone, report);
    dag.catchup = fields.boolean("catchup", report).unwrap_or(false);
    let continuous = dag.schedule == crate::schedule::Schedule::Continuous;
    let runs_default = if continuous { 1 } else { Dag::MAX_ACTIVE_RUNS };
    dag.max_active_runs = fields.count("max_active_runs", 1, report).unwrap_or(runs_default);
    dag.max_active_tasks = fields.count("max_active_tasks", 1, report).unwrap_or(Dag::MAX_ACTIVE_TASKS);
    dag.dagrun_timeout = fields.duration("dagrun_timeout", report);
    dag.fail_fast = fields.boolean("fail_fast", report).unwrap_or(false);
    dag.render_template_as_native_obj =
        fields.boolean("render_template_as_native_obj", report).unwrap_or(false);
    dag.is_paused_upon_creation = fields.boolean("is_paused_upon_creation", report);
    let mut seen = HashSet::new();
    dag.tags = fields.texts("tags", report).into_iter().map(|(tag, _)| tag).collect();
    dag.tags.retain(|tag| seen.insert(tag.clone()));
    dag.owner = fields.text("owner", report);
    if let Some(node) = fields.node("params") {
        let scheduled = dag.schedule != crate::schedule::Schedule::None;
        dag.params = params::read(node, scheduled, report);
    }
    if let (Some(start), Some(end)) = (dag.start_date, dag.end_date)
        && end < start
    {
        report.push(Diagnostic::new(document.at, "end_date lies before start_date".to_owned()));
    }

    let defaults = Defaults::default().with(fields.node("default_args"), report);
    if dag.owner.is_none() {
        dag.owner = defaults.owner();
    }
    let mut outline = Outline::new(&dag, &zone);
    match (fields.node("tasks"), fields.node("task_groups")) {
        (None, None) => {
            report.push(Diagnostic::new(document.at, "the DAG needs 'tasks': a map from task id to task"));
        }
        (tasks, task_groups) => {
            if let Some(node) = tasks {
                task::read_all(node, &defaults, &[], &mut outline, report);
            }
            if let Some(node) = task_groups {
                groups::read_all(node, &defaults, &[], &mut outline, report);
            }
        }
    }
    fields.finish(report);
    assemble(&mut dag, outline, report);

    if report.is_empty()
        && let Err(error) = check_schedule(&dag, now)
    {
        let at = schedule_node.map_or(document.at, |node| node.at);
        report.push(Diagnostic::new(at, error.to_string()));
    }
    Some((dag, id_at))
}

fn zone(fields: &mut Fields<'_>, report: &mut Vec<Diagnostic>) -> TimeZone {
    fields.node("timezone").and_then(|node| read_zone(node, report)).unwrap_or(TimeZone::UTC)
}

/// A time zone by its name.
pub(super) fn read_zone(node: &Node, report: &mut Vec<Diagnostic>) -> Option<TimeZone> {
    let name = fields::text("timezone", node, report)?;
    match TimeZone::get(&name) {
        Ok(zone) => Some(zone),
        Err(_) => {
            let known: Vec<String> =
                jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
            let hint = match nearest(&name, known.iter().map(String::as_str)) {
                Some(near) => format!("; did you mean '{near}'?"),
                None => "; write it like Europe/Berlin or UTC".to_owned(),
            };
            report.push(Diagnostic::new(node.at, format!("there is no time zone '{name}'{hint}")));
            None
        }
    }
}

/// Puts tasks, groups and edges together and checks them as a whole.
fn assemble(dag: &mut Dag, outline: Outline, report: &mut Vec<Diagnostic>) {
    let edges = edges::resolve(&outline, report);
    if dag.fail_fast {
        for raw in outline.tasks.iter().filter(|raw| !raw.task.is_teardown) {
            if raw.task.trigger_rule != TriggerRule::AllSuccess {
                let message =
                    format!("fail_fast needs the trigger rule all_success in task '{}'", raw.task.task_id);
                report.push(Diagnostic::new(raw.at, message));
            }
        }
    }
    if !report.is_empty() {
        return;
    }
    let positions: Vec<(String, Position)> =
        outline.tasks.iter().map(|raw| (raw.task.task_id.clone(), raw.at)).collect();
    dag.groups = outline.groups.into_iter().map(|raw| raw.group).collect();
    let tasks = outline.tasks.into_iter().map(|raw| raw.task).collect();
    match TaskGraph::new(tasks, edges) {
        Ok(graph) => dag.graph = graph,
        Err(error) => {
            let named = match &error {
                GraphError::DuplicateTask(id) => Some(id),
                GraphError::UnknownTask { downstream, .. } => Some(downstream),
                GraphError::Cycle(ids) => ids.first(),
            };
            let at = positions.iter().find(|(id, _)| Some(id) == named).map(|(_, at)| *at);
            report.push(Diagnostic::new(at.unwrap_or(Position::START), error.to_string()));
        }
    }
}

/// The items of a map or a list, with what names them.
pub(super) enum Items<'a> {
    Named(Vec<(&'a str, Position, &'a Node)>),
    Listed(&'a [Node]),
}

/// `tasks` and `task_groups` are maps by id, or lists of maps that hold their id.
pub(super) fn items<'a>(key: &str, node: &'a Node, report: &mut Vec<Diagnostic>) -> Option<Items<'a>> {
    match &node.content {
        Content::Map(entries) => Some(Items::Named(
            entries.iter().map(|(key, value)| (key.text.as_str(), key.at, value)).collect(),
        )),
        Content::List(items) => Some(Items::Listed(items)),
        _ => {
            fields::wrong(key, node, "a map by id, or a list", report);
            None
        }
    }
}

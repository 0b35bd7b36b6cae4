//! Task groups, and what was read before edges are resolved.

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Diagnostic, Position,
    dag::{Items, items},
    fields::{self, Fields},
    task::{self, Defaults},
    tree::{Content, Node},
};
use crate::{
    model::{Dag, TaskGroup, check_key},
    task::Task,
};

/// Tasks and groups of a DAG as written; ids are unique over both.
pub(super) struct Outline {
    pub tasks: Vec<RawTask>,
    pub groups: Vec<RawGroup>,
    /// Every id and the line it was first used in.
    ids: HashMap<String, u32>,
    pub zone: TimeZone,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
    pub owner: Option<String>,
    /// How many bytes of defaults were copied into tasks.
    pub default_bytes: usize,
}

pub(super) struct RawTask {
    pub task: Task,
    pub at: Position,
    pub links: Links,
}

pub(super) struct RawGroup {
    pub group: TaskGroup,
    /// The groups around it, outermost first.
    pub path: Vec<String>,
    pub links: Links,
}

/// What a task or group names as before and after it.
#[derive(Default)]
pub(super) struct Links {
    pub upstream: Vec<Reference>,
    pub downstream: Vec<Reference>,
    pub setups: Vec<Reference>,
}

/// A name of a task or group, as written.
pub(super) struct Reference {
    pub name: String,
    pub label: Option<String>,
    pub at: Position,
}

impl Outline {
    pub(super) fn new(dag: &Dag, zone: &TimeZone) -> Self {
        Self {
            tasks: Vec::new(),
            groups: Vec::new(),
            ids: HashMap::new(),
            zone: zone.clone(),
            start_date: dag.start_date,
            end_date: dag.end_date,
            owner: dag.owner.clone(),
            default_bytes: 0,
        }
    }

    /// The full id of `name` within the groups of `path`, if it is a new and good one.
    pub(super) fn claim(
        &mut self,
        name: &str,
        path: &[TaskGroup],
        at: Position,
        report: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let prefix = path.iter().rev().find(|group| group.prefix_group_id);
        let id = prefix.map_or_else(|| name.to_owned(), |group| format!("{}.{name}", group.group_id));
        if let Err(error) = check_key(&id) {
            report.push(Diagnostic::new(at, error.to_string()));
            return None;
        }
        if let Some(line) = self.ids.get(&id) {
            let message = format!("the id '{id}' is used twice; the first is in line {line}");
            report.push(Diagnostic::new(at, message));
            return None;
        }
        self.ids.insert(id.clone(), at.line);
        Some(id)
    }
}

/// Reads `task_groups`, whose groups may hold groups.
pub(super) fn read_all(
    node: &Node,
    defaults: &Defaults<'_>,
    path: &[TaskGroup],
    outline: &mut Outline,
    report: &mut Vec<Diagnostic>,
) {
    match items("task_groups", node, report) {
        Some(Items::Named(entries)) => {
            for (name, at, node) in entries {
                read(Some((name, at)), node, defaults, path, outline, report);
            }
        }
        Some(Items::Listed(nodes)) => {
            for node in nodes {
                read(None, node, defaults, path, outline, report);
            }
        }
        None => {}
    }
}

fn read(
    name: Option<(&str, Position)>,
    node: &Node,
    defaults: &Defaults<'_>,
    path: &[TaskGroup],
    outline: &mut Outline,
    report: &mut Vec<Diagnostic>,
) {
    let what = name.map_or_else(|| "the task group".to_owned(), |(name, _)| format!("task group '{name}'"));
    let Some(mut fields) = Fields::of(node, what, report) else { return };
    let (name, at) = match name {
        Some((name, at)) => (name.to_owned(), at),
        None => {
            let Some(node) = fields.required("group_id", "the group's name", report) else { return };
            let Some(name) = fields::text("group_id", node, report) else { return };
            (name, node.at)
        }
    };
    let Some(group_id) = outline.claim(&name, path, at, report) else { return };
    let group = TaskGroup {
        group_id,
        parent: path.last().map(|parent| parent.group_id.clone()),
        tooltip: fields.text("tooltip", report).unwrap_or_default(),
        prefix_group_id: fields.boolean("prefix_group_id", report).unwrap_or(true),
    };
    let links = links(&mut fields, report);
    let defaults = defaults.with(fields.node("default_args"), report);
    let tasks = fields.node("tasks");
    let inner = fields.node("task_groups");
    if tasks.is_none() && inner.is_none() {
        report.push(Diagnostic::new(at, format!("task group '{name}' needs 'tasks'")));
    }
    outline.groups.push(RawGroup {
        group: group.clone(),
        path: path.iter().map(|group| group.group_id.clone()).collect(),
        links,
    });
    let path = [path, &[group]].concat();
    if let Some(node) = tasks {
        task::read_all(node, &defaults, &path, outline, report);
    }
    if let Some(node) = inner {
        read_all(node, &defaults, &path, outline, report);
    }
    fields.finish(report);
}

/// `upstream` and `downstream` of a task or group.
pub(super) fn links(fields: &mut Fields<'_>, report: &mut Vec<Diagnostic>) -> Links {
    let mut read =
        |key: &'static str| fields.node(key).map(|node| references(key, node, report)).unwrap_or_default();
    Links { upstream: read("upstream"), downstream: read("downstream"), setups: Vec::new() }
}

/// Names, each as text or as `{task_id, label}`.
pub(super) fn references(key: &'static str, node: &Node, report: &mut Vec<Diagnostic>) -> Vec<Reference> {
    let items = match &node.content {
        Content::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut found = Vec::new();
    for item in items {
        if matches!(item.content, Content::Map(_)) {
            let Some(mut fields) = Fields::of(item, format!("'{key}'"), report) else { continue };
            let name = fields.required("task_id", "the id of a task or group", report);
            let name = name.and_then(|name| fields::text("task_id", name, report));
            let label = fields.text("label", report);
            fields.finish(report);
            found.extend(name.map(|name| Reference { name, label, at: item.at }));
        } else {
            let name = fields::text(key, item, report);
            found.extend(name.map(|name| Reference { name, label: None, at: item.at }));
        }
    }
    found
}

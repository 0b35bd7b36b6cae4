//! Names of tasks and groups to edges between tasks.

use std::collections::{HashMap, HashSet};

use super::{
    DIAGNOSTICS_MAX, Diagnostic,
    groups::{Outline, Reference},
};
use crate::{graph::Edge, suggest::nearest};

/// More edges than anyone draws: groups of thousands of tasks must not multiply.
const EDGES_MAX: usize = 200_000;

/// An edge between ends that may be groups.
struct Link<'a> {
    from: String,
    to: String,
    reference: &'a Reference,
    /// How many groups hold both ends: inner edges decide what a group begins and ends with.
    depth: usize,
}

/// Every edge of the outline between tasks.
pub(super) fn resolve(outline: &Outline, report: &mut Vec<Diagnostic>) -> Vec<Edge> {
    let places = Places::of(outline);
    let mut links = Vec::new();
    let owners = outline.tasks.iter().map(|raw| (&raw.task.task_id, &raw.task.groups, &raw.links));
    let owners = owners.chain(outline.groups.iter().map(|raw| (&raw.group.group_id, &raw.path, &raw.links)));
    for (id, path, named) in owners {
        let before = named.upstream.iter().chain(&named.setups).map(|reference| (reference, true));
        for (reference, is_before) in
            before.chain(named.downstream.iter().map(|reference| (reference, false)))
        {
            if report.len() >= DIAGNOSTICS_MAX {
                return Vec::new();
            }
            let Some(other) = places.find(&reference.name, id, path, reference, report) else { continue };
            let (from, to) = if is_before { (other, id.clone()) } else { (id.clone(), other) };
            links.extend(places.link(from, to, reference, report));
        }
    }
    // Stable, so edges of one depth keep the file's order.
    links.sort_by_key(|link| std::cmp::Reverse(link.depth));
    let mut edges = Edges::default();
    for link in links {
        let starts = places.ends(&link.from, &edges.has_downstream);
        let ends = places.ends(&link.to, &edges.has_upstream);
        if edges.list.len() + starts.len() * ends.len() > EDGES_MAX {
            let message = format!("the DAG has more than {EDGES_MAX} edges");
            report.push(Diagnostic::new(link.reference.at, message));
            break;
        }
        for from in &starts {
            for to in &ends {
                edges.add(from, to, link.reference.label.clone(), &places);
            }
        }
    }
    edges.list
}

#[derive(Default)]
struct Edges {
    list: Vec<Edge>,
    /// For each group: its tasks with an upstream within the group.
    has_upstream: HashMap<String, HashSet<String>>,
    has_downstream: HashMap<String, HashSet<String>>,
}

impl Edges {
    fn add(&mut self, from: &str, to: &str, label: Option<String>, places: &Places<'_>) {
        self.list.push(Edge { upstream: from.to_owned(), downstream: to.to_owned(), label });
        for group in places.common(from, to) {
            self.has_downstream.entry(group.clone()).or_default().insert(from.to_owned());
            self.has_upstream.entry(group.clone()).or_default().insert(to.to_owned());
        }
    }
}

/// Where every task and group stands.
struct Places<'a> {
    /// The groups around each task or group, outermost first.
    paths: HashMap<&'a str, &'a [String]>,
    /// The tasks of each group and of its inner groups, in authored order.
    members: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Places<'a> {
    fn of(outline: &'a Outline) -> Self {
        let mut paths: HashMap<&str, &[String]> = HashMap::new();
        let mut members: HashMap<&str, Vec<&str>> = HashMap::new();
        for raw in &outline.groups {
            paths.insert(&raw.group.group_id, &raw.path);
            members.insert(&raw.group.group_id, Vec::new());
        }
        for raw in &outline.tasks {
            paths.insert(&raw.task.task_id, &raw.task.groups);
            for group in &raw.task.groups {
                members.entry(group).or_default().push(&raw.task.task_id);
            }
        }
        Self { paths, members }
    }

    /// The id a name means for someone within `path`: the innermost that exists.
    fn find(
        &self,
        name: &str,
        own: &str,
        path: &[String],
        reference: &Reference,
        report: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let inner = path.iter().rev().map(|group| format!("{group}.{name}"));
        let found = inner.chain([name.to_owned()]).find(|id| self.paths.contains_key(id.as_str()));
        if found.is_none() {
            let known = self.paths.keys().copied().filter(|id| *id != own);
            let hint =
                nearest(name, known).map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
            let message = format!("'{own}' names '{name}', but there is no such task or group{hint}");
            report.push(Diagnostic::new(reference.at, message));
        }
        found
    }

    fn link<'r>(
        &self,
        from: String,
        to: String,
        reference: &'r Reference,
        report: &mut Vec<Diagnostic>,
    ) -> Option<Link<'r>> {
        let holds = |outer: &String, inner: &String| self.paths[inner.as_str()].contains(outer);
        if from == to || holds(&from, &to) || holds(&to, &from) {
            let message =
                format!("'{from}' and '{to}' cannot wait for each other: one is the other, or holds it");
            report.push(Diagnostic::new(reference.at, message));
            return None;
        }
        for end in [&from, &to] {
            if self.members.get(end.as_str()).is_some_and(Vec::is_empty) {
                report.push(Diagnostic::new(reference.at, format!("the task group '{end}' has no tasks")));
                return None;
            }
        }
        let depth = self.common(&from, &to).count();
        Some(Link { from, to, reference, depth })
    }

    /// The groups both stand in, outermost first.
    fn common(&self, one: &str, other: &str) -> impl Iterator<Item = &'a String> {
        let (one, other) = (self.paths[one], self.paths[other]);
        one.iter().zip(other).take_while(|(one, other)| one == other).map(|(one, _)| one)
    }

    /// A task itself; of a group the tasks that have no neighbour within it.
    fn ends(&self, id: &str, inner: &HashMap<String, HashSet<String>>) -> Vec<&'a str> {
        let Some((_, members)) = self.members.get_key_value(id) else {
            return self.paths.get_key_value(id).map(|(id, _)| *id).into_iter().collect();
        };
        let inner = inner.get(id);
        let free = |task: &&&str| inner.is_none_or(|inner| !inner.contains(**task));
        members.iter().filter(free).copied().collect()
    }
}

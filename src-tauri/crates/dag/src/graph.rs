//! The tasks of a DAG and the edges between them.

use std::collections::{BTreeSet, HashMap};

use petgraph::{
    Direction,
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef,
};
use serde::{Deserialize, Serialize};

use crate::{
    task::{Task, WeightRule},
    trigger_rule::TriggerRule,
};

/// An edge by task ids, as authored and as listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    pub upstream: String,
    pub downstream: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Edge {
    pub fn new(upstream: impl Into<String>, downstream: impl Into<String>) -> Self {
        Self { upstream: upstream.into(), downstream: downstream.into(), label: None }
    }
}

/// Why tasks and edges make no DAG.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    #[error("task '{0}' is defined twice")]
    DuplicateTask(String),
    #[error("an edge from '{upstream}' to '{downstream}' names a task that does not exist: '{missing}'")]
    UnknownTask { upstream: String, downstream: String, missing: String },
    #[error("the tasks wait for each other in a circle: {}", .0.join(" → "))]
    Cycle(Vec<String>),
}

/// Tasks in their authored order and a graph without cycles over them.
///
/// A task's position in [`tasks`](Self::tasks) is its index in the graph.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct TaskGraph {
    tasks: Vec<Task>,
    positions: HashMap<String, usize>,
    graph: DiGraph<(), Option<String>>,
    has_setups: bool,
}

#[derive(Serialize, Deserialize)]
struct Parts {
    tasks: Vec<Task>,
    edges: Vec<Edge>,
}

impl TaskGraph {
    /// Checks that ids are unique, edges lead somewhere and nothing goes in a circle.
    ///
    /// An edge named twice counts once; the first label given is kept.
    pub fn new(tasks: Vec<Task>, edges: Vec<Edge>) -> Result<Self, GraphError> {
        let mut graph: DiGraph<(), Option<String>> = DiGraph::with_capacity(tasks.len(), edges.len());
        let mut positions = HashMap::with_capacity(tasks.len());
        for (position, task) in tasks.iter().enumerate() {
            if positions.insert(task.task_id.clone(), position).is_some() {
                return Err(GraphError::DuplicateTask(task.task_id.clone()));
            }
            graph.add_node(());
        }
        for edge in edges {
            let find = |id: &str| positions.get(id).copied().map(NodeIndex::new);
            let (Some(from), Some(to)) = (find(&edge.upstream), find(&edge.downstream)) else {
                let missing =
                    if find(&edge.upstream).is_none() { &edge.upstream } else { &edge.downstream }.clone();
                return Err(GraphError::UnknownTask {
                    upstream: edge.upstream,
                    downstream: edge.downstream,
                    missing,
                });
            };
            match graph.find_edge(from, to) {
                Some(known) => {
                    if let Some(label) = graph.edge_weight_mut(known)
                        && label.is_none()
                    {
                        *label = edge.label;
                    }
                }
                None => {
                    graph.add_edge(from, to, edge.label);
                }
            }
        }
        let has_setups = tasks.iter().any(|task| task.is_setup);
        let whole = Self { tasks, positions, graph, has_setups };
        match whole.cycle() {
            Some(cycle) => Err(GraphError::Cycle(cycle)),
            None => Ok(whole),
        }
    }

    /// In authored order.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub fn get(&self, task_id: &str) -> Option<&Task> {
        self.position(task_id).map(|position| &self.tasks[position])
    }

    /// The task's place in [`tasks`](Self::tasks).
    pub fn position(&self, task_id: &str) -> Option<usize> {
        self.positions.get(task_id).copied()
    }

    /// Direct upstreams' positions, ascending.
    pub fn upstream_of(&self, position: usize) -> Vec<usize> {
        self.neighbors(position, Direction::Incoming)
    }

    /// Direct downstreams' positions, ascending.
    pub fn downstream_of(&self, position: usize) -> Vec<usize> {
        self.neighbors(position, Direction::Outgoing)
    }

    fn neighbors(&self, position: usize, direction: Direction) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .graph
            .neighbors_directed(NodeIndex::new(position), direction)
            .map(NodeIndex::index)
            .collect();
        found.sort_unstable();
        found
    }

    /// Direct upstreams; empty for an unknown task.
    pub fn upstream(&self, task_id: &str) -> Vec<&Task> {
        self.relatives(task_id, Direction::Incoming)
    }

    /// Direct downstreams; empty for an unknown task.
    pub fn downstream(&self, task_id: &str) -> Vec<&Task> {
        self.relatives(task_id, Direction::Outgoing)
    }

    fn relatives(&self, task_id: &str, direction: Direction) -> Vec<&Task> {
        self.position(task_id).map_or_else(Vec::new, |position| {
            self.neighbors(position, direction).into_iter().map(|found| &self.tasks[found]).collect()
        })
    }

    /// Everything reachable against the edges, itself not included.
    pub fn ancestors(&self, position: usize) -> BTreeSet<usize> {
        self.reach(position, Direction::Incoming)
    }

    /// Everything reachable along the edges, itself not included.
    pub fn descendants(&self, position: usize) -> BTreeSet<usize> {
        self.reach(position, Direction::Outgoing)
    }

    fn reach(&self, position: usize, direction: Direction) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.walk(position, direction, |next| {
            found.insert(next);
        });
        found
    }

    /// Visits everything reachable once, itself not included.
    fn walk(&self, position: usize, direction: Direction, mut visit: impl FnMut(usize)) {
        let mut seen = vec![false; self.tasks.len()];
        let mut open = vec![NodeIndex::new(position)];
        while let Some(next) = open.pop() {
            for neighbor in self.graph.neighbors_directed(next, direction) {
                if !std::mem::replace(&mut seen[neighbor.index()], true) {
                    visit(neighbor.index());
                    open.push(neighbor);
                }
            }
        }
    }

    /// Sorted by upstream, then downstream position.
    pub fn edges(&self) -> Vec<Edge> {
        let mut found: Vec<_> = self
            .graph
            .edge_references()
            .map(|edge| (edge.source().index(), edge.target().index(), edge.weight().clone()))
            .collect();
        found.sort();
        found
            .into_iter()
            .map(|(from, to, label)| Edge {
                upstream: self.tasks[from].task_id.clone(),
                downstream: self.tasks[to].task_id.clone(),
                label,
            })
            .collect()
    }

    /// Tasks nothing waits for, in authored order.
    pub fn leaves(&self) -> Vec<&Task> {
        self.ends(Direction::Outgoing)
    }

    /// Tasks that wait for nothing, in authored order.
    pub fn roots(&self) -> Vec<&Task> {
        self.ends(Direction::Incoming)
    }

    fn ends(&self, direction: Direction) -> Vec<&Task> {
        (0..self.tasks.len())
            .filter(|position| {
                self.graph.neighbors_directed(NodeIndex::new(*position), direction).next().is_none()
            })
            .map(|position| &self.tasks[position])
            .collect()
    }

    /// Every task after all its upstreams; among the free ones the authored order holds.
    pub fn topological_order(&self) -> Vec<&Task> {
        let mut waits_for: Vec<usize> = (0..self.tasks.len())
            .map(|position| {
                self.graph.neighbors_directed(NodeIndex::new(position), Direction::Incoming).count()
            })
            .collect();
        let mut free: BTreeSet<usize> =
            (0..self.tasks.len()).filter(|position| waits_for[*position] == 0).collect();
        let mut order = Vec::with_capacity(self.tasks.len());
        while let Some(position) = free.pop_first() {
            order.push(&self.tasks[position]);
            for next in self.graph.neighbors(NodeIndex::new(position)) {
                waits_for[next.index()] -= 1;
                if waits_for[next.index()] == 0 {
                    free.insert(next.index());
                }
            }
        }
        order
    }

    /// A circle's task ids, the first named again at the end.
    fn cycle(&self) -> Option<Vec<String>> {
        let order = self.topological_order();
        if order.len() == self.tasks.len() {
            return None;
        }
        let sorted: BTreeSet<&str> = order.iter().map(|task| task.task_id.as_str()).collect();
        let in_circle = |position: &usize| !sorted.contains(self.tasks[*position].task_id.as_str());
        // Every task left over has an upstream left over: walking up must come back.
        let mut walk = vec![(0..self.tasks.len()).find(in_circle)?];
        loop {
            let last = *walk.last()?;
            let next = self.upstream_of(last).into_iter().find(|position| in_circle(position))?;
            if let Some(start) = walk.iter().position(|seen| *seen == next) {
                let mut circle: Vec<String> = walk[start..]
                    .iter()
                    .rev()
                    .map(|position| self.tasks[*position].task_id.clone())
                    .collect();
                // Begin where the file begins it.
                let first = (0..circle.len()).min_by_key(|at| self.positions[&circle[*at]])?;
                circle.rotate_left(first);
                circle.push(circle[0].clone());
                return Some(circle);
            }
            walk.push(next);
        }
    }

    /// The weight by which ready tasks are ordered, by the task's weight rule.
    pub fn priority_weight_total(&self, position: usize) -> i64 {
        let own = i64::from(self.tasks[position].priority_weight);
        let direction = match self.tasks[position].weight_rule {
            WeightRule::Absolute => return own,
            WeightRule::Downstream => Direction::Outgoing,
            WeightRule::Upstream => Direction::Incoming,
        };
        let mut total = own;
        self.walk(position, direction, |other| total += i64::from(self.tasks[other].priority_weight));
        total
    }

    /// Setups that bind this task: those before it without a teardown, or whose teardown comes after it.
    ///
    /// Source: Airflow's `get_upstreams_only_setups`.
    pub fn relevant_setups(&self, position: usize) -> Vec<usize> {
        if !self.has_setups || self.tasks[position].trigger_rule == TriggerRule::Always {
            return Vec::new();
        }
        let setups: Vec<usize> =
            self.ancestors(position).into_iter().filter(|found| self.tasks[*found].is_setup).collect();
        if setups.is_empty() {
            return setups;
        }
        let teardowns: BTreeSet<usize> =
            self.descendants(position).into_iter().filter(|found| self.tasks[*found].is_teardown).collect();
        setups
            .into_iter()
            .filter(|setup| {
                let after = self.downstream_of(*setup);
                !after.iter().any(|found| self.tasks[*found].is_teardown)
                    || after.iter().any(|found| teardowns.contains(found))
            })
            .collect()
    }
}

impl PartialEq for TaskGraph {
    fn eq(&self, other: &Self) -> bool {
        self.tasks == other.tasks && self.edges() == other.edges()
    }
}

impl TryFrom<Parts> for TaskGraph {
    type Error = GraphError;

    fn try_from(parts: Parts) -> Result<Self, GraphError> {
        Self::new(parts.tasks, parts.edges)
    }
}

impl From<TaskGraph> for Parts {
    fn from(graph: TaskGraph) -> Self {
        Self { edges: graph.edges(), tasks: graph.tasks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str)]) -> Result<TaskGraph, GraphError> {
        let ids: BTreeSet<&str> = edges.iter().flat_map(|(from, to)| [*from, *to]).collect();
        let tasks = ids.into_iter().map(|id| Task::new(id, "EmptyOperator")).collect();
        TaskGraph::new(tasks, edges.iter().map(|(from, to)| Edge::new(*from, *to)).collect())
    }

    fn ids(tasks: Vec<&Task>) -> Vec<&str> {
        tasks.into_iter().map(|task| task.task_id.as_str()).collect()
    }

    #[test]
    fn relatives_and_order() {
        let graph = graph(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "b")]).expect("a DAG");
        assert_eq!(ids(graph.upstream("d")), ["b", "c"]);
        assert_eq!(ids(graph.downstream("a")), ["b", "c"]);
        assert_eq!(ids(graph.leaves()), ["d"]);
        assert_eq!(ids(graph.roots()), ["a"]);
        assert_eq!(ids(graph.topological_order()), ["a", "b", "c", "d"]);
        assert_eq!(graph.edges().len(), 4);
        assert_eq!(graph.priority_weight_total(0), 4);
        assert!(graph.upstream("nobody").is_empty());
    }

    #[test]
    fn a_circle_is_named_from_its_first_task() {
        let error =
            graph(&[("x", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "z")]).expect_err("a circle");
        assert_eq!(error.to_string(), "the tasks wait for each other in a circle: a → b → c → a");
        let error = graph(&[("a", "a")]).expect_err("a circle");
        assert_eq!(error, GraphError::Cycle(vec!["a".into(), "a".into()]));
    }

    #[test]
    fn strangers_and_twins_are_refused() {
        let tasks = || vec![Task::new("a", "EmptyOperator")];
        let error = TaskGraph::new(tasks(), vec![Edge::new("a", "b")]).expect_err("no b");
        assert!(matches!(error, GraphError::UnknownTask { missing, .. } if missing == "b"));
        let twins = [tasks(), tasks()].concat();
        assert_eq!(TaskGraph::new(twins, vec![]), Err(GraphError::DuplicateTask("a".into())));
    }

    #[test]
    fn it_survives_json() {
        let graph = graph(&[("a", "b"), ("b", "c")]).expect("a DAG");
        let text = serde_json::to_string(&graph).expect("serializes");
        assert_eq!(serde_json::from_str::<TaskGraph>(&text).expect("reads back"), graph);
    }
}

//! A DAG prepared for scheduling: what the decisions ask for on every event.

use std::collections::HashMap;
use std::sync::Arc;

use dag::{Dag, Task};

/// A DAG with its neighbourhoods and weights looked up once.
#[derive(Debug)]
pub(super) struct Plan {
    pub dag: Arc<Dag>,
    /// Positions of direct upstreams, by position.
    pub upstream: Vec<Vec<usize>>,
    pub downstream: Vec<Vec<usize>>,
    /// Positions, every task after its upstreams.
    pub order: Vec<usize>,
    /// Sums by each task's weight rule.
    pub weights: Vec<i64>,
    /// Setups reach beyond their direct downstreams, so the whole graph is asked.
    pub has_setups: bool,
    /// Some task looks at the run before.
    pub looks_back: bool,
}

impl Plan {
    pub(super) fn new(dag: Arc<Dag>) -> Self {
        let tasks = dag.tasks();
        let count = tasks.len();
        let positions: HashMap<&str, usize> =
            tasks.iter().enumerate().map(|(at, task)| (task.task_id.as_str(), at)).collect();
        let order = dag
            .graph
            .topological_order()
            .iter()
            .filter_map(|task| positions.get(task.task_id.as_str()).copied())
            .collect();
        Self {
            upstream: (0..count).map(|at| dag.graph.upstream_of(at)).collect(),
            downstream: (0..count).map(|at| dag.graph.downstream_of(at)).collect(),
            order,
            weights: (0..count).map(|at| dag.graph.priority_weight_total(at)).collect(),
            has_setups: tasks.iter().any(|task| task.is_setup || task.is_teardown),
            looks_back: tasks.iter().any(|task| task.depends_on_past || task.wait_for_downstream),
            dag,
        }
    }

    pub(super) fn task(&self, position: usize) -> &Task {
        &self.dag.tasks()[position]
    }

    pub(super) fn position(&self, task_id: &str) -> Option<usize> {
        self.dag.graph.position(task_id)
    }
}

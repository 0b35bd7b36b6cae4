//! An unfinished run in memory.

use std::collections::HashMap;
use std::sync::Arc;

use dag::TaskState;
use jiff::Timestamp;

use super::plan::Plan;
use crate::records::{Run, RunKey, TaskInstance, UNMAPPED};

/// An unfinished run, its task instances by the plan's positions.
#[derive(Debug)]
pub(super) struct ActiveRun {
    pub run: Run,
    pub plan: Arc<Plan>,
    /// None where the run has no instance of the task.
    pub tasks: Vec<Option<TaskInstance>>,
    /// Instances of tasks the DAG no longer has.
    pub removed: Vec<TaskInstance>,
    /// The run before this one, where a task looks back at it.
    pub previous: Option<RunKey>,
    pub past: Past,
    /// Until when time has been taken into account.
    pub looked_at: Timestamp,
}

/// The run before, as far as `depends_on_past` asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Past {
    /// Nobody asks, or this is the first run.
    #[default]
    None,
    /// States of the previous run by task id.
    Run(HashMap<String, TaskState>),
}

impl ActiveRun {
    /// A run whose instances are the plan's tasks, none begun.
    pub(super) fn new(run: Run, plan: Arc<Plan>) -> Self {
        let tasks = plan
            .dag
            .tasks()
            .iter()
            .map(|task| {
                task.exists_at(run.logical_date).then(|| {
                    let key = run.key.task(&task.task_id, UNMAPPED);
                    TaskInstance::new(key, &task.operator, task.retries)
                })
            })
            .collect();
        Self {
            run,
            plan,
            tasks,
            removed: Vec::new(),
            previous: None,
            past: Past::None,
            looked_at: Timestamp::MIN,
        }
    }

    /// A run read from the store, fitted to the plan of today: tasks it never
    /// had begin at none, tasks the DAG lost are removed. Returns what changed.
    pub(super) fn restore(run: Run, plan: Arc<Plan>, stored: Vec<TaskInstance>) -> (Self, Vec<TaskInstance>) {
        let mut active = Self::new(run, plan);
        let changed = active.adopt(stored);
        (active, changed)
    }

    /// Moves to a new version of the DAG.
    pub(super) fn replan(&mut self, plan: Arc<Plan>) -> Vec<TaskInstance> {
        let mut stored: Vec<TaskInstance> = self.tasks.drain(..).flatten().collect();
        stored.append(&mut self.removed);
        let (past, previous) = (std::mem::take(&mut self.past), self.previous.take());
        *self = Self { past, previous, ..Self::new(self.run.clone(), plan) };
        self.adopt(stored)
    }

    fn adopt(&mut self, stored: Vec<TaskInstance>) -> Vec<TaskInstance> {
        let mut changed = Vec::new();
        let mut found = vec![false; self.tasks.len()];
        for mut instance in stored {
            match self.plan.position(&instance.key.task_id).filter(|_| instance.key.map_index == UNMAPPED) {
                Some(position) => {
                    let operator = &self.plan.task(position).operator;
                    if instance.state == TaskState::Removed {
                        instance.state = TaskState::None;
                        instance.note = None;
                        changed.push(instance.clone());
                    }
                    if instance.state == TaskState::None && instance.operator != *operator {
                        instance.operator.clone_from(operator);
                        changed.push(instance.clone());
                    }
                    found[position] = true;
                    self.tasks[position] = Some(instance);
                }
                None => {
                    if !instance.state.is_finished() && !instance.state.is_active() {
                        instance.state = TaskState::Removed;
                        instance.note = Some("the DAG no longer has this task".into());
                        changed.push(instance.clone());
                    }
                    self.removed.push(instance);
                }
            }
        }
        for (position, known) in found.into_iter().enumerate() {
            if !known {
                changed.extend(self.tasks[position].clone());
            }
        }
        changed
    }

    pub(super) fn state(&self, position: usize) -> Option<TaskState> {
        self.tasks[position].as_ref().map(|instance| instance.state)
    }

    pub(super) fn instance_mut(&mut self, task_id: &str) -> Option<&mut TaskInstance> {
        match self.plan.position(task_id) {
            Some(position) => self.tasks[position].as_mut(),
            None => self.removed.iter_mut().find(|instance| instance.key.task_id == task_id),
        }
    }

    pub(super) fn instances(&self) -> impl Iterator<Item = &TaskInstance> {
        self.tasks.iter().flatten().chain(&self.removed)
    }

    /// States by task id, for the run after this one.
    pub(super) fn states(&self) -> HashMap<String, TaskState> {
        self.instances().map(|instance| (instance.key.task_id.clone(), instance.state)).collect()
    }

    /// Time alone changes a decision since it was looked at.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.next_due(self.looked_at).is_some_and(|at| at <= now)
    }

    /// The earliest moment after `now` at which time alone changes a decision.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let retries = self
            .tasks
            .iter()
            .flatten()
            .filter(|instance| instance.state == TaskState::UpForRetry)
            .filter_map(|instance| instance.retry_at);
        let deadline = self
            .plan
            .dag
            .dagrun_timeout
            .zip(self.run.started_at)
            .and_then(|(timeout, started)| started.checked_add(timeout).ok());
        retries.chain(deadline).filter(|at| *at > now).min()
    }
}

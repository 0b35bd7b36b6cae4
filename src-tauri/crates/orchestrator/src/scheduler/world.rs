//! Everything the scheduler holds in memory, and what of it has to be written.
//!
//! All changes of states go through here, so the indexes over them stay true.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use dag::timetable::{DataInterval, RunInfo};
use dag::{Dag, RunState, Schedule, TaskState};
use jiff::Timestamp;

use super::active::{ActiveRun, Past};
use super::admit::{Candidate, Demand, Usage};
use super::plan::Plan;
use crate::records::{DagRecord, RunKey, TaskInstance, TaskKey};
use crate::store::Change;

/// A DAG as the scheduler knows it.
#[derive(Debug)]
pub(super) struct DagSlot {
    pub record: DagRecord,
    pub plan: Arc<Plan>,
    /// The data interval of the newest scheduled run.
    pub last: Option<DataInterval>,
    pub next: Option<RunInfo>,
    /// Why no run is ever due.
    pub schedule_error: Option<String>,
}

impl DagSlot {
    pub(super) fn dag(&self) -> &Arc<Dag> {
        &self.plan.dag
    }

    /// Runs are created and started.
    pub(super) fn is_live(&self) -> bool {
        !self.record.paused && !self.record.stale
    }

    /// Asks the timetable again; `now` decides what catchup leaves out.
    pub(super) fn refresh_next(&mut self, now: Timestamp) {
        match dag::timetable::next_run(self.dag(), self.last, now) {
            Ok(next) => {
                self.next = next;
                self.schedule_error = None;
            }
            Err(error) => {
                self.next = None;
                let message = error.to_string();
                if self.schedule_error.as_deref() != Some(&message) {
                    tracing::warn!(dag_id = self.record.dag_id, error = message, "schedule has no next run");
                }
                self.schedule_error = Some(message);
            }
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub dags: BTreeMap<String, DagSlot>,
    /// Queued and running runs.
    pub runs: BTreeMap<RunKey, ActiveRun>,
    /// Runs to decide on.
    pub touched: BTreeSet<RunKey>,
    /// Instances in `scheduled`.
    scheduled: BTreeSet<TaskKey>,
    /// Instances in `queued`, `running` or `restarting`.
    occupied: HashMap<TaskKey, Demand>,
    dirty_runs: BTreeSet<RunKey>,
    dirty_tasks: BTreeSet<TaskKey>,
    pub changes: Vec<Change>,
    /// The list of DAGs looks different.
    pub dags_changed: bool,
    /// A run has ended, so another may be created or started.
    pub room_made: bool,
}

impl World {
    /// Takes a run in; `stored` says that the store has it and its instances already.
    pub(super) fn insert(&mut self, active: ActiveRun, stored: bool) {
        let key = active.run.key.clone();
        let tasks: Vec<TaskInstance> = active.instances().cloned().collect();
        if !stored {
            self.dirty_runs.insert(key.clone());
            self.dirty_tasks.extend(tasks.iter().map(|task| task.key.clone()));
        }
        self.runs.insert(key.clone(), active);
        for task in tasks {
            self.index(&task.key, task.state);
        }
        self.touched.insert(key);
    }

    /// Changes a run's own record.
    pub(super) fn update_run(&mut self, key: &RunKey, change: impl FnOnce(&mut crate::records::Run)) {
        if let Some(active) = self.runs.get_mut(key) {
            change(&mut active.run);
            self.dirty_runs.insert(key.clone());
            self.touched.insert(key.clone());
        }
    }

    /// Changes a task instance and everything that depends on its state.
    pub(super) fn update(&mut self, key: &TaskKey, change: impl FnOnce(&mut TaskInstance)) {
        let run = key.run();
        let Some(instance) = self.runs.get_mut(&run).and_then(|active| active.instance_mut(&key.task_id))
        else {
            return;
        };
        let before = instance.state;
        change(instance);
        let after = instance.state;
        self.dirty_tasks.insert(key.clone());
        self.touched.insert(run.clone());
        if before != after {
            self.index(key, after);
            self.touch_followers(&run);
        }
    }

    /// A note alone decides nothing.
    pub(super) fn annotate(&mut self, key: &TaskKey, note: String) {
        let active = self.runs.get_mut(&key.run());
        if let Some(instance) = active.and_then(|active| active.instance_mut(&key.task_id))
            && instance.note.as_deref() != Some(&note)
        {
            instance.note = Some(note);
            self.dirty_tasks.insert(key.clone());
        }
    }

    pub(super) fn instance(&self, key: &TaskKey) -> Option<&TaskInstance> {
        let active = self.runs.get(&key.run())?;
        match active.plan.position(&key.task_id) {
            Some(position) => active.tasks[position].as_ref(),
            None => active.removed.iter().find(|instance| instance.key == *key),
        }
    }

    /// Runs that wait for this one's tasks.
    fn touch_followers(&mut self, run: &RunKey) {
        let followers = self
            .runs
            .values()
            .filter(|active| active.plan.looks_back && active.previous.as_ref() == Some(run))
            .map(|active| active.run.key.clone());
        let followers: Vec<RunKey> = followers.collect();
        self.touched.extend(followers);
    }

    /// Moves every run of a DAG to its new version.
    pub(super) fn replan(&mut self, plan: &Arc<Plan>) {
        let keys: Vec<RunKey> = self.runs_of(&plan.dag.dag_id).map(|active| active.run.key.clone()).collect();
        for key in keys {
            let Some(active) = self.runs.get_mut(&key) else { continue };
            let changed = active.replan(plan.clone());
            for task in changed {
                self.index(&task.key, task.state);
                self.dirty_tasks.insert(task.key);
            }
            self.touched.insert(key);
        }
    }

    pub(super) fn runs_of(&self, dag_id: &str) -> impl Iterator<Item = &ActiveRun> {
        let start = RunKey::new(dag_id, "");
        self.runs.range(start..).take_while(move |(key, _)| key.dag_id == dag_id).map(|(_, active)| active)
    }

    /// Runs in this state; none: queued and running ones.
    pub(super) fn count_of(&self, dag_id: &str, state: Option<RunState>) -> usize {
        self.runs_of(dag_id)
            .filter(|active| match state {
                Some(state) => active.run.state == state,
                None => !active.run.state.is_finished(),
            })
            .count()
    }

    /// Runs of this DAG move.
    pub(super) fn is_live(&self, dag_id: &str) -> bool {
        self.dags.get(dag_id).is_some_and(DagSlot::is_live)
    }

    pub(super) fn touch_all_of(&mut self, dag_id: &str) {
        let keys: Vec<RunKey> = self.runs_of(dag_id).map(|active| active.run.key.clone()).collect();
        self.touched.extend(keys);
    }

    /// What the run before looks like now, where it is unfinished itself.
    pub(super) fn refresh_past(&mut self, key: &RunKey) {
        let Some(active) = self.runs.get(key).filter(|active| active.plan.looks_back) else { return };
        let Some(previous) = active.previous.as_ref().and_then(|previous| self.runs.get(previous)) else {
            return;
        };
        let past = Past::Run(previous.states());
        if let Some(active) = self.runs.get_mut(key) {
            active.past = past;
        }
    }

    fn index(&mut self, key: &TaskKey, state: TaskState) {
        if state == TaskState::Scheduled {
            self.scheduled.insert(key.clone());
        } else {
            self.scheduled.remove(key);
        }
        if !state.is_active() {
            self.occupied.remove(key);
        } else if !self.occupied.contains_key(key)
            && let Some(demand) = self.demand(key)
        {
            self.occupied.insert(key.clone(), demand);
        }
    }

    fn demand(&self, key: &TaskKey) -> Option<Demand> {
        let active = self.runs.get(&key.run())?;
        let task = active.plan.dag.task(&key.task_id)?;
        Some(Demand {
            pool: task.pool.clone(),
            pool_slots: task.pool_slots,
            max_active_tasks: active.plan.dag.max_active_tasks,
            max_active_tis_per_dag: task.max_active_tis_per_dag,
            max_active_tis_per_dagrun: task.max_active_tis_per_dagrun,
        })
    }

    pub(super) fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        for (key, demand) in &self.occupied {
            usage.add(key, demand);
        }
        usage
    }

    pub(super) fn candidates(&self) -> Vec<Candidate> {
        self.scheduled
            .iter()
            .filter_map(|key| {
                let active = self.runs.get(&key.run())?;
                self.dags.get(&key.dag_id).filter(|slot| slot.is_live())?;
                let position = active.plan.position(&key.task_id)?;
                Some(Candidate {
                    key: key.clone(),
                    weight: active.plan.weights[position],
                    date: active.run.logical_date.unwrap_or(active.run.run_after),
                    position,
                    demand: self.demand(key)?,
                })
            })
            .collect()
    }

    /// What has to be written for this step, as one transaction.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for key in std::mem::take(&mut self.dirty_runs) {
            changes.extend(self.runs.get(&key).map(|active| Change::Run(active.run.clone())));
        }
        for key in std::mem::take(&mut self.dirty_tasks) {
            changes.extend(self.instance(&key).cloned().map(Change::Instance));
        }
        changes.append(&mut self.changes);
        changes
    }

    /// Lets go of runs that are over; those after them keep their final states.
    pub(super) fn drop_finished(&mut self) {
        let over = |active: &ActiveRun| {
            active.run.state.is_finished() && active.instances().all(|task| !task.state.is_active())
        };
        let finished: Vec<RunKey> =
            self.runs.values().filter(|active| over(active)).map(|active| active.run.key.clone()).collect();
        for key in finished {
            let Some(gone) = self.runs.remove(&key) else { continue };
            self.touched.remove(&key);
            for task in gone.instances() {
                self.scheduled.remove(&task.key);
                self.occupied.remove(&task.key);
            }
            if gone.plan.looks_back {
                let states = gone.states();
                for active in self.runs.values_mut() {
                    if active.previous.as_ref() == Some(&key) {
                        active.past = Past::Run(states.clone());
                    }
                }
            }
        }
    }

    /// When time alone asks for the next step. What is due already was decided in this one.
    pub(super) fn next_due(&self, now: Timestamp, scheduled_runs: bool) -> Option<Timestamp> {
        let runs = self.runs.values().filter_map(|active| match active.run.state {
            RunState::Queued => Some(active.run.run_after).filter(|_| self.has_room(&active.run.key.dag_id)),
            RunState::Running => active.next_due(now),
            RunState::Success | RunState::Failed => None,
        });
        let dags = self.dags.values().filter(|slot| scheduled_runs && slot.is_live()).filter_map(|slot| {
            let next = slot.next?;
            let room = self.count_of(&slot.record.dag_id, None) < slot.max_active_runs();
            room.then_some(next.run_after)
        });
        runs.chain(dags).filter(|at| *at > now).min()
    }

    /// One more run of this DAG may start.
    pub(super) fn has_room(&self, dag_id: &str) -> bool {
        self.dags.get(dag_id).is_some_and(|slot| {
            slot.is_live() && self.count_of(dag_id, Some(RunState::Running)) < slot.max_active_runs()
        })
    }
}

impl DagSlot {
    pub(super) fn max_active_runs(&self) -> usize {
        let dag = self.dag();
        let limit = if dag.schedule == Schedule::Continuous { 1 } else { dag.max_active_runs.max(1) };
        limit as usize
    }
}
